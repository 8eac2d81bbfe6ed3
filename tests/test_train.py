"""Training against a plain loop written out, against itself (again, interleaved, resumed), and where it breaks."""

import itertools
import math
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from models import spelling
from models.architecture import Architecture
from models.initialize import initialize
from models.shape import Shape
from models.text import Refusal
from models.transformer import Transformer
from playground import runs
from playground.compiling import Compiling, Plan
from playground.data import Task, prepare
from playground.evaluate import evaluate, pieces
from playground.events import Beat, Compiled, Diverged, Event, Finished, Point, Sampled, Saved, Started
from playground.plan import fitted
from playground.recipe import Recipe
from playground.sample import sample
from playground.schedule import learning_rate
from playground.train import train
from playground.training import Run, Training

CONTEXT = 16
TEXT = "".join(f"{a} and {b} are {a * b}, less {a + b} is {a * b - a - b}.\n" for a in range(40) for b in range(12))


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Bit for bit holds for one thread a run, as a worker has it. Samples are short, since drawing them is slow."""
    monkeypatch.setattr("playground.train.SAMPLE_BYTES", 24)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def task(batch: int = 4) -> Task:
    return prepare("text", context=CONTEXT, batch=batch, text=TEXT)


def run(changes: dict[str, str] | None = None, seed: int = 0, folder: Path | None = None, **recipe: object) -> Run:
    budget = {} if recipe.keys() & {"seconds", "flops"} else {"tokens": 40 * 4 * CONTEXT}
    settings = {**budget, "batch": 4, "data": "text", **recipe}
    small = Architecture(shape=Shape(layers=2, width=16, context=CONTEXT))
    architecture = fitted(spelling.change(small, changes or {}), task())
    return Run(architecture, Recipe.model_validate(settings), seed, task(), folder=folder)


def said(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, Beat)]


def curve(events: Iterable[Event]) -> list[tuple[object, ...]]:
    """Everything about the points that must not depend on the clock, and the end."""
    kept = [event for event in events if isinstance(event, Point | Finished | Sampled | Diverged)]
    timed = {"seconds", "tokens_per_second"}
    return [tuple(getattr(event, name) for name in type(event).__slots__ if name not in timed) for event in kept]


def plain_loop(given: Run) -> tuple[list[float], Transformer]:
    """The same training in the most ordinary torch: its losses and the trained model."""
    model = initialize(Transformer(given.architecture), given.seed)
    named = dict(model.named_parameters())
    decayed = [p for p in named.values() if p.dim() >= 2]
    spared = [p for p in named.values() if p.dim() < 2]
    recipe, losses = given.recipe, []
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": spared, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, betas=recipe.beta_pair, eps=recipe.eps, fused=False, foreach=False)
    assert given.steps is not None
    for step in range(given.steps):
        ids_BT, targets_BT = given.task.batch(given.seed, step)
        for group in adam.param_groups:
            group["lr"] = learning_rate(recipe, step, given.steps)
        loss = F.cross_entropy(model(ids_BT).flatten(0, 1), targets_BT.flatten())
        adam.zero_grad()
        loss.backward()
        assert recipe.clip is not None
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        adam.step()
        losses.append(loss.item())
    return losses, model


def whole_validation_loss(model: Transformer, data: Task) -> float:
    total, count = 0.0, 0
    with torch.no_grad():
        for ids_BT, targets_BT in data.validation():
            logits_BTV = model.eval()(ids_BT)
            total += F.cross_entropy(logits_BTV.flatten(0, 1), targets_BT.flatten(), reduction="sum").item()
            count += targets_BT.numel()
    return total / count


def test_training_is_what_a_plain_loop_does() -> None:
    given = run(lr=1e-2)
    events = said(train(given))
    losses, model = plain_loop(given)
    points = [event for event in events if isinstance(event, Point)]
    assert [point.step for point in points] == list(range(1, 41))
    assert [point.train_loss for point in points] == pytest.approx(losses, rel=1e-4)
    assert losses[-1] < losses[0] - 0.5
    finished = events[-1]
    assert isinstance(finished, Finished) and finished.val_loss is not None
    assert finished.val_loss == pytest.approx(whole_validation_loss(model, given.task), rel=1e-4)
    assert finished.perplexity == pytest.approx(math.exp(finished.val_loss))
    assert given.task.bytes_per_token == 1.0  # ASCII, by characters
    assert finished.bits_per_byte == pytest.approx(finished.val_loss / math.log(2))


def test_points_between_carry_the_mean_since_the_last_one() -> None:
    given = run(tokens=900 * 4 * CONTEXT)
    losses = dict(enumerate(plain_loop_losses(given, 12), start=1))
    points = [event for event in itertools.islice(train(given), 60) if isinstance(event, Point)]
    assert [point.step for point in points[:4]] == [1, 2, 4, 8]
    for before, point in itertools.pairwise(points[:4]):
        mean = sum(losses[step] for step in range(before.step + 1, point.step + 1)) / (point.step - before.step)
        assert point.train_loss == pytest.approx(mean, rel=1e-5)


def plain_loop_losses(given: Run, steps: int) -> list[float]:
    training, losses = Training(given), []
    for _ in range(steps):
        training.advance()
        losses.append(training.fetch().train_loss)
    return [loss for loss in losses if loss is not None]


def test_started_says_what_will_be_done() -> None:
    given = run(flops=1e9)
    started = next(train(given))
    assert isinstance(started, Started) and started.steps is not None
    per_step = started.training_flops_per_token * started.tokens_per_step
    assert started.tokens_per_step == 4 * CONTEXT
    assert started.steps == int(1e9 / per_step) and started.steps > 1
    assert started.parameters == sum(p.numel() for p in Transformer(given.architecture).parameters())
    assert started.references["uniform"] == pytest.approx(math.log(started.vocabulary))


DROPPED = {"dropout": "0.2"}


@pytest.mark.parametrize("changes", [{}, DROPPED], ids=["plain", "dropout"])
def test_the_same_run_twice_is_equal_bit_for_bit(changes: dict[str, str]) -> None:
    assert curve(train(run(changes))) == curve(train(run(changes)))


def test_another_seed_and_dropout_make_a_difference() -> None:
    first, other, dropped = (curve(train(given)) for given in (run(), run(seed=1), run(DROPPED)))
    assert first != other and first != dropped


@pytest.mark.parametrize("changes", [{}, DROPPED], ids=["plain", "dropout"])
def test_runs_that_take_turns_do_as_they_would_alone(changes: dict[str, str]) -> None:
    alone = [curve(train(run(changes, seed=seed))) for seed in (0, 1)]
    together: list[list[Event]] = [[], []]
    both = [train(run(changes, seed=seed)) for seed in (0, 1)]
    for events in itertools.zip_longest(*both):
        for mine, event in zip(together, events, strict=True):
            mine += [] if event is None else [event]
    assert [curve(events) for events in together] == alone


@pytest.mark.parametrize("stopped", [1, 7, 23, 40])
@pytest.mark.parametrize("steps", [40, 450])
def test_continued_from_a_checkpoint_it_equals_the_uninterrupted_run(stopped: int, steps: int, tmp_path: Path) -> None:
    given = {"changes": DROPPED, "tokens": steps * 4 * CONTEXT}
    whole = curve(itertools.islice(train(run(**given)), 200))
    folder = tmp_path / "run"
    events = train(run(**given, folder=folder))
    before = list(itertools.takewhile(lambda event: not isinstance(event, Beat) or event.step < stopped, events))
    events.close()
    state = runs.read_state(folder)
    assert state.counters["step"] == stopped
    after = train(run(**given), state)
    rest = curve(itertools.islice(after, 200))
    after.close()
    assert (curve(before) + rest)[: len(whole)] == whole


def test_a_run_that_saves_is_the_same_and_says_so_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, events, saved = run(folder=tmp_path / "run"), [], 0
    monkeypatch.setattr("playground.training.SAVING_SHARE", math.inf)
    for event in train(replace(given, save_seconds=0.0)):
        if isinstance(event, Saved):  # whoever follows may write all of it down: it is not saved yet
            assert runs.saved_step(tmp_path / "run") == saved
            saved = event.step
        events.append(event)
    assert [event.step for event in events if isinstance(event, Saved)] == [*range(1, 41), 40]
    assert curve(events) == curve(train(run()))
    assert saved and runs.saved_step(tmp_path / "run") == 40 and runs.saved_step(tmp_path / "nothing") == 0


def test_what_a_stopped_run_has_learnt_is_kept(tmp_path: Path) -> None:
    events = train(run(folder=tmp_path / "run"))
    for event in events:
        if isinstance(event, Point) and event.step == 5:
            break
    events.close()
    model, tokenizer = runs.load_model(tmp_path / "run")
    reference = Training(run())
    for _ in range(5):
        reference.advance()
    for (name, kept), expected in zip(model.named_parameters(), reference.model.parameters(), strict=True):
        assert torch.equal(kept, expected), name
    assert tokenizer == task().tokenizer and not model.training


def test_a_finished_run_s_folder_says_what_it_is(tmp_path: Path) -> None:
    given = run({"norm": "rmsnorm"}, folder=tmp_path / "run", tokens=5 * 4 * CONTEXT)
    events = said(train(given))
    about = runs.read_about(tmp_path / "run")
    assert (about.architecture, about.recipe, about.tokenizer) == (given.architecture, given.recipe, task().tokenizer)
    assert about.provenance["step"] == 5 and about.provenance["data_hash"] == task().hash
    model, _ = runs.load_model(tmp_path / "run")
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.val_loss == pytest.approx(whole_validation_loss(model, given.task), rel=1e-6)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"format": 99}')
    for folder, words in ((tmp_path / "nothing", "not the folder of a run"), (tmp_path, "format 99")):
        with pytest.raises(Refusal, match=words):
            runs.load_model(folder)
    with pytest.raises(Refusal, match="nothing that training can go on from"):
        runs.read_state(tmp_path)


def test_a_loss_that_is_not_finite_ends_the_run_at_that_step() -> None:
    events = said(train(run(lr=100.0, clip=None, warmup=0, schedule="constant", tokens=2000 * 4 * CONTEXT)))
    diverged, points = events[-1], [event for event in events if isinstance(event, Point)]
    if isinstance(diverged, Finished):
        pytest.fail("a learning rate of 100 without clipping was survived")
    assert isinstance(diverged, Diverged) and diverged.step > points[-1].step


class Broken(Training):
    """Turns to not-a-number in its 13th step."""

    def advance(self) -> None:
        super().advance()
        if self.step == 12:
            with torch.no_grad():
                self.parameters[0].fill_(math.nan)


def test_the_last_finite_values_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.train.Training", Broken)
    events = said(train(run(tokens=900 * 4 * CONTEXT)))
    healthy = plain_loop_losses(run(tokens=900 * 4 * CONTEXT), 12)
    diverged, last = events[-1], [event for event in events if isinstance(event, Point)][-1]
    assert isinstance(diverged, Diverged) and diverged.step == 13
    assert last.step == 12 and last.train_loss is not None and math.isfinite(last.train_loss)
    assert diverged.train_loss == pytest.approx(sum(healthy[8:12]) / 4, rel=1e-5)
    assert diverged.grad_norm is not None and math.isfinite(diverged.grad_norm)


def test_half_precision_without_loss_scaling_overflows_where_full_precision_does_not() -> None:
    loud = {"norm": "none", "feed_forward": "relu2", "embedding.scale": "1000"}
    outcomes = {}
    for precision in ("fp32", "bf16", "fp16"):
        events = said(train(run(loud, precision=precision, tokens=10 * 4 * CONTEXT)))
        outcomes[precision] = type(events[-1])
    assert outcomes == {"fp32": Finished, "bf16": Finished, "fp16": Diverged}


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_other_precisions_train_nearly_alike(precision: str) -> None:
    full, half = (said(train(run(precision=kind, tokens=20 * 4 * CONTEXT)))[-1] for kind in ("fp32", precision))
    assert isinstance(full, Finished) and isinstance(half, Finished)
    assert half.val_loss != full.val_loss
    assert half.val_loss == pytest.approx(full.val_loss, rel=0.03)


def test_a_budget_in_seconds_ends_by_the_clock_with_a_validated_point() -> None:
    events = said(train(run(seconds=0.3)))
    points = [event for event in events if isinstance(event, Point)]
    assert points[-1].seconds >= 0.3 > (points[-2].seconds if len(points) > 1 else 0.0)
    assert points[-1].val_loss is not None and isinstance(events[-1], Finished)


def test_a_task_is_judged_by_its_accuracy_and_writes_no_samples() -> None:
    recall = prepare("recall:2:4", batch=4)
    architecture = fitted(Architecture(shape=Shape(layers=1, width=16, context=recall.context)), recall)
    events = said(train(Run(architecture, Recipe(tokens=100, batch=4, data="recall:2:4"), 0, recall)))
    finished = events[-1]
    assert isinstance(finished, Finished) and finished.bits_per_byte is None
    assert finished.accuracy is not None and 0 <= finished.accuracy <= 1
    assert not any(isinstance(event, Sampled) for event in events)


def test_z_loss_is_minimized_but_not_reported() -> None:
    plain, added = (next(e for e in train(run(c)) if isinstance(e, Point)) for c in ({}, {"z_loss": "0.5"}))
    assert plain.train_loss == added.train_loss
    assert plain.grad_norm != added.grad_norm


def planned(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Every run is compiled after `step` steps, as if it lay in the cache; by whatever stands for torch's compiler."""
    monkeypatch.setattr("playground.compiling.plan", lambda run, warm: Plan(step))
    monkeypatch.setattr("playground.compiling.found_compiler", lambda: True)
    monkeypatch.setattr(Compiling, "wait", lambda self: "")


