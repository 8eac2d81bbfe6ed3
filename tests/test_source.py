"""The source of an architecture: it runs by itself, computes what the model does, and shows every choice."""

import ast
import contextlib
import io
import math
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch
from pairwise import design, name
from safetensors.torch import load_file, save_model
from torch import nn
from variants import randomized, some_ids, variants

from models.architecture import Architecture
from models.frequencies import SCALINGS, WRITTEN
from models.hooks import Matrix
from models.initialize import RESIDUAL_WRITERS
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer
from playground import link
from playground.source import difference, file_name, of_variant, source, unified
from playground.source.colour import kinds, stretches
from playground.ui.registry import respond

SYSTEMS, ROWS = list(systems()), range(len(design().rows))
IMPORTS = {"math", "re", "torch", "torch.nn.functional"}


def executed(text: str, as_name: str = "generated") -> Any:
    """The module that `text` is."""
    module = types.ModuleType(as_name)
    exec(compile(text, "generated.py", "exec"), module.__dict__)  # our own text, made from the configuration
    return module


def assert_same(model: Transformer, text: str) -> None:
    """What `text` defines computes what `model` does, with its weights under its names, and its loss in training."""
    shape = model.architecture.shape
    generator = torch.Generator().manual_seed(5)
    ids_BT = torch.randint(shape.vocabulary, (2, shape.context), generator=generator)
    targets_BT = ids_BT.roll(-1, 1)
    targets_BT[:, :3] = -100
    theirs = executed(text).Model().eval()
    theirs.load_state_dict(model.state_dict())
    assert sum(weight.numel() for weight in theirs.parameters()) == sum(map(torch.numel, model.parameters()))
    with torch.no_grad():
        expected, got = model(ids_BT), theirs(ids_BT)
        assert got.shape == expected.shape and expected.std() > 0
        assert (got - expected).abs().max() <= 1e-5 * expected.abs().max()
        assert theirs.loss(ids_BT, targets_BT) == pytest.approx(model.loss(ids_BT, targets_BT)[0].item(), rel=1e-5)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_source_of_a_system_is_its_model(system: str) -> None:
    architecture = systems()[system].twin
    assert_same(randomized(architecture), source(architecture, system))


@pytest.mark.parametrize("number", ROWS, ids=lambda number: f"{number}-{name(design().spelt[number])}")
def test_the_source_of_a_row_is_its_model(number: int) -> None:
    assert_same(randomized(design().rows[number], number), source(design().rows[number], f"row {number}"))


def test_every_file_is_formatted_and_clean(tmp_path: Path) -> None:
    """As ruff has it, in lines of 88; it imports nothing but torch and the standard library, and reads no flag."""
    found = [source(system.twin, id) for id, system in systems().items()]
    found += [source(systems()["gemma-3"].full, "at full size"), *(source(row, "row") for row in design().rows)]
    for number, text in enumerate(found):
        (tmp_path / f"source_{number}.py").write_text(text, encoding="utf-8")
        tree = ast.parse(text)
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert imported <= IMPORTS
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Compare | ast.If) and _of_constants(node)]
    own = ["--isolated", "--line-length", "88", str(tmp_path)]
    for asked in (["format", "--check"], ["check", "--select", "E,F,I,B,UP,W"]):
        found = subprocess.run([sys.executable, "-m", "ruff", *asked, *own], capture_output=True, text=True)
        assert found.returncode == 0, found.stdout[-2000:]


def _of_constants(node: ast.Compare | ast.If) -> bool:
    """Is it decided by constants alone, and so when the file is written?"""
    test = node.test if isinstance(node, ast.If) else node
    return all(
        isinstance(part, ast.Constant) or (isinstance(part, ast.Name) and part.id.isupper())
        for part in ast.walk(test)
        if isinstance(part, ast.Constant | ast.Name)
    )


