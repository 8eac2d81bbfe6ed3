"""The hooks: each is met, in order and in its place, and together they carry options that nobody has built yet."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from source import ROOT
from torch import Tensor
from variants import CONTEXT, randomized, some_ids, variants

from models.hooks import HOOKS, Answers, Chain, Hooks, Place
from models.initialize import initialize
from models.spelling import change
from models.transformer import Transformer

Call = tuple[str, int, str]


class Recorder(Hooks):
    """Notes every hook it is asked, with layer and site, and changes nothing."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.seen: dict[str, tuple[Any, Any]] = {}


def _recording(hook: str) -> Any:
    def act(self: Recorder, value: Any, at: Any) -> Any:
        layer, site = (at.layer, at.site) if isinstance(at, Place) else (-1, "")
        self.calls.append((hook, layer, site))
        self.seen.setdefault(hook, (value, at))
        return value

    return act


for hook in HOOKS:
    setattr(Recorder, hook, _recording(hook))


def recorded(model: Transformer) -> Recorder:
    """A recorder in place of all that acts in `model`."""
    recorder = Recorder()
    model.chain.acts.update(Chain([recorder]).acts)
    return recorder


ATTENTION = ["on_projection", "on_heads", "on_rotation", "on_rotated"]
SCORES = ["on_reach", "on_mask", "on_scale", "on_bias", "on_sink", "on_cap"]


def test_a_pass_meets_every_hook_in_order() -> None:
    recorder = recorded(model := randomized(variants()["base"]))
    model.loss(some_ids(), some_ids())
    layers = []
    for layer in (0, 1):
        for site, inner in (("attention", [*ATTENTION, *SCORES]), ("feed_forward", [])):
            layers += [(name, layer, site) for name in ("on_input", *inner, "on_output", "on_residual")]
    outside = [("on_embedding", -1, ""), *layers, ("on_final", -1, ""), ("on_logits", -1, ""), ("on_loss", -1, "")]
    assert recorder.calls == outside


def test_a_parallel_block_shares_its_sites() -> None:
    recorder = recorded(model := randomized(variants()["layout=parallel"]))
    model(some_ids())
    first = [
        (name, site)
        for name, layer, site in recorder.calls
        if layer == 0 and name in ("on_input", "on_output", "on_residual")
    ]
    assert first == [
        ("on_input", "shared"), ("on_output", "attention"), ("on_output", "feed_forward"), ("on_residual", "shared"),
    ]  # fmt: skip


def test_every_hook_is_met_somewhere() -> None:
    recorder = recorded(model := randomized(variants()["base"]))
    initialize(model, 0)
    model.loss(some_ids(), some_ids())
    model.step(some_ids(), torch.arange(CONTEXT), None)
    assert {name for name, _, _ in recorder.calls} == set(HOOKS)


def test_a_hook_is_told_where_it_is() -> None:
    recorder = recorded(model := randomized(variants()["heads.query=6"]))
    _, cache = model.step(some_ids(length=5), torch.arange(5), None)
    recorder.seen.clear()
    model.step(some_ids(length=3), torch.arange(5, 8), cache)
    (scores_BHTS, at), (_, v_BGSK) = recorder.seen["on_cap"], recorder.seen["on_cache"][0]
    assert at.positions_T.tolist() == [5, 6, 7] and at.keys_S.tolist() == list(range(8))
    assert at.q_BHTK.shape == (2, 6, 3, 8) and scores_BHTS.shape == (2, 6, 3, 8) and v_BGSK.shape == (2, 2, 8, 8)
    q_BTE, k_BTE, v_BTE = recorder.seen["on_projection"][0]
    assert q_BTE.shape == (2, 3, 48) and k_BTE.shape == v_BTE.shape == (2, 3, 16)


def test_left_alone_a_hook_changes_nothing() -> None:
    value = torch.randn(3)
    for hook in HOOKS:
        assert getattr(Hooks(), hook)(value, Place(torch.arange(3))) is value
    chain = Chain([Hooks(), Hooks()])
    assert not any(chain.acts_at(hook) for hook in HOOKS)


def test_parts_act_in_order() -> None:
    class Add(Hooks):
        def on_final(self, x_BTD: Tensor, at: Place) -> Tensor:
            return x_BTD + 1

    class Double(Hooks):
        def on_final(self, x_BTD: Tensor, at: Place) -> Tensor:
            return x_BTD * 2

    at = Place(torch.arange(1))
    assert Chain([Add(), Double()]).run("on_final", torch.tensor(3.0), at) == 8
    assert Chain([Double(), Hooks(), Add()]).run("on_final", torch.tensor(3.0), at) == 7


def test_what_is_kept_once_is_made_once_a_pass() -> None:
    at, made = Place(torch.arange(4)), []
    assert [at.once("key", lambda: made.append(1) or len(made)) for _ in range(3)] == [1, 1, 1]
    assert Place(torch.arange(4)).once("key", lambda: 9) == 9


def test_the_mean_of_answers_takes_those_that_count() -> None:
    answers = Answers(torch.zeros(3, 2), torch.tensor([True, False, True]))
    assert answers.mean(torch.tensor([1.0, float("nan"), 3.0])) == 2


@pytest.mark.parametrize(
    "spelt", ["span=window,span.pattern=alternate", "position=rope", "z_loss.weight=0.5", "sink=learned"]
)
def test_a_loss_is_one_graph(spelt: str) -> None:
    """Nothing in a pass keeps a compiler from seeing it whole."""
    torch._dynamo.reset()
    model, ids_BT = randomized(variants()[spelt]), some_ids()
    whole = torch.compile(model.loss, backend="eager", fullgraph=True)
    assert torch.allclose(whole(ids_BT, ids_BT)[0], model.loss(ids_BT, ids_BT)[0])


