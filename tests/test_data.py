"""Sources, splits, batches, reference lines: nothing overlaps or counts twice, and all follows from (seed, t)."""

import hashlib
import math
import subprocess
import sys
from collections import Counter, defaultdict

import pytest
import torch
from source import ROOT

from models.text import Refusal, Text
from playground.data import (
    Corpus,
    Source,
    Task,
    catalogue,
    confirm,
    known_vocabulary,
    license_of,
    load,
    prepare,
    sources,
)
from playground.data.base import TextSource, split
from playground.data.batches import QUICK_TARGETS, Batches, tokenizer_for
from playground.data.references import LABELS
from playground.tokenizer import Bytes, characters_of

ON_EVERY_MACHINE = [name for name in sources() if name not in ("text", "hf")]
SKILLS = ["recall", "induction", "copy", "selective-copy", "dyck", "modular-addition", "sorting"]
TEXTS = [name for name in ON_EVERY_MACHINE if isinstance(sources()[name], TextSource)]
TEXT = "".join(f"{i} little foxes lived near the {'lake' if i % 3 else 'café'}.\n" for i in range(400))


def test_the_sources_of_the_recipe_are_there_in_order() -> None:
    assert list(sources()) == ["tales", "tales-zh", "python-docs", "python-code", "text", "hf", *SKILLS]


@pytest.mark.parametrize("source", sources().values(), ids=sources().keys())
def test_a_source_speaks_both_languages(source: Source) -> None:
    for text in (source.title, source.help):
        assert isinstance(text, Text) and text.en.isascii() and not text.zh.isascii() or source.name == "hf"


def test_a_license_is_claimed_only_where_one_is_known() -> None:
    python = dict.fromkeys(("python-docs", "python-code"), "PSF-2.0")
    ours = dict.fromkeys(("tales", "tales-zh", *SKILLS), "MIT")
    unknown = dict.fromkeys(("text", "hf"), "unspecified")
    assert {name: license_of(name) for name in sources()} == python | ours | unknown
    assert license_of("recall:8:16") == "MIT" and license_of("hf:owner/set") == license_of("gone") == "unspecified"


