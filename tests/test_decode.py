"""Text from an exported file: equal to torch's greedy text, streamed, and ended for a reason that is said."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from exported import BYTES, LETTERS, exported
from source import ROOT

from playground.decode import LONGEST, MOST, Piece, continuation, generate
from playground.fast import write_fast
from playground.problem import Problem
from playground.sampling import Sampling
from playground.session import Cache, Session
from playground.tokenizer import BPE, train_bpe
from playground.torch_decode import decode

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2"
MIXED = "position=rope,span=window,span.window=4,span.pattern=alternate"
GREEDY = Sampling(0)


def written(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "playground", "generate", *arguments], cwd=ROOT, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "spec", [ROPE, MIXED, "position=alibi,layout.attention=on", "layout.attention=off,position=none"]
)
def test_greedy_text_is_torchs(spec: str) -> None:
    """Far beyond context and window. Torch decodes with its own cache and, token by token, without one."""
    made = exported(spec)
    ids, session = LETTERS.encode("hello you"), Session(made.path)
    ours = list(continuation(session, ids, 40, GREEDY))
    assert ours == decode(made.model, ids, 40)
    assert len(set(ours)) > 1


def test_the_same_seed_writes_the_same_text() -> None:
    session = Session(exported(ROPE).path)
    texts = [written(list(generate(session, "a", 30, Sampling(1.0, seed=seed)))) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_pieces_come_one_by_one_and_the_last_says_how_it_went() -> None:
    pieces = list(generate(Session(exported(ROPE).path), "hello", 12, GREEDY))
    assert len(pieces) == 13 and all(piece.ending is None for piece in pieces[:-1])
    ending = pieces[-1].ending
    assert ending is not None and (ending.tokens, ending.prompt_tokens) == (12, 5)
    assert ending.reason.en == "All 12 tokens are written." and not ending.unknown
    assert ending.first_token_seconds > 0 and ending.tokens_per_second and ending.tokens_per_second > 0
    assert ending.provider == "CPUExecutionProvider"
    json.dumps(ending.to_dict(), allow_nan=False)


def test_one_token_has_no_speed() -> None:
    *_, last = generate(Session(exported(ROPE).path), "hello", 1, GREEDY)
    assert last.ending is not None and last.ending.tokens_per_second is None


def test_learned_positions_stop_the_text_and_say_so() -> None:
    """Sixteen positions: the token after the sixteenth is still predicted, none after it."""
    session = Session(exported().path)
    pieces = list(generate(session, "hello", 100, GREEDY))
    ending = pieces[-1].ending
    assert ending is not None and ending.tokens == 16 - 5 + 1
    assert "learned positions" in ending.reason.en and "16" in ending.reason.en and "可学习位置" in ending.reason.zh
    exact = list(generate(session, "hello", 12, GREEDY))[-1].ending
    assert exact is not None and exact.reason.en == "All 12 tokens are written."
    assert len(list(generate(session, "x" * 16, 5, GREEDY))) == 2
    with pytest.raises(Problem, match="17 tokens, and this model's learned positions end at 16"):
        generate(session, "x" * 17)


def test_half_a_character_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of bytes that spells a Chinese text, one byte a token."""
    session, text = Session(exported(ROPE, BYTES).path), "你好, é!"
    spelling = iter(text.encode())

    def step(ids: object, cache: object = None) -> tuple[object, Cache]:
        return np.eye(256, dtype=np.float32)[next(spelling)][None, None], Cache()

    monkeypatch.setattr(session, "step", step)
    session.positions = None
    pieces = [piece.text for piece in generate(session, "a", len(text.encode()), GREEDY)]
    assert [piece for piece in pieces if piece] == list(text)
    spelling = iter(text.encode())
    cut = written(list(generate(session, "a", 5, GREEDY)))
    assert cut == "你\ufffd"


def spelt(monkeypatch: pytest.MonkeyPatch, text: str, stops: list[str]) -> list[Piece]:
    """The pieces that come of a model of bytes which spells this text, one byte a token."""
    session = Session(exported(ROPE, BYTES).path)
    spelling = iter(text.encode())

    def step(ids: object, cache: object = None) -> tuple[object, Cache]:
        return np.eye(256, dtype=np.float32)[next(spelling)][None, None], Cache()

    monkeypatch.setattr(session, "step", step)
    return list(generate(session, "a", len(text.encode()), GREEDY, stops))


