"""Training as a generator of plain events: pull it to train, close it to stop. Knows no store, process or page.

The curve's points stand at steps that the recipe fixes, never by the clock. Validation, samples and everything else
beyond the loss and the gradient's norm are passes of their own.
"""

import math
from collections.abc import Generator, Iterator
from typing import TypeVar

import torch

from playground import head_scores, runs, snapshots
from playground.data import Task
from playground.device import describe
from playground.environment import here
from playground.evaluate import Score, evaluate
from playground.events import (
    Beat,
    Compiled,
    Diverged,
    Event,
    Finished,
    Kept,
    Point,
    Probed,
    Sampled,
    Saved,
    Started,
)
from playground.inside import Inside
from playground.sample import sample
from playground.schedule import point_steps, validation_steps, warmup_steps
from playground.training import Fetched, Run, Training

VALIDATE_EVERY = 10  # points, where their number is not known
SAMPLES, SAMPLE_BYTES, TEMPERATURE = 4, 400, 0.8

Result = TypeVar("Result")


def train(run: Run, state: runs.State | None = None) -> Generator[Event, None, None]:
    """Train a model, and say how it goes; from `state` on as if it had never stopped.

    Closing the generator stops the run; what it has learnt is then written to the run's folder.
    """
    training = Training(run)
    if state is not None:
        training.restore(state)
    yield from events_of_training(training)


def events_of_training(training: Training) -> Generator[Event, None, None]:
    """What `train` says, of a training that stands ready."""
    inside = Inside(training.run) if training.run.inside else None
    yield _started(training)
    try:
        finite = yield from _curve(training, inside)
        if finite:
            if inside is not None:
                yield _probed(training, inside)
            yield from _ending(training)
    except GeneratorExit:
        _write(training)
        raise
    finally:
        training.close()


def _started(training: Training) -> Started:
    run, steps = training.run, training.steps
    return Started(
        steps=steps,
        seconds=run.recipe.seconds,
        warmup=None if steps is None else warmup_steps(run.recipe, steps),
        tokens_per_step=run.tokens_per_step,
        training_flops_per_token=run.flops_per_token,
        parameters=sum(parameter.numel() for parameter in training.parameters),
        vocabulary=run.architecture.shape.vocabulary,
        device=describe(run.device),
        data_hash=run.task.hash,
        references=dict(run.task.references),
        environment=here() | ({} if training.company == 1 else {"runs_in_one_step": training.company}),
    )


def _curve(training: Training, inside: Inside | None) -> Generator[Event, None, bool]:
    """Train to the end of the budget, a point at a time; returns whether every loss was finite."""
    last = Fetched(None, None, None, 0.0)
    score: Score | None = None
    for step, validated in _points(training.steps):
        if step < training.step or (step == training.step and not training.segment.losses):
            continue  # this point was before the state that training continues from
        yield from _advance_to(training, step, inside)
        fetched = training.fetch()
        if fetched.overflow is not None:
            yield fetched.overflow
        if fetched.first_bad is not None:
            yield _diverged(fetched.first_bad, fetched, last, score and score.loss)
            return False
        last, ended = fetched, training.out_of_time
        if validated or ended:
            score = yield from _score(training, quick=True)
        yield _point(training, fetched, score if validated or ended else None)
        if ended:
            break
    return True


def _points(steps: int | None) -> Iterator[tuple[int, bool]]:
    """Every step with a point, and whether that point measures the validation loss."""
    if steps is None:
        for n, step in enumerate(point_steps(None), start=1):
            yield step, n % VALIDATE_EVERY == 0
        return
    points = list(point_steps(steps))
    validated = validation_steps(len(points))
    yield from ((step, n in validated) for n, step in enumerate(points))


def _advance_to(training: Training, step: int, inside: Inside | None) -> Iterator[Event]:
    """Train up to `step`, or until the time is up; a beat at every step."""
    while training.step < step and not training.out_of_time:
        if training.step in training.snapshots:
            yield _kept(training, _snapshot(training))
        if inside is not None and inside.due(training.step):
            yield _probed(training, inside)
        if inside is not None and inside.due(training.step + 1):
            inside.hold(training.model)
        if training.compiling is not None and training.compiling.due(training.step):
            reason = training.compile()
            yield Compiled(training.step, reason.en, reason.zh) if reason else Compiled(training.step)
        yield from training.advancing()
        if training.due_to_be_saved:
            yield from _announced(training)
            training.save()