def test_compiling_is_recorded_at_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    planned(monkeypatch, 3)
    monkeypatch.setattr(torch, "compile", lambda function: function)  # what is compiled is torch's business
    events = said(train(run(compile="auto", tokens=8 * 4 * CONTEXT)))
    kinds = [event.kind for event in events]
    assert kinds.count("compiled") == 1 and kinds.index("compiled") == 4  # started and three points before it
    assert curve(events) == curve(train(run(tokens=8 * 4 * CONTEXT)))


def test_where_nothing_can_be_compiled_training_goes_on_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_compiler(function: object) -> object:
        def fail(*_: object) -> None:
            raise RuntimeError("no C++ compiler\nand a long story")

        return fail

    planned(monkeypatch, 10)
    monkeypatch.setattr(torch, "compile", no_compiler)
    events = said(train(run(DROPPED, compile="auto", tokens=20 * 4 * CONTEXT)))
    assert [event.reason for event in events if isinstance(event, Compiled)] == ["torch says: no C++ compiler"]
    assert curve(events) == curve(train(run(DROPPED, tokens=20 * 4 * CONTEXT)))


def test_what_is_compiled_ahead_is_waited_for_at_the_step_of_the_swap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own compiles while steps go on; here one that finds something against it."""
    begun: list[int] = []
    python = "import sys; sys.stdin.read(); print('it cannot be')"

    def begin(given: Run) -> "subprocess.Popen[str]":
        begun.append(1)
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", python], stdin=pipe, stdout=pipe, text=True)

    monkeypatch.setattr("playground.compiling.plan", lambda run, warm: Plan(14))
    monkeypatch.setattr("playground.compiling.found_compiler", lambda: True)
    monkeypatch.setattr("playground.compiling._begin", begin)
    events = said(train(run(compile="auto", tokens=20 * 4 * CONTEXT)))
    assert [event for event in events if event.kind == "compiled"] == [
        Compiled(14, "torch says: it cannot be", "torch 报告：it cannot be")
    ]
    assert begun == [1] and curve(events) == curve(train(run(tokens=20 * 4 * CONTEXT)))


def test_a_score_does_not_depend_on_how_rows_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    given = run()
    model = initialize(Transformer(given.architecture), 0)

    def score() -> tuple[float, float]:
        passes = evaluate(model, given.task.validation())
        while True:
            try:
                next(passes)
            except StopIteration as done:
                return done.value.loss, done.value.accuracy

    whole = score()
    monkeypatch.setattr("playground.evaluate.LOGITS", 3 * CONTEXT * given.architecture.shape.vocabulary)
    assert all(len(ids_BT) <= 3 for ids_BT, _ in pieces(given.task.validation(), given.architecture.shape.vocabulary))
    assert score() == pytest.approx(whole, rel=1e-6)
    assert whole[0] == pytest.approx(whole_validation_loss(model, given.task), rel=1e-6)


def written(model: Transformer, prompt_BT: Tensor, tokens: int, seed: int) -> Tensor:
    passes = sample(model, prompt_BT, tokens, 0.8, seed)
    while True:
        try:
            next(passes)
        except StopIteration as done:
            return done.value


def test_samples_are_seeded_and_drawn_from_what_the_model_predicts() -> None:
    given = run()
    model = initialize(Transformer(given.architecture), 0).eval()
    prompt_BT = torch.zeros(2, 1, dtype=torch.long)
    first, again, other = (written(model, prompt_BT, 40, seed) for seed in (3, 3, 4))
    assert first.shape == (2, 41) and torch.equal(first, again) and not torch.equal(first, other)
    generator = torch.Generator().manual_seed(3)
    ids_BT = prompt_BT
    for _ in range(CONTEXT):  # within one context, the cache is no more than a way to compute the same
        with torch.no_grad():
            probabilities_BV = (model(ids_BT)[:, -1] / 0.8).softmax(-1)
        ids_BT = torch.cat([ids_BT, torch.multinomial(probabilities_BV, 1, generator=generator)], dim=1)
    assert torch.equal(first[:, : CONTEXT + 1], ids_BT)
