"""The panels of trained variants on a real page: what they show is what the models and files compute."""

import math
import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import numpy as np
import onnxruntime
import pytest
import torch
import trained
from panels import Server, click, opened, panel
from playwright.sync_api import Browser, Page, expect

from playground import head_scores, runs, snapshots
from playground.data import sources
from playground.decode import generate
from playground.sampling import Sampling
from playground.session import Session

pytestmark = pytest.mark.browser
PATIENCE = 120_000  # ms: an export on a slow shared core
SENTENCE = sources()["tales"].example


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Iterator[Page]:
    errors: list[str] = []
    page = opened(browser, server, errors, viewport={"width": 1280, "height": 900})
    yield page
    page.context.close()
    assert errors == []


def look_at(page: Page, text: str) -> None:
    attention = panel(page, "Attention")
    attention.get_by_label("A sentence to look at").fill(text)
    click(attention.get_by_role("button", name="Look", exact=True))


def choose(page: Page, what: str, word: str) -> None:
    click(panel(page, "Attention").locator(f"[data-pick={what}]").get_by_role("radio", name=word, exact=True))


def maps(server: Server, variant: int, text: str) -> np.ndarray:
    """The maps [L, H, T, T] of a variant, straight from its folder."""
    model, tokenizer = runs.load_model(server.folder(variant))
    with torch.no_grad():
        return torch.cat(model.maps(torch.tensor([tokenizer.encode(text)]))).numpy()


def test_maps_of_all_heads_come_by_themselves(page: Page, server: Server) -> None:
    columns = panel(page, "Attention").locator(".column")
    assert [columns.nth(n).locator("canvas").count() for n in (0, 1)] == [
        math.prod(maps(server, variant, SENTENCE).shape[:2]) for variant in (0, 1)
    ]
    expect(panel(page, "Attention").get_by_label("A sentence to look at")).to_have_value(SENTENCE)


def test_a_cell_says_the_probability_that_the_model_computes_in_every_variant(page: Page, server: Server) -> None:
    choose(page, "layer", "2")
    click(panel(page, "Attention").locator(".column").first.get_by_role("button", name="Enlarge head 3"))
    canvas = panel(page, "Attention").locator("canvas").first
    canvas.focus()
    row = len(SENTENCE) - 1
    for _ in range(60):
        canvas.press("ArrowLeft")
    for _ in range(4):
        canvas.press("ArrowRight")
    for _ in range(2):
        canvas.press("ArrowUp")
    for variant in (0, 1):
        probability = maps(server, variant, SENTENCE)[1, 2, row - 2, 4]
        readout = panel(page, "Attention").locator(".readout").nth(variant)
        expect(readout).to_contain_text(f"“{SENTENCE[row - 2]}” ({row - 1}) looks at “{SENTENCE[4]}” (5):")
        said = float(re.findall(r"[\d.]+$", readout.inner_text())[0])
        assert said == pytest.approx(probability, abs=0.005 + 1 / 510)


def test_the_pointer_finds_the_same_cell(page: Page) -> None:
    choose(page, "head", "1")
    canvas = panel(page, "Attention").locator("canvas").first
    canvas.evaluate("element => element.scrollIntoView({block: 'end'})")
    box = canvas.bounding_box()
    assert box is not None
    canvas.hover(position={"x": box["width"] - 3, "y": box["height"] - 3})
    last = f"“{SENTENCE[-1]}” ({len(SENTENCE)})"
    expect(panel(page, "Attention").locator(".readout").first).to_contain_text(f"{last} looks at {last}")


def test_the_table_names_the_strongest_links(page: Page, server: Server) -> None:
    choose(page, "layer", "1")
    choose(page, "head", "2")
    attention = panel(page, "Attention")
    rows = attention.locator(".data-table:not(.head-scores) tbody tr")
    click(attention.get_by_text("Strongest links as a table"))
    expect(rows.first).to_be_visible()
    first = rows.first.locator("td").all_inner_texts()
    map_TT = maps(server, 0, SENTENCE)[0, 1].copy()
    map_TT[0] = 0
    row, column = np.unravel_index(map_TT.argmax(), map_TT.shape)
    assert first[:2] == ["A", "2"] and [first[3], first[5]] == [str(row + 1), str(column + 1)]
    click(attention.get_by_text("Strongest links as a table"))