# Transformer-XL's positions (Dai et al. 2019, arXiv:1901.02860, §3.3), clipped q, k, v and a temperature that grows
# with the position: the most that an option asks of the hooks. Written as somebody would who adds a file.
TOMORROW = '''
"""Relative positions with biases of their own."""

from typing import ClassVar, Literal

import torch
from torch import nn

from models.hooks import Hooks
from models.option import parameter
from models.position.base import Position
from models.position.sinusoidal import waves
from models.text import Text


class Tomorrow(Position):
    """(q + u)·k + (q + v)·R_{i−j}, all scaled."""

    title: ClassVar[Text] = Text("tomorrow", "明天")
    help: ClassVar[Text] = Text("why · cost · who", "为什么 · 代价 · 谁")
    formula: ClassVar[str] = "(q + u)·k + (q + v)·R"
    citation: ClassVar[str] = "Dai et al. 2019"

    option: Literal["tomorrow"] = "tomorrow"
    clip: float = parameter(8.0, Text("clip", "截断"), Text("Bound of q, k, v.", "q、k、v 的界。"), gt=0)

    def build(self, architecture):
        return Relative(self, architecture)


class Relative(nn.Module, Hooks):
    def __init__(self, option, architecture):
        super().__init__()
        heads, width = architecture.heads.query, architecture.heads.width(architecture)
        self.option, self.factor, self.width = option, architecture.heads.factor(architecture), architecture.shape.width
        self.content = nn.Parameter(torch.zeros(heads, 1, width))
        self.place = nn.Parameter(torch.zeros(heads, 1, width))
        self.relative = nn.Linear(self.width, heads * width, bias=False)

    def on_projection(self, qkv, at):
        return tuple(x.clamp(-self.option.clip, self.option.clip) for x in qkv)

    def on_rotated(self, qk, at):
        q, k = qk
        temperature = 1 + 0.1 * torch.log1p(at.positions_T.to(q.dtype))[:, None]
        return q * temperature + self.content, k

    def on_bias(self, bias, at):
        distance = at.positions_T[:, None] - at.keys_S
        H, K = self.content.shape[0], self.content.shape[-1]
        R = self.relative(waves(distance.flatten(), self.width).to(at.q_BHTK.dtype))
        R_HTSK = R.unflatten(-1, (H, K)).unflatten(0, distance.shape).permute(2, 0, 1, 3)
        q = at.q_BHTK - self.content + self.place
        return torch.einsum("bhtk,htsk->bhts", q, R_HTSK) * self.factor

    def on_scale(self, scale, at):
        return scale
'''

TRY = """
import json, sys, torch
sys.path.insert(0, "tests")
from pairwise import design
from test_models_attention import EXACT, explicit_logits, in_steps
from variants import randomized, some_ids, variants
from models.cost import parameters
from models.position.base import Position
from models.position.rope import Rope
from models.spelling import change, differences, paths
from models.transformer import Transformer

def refused(bases, **fields):
    # What the class with these fields says as it is made.
    try:
        type("Wrong", bases, {"__module__": __name__, "__annotations__": {"option": str}, **fields})
    except TypeError as error:
        return str(error)


base = variants()["base"]
architecture = change(base, {"position": "tomorrow", "position.clip": "2"})
model, ids = randomized(architecture).double(), some_ids()
whole = model(ids)
model.loss(ids, ids)[0].backward()
grads = {name: float(p.grad.abs().max()) for name, p in model.named_parameters() if name.startswith("parts.position")}
print(json.dumps({
    "spelt": differences(architecture, base),
    "path": "position.clip" in [path.name for path in paths()],
    "tested": any(row.position.slug == "tomorrow" for row in design().rows) and "position=tomorrow" in variants(),
    "explicit": torch.allclose(whole, explicit_logits(model, ids)[0], **EXACT),
    "steps": torch.allclose(whole, in_steps(model, ids, (3, 1, 1, 26, 1, 1, 7)), **EXACT),
    "cost": parameters(architecture) == sum(p.numel() for p in Transformer(architecture).parameters()),
    "twice": "two options" in refused((Position,), option="rope", title=Rope.title, help=Rope.help),
    "silent": "no title" in refused((Position,), option="silent"),
    "not final": "options are final" in refused((Rope,), option="rope_2"),
    "learns": all(size > 1e-9 for size in grads.values()) and len(grads) == 3,
}))
"""


def test_an_option_is_one_new_file(tmp_path: Path) -> None:
    """A file more in a copy of the tree, and it is spelt, listed, costed, tested and in steps as it is whole."""
    for folder in ("models", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "models" / "position" / "tomorrow.py").write_text(TOMORROW, encoding="utf-8")
    out = subprocess.run([sys.executable, "-c", TRY], cwd=tmp_path, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    found = json.loads(out.stdout)
    assert found.pop("spelt") == {"position": "tomorrow", "position.clip": "2"}
    assert found and all(found.values()), found


def test_the_same_holds_for_changes_of_a_model_in_use() -> None:
    """Moving a model to another type keeps what acts in it: hooks are found on the parts, not copied from them."""
    model = randomized(change(variants()["base"], {"qk_norm": "per_head"}))
    single = model(some_ids())
    assert torch.allclose(model.double()(some_ids()), single.double(), rtol=0, atol=1e-4)
