"""A folder to push as a Space: a static page with the report, or the playground with the experiment in it."""

import json
import shutil
from pathlib import Path

from models.text import Refusal, Text
from playground.share.content import gather
from playground.share.files import ARCHIVE, REPORT, files
from playground.store import Store

KINDS = ("gradio", "static")
ROOT = Path(__file__).resolve().parent.parent.parent
PARTS = ("app.py", "models", "playground", "assets", "requirements.txt", "LICENSE")  # what the page needs to run
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
GALLERY = Path("assets") / "gallery"

STATIC_FRONT = """title: {title}
emoji: 🔬
colorFrom: blue
colorTo: yellow
sdk: static
app_file: index.html
license: mit
short_description: Language-model architectures, compared
"""
README = """---
{front}---

# {title}

{setting}

{told}

{how}
"""
STATIC = "`index.html` is the whole report; `experiment.zip` can be imported into any Architecture Playground."
APP = "The page opens with this experiment; its results are in `assets/gallery/`, and everything can be tried anew."
LONGEST = 80  # characters of a title


def publish(store: Store, id: str, kind: str, out: Path) -> list[str]:
    """Write the folder, and the names of what it holds at its top.

    Raises:
        Refusal: as `gather`; the folder holds something already; it cannot be written.
    """
    content = gather(store, id)
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise Refusal(TAKEN.format(folder=out), "out")
    made = files(store, id)
    title = content.title.en[:LONGEST]
    readme = README.format(
        front=STATIC_FRONT.format(title=_quoted(title)) if kind == "static" else _own_front(title),
        title=title,
        setting=content.setting.en,
        told="\n".join(f"- {text.en}" for text in content.said),
        how=STATIC if kind == "static" else APP,
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "README.md").write_text(readme, "utf-8")
        if kind == "static":
            for name, bytes_of in made.items():
                (out / ("index.html" if name == REPORT else name)).write_bytes(bytes_of)
        else:
            _app(out, made[ARCHIVE])
    except OSError as error:
        raise Refusal(UNWRITABLE.format(folder=out, reason=error.strerror or str(error)), "out") from None
    return sorted(path.name for path in out.iterdir())


def _app(out: Path, archive: bytes) -> None:
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, out / name, ignore=LEFT_OUT)
        elif source.is_file():
            shutil.copyfile(source, out / name)
    shutil.rmtree(out / GALLERY, ignore_errors=True)
    (out / GALLERY).mkdir(parents=True)
    (out / GALLERY / ARCHIVE).write_bytes(archive)


def _own_front(title: str) -> str:
    """The front matter of this project's own README, which makes it a Gradio Space, under another title."""
    _, front, _ = (ROOT / "README.md").read_text("utf-8").split("---\n", 2)
    lines = [f"title: {_quoted(title)}" if line.startswith("title:") else line for line in front.splitlines()]
    return "".join(f"{line}\n" for line in lines)


def _quoted(title: str) -> str:
    """As YAML takes any text on one line: JSON is YAML."""
    return json.dumps(title, ensure_ascii=False)


TAKEN = Text("{folder} is not empty: name a new folder.", "{folder} 不是空文件夹，请指定一个新文件夹。")
UNWRITABLE = Text("{folder} cannot be written: {reason}.", "无法写入 {folder}：{reason}。")
