"""What every run says of itself: its final loss, its way there, whether it failed. Reads the run's row, no model."""

from models.text import Text
from playground.measure.base import Reading, Trained, reads

SHOWN = 60  # points of a curve that is kept with a result


@reads(
    counted=("failed",),
    loss=Text("validation loss, nats per token", "验证损失（nat/词元）"),
    area=Text("mean training loss over the run, nats per token", "全程平均训练损失（nat/词元）"),
    failed=Text(
        "share of runs that diverged or learnt no more than letter frequencies", "发散或损失高于一元模型的训练占比"
    ),
    gap=Text(
        "validation loss minus training loss over the last tenth, nats per token",
        "最终验证损失减最后十分之一的训练损失（nat/词元）",
    ),
)
def loss(run: Trained) -> dict[str, Reading]:
    """Final loss, mean loss over the way, and 1 where the run failed.

    `gap` sets the final validation loss against `training`'s, which is that of the weights a little earlier and as they
    are in training: where the loss still falls it lies under the gap of the finished model, with dropout far under.

    A run that diverged counts as the uniform guess, ln V. One has failed that diverged, or that ends above what letter
    frequencies alone give: then it has learnt nothing of order.
    """
    guess = run.task.references["uniform"]
    final = guess if run.row["val_loss"] is None else run.row["val_loss"]
    losses = [guess if point["train_loss"] is None else point["train_loss"] for point in run.row["curve"]]
    whole = run.row["status"] == "finished" and bool(losses)
    area = _mean_over_tokens([point["tokens"] for point in run.row["curve"]], losses) if whole else guess
    failed = float(final > run.task.references.get("unigram", guess))
    return {"loss": final, "area": area, "failed": failed, "gap": final - _last_tenth(losses) if whole else None}


@reads(
    end_loss=Text("training loss over the last tenth of the run, nats per token", "最后十分之一的训练损失（nat/词元）"),
)
def training(run: Trained) -> dict[str, Reading]:
    """The loss that training itself reports near its end, dropout included; nothing where the run diverged."""
    losses = [point["train_loss"] for point in run.row["curve"]]
    return {"end_loss": _last_tenth(losses) if run.row["status"] == "finished" and losses else None}


@reads(accuracy=Text("share of right answers", "答对的比例"))
def accuracy(run: Trained) -> dict[str, Reading]:
    """On tasks: the share of right answers; 0 where the run diverged."""
    return {"accuracy": run.row["accuracy"] or 0.0}


@reads(bits_per_byte=Text("bits per byte", "比特/字节"))
def bits_per_byte(run: Trained) -> dict[str, Reading]:
    """The loss that other tokenizers can be compared by."""
    return {"bits_per_byte": run.row["bits_per_byte"]}


@reads(
    falls=Text(
        "share of the run until the loss is below letter frequencies (on tasks: chance)",
        "训练损失首次低于一元模型（任务为随机猜）时已用去的训练占比",
    ),
    curve=Text("training loss over the run, nats per token", "训练损失曲线（nat/词元）"),
)
def course(run: Trained) -> dict[str, Reading]:
    """The curve itself against tokens, and when it first falls below letter frequencies; 1 where it never does."""
    points = [(point["tokens"], point["train_loss"]) for point in run.row["curve"] if point["train_loss"] is not None]
    line = run.task.references.get("unigram", run.task.references.get("chance", 0.0))
    last = points[-1][0] if points else 1
    first = next((tokens for tokens, value in points if value < line), last)
    return {"falls": first / last, "curve": _thinned(points)}


def _thinned(points: list[tuple[int, float]]) -> dict[str, list[float]]:
    """At most `SHOWN` points: means of as many neighbours as that takes, where the last of them stands."""
    size = -(-len(points) // SHOWN) or 1
    some = [points[first : first + size] for first in range(0, len(points), size)]
    means = [sum(value for _, value in part) / len(part) for part in some]
    return {"x": [float(part[-1][0]) for part in some], "y": means}


def _last_tenth(losses: list[float]) -> float:
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)


def _mean_over_tokens(tokens: list[int], losses: list[float]) -> float:
    """Each point is the mean since the last one, so it weighs as many tokens as lie between."""
    weights = [after - before for before, after in zip([0, *tokens], tokens, strict=False)]
    return sum(weight * value for weight, value in zip(weights, losses, strict=True)) / sum(weights)
