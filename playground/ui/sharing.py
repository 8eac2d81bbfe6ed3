"""What is shared of an experiment, as the page shows it: one route for its files, beside gradio's.

Who knows an experiment's id may have them; nothing of the address becomes a path, and a picture may run no script.
"""

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from models.text import Refusal, Text
from playground.rows import letter
from playground.store import Store

if TYPE_CHECKING:
    from playground.experiment import Experiment
    from playground.share.content import Look
    from playground.ui.service import Service

PATH = "/share/{experiment}/{name}"
SAFE = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


def route(service: "Service") -> Route:
    """The route of everything that is shared from this server."""

    def send(request: Request) -> Response:
        # Torch comes with these: not before they are needed.
        from playground.share.files import NAMES, TYPES
        from playground.ui.trained import experiment_of

        name = request.path_params["name"]
        if name not in NAMES:
            return PlainTextResponse("no such file", 404)
        try:
            row = experiment_of(service.store, request.path_params["experiment"])
            saved, content = made(service.store, row.id, name)
        except Refusal as refusal:
            return PlainTextResponse(str(refusal), 404)
        headers = {"Content-Disposition": f'attachment; filename="{saved}"', "Content-Security-Policy": SAFE}
        return Response(content, media_type=TYPES[name[name.rindex(".") :]], headers=headers)

    return Route(PATH, send)


def made(store: Store, id: str, name: str) -> tuple[str, bytes]:
    """A file of an experiment, in the words of the page: what it is called when it is saved, and its bytes."""
    from playground.experiment import from_json
    from playground.follow import Follower
    from playground.share.files import file
    from playground.ui.forms import labelled
    from playground.ui.view import view

    row = store.experiment(id)
    assert row is not None
    experiment = from_json(row.json)
    labels = labelled(experiment)
    shown = view(id, experiment, Follower(store, id).snapshot(), labels)
    return file(store, id, name, looks(experiment, labels), [Text(**each) for each in shown["verdicts"]])


def looks(experiment: "Experiment", labels: list[Text]) -> "list[Look]":
    """How the page tells the variants apart."""
    from playground.share.content import HUES, Look
    from playground.ui import forms
    from playground.ui.describe import titled

    shown: list[dict[str, Any]] = forms.looks(experiment, labels)
    if shown:
        return [Look(each["letter"], Text(**each["title"]), each["letter"].lower(), each["shade"]) for each in shown]
    named = enumerate(titled(made, experiment.variants) for made in experiment.variants)
    return [Look(letter(n), title, HUES[n % len(HUES)]) for n, title in named]