def test_looking_for_sources_loads_neither_torch_nor_datasets() -> None:
    """`models` may bring torch along; the data's own files must not."""
    script = (
        "import sys, types; models = types.ModuleType('models'); models.__path__ = ['models']\n"
        "sys.modules['models'] = models\n"
        "from playground.data import load, sources; sources(); load('tales')\n"
        "print(*sorted({'torch', 'datasets', 'tokenizers', 'pydantic'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == ""


@pytest.mark.parametrize("name", TEXTS)
def test_a_corpus_is_whole_and_hashed(name: str) -> None:
    corpus = load(name)
    assert load(name) is corpus or load(name) == corpus
    assert corpus.hash == hashlib.sha256((corpus.text + corpus.validation).encode()).hexdigest()
    assert 1_000_000 <= len(corpus.text) <= 2_000_000 and 100_000 <= len(corpus.validation) <= 200_000


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_validated_on_that_was_trained_on(name: str) -> None:
    corpus = load(name)
    stretches = [corpus.validation[start : start + 200] for start in range(0, len(corpus.validation) - 200, 200)]
    assert not [stretch for stretch in stretches if stretch in corpus.text]


def test_text_is_split_as_nanogpt_splits_it() -> None:
    corpus = load("text", text="0123456789abcdefghi")
    assert (corpus.text, corpus.validation) == ("0123456789abcdefg", "hi")  # int(0.9 * 19) = 17


def test_docs_are_prose_and_code_is_code() -> None:
    docs, code = load("python-docs").text, load("python-code").text
    assert docs.count(" the ") > 2 * code.count(" the ")
    assert code.count("\n    def ") > 1000 > docs.count("\n    def ")


@pytest.mark.parametrize("wrong", ["tails", "recal", "tales:3", "python-code:x", ""])
def test_a_name_that_is_no_source_is_refused(wrong: str) -> None:
    with pytest.raises(Refusal) as refusal:
        prepare(wrong)
    assert refusal.value.fields == ("recipe.data",) and repr(wrong) in str(refusal.value)


def test_a_near_miss_is_told_the_right_name() -> None:
    with pytest.raises(Refusal, match="Did you mean 'recall'") as refusal:
        prepare("recal")
    assert "recall" in refusal.value.text.zh


def test_a_task_is_no_text() -> None:
    with pytest.raises(Refusal, match="'recall' is a task"):
        load("recall")


def test_other_content_is_said() -> None:
    confirm("text", "a" * 64, "a" * 64)
    with pytest.raises(Refusal, match="other content: 'text' had SHA-256 bbbb"):
        confirm("text", "a" * 64, "b" * 64)


def test_a_second_source_of_a_name_is_an_error() -> None:
    with pytest.raises(TypeError, match="two sources are called 'tales'"):
        type("Twin", (TextSource,), {"name": "tales"})


@pytest.mark.parametrize("name", ON_EVERY_MACHINE)
def test_batches_follow_from_seed_and_step_alone(name: str) -> None:
    task = prepare(name, context=40, batch=5)
    later = [task.batch(3, t) for t in (7, 2)]
    again = [task.batch(3, t) for t in (2, 7)]
    for (ids, targets), (same_ids, same_targets) in zip(later, reversed(again), strict=True):
        assert ids.equal(same_ids) and targets.equal(same_targets)
    ids, targets = later[0]
    assert ids.shape == targets.shape == (5, task.context)
    assert ids.dtype == targets.dtype == torch.int64
    assert int(ids.min()) >= 0 and int(ids.max()) < task.vocabulary
    others = [task.batch(3, 8)[0], task.batch(4, 7)[0], task.batch(73, 0)[0], later[1][0]]
    assert not any(ids.equal(other) for other in others)


@pytest.mark.parametrize("tokenizer", ["characters", "bytes"])
@pytest.mark.parametrize("name", [name for name in ON_EVERY_MACHINE if not name.startswith("python")])
def test_the_vocabulary_is_told_before_anything_is_prepared(
    name: str, tokenizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_vocabularies", {})
    told = known_vocabulary(name, tokenizer, 74)
    assert told == prepare(name, tokenizer, context=40).vocabulary


@pytest.mark.parametrize("name", ["python-docs", "text", "no-such", "recall:0", "recall:9:2"])
def test_a_vocabulary_that_nobody_can_tell_is_what_was_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_vocabularies", {})
    assert known_vocabulary(name, "characters", 74) == 74


@pytest.mark.parametrize("name", ON_EVERY_MACHINE)
def test_validation_is_always_the_same(name: str) -> None:
    task = prepare(name)
    for quick in (True, False):
        first, second = next(task.validation(quick)), next(task.validation(quick))
        assert first[0].equal(second[0]) and first[1].equal(second[1])


def test_batches_are_the_same_in_another_process() -> None:
    """And on other machines: the places come from SHAKE-256."""
    assert text_task("characters", batch=2, context=8).batch(1, 2)[0].tolist() == [
        [20, 27, 27, 22, 17, 2, 18, 24],
        [27, 22, 17, 2, 18, 24, 29, 17],
    ]


def text_task(kind: str, context: int = 64, batch: int = 12, text: str = TEXT) -> Batches:
    corpus = split("text", text)
    return Batches(corpus, tokenizer_for(corpus, kind, 300), context, batch)


@pytest.mark.parametrize("kind", ["characters", "bytes", "bpe"])
def test_the_target_is_the_next_token(kind: str) -> None:
    task = text_task(kind)
    ids, targets = task.batch(0, 0)
    assert ids[:, 1:].equal(targets[:, :-1])
    for row, last in zip(ids.tolist(), targets[:, -1].tolist(), strict=True):
        assert task.tokenizer.decode([*row, last]).strip("\ufffd") in TEXT


def test_batches_cover_the_text_evenly() -> None:
    task = text_task("characters", context=8, batch=100)
    starts = [int(row) for t in range(200) for row in task.batch(0, t)[0][:, 0]]
    expected = Counter(task.train_ids.tolist())
    for token, count in expected.most_common(10):
        share = count / len(task.train_ids)
        error = math.sqrt(share * (1 - share) / len(starts))
        assert abs(starts.count(token) / len(starts) - share) < 5 * error


def test_other_contexts_see_the_same_stretches() -> None:
    short, long = text_task("characters", context=16), text_task("characters", context=64)
    for t in range(20):
        assert short.batch(5, t)[0].equal(long.batch(5, t)[0][:, :16])


@pytest.mark.parametrize("kind", ["bytes", "bpe"])
def test_other_tokenizers_see_the_same_stretches(kind: str) -> None:
    """Each row begins with the token over the character where the character tokenizer's row begins."""
    text = "".join(f"{i:06d}," for i in range(4000))  # every place can be told from its text
    characters, other = text_task("characters", text=text), text_task(kind, text=text)
    for t in range(5):
        for a, b in zip(characters.batch(5, t)[0].tolist(), other.batch(5, t)[0].tolist(), strict=True):
            place, begin = (text.index(task.tokenizer.decode(row)) for task, row in ((characters, a), (other, b)))
            first = len(other.tokenizer.token_bytes[b[0]])
            assert begin <= place < begin + first or place > 0.97 * len(text) * 0.9


@pytest.mark.parametrize("context", [7, 64, 1000])
def test_validation_predicts_every_token_once(context: int) -> None:
    task = text_task("characters", context=context)
    seen = [int(target) for _, targets in task.validation() for row in targets for target in row]
    assert seen == task.validation_ids[1:].tolist()
    for ids, targets in task.validation():
        assert ids.shape == targets.shape and ids.shape[1] <= context
        assert ids[:, 1:].equal(targets[:, :-1])


def test_the_quick_look_is_small_and_spread() -> None:
    task = prepare("python-code", context=64)
    assert isinstance(task, Batches)
    rows = torch.cat([ids for ids, _ in task.validation(quick=True)])
    assert rows.numel() == QUICK_TARGETS
    whole = torch.cat([ids for ids, _ in task.validation() if ids.shape[1] == 64])
    places = [int((whole == row).all(1).nonzero()[0]) for row in rows]
    assert places[0] == 0 and places[-1] == len(whole) - 1
    assert max(b - a for a, b in zip(places, places[1:], strict=False)) < 2 * len(whole) / len(rows)


def test_the_quick_look_at_a_short_text_is_all_of_it() -> None:
    task = text_task("characters")
    quick, whole = ([ids.tolist() for ids, _ in task.validation(quick)] for quick in (True, False))
    assert quick == whole


def test_a_text_shorter_than_a_window_is_refused() -> None:
    with pytest.raises(Refusal, match=r"gives 63 tokens.*needs 63 \+ 1") as refusal:
        text_task("characters", context=63, text=TEXT[:71])
    assert refusal.value.fields == ("recipe.data", "shape.context")
    assert text_task("characters", context=62, text=TEXT[:71]).batch(0, 0)[0].shape == (12, 62)


@pytest.mark.parametrize(
    ("tokenizer", "vocabulary", "field"), [("words", 1000, "recipe.tokenizer"), ("bpe", 256, "shape.vocabulary")]
)
def test_a_tokenizer_that_cannot_be_is_refused(tokenizer: str, vocabulary: int, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        prepare("tales", tokenizer, vocabulary=vocabulary)
    assert refusal.value.fields[0] == field


def test_no_character_of_the_validation_part_is_unknown() -> None:
    task = text_task("characters", text="abc " * 500 + "xyz")
    assert set(task.validation_ids.tolist()) >= {task.tokenizer.encode(c)[0] for c in "xyz"}
    assert 0 not in task.validation_ids


def test_bpe_learns_from_the_train_part_alone() -> None:
    task = text_task("bpe", text=TEXT + "zqzqzqzqzq" * 150)
    assert not any(b"zq" in token for token in task.tokenizer.token_bytes)


@pytest.mark.parametrize("kind", ["characters", "bytes", "bpe"])
def test_bytes_per_token(kind: str) -> None:
    task = text_task(kind)
    assert task.bytes_per_token is not None
    assert task.bytes_per_token * len(task.validation_ids) == pytest.approx(len(task.corpus.validation.encode()))
    assert (kind == "bytes") == (task.bytes_per_token == 1)


def counted(train: str, validation: str, alphabet: str) -> tuple[float, float]:
    """Unigram and bigram by dictionaries, straight from the formulas."""
    ones = Counter(train)
    pairs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for a, b in zip(train, train[1:], strict=False):
        pairs[a][b] += 1

    def p(b: str) -> float:
        return (ones[b] + 1) / (len(train) + len(alphabet) + 1)  # one more for the unknown

    def p_after(a: str, b: str) -> float:
        kinds = len(pairs[a])
        return (pairs[a][b] + kinds * p(b)) / (pairs[a].total() + kinds) if kinds else p(b)

    targets = validation[1:]
    unigram = -sum(math.log(p(b)) for b in targets) / len(targets)
    return unigram, -sum(math.log(p_after(a, b)) for a, b in zip(validation, targets, strict=False)) / len(targets)


def test_reference_lines_against_dictionaries() -> None:
    train, validation = TEXT[:3000] + "q", "zz" + TEXT[5000:6000] + "qz"  # q has no successor, z was never seen
    corpus = Corpus("text", train, validation, entropy=0.25)
    tokenizer = characters_of(train + validation)
    task = Batches(corpus, tokenizer, 64, 12)
    unigram, bigram = counted(train, validation, tokenizer.alphabet)
    assert task.references["unigram"] == pytest.approx(unigram, rel=1e-9)
    assert task.references["bigram"] == pytest.approx(bigram, rel=1e-9)
    assert task.references["uniform"] == math.log(tokenizer.vocabulary)
    assert task.references["entropy"] == task.entropy == 0.25


def test_entropy_is_per_token_of_the_tokenizer() -> None:
    corpus = Corpus("text", TEXT, TEXT[:999], entropy=0.25)
    task = Batches(corpus, Bytes(), 64, 12)
    assert task.entropy == pytest.approx(0.25 * 999 / len(TEXT[:999].encode()))
    assert Batches(split("text", TEXT), Bytes(), 64, 12).entropy is None


@pytest.mark.parametrize("name", ON_EVERY_MACHINE)
def test_reference_lines_are_in_order_and_have_names(name: str) -> None:
    task: Task = prepare(name)
    lines = task.references
    assert set(lines) <= set(LABELS)
    order = [lines[key] for key in ("uniform", "unigram", "bigram", "chance", "entropy") if key in lines]
    assert order == sorted(order, reverse=True)
    assert lines.get("entropy") == task.entropy
