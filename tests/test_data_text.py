"""Text that people bring: what is refused, and with which words; datasets of the Hub, with and without a Hub."""

import hashlib
import json
from pathlib import Path

import pytest

from models.text import Refusal
from playground.data import hugging_face as hub
from playground.data import load, prepare
from playground.data.own_text import from_file, from_text
from playground.data.python_docs import docstrings, topics

GOOD = "Twinkle, twinkle, little bat. 一闪一闪小蝙蝠。\n" * 40

BAD = {
    "empty": (b"", "is empty", "是空的"),
    "blank": (b" \n\t\n" * 500, "is empty", "是空的"),
    "nul": (b"abc\0def", "byte 4 of 7 is NUL", "第 4 个字节（共 7 个）"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "looks like a binary file", "二进制文件"),
    "latin-1": (b"line\nna\xefve text", r"byte 8 \(line 2\) is 0xEF", "第 8 个字节（第 2 行）是 0xEF"),
    "cut": ("你好".encode()[:-1], r"byte 4 \(line 1\) is 0xE5", "第 4 个字节"),
    "utf-16": ("hello".encode("utf-16"), "is UTF-16, not UTF-8", "UTF-16 编码"),
    "surrogate": ("ab\udc80cd", r"byte 3 \(line 1\) is 0xED", "第 3 个字节"),
    "one character": ("aaaa\naaaa \n" * 100, "only 'a' again and again", "只是“a”的不断重复"),
    "short": ("tiny text", "has 9 characters, too few for a context of 64: give at least 73", "只有 9 个字符"),
    "large": (GOOD * 100, "has 220 kB, and 100 kB is the limit", "超过了这里 100 kB 的上限"),
}


@pytest.mark.parametrize(("content", "english", "chinese"), BAD.values(), ids=BAD.keys())
def test_a_text_that_cannot_be_trained_on_is_refused(content: str | bytes, english: str, chinese: str) -> None:
    with pytest.raises(Refusal, match=english) as refusal:
        from_text(content, context=64, limit=100_000)
    assert chinese in refusal.value.text.zh
    assert "recipe.data" in refusal.value.fields


@pytest.mark.parametrize("context", [1, 2, 3, 17, 64, 100])
def test_the_least_length_named_is_enough_and_one_less_is_not(context: int) -> None:
    with pytest.raises(Refusal) as refusal:
        from_text("ab", context=context)
    least = int(str(refusal.value).split("at least ")[1].split(",")[0])
    text = ("ab" * least)[:least]
    prepare("text", context=context, text=text)
    with pytest.raises(Refusal, match="too few"):
        from_text(text[:-1], context=context)


def test_a_good_text_is_kept_as_it_is() -> None:
    corpus = from_text(GOOD, "my own")
    assert corpus.name == "my own" and corpus.text + corpus.validation == GOOD
    assert corpus.hash == hashlib.sha256(GOOD.encode()).hexdigest()
    assert from_text(GOOD.encode()).hash == corpus.hash == load("text", text=GOOD).hash


def test_byte_order_mark_and_line_ends_do_not_matter() -> None:
    foreign = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert from_text(foreign.encode()).hash == from_text(foreign).hash == from_text(GOOD).hash


def test_no_text_at_all_is_said() -> None:
    with pytest.raises(Refusal, match="No text was given"):
        prepare("text")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    assert from_file(tmp_path / "good.txt").hash == from_text(GOOD).hash


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"no file .*missing\.txt"):
        from_file(tmp_path / "missing.txt")
    with pytest.raises(Refusal, match="is a folder"):
        from_file(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(Refusal, match="cannot be read"):
        from_file(tmp_path / "loop")


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(6_000_000_000)  # a hole: takes no room on disk, and would fill the memory
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(Refusal, match=r"has 6,000\.00 MB, and 5\.00 MB is the limit"):
        from_file(path, limit=5_000_000)


def test_docstrings_are_found_without_importing() -> None:
    module, inner, method = (f'"""{word * 20}"""' for word in ("Module. ", "Class. ", "Method. "))
    source = f"{module}\nclass A:\n    {inner}\n    def f(): {method}\ndef g(): 'short'\nraise SystemExit"
    assert [text.split(".")[0] for text in docstrings(source)] == ["Module", "Class", "Method"]
    assert any("for_stmt" in text for text in topics().values())


ROWS = [
    {"id": str(i), "story": f"Story {i}.\n", "text_zh": f"故事{i}，讲的是一只非常聪明的小狐狸。"} for i in range(60)
]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    (tmp_path / "train.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    return tmp_path


def test_a_dataset_is_streamed_up_to_the_limit(dataset: Path) -> None:
    whole = "".join(f"Story {i}.\n\n" for i in range(60))
    assert hub.read(str(dataset), column="story") == whole
    assert hub.read(str(dataset), column="story", limit=100) == whole[:100]


def test_the_column_of_text_is_chosen(dataset: Path, tmp_path: Path) -> None:
    assert hub.read(str(dataset)).startswith("故事0")  # the longest
    (tmp_path / "train.jsonl").write_text('{"text": "short", "other": "much longer text"}\n')
    assert hub.read(str(tmp_path)) == "short\n\n"


def test_what_a_dataset_does_not_have_is_said(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="column 'body' is not text in every row; columns: id, story, text_zh"):
        hub.read(str(dataset), column="body")
    with pytest.raises(Refusal, match="cannot be loaded: .*small"):
        hub.read(str(dataset), config="small")
    with pytest.raises(Refusal, match="cannot be loaded"):
        hub.read(str(tmp_path / "nothing"))
    (tmp_path / "train.jsonl").write_text('{"x": 1}\n')
    with pytest.raises(Refusal, match="no column of text; its columns: x"):
        hub.read(str(tmp_path))


@pytest.mark.parametrize("name", ["hf", "hf:", "hf:/etc", "hf:../secret", "hf:a/b/c", "hf:tests", "hf:a/b:c:d:e"])
def test_a_name_never_reads_this_machine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "reach", lambda: pytest.fail("it was tried"))
    with pytest.raises(Refusal, match="names no dataset of the Hugging Face Hub"):
        prepare(name)


def test_without_a_network_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nobody listens
    with pytest.raises(Refusal, match=r"http://127\.0\.0\.1:9 does not answer") as refusal:
        prepare("hf:somebody/something")
    assert "连不上" in refusal.value.text.zh


def test_without_the_package_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises(Refusal, match="pip install datasets"):
        prepare("hf:somebody/else")


def test_a_dataset_of_the_hub_becomes_a_corpus(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way but for the wire: `load_dataset` gets the name that was asked for, and reads the folder instead."""
    import datasets

    asked, real = [], datasets.load_dataset

    def from_folder(name: str, config: str | None, **options: object) -> object:
        asked.append((name, config, options))
        return real(str(dataset), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(hub, "reach", lambda: None)
    monkeypatch.setattr(datasets, "load_dataset", from_folder)
    corpus = load("hf:Somebody/Stories::story")
    assert asked == [("Somebody/Stories", None, {"split": "train", "streaming": True})]
    assert corpus.name == "hf:Somebody/Stories::story" and corpus.text.startswith("Story 0.\n\nStory 1.")
    assert load("hf:Somebody/Stories::story") is corpus and len(asked) == 1


def test_a_dataset_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch, dataset: Path) -> None:
    monkeypatch.setattr(hub, "PATIENCE", -1.0)
    with pytest.raises(Refusal, match="came too slowly"):
        hub.read(str(dataset))