@torch.no_grad()
def test_only_what_is_the_same_model_has_the_same_file() -> None:
    """Over every single change: a width that comes out the same, or a parameter of something that is off."""
    files: dict[str, list[Architecture]] = {}
    for architecture in variants().values():
        files.setdefault(source(architecture, "").partition('"""\n\n')[2], []).append(architecture)
    assert len(files) > len(variants()) / 2
    for alike in files.values():
        losses = {tuple(map(float, randomized(one).loss(some_ids(), some_ids().roll(-1, 1)))) for one in alike}
        assert len(losses) == 1, alike


def test_a_file_of_a_common_system_is_short() -> None:
    counts = {id: len([line for line in source(systems()[id].twin, id).splitlines() if line]) for id in SYSTEMS}
    assert min(counts.values()) >= 60 and sorted(counts.values())[len(counts) // 2] <= 150, counts


def test_nothing_stands_in_a_file_that_its_architecture_does_not_use() -> None:
    gpt, llama = (source(systems()[id].twin, id) for id in ("gpt-2", "llama-3"))
    for word in ("LayerNorm", "self.positions", "gelu"):
        assert word in gpt and word not in llama
    for word in ("RMSNorm", "rotate", "silu", "KV_HEADS", "enable_gqa"):
        assert word in llama and word not in gpt
    for text in (gpt, llama):
        assert "LOCAL" not in text and "DROPOUT" not in text and "masked_fill" not in text and "QUERY_HEADS" in llama


INITS = [
    {"init": init, "init.residual": residual, "position": position}
    for init in Architecture.axes()["init"].options()
    for residual, position in (("one", "learned"), ("depth", "transformer_xl"), ("zero", "rope"))
]


@pytest.mark.parametrize("changes", INITS, ids=lambda changes: "-".join(changes.values()))
def test_matrices_start_as_the_model_s_do(changes: dict[str, str]) -> None:
    architecture = change(Architecture(), {**changes, "shape.width": "256", "embedding.tied": "off", "bias": "all"})
    torch.manual_seed(0)
    theirs, chain = executed(source(architecture, "")).Model(), Transformer(architecture).chain
    for path, module in theirs.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            fan_out, fan_in = module.weight.shape
            writes = path.endswith(RESIDUAL_WRITERS)
            std = chain.run("on_init", 1.0, Matrix(path, fan_in, fan_out, writes, architecture.shape.layers))
            chance = 5 / math.sqrt(2 * module.weight.numel())  # five standard errors of a standard deviation
            assert module.weight.std().item() == pytest.approx(std, rel=chance)
            assert not isinstance(module, nn.Linear) or module.bias is None or not module.bias.any()


def test_a_saved_file_is_loaded_by_its_own_names(tmp_path: Path) -> None:
    """safetensors keeps a shared tensor once."""
    model = randomized(systems()["gpt-2"].twin)
    save_model(model, str(tmp_path / "model.safetensors"))
    theirs = executed(source(model.architecture, "")).Model()
    theirs.load_state_dict(load_file(tmp_path / "model.safetensors"))
    again = executed(source(model.architecture, "")).Model()
    again.load_state_dict(theirs.state_dict())
    ids_BT = torch.arange(12)[None]
    assert torch.equal(theirs(ids_BT), again(ids_BT)) and theirs.head.weight is theirs.embedding.weight
    assert torch.allclose(theirs(ids_BT), model(ids_BT), atol=1e-4)


def test_dropout_acts_in_training_alone() -> None:
    for changes in ({}, {"attention_cap": "50"}):
        architecture = change(Architecture(), {"dropout": "0.5", **changes})
        model = executed(source(architecture, "")).Model()
        ids_BT = torch.arange(12)[None]
        assert not torch.equal(model(ids_BT), model(ids_BT))
        model.eval()
        assert torch.equal(model(ids_BT), model(ids_BT))


def test_a_file_that_is_run_says_how_large_the_model_is() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        executed(source(systems()["llama-3"].twin, ""), "__main__")
    count = sum(weight.numel() for weight in Transformer(systems()["llama-3"].twin).parameters())
    assert said.getvalue() == f"{count:,} parameters\nlogits (1, 64, 64)\n"


def test_every_scaling_is_written() -> None:
    assert {*WRITTEN} == {*SCALINGS}


def test_the_generator_names_no_option() -> None:
    """A new option is written without an edit here: the package mentions none by its slug."""
    slugs = {slug for axis in Architecture.axes().values() for slug in axis.options()} - {"none", "learned"}
    for path in (Path(__file__).parent.parent / "playground" / "source").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [slug for slug in slugs if f'"{slug}"' in text], path.name


def test_a_difference_holds_both_files() -> None:
    gpt, gemma = (of_variant(link.variant(id)) for id in ("gpt-2", "gemma-3"))
    rows = difference(gpt, gemma)
    for text, lines in ((gpt, [row.left for row in rows]), (gemma, [row.right for row in rows])):
        there = [line for line in lines if line]
        assert [line.number for line in there] == list(range(1, len(text.splitlines()) + 1))
        assert ["".join(part for part, _ in line.parts) for line in there] == text.splitlines()
    for row in rows:
        assert not row.same or (row.left and row.right and row.left.parts == row.right.parts)
    assert all(row.same for row in difference(gpt, gpt)) and sum(row.same for row in rows) > 40


def test_lines_that_are_alike_stand_beside_each_other_with_what_differs_marked() -> None:
    rows = difference("a = 1\nwide = 128\n", "b()\nwide = 256\n")
    alone, beside = rows
    assert (
        alone.left and alone.right and alone.left.parts == (("a = 1", True),) and alone.right.parts == (("b()", True),)
    )
    assert beside.left and beside.right
    assert beside.left.parts == (("wide = ", False), ("128", True))
    assert beside.right.parts == (("wide = ", False), ("256", True))
    assert all(row.same for row in difference("a\nb", "a\nb"))
    assert unified("a\n", "b\n", ("x", "y")).splitlines() == ["--- x", "+++ y", "@@ -1 +1 @@", "-a", "+b"]


def test_words_are_told_apart() -> None:
    text = 'def f(x):\n    """A\n    b"""\n    return 2  # two\n'
    found = [
        [(part.text, part.kind) for part in stretches([(line, False)], of)]
        for line, of in zip(text.splitlines(), kinds(text), strict=True)
    ]
    assert found[0] == [("def", "keyword"), (" ", ""), ("f", "name"), ("(x):", "")]
    assert found[1:3] == [[("    ", ""), ('"""A', "string")], [('    b"""', "string")]]
    assert found[3] == [
        ("    ", ""),
        ("return", "keyword"),
        (" ", ""),
        ("2", "number"),
        ("  ", ""),
        ("# two", "comment"),
    ]


def test_the_page_gets_one_file_or_two() -> None:
    def ask(*variants: dict[str, Any]) -> dict[str, Any]:
        return respond(None, {"name": "source", "given": {"variants": list(variants)}})  # type: ignore[arg-type]

    gpt, changed = {"system": "gpt-2", "changes": {}}, {"system": "gpt-2", "changes": {"norm": "rmsnorm"}}
    alone, beside = ask(gpt), ask(gpt, changed)
    assert [file["name"] for file in beside["files"]] == ["gpt_2.py", "gpt_2_norm_rmsnorm.py"]
    assert all(row["same"] and row["right"] is None for row in alone["rows"])
    assert alone["files"][0]["text"] == of_variant(link.variant("gpt-2"))
    assert any(not row["same"] for row in beside["rows"])
    impossible = ask({"system": "gpt-2", "changes": {"heads.kv": "3"}})
    assert "heads.kv" in impossible["refusal"]["fields"] and ask()["refusal"]


def test_a_file_s_name_can_be_imported() -> None:
    spelt = ["gpt-2", "llama-3,position=alibi,norm.eps=1e-6", "qwen-2.5"]
    assert all(file_name(link.variant(text)).removesuffix(".py").isidentifier() for text in spelt)