def test_a_slider_goes_through_the_steps_whose_weights_were_kept(page: Page, server: Server) -> None:
    choose(page, "layer", "2")
    choose(page, "head", "3")
    attention = panel(page, "Attention")
    slider = attention.get_by_label("After step")
    expect(slider).to_have_attribute("aria-valuetext", "after step 7")
    slider.press("ArrowLeft")
    column = attention.locator(".column").first
    expect(column.locator("[data-step]")).to_have_text("after step 2")
    model, tokenizer = snapshots.load(server.folder(0), 2)[0], runs.read_about(server.folder(0)).tokenizer
    with torch.no_grad():
        maps_LHTT = torch.cat(model.maps(torch.tensor([tokenizer.encode(SENTENCE)])))
    first = head_scores.on_text(maps_LHTT)["first"][1, 2].item()
    click(column.get_by_text("What each head does"))
    expect(column.locator("[data-score=first]")).to_have_text(f"{first:.2f}")
    expect(column.locator("th[scope=row]")).to_have_text("2.3")
    slider.press("End")
    expect(column.locator("[data-step]")).to_have_text("after step 7")
    choose(page, "layer", "all")
    choose(page, "head", "all")
    expect(column.locator("[data-score=first]")).to_have_count(8)


INKED = """canvas => {
    const {width, height} = canvas, pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const size = %d, at = index => Math.floor((index + 0.5) * width / size);
    return Array.from({length: size}, (_, row) =>
        Array.from({length: size}, (_, column) => pixels[4 * (at(row) * width + at(column)) + 3]));
}"""


def test_a_windows_maps_are_empty_outside_its_band(browser: Browser, server: Server) -> None:
    errors: list[str] = []
    page = opened(browser, server, errors, server.windowed, viewport={"width": 1280, "height": 900})
    columns = panel(page, "Attention").locator(".column")
    expect(columns).to_have_count(2)
    back = np.subtract.outer(np.arange(len(SENTENCE)), np.arange(len(SENTENCE)))
    for number, reach in enumerate((len(SENTENCE), trained.WINDOW)):  # gpt-2 sees all, the other its window
        for canvas in columns.nth(number).locator("canvas").all():
            ink = np.array(canvas.evaluate(INKED % len(SENTENCE)))
            least = round(255 * 0.04)  # what a probability of nothing is drawn with
            assert (ink[(back >= reach)] <= least).all() and (ink[back < 0] == 0).all()
            assert (ink[(back >= 0) & (back < reach)] > least).mean() > 0.1
        distances = columns.nth(number).locator("[data-score=distance]").all_text_contents()
        assert max(map(float, distances)) < (reach if number else len(SENTENCE))
    page.context.close()
    assert errors == []


def test_what_cannot_be_looked_at_is_said_and_nothing_is_lost(page: Page) -> None:
    attention = panel(page, "Attention")
    look_at(page, "")
    expect(attention.get_by_role("alert")).to_have_text("Type a sentence to look at.")
    expect(attention.locator("canvas").first).to_be_visible()
    look_at(page, "the kite was gone " * 4)
    expect(attention.locator(".column").first).to_contain_text("Only the first 40 of 72 tokens are shown")
    expect(attention.get_by_role("alert")).to_be_hidden()
    look_at(page, "kite <b>ß</b>")
    expect(attention.locator(".column").last).to_contain_text("read as �: < > ß /")
    look_at(page, SENTENCE)
    expect(attention.locator(".column").first).not_to_contain_text("�")
    expect(panel(page, "Attention")).not_to_contain_text("[object")


def test_samples_of_training_are_shown_before_any_export(page: Page) -> None:
    says = panel(page, "What each says next")
    expect(says.locator(".generated").first).to_have_text("She had a kite.\n\nTom!")
    expect(says.locator(".column").last).to_contain_text("B is not exported yet")


def test_training_speed_is_that_of_the_curve(page: Page) -> None:
    rows = panel(page, "Throughput").locator("[data-speed=training] .speed-row")
    expect(rows.locator("b")).to_have_text(["1 k", "1.5 k"])
    first, second = (rows.nth(n).locator(".filled").bounding_box() for n in (0, 1))
    assert first and second and first["width"] / second["width"] == pytest.approx(1 / 1.5, abs=0.02)


