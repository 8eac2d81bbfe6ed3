"""What programs may ask of a server, under names and fields that stay: docs/api.md. Imports no gradio.

Every endpoint is a typed function of plain values; its docstring is what clients and MCP tools show. A `Refusal`, and
nothing else, says in a sentence what was asked for that cannot be.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, validate_call

from models.text import Refusal, Text
from playground.ui import registry
from playground.ui.catalogue import sentence

if TYPE_CHECKING:
    from playground.ui.service import Service

Json = dict[str, Any]
Endpoint = Callable[..., Any]


class Programs:
    """The endpoints over a service."""

    def __init__(self, service: "Service") -> None:
        self.service = service

    def endpoints(self) -> dict[str, Endpoint]:
        """All of them, by name."""
        own = (self.systems, self.compare, self.status, self.results, self.export, self.resume, self.stop)
        return {endpoint.__name__: _guarded(endpoint) for endpoint in own}

    def systems(self) -> list[Json]:
        """List the published systems that variants can be made of.

        Returns:
            One object a system: `id`, `name`, `year`, `citation`, `choices` by axis, `parameters` of its tiny twin.
        """
        from models.cost import cost
        from models.systems.base import catalogue, choices

        return [
            {
                "id": system.id,
                "name": system.name,
                "year": system.year,
                "citation": system.citation,
                "choices": {axis: words.en for axis, words in choices(system).items()},
                "parameters": None if system.published is None else cost(system.twin).parameters,
            }
            for system in catalogue().values()
        ]

    def compare(
        self,
        variants: list[str],
        settings: dict[str, str] | None = None,
        seeds: int = 1,
        match: str = "none",
        owner: str = "",
    ) -> Json:
        """Train variants side by side on the same data; returns at once, `status` says how it goes.

        Args:
            variants: one or more, spelt as in links and commands: `gpt-2`, `llama-3,position=alibi,shape.layers=2`.
            settings: changes of the recipe, such as `{"tokens": "60000", "lr": "1e-3", "data": "tales"}`.
            seeds: runs of every variant.
            match: what the others get as much of as the first has: none, parameters, flops or time.
            owner: 32 hexadecimal digits, the key of whoever asks; left out, a new one is made. Whoever has it may stop
                and resume. What the same owner had going makes room.

        Returns:
            `id` of the experiment, `owner`, `link` that brings it up on the page, `runs` that were queued.
        """
        from playground import link
        from playground.experiment import compose
        from playground.formed import expanded
        from playground.recipe import Recipe
        from playground.ui.answers.training import begin

        recipe = link.settings({f"recipe.{name}": str(word) for name, word in (settings or {}).items()}, Recipe())
        made = expanded(compose([link.variant(text) for text in variants], recipe, seeds=seeds, match=match))
        key = owner or uuid.uuid4().hex
        id, ready, _ = begin(self.service, {"owner": key}, made)
        return {"id": id, "owner": key, "link": link.write(ready), "runs": len(ready.runs())}

    def status(self, id: str) -> Json:
        """Say how an experiment goes.

        Args:
            id: of the experiment, as `compare` gave it.

        Returns:
            `state` (queued, running, finished, stopped, diverged, failed, interrupted), `place` in the queue (0: it
            does not wait), `wait` in seconds until it begins and `left` until it ends (null: unknown), `resumable`, and
            `runs`: `variant`, `seed`, `state`, `reason`, `progress` in [0, 1], `step`, `tokens`, `tokens_per_second`,
            `train_loss`, `val_loss` (nats per token, the latest).
        """
        from playground.experiment import from_json
        from playground.follow import Follower
        from playground.ui.trained import experiment_of
        from playground.ui.view import view

        row = experiment_of(self.service.store, id)
        snapshot = Follower(self.service.store, row.id).snapshot()
        shown = view(row.id, from_json(row.json), snapshot, waits=self.service.queue.look())
        whole = {name: shown[name] for name in ("id", "state", "place", "wait", "left", "resumable")}
        return whole | {"runs": [_run(run, shown) for run in shown["runs"]]}

    def results(self, id: str) -> Json:
        """Give the results of an experiment that has ended: what `result.json` holds, with curves and verdicts.

        Args:
            id: of the experiment.
        """
        from playground.share.content import gather
        from playground.ui.trained import experiment_of

        return gather(self.service.store, experiment_of(self.service.store, id).id).result

    def export(self, id: str, variant: int = 0, owner: str = "") -> Json:
        """Export a trained variant to ONNX; asked again, say how far that is.

        Args:
            id: of the experiment.
            variant: its number, from 0.
            owner: the key of whoever asks; left out, a new one.

        Returns:
            `state` (queued, running, finished, failed), `reason`, and once finished `address` of the file on this
            server (none where it is not the model), its `bytes`, and what `verification` against torch found.
        """
        from playground.ui.answers.trained import export

        key = owner or uuid.uuid4().hex
        said = export(self.service, {"id": id, "variant": variant, "owner": key})["export"]
        file = said.get("file", {})
        return {
            "state": said["state"],
            "reason": said["reason"] and said["reason"]["en"],
            "address": file.get("address"),
            "bytes": file.get("bytes"),
            "verification": said.get("verification"),
        }

    def resume(self, id: str, owner: str) -> Json:
        """Go on with the runs of an experiment that broke off, from where their state was last saved.

        Args:
            id: of the experiment.
            owner: the key that started it.
        """
        from playground.ui.answers.training import resume

        return resume(self.service, {"id": id, "owner": owner})

    def stop(self, id: str, owner: str) -> Json:
        """Ask the runs of an experiment to stop; what they have learnt is kept.

        Args:
            id: of the experiment.
            owner: the key that started it.
        """
        from playground.ui.answers.training import stop

        return stop(self.service, {"id": id, "owner": owner}) | {"id": id}


def _guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, of values that are what they should be; whatever goes wrong is a `Refusal`."""
    checked = validate_call(endpoint)

    @wraps(endpoint)
    def asked(*given: Any, **named: Any) -> Any:
        try:
            registry.load()
            if not registry.sound({"given": given, "named": named}):
                raise Refusal(sentence("bad_request"))
            return checked(*given, **named)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = ".".join(map(str, first["loc"]))
            raise Refusal(NOT_SO.format(name=name, why=first["msg"]), name) from None
        except Refusal:
            raise
        except Exception:
            registry.log.exception("a program asked for %s", endpoint.__name__)
            raise Refusal(sentence("our_fault")) from None

    return asked


NOT_SO = Text("{name}: {why}.", "{name}：{why}。")


def _run(run: Json, shown: Json) -> Json:
    curve = run["curve"]
    validated = [loss for loss in curve["val_loss"] if loss is not None]
    end = run["val_loss"] if run["val_loss"] is not None else next(reversed(validated), None)
    return {
        "variant": shown["variants"][run["variant"]]["spec"],
        "seed": run["seed"],
        "state": run["state"],
        "reason": run["reason"] and run["reason"]["en"],
        "progress": run["progress"],
        "step": run["step"],
        "tokens": run["tokens"],
        "tokens_per_second": run["tokens_per_second"],
        "train_loss": next(reversed(curve["train_loss"]), None),
        "val_loss": end,
    }
