"""The whole model as source code: its parts, a pass, the loss, starting values, and names of saved tensors."""

from playground.source.attention import passed_names
from playground.source.lines import STEP, Statement, comment, definition, indented, statements
from playground.source.pieces import Pieces

INITIALIZE = '''@torch.no_grad()
def initialize(model: nn.Module) -> None:
    """says"""
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            fan_out, fan_in = module.weight.shape
{std}
            nn.init.normal_(module.weight, std=std)'''
ZEROS = """
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)"""

MAIN: str = """if __name__ == "__main__":
    model = Model()
    print(f"{sum(weight.numel() for weight in model.parameters()):,} parameters")
    ids_BT = torch.randint(VOCABULARY, (1, CONTEXT))
    print("logits", tuple(model(ids_BT).shape))"""


def initialize(pieces: Pieces) -> list[str]:
    """The function that starts the matrices."""
    (piece,) = pieces.at("std")
    std = "\n".join(indented(piece.text.split("\n"), 3 * STEP))
    text = INITIALIZE.replace("{std}", std) + (ZEROS if pieces.architecture.bias.places != "none" else "")
    if "name" not in std:
        text = text.replace("for name, module in model.named_modules()", "for module in model.modules()")
    if "fan_" not in std:
        text = text.replace("            fan_out, fan_in = module.weight.shape\n", "")
    elif "fan_out" not in std:
        text = text.replace("fan_out, fan_in", "_, fan_in")
    return definition(text, f"How matrices start, {piece.says}")


def names(pieces: Pieces) -> list[str]:
    """The table of tensors that are called otherwise in saved files."""
    renamed = _renamed(pieces)
    says = "Names in the playground's model.safetensors, and what they are called here"
    return [*comment(says), "NAMES = {", *indented(renamed), "}"] if renamed else []


def model(pieces: Pieces, layered: bool) -> list[str]:
    """The class Model."""
    return [
        "class Model(nn.Module):",
        '    """Token ids to logits of the token after each."""',
        "",
        *_made(pieces, layered),
        "",
        *_forward(pieces),
        "",
        *_loss(pieces),
        *_loading(pieces),
    ]


def _renamed(pieces: Pieces) -> list[str]:
    """Without what an attention that is not there would have."""
    there = pieces.architecture.layout.attention
    return [piece.text for piece in pieces.at("renamed") if there or ".attention" not in piece.text]


def main() -> list[str]:
    """What the file does when it is run."""
    return list(MAIN.splitlines())


def _made(pieces: Pieces, layered: bool) -> list[str]:
    block = "Block(layer) for layer" if layered else "Block() for _"
    lines = [
        *pieces.statements("model.parts"),
        Statement(f"self.blocks = nn.ModuleList({block} in range(LAYERS))"),
        *reversed(pieces.statements("head.parts")),
        Statement("initialize(self)"),
    ]
    return ["    def __init__(self) -> None:", "        super().__init__()", *statements(lines, 2 * STEP)]


def _forward(pieces: Pieces) -> list[str]:
    passed = passed_names(pieces) if pieces.architecture.layout.attention else []
    read = pieces.wrapped("head", pieces.wrapped("final", "x_BTD"))
    ends = pieces.assigned("logits", "logits_BTV")
    head = f"self.head({read})"
    body = [
        Statement("x_BTD = self.embedding(ids_BT)"),
        *pieces.assigned("embedding", "x_BTD"),
        *(pieces.statements("passed") if passed else ()),
        Statement(f"for block in self.blocks:\n    x_BTD = block({', '.join(('x_BTD', *passed))})"),
        *(
            [Statement(f"logits_BTV = {head}"), *ends, Statement("return logits_BTV")]
            if ends
            else [Statement(f"return {head}")]
        ),
    ]
    written = statements(body, 2 * STEP)
    positions = "        positions_T = torch.arange(ids_BT.shape[1], device=ids_BT.device)"
    return [
        "    def forward(self, ids_BT: Tensor) -> Tensor:",
        '        """Logits [B, T, V] for ids [B, T]."""',
        *([positions] if any("positions_T" in line for line in written) else []),
        *written,
    ]


def _loss(pieces: Pieces) -> list[str]:
    extra = pieces.assigned("loss", "loss")
    whole = "F.cross_entropy(logits_NV, targets_BT.flatten())"
    body = [
        Statement("logits_NV = self(ids_BT).flatten(0, 1)"),
        *([Statement(f"loss = {whole}"), Statement("counted_N = targets_BT.flatten() != -100")] if extra else ()),
        *extra[:-1],
    ]
    last = extra[-1] if extra else None
    end = Statement(last.text.replace("loss = ", "return ", 1), last.says) if last else Statement(f"return {whole}")
    return [
        "    def loss(self, ids_BT: Tensor, targets_BT: Tensor) -> Tensor:",
        '        """What training minimizes, in nats per token; targets of -100 do not count."""',
        *statements([*body, end], 2 * STEP),
    ]


def _loading(pieces: Pieces) -> list[str]:
    """How saved tensors are taken, where their names differ."""
    renamed, tied = bool(_renamed(pieces)), pieces.architecture.embedding.tied
    if not (renamed or tied):
        return []
    called = "{re.sub(saved, here, name): x for name, x in weights.items()}"
    return [
        "",
        "    def load_state_dict(self, state_dict: dict, *args, **kwargs):",
        '        """Take tensors under the names of this file, or of the playground\'s files."""',
        "        weights = dict(state_dict)",
        *(["        for saved, here in NAMES.items():", f"            weights = {called}"] if renamed else []),
        *(['        weights.setdefault("head.weight", weights["embedding.weight"])'] if tied else []),
        "        return super().load_state_dict(weights, *args, **kwargs)",
    ]