def test_export_then_generate_writes_what_the_file_writes(page: Page, server: Server) -> None:
    says = panel(page, "What each says next")
    click(says.locator(".sampling summary"))
    says.get_by_label("Seed").fill("5")
    click(says.get_by_role("button", name="Export and generate"))
    expect(says.get_by_role("button", name="Exporting first …")).to_be_disabled()  # said at once
    expect(says.get_by_role("button", name="Generate", exact=True)).to_be_enabled(timeout=PATIENCE)
    for variant in (0, 1):
        pieces = list(generate(Session(server.folder(variant) / "model.onnx"), SENTENCE, 200, Sampling(0.8, seed=5)))
        column = says.locator(".column").nth(variant)
        assert column.locator(".generated").first.text_content() == SENTENCE + "".join(piece.text for piece in pieces)
        ending = pieces[-1].ending
        assert ending is not None
        expect(column).to_contain_text(ending.reason.en)
        expect(column).to_contain_text(f"{ending.tokens} tokens")
        expect(column.locator(".speed")).to_have_text(
            re.compile(r"^[\d.]+( k)? tokens/s · first token after [\d.]+ m?s · ")
        )
    expect(says.locator(".column").first).to_contain_text("learned positions, and the last of its 40 was reached")


def test_sampling_is_chosen_in_a_fold_that_says_what_is_chosen(page: Page, server: Server) -> None:
    says = panel(page, "What each says next")
    summary = says.locator(".sampling summary")
    expect(summary).to_have_text("Sampling: temperature 0.8 · seed 5")
    options = {"Temperature": "1.3", "Top-k": "12", "Top-p": "0.9", "Repetition penalty": "1.2"}
    before = {label: says.get_by_label(label).input_value() for label in options}
    for label, value in options.items():
        says.get_by_label(label).fill(value)
    sampling = Sampling(1.3, 12, 0.9, 1.2, 5)
    file = server.folder(1) / "model.onnx"
    whole = "".join(piece.text for piece in generate(Session(file), "the ßite", 200, sampling))
    stop = whole[50:53]
    says.get_by_label("Stop before").fill(f"{stop}\n#never#".replace("\n", "\\n", stop.count("\n")))
    expect(summary).to_contain_text("temperature 1.3 · top-k 12 · top-p 0.9 · repetition penalty 1.2 · seed 5 · stops")
    says.get_by_label("How the text begins").fill("the ßite")
    click(says.get_by_role("button", name="Generate", exact=True))
    column = says.locator(".column").last
    expect(column).to_contain_text("Stopped before “")
    assert column.locator(".generated").first.text_content() == "the ßite" + whole.partition(stop)[0]
    expect(column.locator(".generated mark")).to_have_text("ß")
    expect(column).to_contain_text("read as �: ß")
    for label, value in before.items():
        says.get_by_label(label).fill(value)
    says.get_by_label("Stop before").fill("")


