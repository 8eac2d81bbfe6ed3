"""Continue a text with an exported file alone; no torch is needed."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from playground.decode import Ending, Piece, generate
from playground.sampling import Sampling
from playground.session import Session
from playground.sessions import DEVICES, opened

DEFAULT = Sampling()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("file", metavar="FILE.onnx", help="a file that the playground exported")
    add("--prompt", required=True, metavar="TEXT", help="the text to continue")
    add("--tokens", type=int, default=200, metavar="N", help="how many tokens to write (default: 200)")
    temperature = f"0: always the likeliest token, whatever seed, top-k and top-p (default: {DEFAULT.temperature})"
    add("--temperature", type=float, default=DEFAULT.temperature, metavar="T", help=temperature)
    add("--top-k", type=int, metavar="K", help="draw from the K likeliest tokens only")
    add("--top-p", type=float, metavar="P", help="draw from the likeliest tokens that hold a share P of the mass")
    penalty = "above 1 makes tokens that occurred less likely (default: 1, none)"
    add("--repetition-penalty", type=float, default=DEFAULT.repetition_penalty, metavar="R", help=penalty)
    add("--seed", type=int, default=DEFAULT.seed, metavar="K", help="the same seed writes the same text (default: 0)")
    stop = "end the text before TEXT; may be given several times"
    add("--stop", action="append", default=[], metavar="TEXT", help=stop)
    add("--step-by-step", action="store_true", help="read one token a step, no guesses: the same text, mostly slower")
    device = "cuda refuses where there is no GPU; auto takes one if there is (default: auto)"
    add("--device", choices=DEVICES, default="auto", help=device)
    add("--threads", type=int, default=1, metavar="N", help="processor threads (default: 1)")
    add("--json", action="store_true", help="one JSON object at the end, instead of the text as it is written")


def run(arguments: argparse.Namespace) -> int:
    """Write the text to standard output, how it went to standard error."""
    chosen = {option.name: getattr(arguments, option.name) for option in fields(Sampling)}
    sampling = Sampling(**chosen)
    session = opened(arguments.file, arguments.device, arguments.threads)
    pieces = generate(session, arguments.prompt, arguments.tokens, sampling, arguments.stop, not arguments.step_by_step)
    if arguments.json:
        print(json.dumps(_whole(session, arguments.prompt, pieces, sampling), ensure_ascii=False, indent=1))
        return 0
    print(arguments.prompt, end="", flush=True)
    for piece in pieces:
        print(piece.text, end="", flush=True)
        if piece.ending is not None:
            print(flush=True)
            print(summary(piece.ending, session.form), file=sys.stderr)
    return 0


def summary(ending: Ending, form: str) -> str:
    """One line on how it went, and which form of the file was run."""
    parts = [ending.reason.en.rstrip("."), f"first token after {1000 * ending.first_token_seconds:.1f} ms"]
    if ending.tokens_per_second is not None:
        parts.append(f"then {ending.tokens_per_second:,.0f} tokens/s on {ending.provider}")
    if ending.steps < ending.tokens - 1:
        parts.append(f"{(ending.tokens - 1) / ending.steps:.2f} tokens a step")
    parts.append(f"{form} form")
    if ending.unknown:
        parts.append(f"the model never saw {' '.join(map(repr, ending.unknown))}")
    return " · ".join(parts)


def _whole(session: Session, prompt: str, pieces: Iterator[Piece], sampling: Sampling) -> dict[str, Any]:
    parts = list(pieces)
    ending = parts[-1].ending
    assert ending is not None
    text = "".join(piece.text for piece in parts)
    return {"prompt": prompt, "text": text, **ending.to_dict(), "form": session.form, "sampling": asdict(sampling)}