def _point(training: Training, fetched: Fetched, score: Score | None) -> Point:
    tokens = training.step * training.run.tokens_per_step
    return Point(
        step=training.step,
        tokens=tokens,
        seconds=training.seconds,
        flops=tokens * training.run.flops_per_token,
        train_loss=fetched.train_loss,
        val_loss=score and score.loss,
        grad_norm=fetched.grad_norm,
        lr=training.lr,
        tokens_per_second=fetched.tokens_per_second,
        val_accuracy=score and score.accuracy,
    )


def _diverged(step: int, fetched: Fetched, last: Fetched, val_loss: float | None) -> Diverged:
    train_loss = last.train_loss if fetched.train_loss is None else fetched.train_loss
    grad_norm = last.grad_norm if fetched.grad_norm is None else fetched.grad_norm
    return Diverged(step, train_loss, val_loss if val_loss is None or math.isfinite(val_loss) else None, grad_norm)


def _ending(training: Training) -> Iterator[Event]:
    """What comes after the last step: the model is written, the whole validation part scored, samples drawn."""
    yield from _announced(training)
    _write(training)
    if training.snapshots:
        yield _kept(training, 0)
    score = yield from _score(training, quick=False)
    if not math.isfinite(score.loss):  # the last step broke it
        yield Diverged(training.step, None, None, None)
        return
    yield from _sampled(training)
    per_token = training.run.task.bytes_per_token
    yield Finished(
        step=training.step,
        tokens=training.step * training.run.tokens_per_step,
        seconds=training.seconds,
        val_loss=score.loss,
        perplexity=score.perplexity,
        bits_per_byte=None if per_token is None else score.loss / math.log(2) / per_token,
        accuracy=score.accuracy,
        characters_per_token=training.run.task.characters_per_token,
    )


def _score(training: Training, *, quick: bool) -> Generator[Event, None, Score]:
    passes = evaluate(training.model, training.run.task.validation(quick), training.run.device, training.precision)
    return (yield from _beating(training, passes))


def _sampled(training: Training) -> Iterator[Event]:
    """Texts that begin with a line's end; nothing where the data are no text."""
    task = training.run.task
    if task.bytes_per_token is None:
        return
    prompt = _prompt(task)
    prompt_BT = torch.tensor([prompt] * SAMPLES, device=training.run.device)
    tokens = max(1, round(SAMPLE_BYTES / task.bytes_per_token))
    ids_BT = yield from _beating(training, sample(training.model, prompt_BT, tokens, TEMPERATURE, training.run.seed))
    texts = tuple(task.tokenizer.decode(ids[len(prompt) :]) for ids in ids_BT.tolist())
    yield Sampled(training.step, TEMPERATURE, texts)


def _prompt(task: Task) -> list[int]:
    if not task.tokenizer.unknown("\n"):
        return task.tokenizer.encode("\n")
    ids_BT, _ = next(task.validation(quick=True))
    return ids_BT[0, :1].tolist()


def _beating(training: Training, passes: Generator[None, None, Result]) -> Generator[Event, None, Result]:
    """Run a pass to its end, a beat at each of its pauses; returns what it returns."""
    while True:
        try:
            next(passes)
        except StopIteration as done:
            return done.value
        yield Beat(training.step)


def _announced(training: Training) -> Iterator[Event]:
    """Say that the run's folder is written next, if it has one."""
    if training.run.folder is not None:
        yield Saved(training.step, str(training.run.folder))


def _write(training: Training) -> None:
    """Write the run's folder, if it has one."""
    run = training.run
    if run.folder is not None:
        runs.save(run.folder, training.model, _about(training), training.state())


def _about(training: Training) -> runs.About:
    run, step = training.run, training.step
    origin = runs.provenance(run.seed, step, step * run.tokens_per_step, run.task.name, run.task.hash)
    return runs.About(run.name, run.architecture, run.recipe, run.task.tokenizer, origin)


def _snapshot(training: Training) -> int:
    """Keep the weights as they are now beside the run's model; the bytes that they take."""
    folder = training.run.folder
    assert folder is not None
    return snapshots.keep(folder, training.model, _about(training), training.step)


def _probed(training: Training, inside: Inside) -> Probed:
    updated = training.step > training.restored and inside.due(training.step)  # else the weights before are not held
    found = inside.look(training.model, updated=updated)
    readings: dict[str, list[float | None]] = {name: [*values] for name, values in found.items()}
    tokens = training.step * training.run.tokens_per_step
    flops = tokens * training.run.flops_per_token
    return Probed(training.step, tokens, training.seconds, flops, inside.spent, readings)


def _kept(training: Training, size: int) -> Kept:
    training.model.eval()  # dropout would drop links
    habits = head_scores.plain(head_scores.habits(training.model))
    training.model.train()
    return Kept(training.step, size, habits)
