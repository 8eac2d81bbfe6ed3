"""Keys that leave the forward pass alone, whatever the model type: what they say is heard elsewhere or nowhere."""

import re
from collections.abc import Mapping
from typing import Any

ABOUT_THE_FILE = (
    "model_type architectures transformers_version _name_or_path name_or_path _commit_hash auto_map torchscript "
    "torch_dtype dtype use_bfloat16 custom_pipelines task_specific_params finetuning_task tokenizer_class prefix"
)
ABOUT_RUNNING = (  # how the same function is computed, and what else is handed back
    "use_cache attn_implementation _attn_implementation _attn_implementation_internal _attn_implementation_autoset "
    "experts_implementation _experts_implementation_internal output_attentions output_hidden_states return_dict "
    "return_dict_in_generate pretraining_tp chunk_size_feed_forward cache_implementation gradient_checkpointing "
    "use_flash_attn flash_attn tie_last_hidden_states"
)
ABOUT_TRAINING = (
    "initializer_range initializer_factor init_std attention_dropout attn_dropout attn_pdrop embd_pdrop emb_pdrop "
    "resid_pdrop resid_dropout embed_dropout embedding_dropout residual_dropout hidden_dropout hidden_dropout_prob "
    "attention_probs_dropout_prob activation_dropout classifier_dropout dropout layerdrop output_router_logits "
    "router_aux_loss_coef router_jitter_noise label_smoothing use_fused_lm_head_loss z_loss_coefficient"
)
ABOUT_CLASSIFIERS = (
    "id2label label2id num_labels problem_type summary_type summary_use_proj summary_activation "
    "summary_proj_to_labels summary_first_dropout"
)
ABOUT_GENERATION = (
    "max_length max_new_tokens min_length min_new_tokens do_sample early_stopping num_beams num_beam_groups "
    "diversity_penalty temperature top_k top_p min_p top_h typical_p epsilon_cutoff eta_cutoff repetition_penalty "
    "encoder_repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids "
    "num_return_sequences output_scores output_logits remove_invalid_values exponential_decay_length_penalty "
    "suppress_tokens begin_suppress_tokens sequence_bias renormalize_logits guidance_scale low_memory penalty_alpha "
    "max_time stop_strings forced_decoder_ids token_healing dola_layers use_model_defaults"
)
NEUTRAL = frozenset(" ".join(
    (ABOUT_THE_FILE, ABOUT_RUNNING, ABOUT_TRAINING, ABOUT_CLASSIFIERS, ABOUT_GENERATION)
).split())  # fmt: skip
TOKENS = re.compile(r"\w+_token_ids?")  # which ids mean what; the embedding's padding row is an ordinary row

# Keys that would change the forward pass, with the values at which they do not.
HARMLESS: Mapping[str, tuple[Any, ...]] = {
    "is_decoder": (True, False),
    "is_encoder_decoder": (False,),
    "add_cross_attention": (False,),
    "tie_encoder_decoder": (False,),
    "is_causal": (True,),
    "use_bidirectional_attention": (False,),
    "use_mrope": (False,),
    "pruned_heads": ({},),
    "per_layer_config": ({},),
}


def is_neutral(key: str, value: Any) -> bool:
    """Does this key, with this value, leave the forward pass at inference as it is?"""
    if key in NEUTRAL or TOKENS.fullmatch(key):
        return True
    return any(type(value) is type(harmless) and value == harmless for harmless in HARMLESS.get(key, ()))
