"""Pieces that many parts of the page are made of, each by itself: a switch among a few words, the latest answer."""

from typing import Any

import pytest
from playwright.sync_api import Page
from visitor import Visit

from playground.ui.files import ASSETS, address

pytestmark = pytest.mark.browser


def asked(page: Page, script: str, body: str) -> Any:
    """What a function body gives in the page, with the exports of `script` as `piece`."""
    load = f"const piece = await import(new URL('{address(ASSETS / 'js' / script)}', document.baseURI));"
    return page.evaluate(f"async () => {{ {load} {body} }}")


def test_a_switch_says_what_is_chosen_and_does_not_move(visit: Visit) -> None:
    found = asked(
        visit(),
        "segments.js",
        """
        const heard = [];
        const words = [{ value: null, text: "all" }, { value: 0, text: () => "mmm" }, { value: 1, text: 2 }];
        const make = () => piece.segments({ label: "which", words, chosen: 0, choose: (value) => heard.push(value) });
        const [one, other] = [make(), make()];
        document.querySelector("#playground").append(one.element, other.element);
        const inputs = [...one.element.querySelectorAll("input")];
        const chosen = (of) => [...of.element.querySelectorAll("input")].map((input) => input.checked);
        const places = () => inputs.map((input) => input.parentElement.getBoundingClientRect().left);
        const [begun, before] = [chosen(one), places()];
        inputs[0].click();
        inputs[2].click();
        const clicked = chosen(one);
        one.show(null);
        const still = places().every((place, index) => Math.abs(place - before[index]) < 0.01);
        return { begun, heard, clicked, shown: chosen(one), still, other: chosen(other) };
        """,
    )
    assert found == {
        "begun": [False, True, False],
        "heard": [None, 1],
        "clicked": [False, False, True],
        "shown": [True, False, False],
        "still": True,
        "other": [False, True, False],
    }


def test_only_the_answer_to_the_latest_question_is_taken(visit: Visit) -> None:
    taken = asked(
        visit(),
        "server.js",
        """
        const taken = [];
        const answers = [];
        const asking = () => new Promise((answer, fail) => answers.push({ answer, fail }));
        const ask = piece.latest(asking, (said, ...given) => taken.push([said, ...given]));
        const first = [ask("a"), ask("b", 1)];
        answers[1].answer("to b");
        answers[0].answer("to a");
        await Promise.all(first);
        const second = [ask("c"), ask("d")];
        answers[2].fail(new Error("gone"));
        answers[3].fail(new Error("gone"));
        await Promise.all(second);
        return taken;
        """,
    )
    assert taken == [["to b", "b", 1], [None, "d"]]
