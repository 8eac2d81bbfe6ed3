"""Where the page's files lie, and their addresses for the browser. Knows nothing of what is in them."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
PLOTLY = ASSETS / "plotly" / "plotly-basic.min.js"
FOLDER = "page"  # under which the browser finds them


def address(path: Path) -> str:
    """The relative address of a served file: it works behind a proxy and below a path, since the page sets its base."""
    return f"{FOLDER}/{name(path)}"


def name(path: Path) -> str:
    """What a served file is called in its address."""
    return path.relative_to(ASSETS).as_posix()


def served() -> dict[str, Path]:
    """What the browser may fetch, by name; nothing else of this machine."""
    return {name(path): path for path in (*styles(), *scripts(), PLOTLY)}


def styles() -> list[Path]:
    """The style sheets, colours first."""
    return sorted(
        (ASSETS / "css").glob("*.css"), key=lambda path: (path.stem != "tokens", path.stem != "shell", path.stem)
    )


def scripts() -> list[Path]:
    """All scripts."""
    return sorted((ASSETS / "js").rglob("*.js"))


def tabs() -> list[Path]:
    """The scripts of the page's tabs; each is shown because it is there."""
    return sorted((ASSETS / "js" / "tabs").glob("*.js"))


def panels() -> list[Path]:
    """The scripts of the results panels; each is shown because it is there."""
    return sorted((ASSETS / "js" / "panels").glob("*.js"))