@pytest.mark.parametrize("stops", [["停止"], ["nothing", "止"], ["好，停", "停止"], ["说："]])
def test_a_text_ends_before_a_stop_string_and_says_which(monkeypatch: pytest.MonkeyPatch, stops: list[str]) -> None:
    """Its characters arrive byte by byte; the bytes that would follow are not even asked for."""
    text = "好，停，然后停止。再说：停止"
    pieces = spelt(monkeypatch, text, stops)
    end, stop = min((text.index(stop) + len(stop), stop) for stop in stops if stop in text)
    ending = pieces[-1].ending
    assert ending is not None and ending.stop == stop and stop in ending.reason.en and stop in ending.reason.zh
    assert written(pieces) == text[: end - len(stop)] and ending.tokens == len(text[:end].encode())
    assert all(written(pieces[:count]) in text for count in range(len(pieces)))


def test_what_only_begins_like_a_stop_string_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = spelt(monkeypatch, "one two th", ["three", "twenty"])
    assert written(pieces) == "one two th" and written(pieces[:-1]) == "one two "
    ending = pieces[-1].ending
    assert ending is not None and ending.stop is None and ending.reason.en == "All 10 tokens are written."


def test_a_line_break_is_shown_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = spelt(monkeypatch, "one\ntwo", ["\n"])[-1].ending
    assert ending is not None and ending.reason.en == "Stopped before “\\n”." and ending.stop == "\n"


@pytest.mark.parametrize("length", [1023, 1024, 1025, 2500])
def test_a_long_prompt_is_read_in_parts_and_means_the_same(length: int) -> None:
    session = Session(exported(MIXED).path)
    ids = [1 + number * number % 30 for number in range(length)]
    whole, _ = session.step(np.array([ids]))
    assert next(continuation(session, ids, 1, GREEDY)) == int(whole[0, -1].argmax())


def test_a_prompt_beyond_reason_is_refused_at_once() -> None:
    with pytest.raises(Problem, match=f"{LONGEST + 1} tokens; at most {LONGEST} are read"):
        generate(Session(exported(ROPE).path), "a" * (LONGEST + 1))


def test_what_a_learned_table_cannot_hold_has_a_way_out() -> None:
    with pytest.raises(Problem, match=r"Shorten it, or train a system with RoPE or ALiBi") as raised:
        generate(Session(exported().path), "x" * 17)
    assert "RoPE" in raised.value.text.zh


def test_characters_the_model_never_saw_are_named() -> None:
    ending = list(generate(Session(exported(ROPE).path), "hQ3lloQ", 2, GREEDY))[-1].ending
    assert ending is not None and ending.unknown == ("Q", "3")


@pytest.mark.parametrize("tokens", [0, -5, MOST + 1, 1_000_000])
def test_a_number_of_tokens_out_of_range_is_refused_at_once(tokens: int) -> None:
    with pytest.raises(Problem, match=f"{tokens} tokens were asked for"):
        generate(Session(exported(ROPE).path), "a", tokens)


def test_an_empty_prompt_is_refused_at_once() -> None:
    with pytest.raises(Problem, match="prompt is empty"):
        generate(Session(exported(ROPE).path), "")


def test_a_prompt_that_is_no_text_is_refused_at_once() -> None:
    for tokenizer in (LETTERS, BYTES):
        with pytest.raises(Problem, match="not valid UTF-8"):
            generate(Session(exported(ROPE, tokenizer).path), os.fsdecode(b"caf\xe9"))


def test_the_command_streams_the_text_and_says_how_it_went() -> None:
    ran = command(str(exported(ROPE).path), "--prompt", "hello", "--tokens", "20", "--temperature", "0")
    expected = written(list(generate(Session(exported(ROPE).path), "hello", 20, GREEDY)))
    assert ran.returncode == 0 and ran.stdout == f"hello{expected}\n"
    assert "All 20 tokens are written" in ran.stderr and "tokens/s on CPUExecutionProvider" in ran.stderr


def test_the_command_writes_json() -> None:
    ran = command(
        str(exported(ROPE).path), "--prompt", "你好", "--tokens", "5", "--seed", "4", "--top-k", "3", "--json"
    )
    found = json.loads(ran.stdout)
    expected = written(list(generate(Session(exported(ROPE).path), "你好", 5, Sampling(seed=4, top_k=3))))
    assert ran.returncode == 0 and ran.stderr == ""
    assert (found["prompt"], found["text"], found["tokens"]) == ("你好", expected, 5)
    chosen = {"temperature": 0.8, "top_k": 3, "top_p": None, "repetition_penalty": 1.0, "seed": 4}
    assert found["sampling"] == chosen and found["stop"] is None
    assert found["unknown"] == [] and found["provider"].endswith("ExecutionProvider")


def test_the_command_says_how_many_tokens_a_step_wrote_and_can_read_each_alone() -> None:
    portable = exported(ROPE + ",heads.head_dim=16").path
    write_fast(portable, portable.with_suffix(".fast.onnx"))
    arguments = str(portable), "--prompt", "hello hello ", "--tokens", "120", "--temperature", "0", "--device", "cpu"
    guessed, alone = command(*arguments), command(*arguments, "--step-by-step")
    assert guessed.stdout == alone.stdout and re.search(r" · [1-3]\.\d\d tokens a step", guessed.stderr)
    assert "a step" not in alone.stderr and json.loads(command(*arguments, "--json").stdout)["steps"] < 119


