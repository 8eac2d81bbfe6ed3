"""A run's folder to its ONNX file: exported, verified, its decoding speed measured; made once, then reused.

What the page's button, `compare` and `python -m playground export` call; the workers do it as the job `export`.
"""

from pathlib import Path
from typing import Any

from models.text import Refusal
from models.transformer import Transformer
from playground.alone import alone
from playground.bench.decode import PROMPT, THREADS, TOKENS, race
from playground.data import license_of
from playground.export import Metadata, export
from playground.export_fast import export_fast
from playground.findings import EXPORT, keep, known
from playground.precisions import stretch, text_of
from playground.runs import ABOUT, MODEL, About, load
from playground.session import fastest
from playground.verify import Verification, texts, verify

FILE = "model.onnx"
OF = (ABOUT, MODEL, FILE)  # what was found holds for these
REPEATS = 5


def export_run(folder: Path, text: bytes | None = None) -> dict[str, Any]:
    """Export the model in `folder` to `model.onnx` there, verify and time it; returns what was found, as plain JSON.

    That is `bytes`, `max_abs_diff`, `top1_agreement` and `tokens_per_second` as `result.json` has them, the `text` that
    these two were found on (see `Verification`), the whole `verification`, `decode` with the spreads of `onnx` and
    `torch`, and the `provider` and the `form` that decodes: `fast`, which is put beside the file, where there is one.
    It is kept in `onnx.json`, and returned again while model and file are unchanged. `text` is a person's own.

    Raises:
        Refusal: a folder that is no run, or a model that diverged.
    """
    model, about = load(folder)
    with alone(folder):
        return exported(folder, model, about, text)


def exported(folder: Path, model: Transformer, about: About, text: bytes | None = None) -> dict[str, Any]:
    """`export_run` of what was loaded from a folder that the caller is alone in."""
    return known(folder, EXPORT, OF) or keep(folder, EXPORT, OF, _export_and_time(folder, model, about, text))


def export_to(folder: Path, file: Path, text: bytes | None = None) -> Verification:
    """Export the model in `folder` to any file, and verify it. `text` and errors as `export_run`; also OSError."""
    model, about = load(folder)
    export(model, file, metadata(about))
    return verify(file, model, validation_text(about, text))


def export_job(payload: dict[str, Any]) -> dict[str, Any]:
    """`export_run` as a worker's job, for the folder in `payload` and the text in the file it names, if any."""
    text = payload.get("text")
    return export_run(Path(payload["folder"]), Path(text).read_bytes() if text and Path(text).is_file() else None)


def validation_text(about: About, text: bytes | None = None) -> list[int]:
    """Ids of the validation part that a run was judged on; none where it cannot be had. `text` is a person's own."""
    try:
        return text_of(stretch(about, text))
    except Refusal:
        return []


def metadata(about: About) -> Metadata:
    """What a run's file says of itself."""
    provenance = {"name": about.name, **about.provenance}
    recipe = about.recipe.model_dump(mode="json")
    return Metadata(about.tokenizer, recipe, provenance, license_of(about.recipe.data))


def _export_and_time(folder: Path, model: Transformer, about: About, text: bytes | None) -> dict[str, Any]:
    keep(folder, EXPORT, (), {"verification": {"passed": False}})  # nobody is to have the file before it is verified
    file, read = export(model, folder / FILE, metadata(about)), validation_text(about, text)
    verification = verify(file.path, model, read)
    fast = export_fast(file.path, model, read)
    context = about.architecture.shape.context
    prompt = [int(id) for id in texts((), about.architecture, 1, min(PROMPT, context // 2))[0]]
    session = fastest(file.path, THREADS)
    speeds = race(model, session, prompt, min(TOKENS, context - len(prompt)), REPEATS)
    found = verification.to_dict()
    return {
        "file": FILE,
        "bytes": file.bytes,
        "max_abs_diff": found["max_abs_diff"],
        "top1_agreement": found["top1_agreement"],
        "text": found["text"],
        "tokens_per_second": speeds["onnx"].median,
        "verification": found,
        "fast": fast,
        "form": session.form,
        "provider": session.provider,
        "decode": {"threads": THREADS, "repeats": REPEATS} | {name: speeds[name].to_dict() for name in speeds},
    }
