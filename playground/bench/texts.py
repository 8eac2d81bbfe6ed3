"""What the decoding benchmark writes: models by name, and what their texts begin with.

Weights as they are drawn write a text that soon runs in a circle, which flatters whoever looks up what comes next in
the text itself. A trained model's text is the honest one.
"""

from models.architecture import Architecture
from models.initialize import initialize
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer
from playground.data import Task, prepare
from playground.recipe import Recipe
from playground.training import Run, Training

SMALL = {  # changes of the LLaMA 3 twin
    "shape.layers": "4",
    "shape.width": "256",
    "heads.query": "4",
    "heads.kv": "2",
    "feed_forward.size": "640",
    "shape.vocabulary": "512",
}
LARGE = {
    "shape.layers": "12",
    "shape.width": "768",
    "heads.query": "12",
    "heads.kv": "4",
    "feed_forward.size": "2048",
    "shape.vocabulary": "4096",
}
TRAINED = "llama 4 x 256, trained"
MODELS = {"llama 4 x 256": SMALL, TRAINED: SMALL, "llama 12 x 768": LARGE}
ROOM = {"shape.context": "2048"}  # so that every engine writes on beyond the context that is trained on
RECIPE = Recipe(tokenizer="bpe", tokens=300_000)  # of tales, as the command trains: about a minute
TEXTS = 4  # of the trained model: single ones repeat themselves more or less


def model_of(name: str) -> Transformer:
    """One of `MODELS`: as its weights are drawn, or trained from seed 0."""
    architecture = change(systems()["llama-3"].twin, MODELS[name])
    model = initialize(Transformer(change(architecture, ROOM)), seed=0)
    if name == TRAINED:
        model.load_state_dict(_trained(architecture).state_dict())
    return model.eval()


def beginnings(name: str, tokens: int) -> list[list[int]]:
    """What texts begin with: of the trained model tokens of the validation part, each time the next ones."""
    if name != TRAINED:
        return [[1 + n % 250 for n in range(tokens)]]
    ids_BT, _ = next(_task(change(systems()["llama-3"].twin, MODELS[name])).validation(quick=True))
    return [row[:tokens] for row in ids_BT[:TEXTS].tolist()]


def _task(architecture: Architecture) -> Task:
    shape = architecture.shape
    return prepare(RECIPE.data, RECIPE.tokenizer, shape.context, RECIPE.batch, shape.vocabulary)


def _trained(architecture: Architecture) -> Transformer:
    run = Run(architecture, RECIPE, 0, _task(architecture))
    training = Training(run)
    assert run.steps is not None
    for _ in range(run.steps):
        training.advance()
    training.close()
    return training.model
