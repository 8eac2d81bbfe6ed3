"""What the page may ask for, by name: answers at once, and streams that come bit by bit. Imports nothing heavy.

A file in `answers/` registers functions of (service, given), where `given` is whatever the browser sent: an `@answer`
returns a dict, a `@stream` yields dicts. A `Refusal` becomes a sentence on the page; any other error is logged and said
to be ours.
"""

import importlib
import json
import logging
import pkgutil
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from models.text import Refusal
from playground.ui.catalogue import sentence

if TYPE_CHECKING:
    from playground.ui.service import Service

Json = dict[str, Any]
Answer = Callable[["Service", Json], Json]
Stream = Callable[["Service", Json], Iterator[Json]]
Registered = TypeVar("Registered", Answer, Stream)

loading = threading.Lock()
log = logging.getLogger(__name__)
answers: dict[str, Answer] = {}
streams: dict[str, Stream] = {}


def answer(function: Answer) -> Answer:
    """Lets the page ask for `function` by its name."""
    return _register(answers, function)


def stream(function: Stream) -> Stream:
    """Lets the page follow `function` by its name."""
    return _register(streams, function)


def load() -> None:
    """Import every file of `answers/`, and with them whatever they need: seconds, so not before the page is up."""
    with loading:  # two threads that import in different orders would see half-made modules
        package = importlib.import_module("playground.ui.answers")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")


def respond(service: "Service", request: object) -> Json:
    """The answer to `{"name", "given"}` as the browser sent it; never raises."""
    try:
        name, given = _read(request)
        load()
        if name not in answers:
            raise Refusal(sentence("bad_request"))
        return answers[name](service, given)
    except Refusal as refusal:
        return refusal_json(refusal)
    except Exception:
        log.exception("the page asked for %.200r", request)
        return refusal_json(Refusal(sentence("our_fault")))


def follow(service: "Service", request: object) -> Generator[Json, None, None]:
    """The values of the stream that `{"name", "given"}` asks for, counted as `beat`; a refusal is its last value.

    A value like the last one would not reach the page, which then could not tell waiting from a lost connection.
    """
    if not service.streams.acquire(blocking=False):
        yield refusal_json(Refusal(sentence("too_many_pages")))
        return
    try:
        name, given = _read(request)
        load()
        if name not in streams:
            raise Refusal(sentence("bad_request"))
        for beat, value in enumerate(streams[name](service, given)):
            yield value | {"beat": beat}
    except Refusal as refusal:
        yield refusal_json(refusal)
    except Exception:
        log.exception("the page follows %.200r", request)
        yield refusal_json(Refusal(sentence("our_fault")))
    finally:
        service.streams.release()


def refusal_json(refusal: Refusal) -> Json:
    """A refusal as the page reads it."""
    return {"refusal": {"text": {"en": refusal.text.en, "zh": refusal.text.zh}, "fields": list(refusal.fields)}}


def _register(known: dict[str, Registered], function: Registered) -> Registered:
    name = function.__name__
    if name in known:
        raise TypeError(f"{name} is registered twice")
    known[name] = function
    return function


def _read(request: object) -> tuple[str, Json]:
    if not isinstance(request, dict) or not isinstance(request.get("given"), dict) or not sound(request):
        raise Refusal(sentence("bad_request"))
    return str(request.get("name")), request["given"]


def sound(request: Json) -> bool:
    """Can it be written down? Not so half a character, or numbers that JSON does not have."""
    try:
        return bool(json.dumps(request, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):
        return False