def test_stop_ends_what_is_written_and_nothing_jumps(page: Page, server: Server) -> None:
    says = panel(page, "What each says next")
    says.get_by_label("How the text begins").fill(SENTENCE)
    says.get_by_label("Tokens").fill("1000")
    generated = says.locator(".column").last.locator(".generated").first
    expect(says.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
    box = generated.bounding_box()
    # In the page: a small model may have written it all before a click from outside arrives.
    says.locator("form").evaluate("""async (form) => {
        form.querySelector(".primary").click();
        const [stop, speed] = [form.querySelector(".halt"), form.parentNode.querySelector(".speed")];
        while (!speed.textContent && !stop.disabled) await new Promise(requestAnimationFrame);
        stop.click();
    }""")
    expect(says.get_by_role("button", name="Generate", exact=True)).to_be_enabled()
    after = generated.bounding_box()
    assert box and after and (box["width"], box["height"]) == (after["width"], after["height"])
    ending = says.locator(".column").last.locator(".ending")
    expect(ending).to_have_text(re.compile(r"Stopped by you\.|All 1000 tokens are written\."))
    says.get_by_label("Tokens").fill("200")


def test_what_cannot_be_written_is_refused_by_its_field(page: Page) -> None:
    says = panel(page, "What each says next")
    before = says.locator(".generated").first.text_content()
    for label, bad, word in (
        ("Temperature", "warm", "from 0"),
        ("Tokens", "1e9", "1 to 1,000"),
        ("Seed", "-1", "from 0"),
        ("Top-k", "0", "from 1"),
        ("Top-p", "1.5", "at most 1"),
        ("Repetition penalty", "-1", "from 0.01"),
    ):
        field = says.get_by_label(label)
        good = field.input_value()
        field.fill(bad)
        click(says.get_by_role("button", name="Generate", exact=True))
        expect(says.get_by_role("alert")).to_contain_text(word)
        expect(field).to_have_attribute("aria-invalid", "true")
        field.fill(good)
    says.get_by_label("How the text begins").fill("the kite was gone " * 3)
    click(says.get_by_role("button", name="Generate", exact=True))
    expect(says.locator(".column").first).to_contain_text("this model's learned positions end at 40")
    expect(says.locator(".column").last).to_contain_text("All 200 tokens are written.")
    assert before


def test_verification_and_speeds_are_those_the_worker_found(page: Page, server: Server) -> None:
    run = server.store.runs(server.id)[0]
    job = server.store.last_job("export", run.id)
    assert job is not None and job.result is not None
    file = panel(page, "ONNX export").locator(".file").first
    expect(file).to_contain_text("✓ Checked")
    expect(file).to_contain_text(f"at {', '.join(map(str, job.result['verification']['lengths']))} tokens")
    for name in ("torch", "onnx"):
        label = panel(page, "Throughput").locator(f"[data-speed={name}] .track").first.get_attribute("aria-label")
        median = float(f"{job.result['decode'][name]['median']:.3g}")
        shown = f"{median / 1000:g} k" if median >= 1000 else f"{median:g}"
        assert label is not None and f": {shown} tokens/s (" in label


def test_the_download_is_a_file_that_bare_onnxruntime_loads(page: Page, server: Server) -> None:
    with page.expect_download() as download:
        click(panel(page, "ONNX export").get_by_role("link", name="Download B as ONNX"))
    assert download.value.suggested_filename == "llama-3-B-seed0.onnx"
    assert download.value.path().read_bytes() == (server.folder(1) / "model.onnx").read_bytes()
    session = onnxruntime.InferenceSession(download.value.path(), providers=["CPUExecutionProvider"])
    assert "input_ids" in {value.name for value in session.get_inputs()}


def test_nothing_is_served_to_who_does_not_know_the_id(server: Server) -> None:
    for path in (f"download/{'0' * 32}/0", "download/x/0", f"gradio_api/file={server.folder(0) / 'model.safetensors'}"):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(server.url + path, timeout=20)
        assert error.value.code in (403, 404)
        error.value.close()


def test_a_finger_marks_what_it_touches(browser: Browser, server: Server) -> None:
    errors: list[str] = []
    page = opened(browser, server, errors, viewport={"width": 390, "height": 844}, has_touch=True)
    choose(page, "layer", "1")
    choose(page, "head", "1")
    canvas = panel(page, "Attention").locator("canvas").first
    canvas.evaluate("element => element.scrollIntoView({block: 'center'})")
    box = canvas.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
    readout = panel(page, "Attention").locator(".readout").first
    expect(readout).to_contain_text("looks at")
    said = re.findall(r"\((\d+)\)", readout.inner_text())
    assert int(said[0]) == len(SENTENCE) and int(said[1]) == pytest.approx(len(SENTENCE) / 2, abs=1.5)
    page.context.close()
    assert errors == []


@pytest.mark.parametrize("width", [390, 1280])
def test_panels_fit_the_window_in_chinese_and_dark(browser: Browser, server: Server, width: int) -> None:
    errors: list[str] = []
    size = {"width": width, "height": 844}
    page = opened(browser, server, errors, viewport=size, locale="zh-CN", color_scheme="dark")
    expect(page.get_by_role("heading", name="注意力", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.locator("article.panel").evaluate_all("all => all.map(each => [each.scrollWidth, each.clientWidth])")
    assert all(content <= box for content, box in boxes)
    assert not re.search(r"[{}]|undefined|NaN", page.locator(".results").inner_text())
    page.context.close()
    assert errors == []


def test_pictures_are_named_and_reached_by_the_keyboard(page: Page) -> None:
    choose(page, "head", "all")
    attention = panel(page, "Attention")
    assert attention.locator("canvas:not([aria-label])").count() == 0
    assert attention.locator("canvas[role=img]").count() == attention.locator("canvas").count()
    first = attention.locator("button.small-map").first
    first.focus()
    first.press("Enter")
    expect(attention.locator("[data-pick=head] :checked")).to_be_focused()
    expect(attention.locator("canvas[tabindex='0']")).to_have_count(2)