def test_the_command_passes_every_option_on() -> None:
    path = str(exported(ROPE).path)
    options = [
        "--top-p",
        "0.95",
        "--repetition-penalty",
        "1.3",
        "--temperature",
        "1.2",
        "--seed",
        "2",
        "--tokens",
        "60",
    ]
    free = json.loads(command(path, "--prompt", "heßo", *options, "--device", "cpu", "--json").stdout)
    sampling = Sampling(1.2, top_p=0.95, repetition_penalty=1.3, seed=2)
    assert free["text"] == written(list(generate(Session(path), "heßo", 60, sampling)))
    assert free["unknown"] == ["ß"] and free["provider"] == "CPUExecutionProvider"
    stop = free["text"][20:22]
    ran = command(path, "--prompt", "heßo", *options, "--stop", "never here", "--stop", stop, "--threads", "2")
    assert ran.stdout == f"heßo{free['text'][: free['text'].index(stop)]}\n"
    assert f"Stopped before “{stop}”" in ran.stderr and "never saw 'ß'" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing.onnx", "--prompt", "a"], "There is no file nothing.onnx."),
        ([".", "--prompt", "a", "--device", "cpu"], "There is no file .."),
        (["README.md", "--prompt", "a"], "README.md cannot be loaded: it is no ONNX file, or a damaged one."),
        (["FILE", "--prompt", ""], "The prompt is empty"),
        (["FILE", "--prompt", "a", "--tokens", "0"], "0 tokens were asked for"),
        (["FILE", "--prompt", "a", "--tokens", "1000000"], "1000000 tokens were asked for"),
        (["FILE", "--prompt", "a", "--tokens", "ten"], "argument --tokens: invalid int value: 'ten'"),
        (["FILE", "--prompt", "a", "--temperature", "nan"], "A temperature of nan makes no sense"),
        (["FILE", "--prompt", "a", "--threads", "0"], "--threads"),
        (["FILE", "--prompt", "a", "--tokens", "-5"], "-5 tokens were asked for"),
        (["FILE", "--prompt", "a", "--top-k", "0"], "top-k is 0"),
        (["FILE", "--prompt", "a", "--top-p", "1.5"], "top-p is 1.5"),
        (["FILE", "--prompt", "a", "--repetition-penalty", "-1"], "The repetition penalty is -1.0"),
        (["FILE", "--prompt", "a", "--stop", ""], "A stop string is empty"),
        (["FILE", "--prompt", "a", "--device", "tpu"], "choose from"),
        (["LEARNED", "--prompt", "hello hello hello"], "learned positions end at 16. Shorten it, or train"),
        (["FILE"], "the following arguments are required: --prompt"),
    ],
    ids=str,
)
def test_the_command_refuses_in_one_sentence(arguments: list[str], sentence: str) -> None:
    files = {"FILE": ROPE, "LEARNED": ""}
    ran = command(*(str(exported(files[one]).path) if one in files else one for one in arguments))
    assert ran.returncode == 2 and ran.stdout == ""
    assert sentence in ran.stderr and "Traceback" not in ran.stderr and ran.stderr.count("\n") == 1


def test_a_damaged_tokenizer_is_said_to_be_damaged() -> None:
    """All tokens are there, so the file opens; two that are none would have to be merged."""
    definition = json.loads(train_bpe("to be or not to be, that is the question", 264).definition)
    definition["model"]["merges"][0] = ["no", "token"]
    session = Session(exported("", BPE(json.dumps(definition))).path)
    with pytest.raises(Problem, match="what it says of itself is damaged. Export it again"):
        generate(session, "to be", 3)


def test_the_command_writes_utf8_whatever_the_machines_encoding() -> None:
    """As on Windows, where what goes into a pipe has the encoding of the region: half of the alphabet is not in it."""
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    asked = [str(exported(ROPE).path), "--prompt", "你好世界", "--tokens", "20"]
    for more in ([], ["--json"]):
        ran = subprocess.run(
            [sys.executable, "-m", "playground", "generate", *asked, *more],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
        assert "你好世界" in ran.stdout.decode("utf-8") and b"Traceback" not in ran.stderr


def test_generating_imports_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys; from playground.__main__ import main\n"
        f"code = main(['generate', {str(exported(ROPE).path)!r}, '--prompt', 'hello', '--tokens', '3'])\n"
        "heavy = {'torch', 'models', 'gradio', 'pydantic', 'onnx', 'onnxscript', 'tokenizers'} & set(sys.modules)\n"
        "print(code, sorted(heavy))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 []"
