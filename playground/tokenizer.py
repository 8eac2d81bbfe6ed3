"""Text to token ids and back: bytes, characters or byte-level BPE, each frozen and whole in one JSON string.

Imports neither torch nor `models`: whoever runs an exported file needs this file alone. `tokenizers` is imported only
to train a BPE and to encode with it; decoding a BPE needs nothing. Knows no corpus: it is given text to learn from.
"""

import codecs
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

UNKNOWN = "\ufffd"
"""Stands for a character the tokenizer never saw, and for bytes that are not UTF-8."""


class Decoder:
    """Ids to text as they arrive, never half a character: `feed` what came, `finish` at the end."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        self._token_bytes = token_bytes
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, ids: int | Iterable[int]) -> str:
        """The text that became complete; an unfinished character waits for its last byte."""
        ids = (ids,) if isinstance(ids, int) else ids
        return self._utf8.decode(b"".join(self._token_bytes[i] for i in ids))

    def finish(self) -> str:
        """What is left: `UNKNOWN` for a character that was never finished."""
        return self._utf8.decode(b"", final=True)


@dataclass(frozen=True)
class Tokenizer(ABC):
    """A frozen map between text and token ids in [0, vocabulary)."""

    kind: ClassVar[str]

    @cached_property
    @abstractmethod
    def token_bytes(self) -> tuple[bytes, ...]:
        """The UTF-8 bytes each id stands for."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """The ids of a text; never drops a character."""

    @abstractmethod
    def _content(self) -> dict[str, Any]:
        """What `to_json` writes beside the kind."""

    @property
    def vocabulary(self) -> int:
        """How many ids there are."""
        return len(self.token_bytes)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some ids; bytes that are not UTF-8 become `UNKNOWN`."""
        return b"".join(self.token_bytes[i] for i in ids).decode("utf-8", errors="replace")

    def decoder(self) -> Decoder:
        """For text that arrives token by token."""
        return Decoder(self.token_bytes)

    def pieces(self, text: str) -> list[str]:
        """How a text is split, one string for each id of `encode`; a byte that is no character by itself as `<E4>`."""
        return [self.piece(i) for i in self.encode(text)]

    def piece(self, id: int) -> str:
        """One id as people read it, in the spelling of `pieces`."""
        return _readable(self.token_bytes[id])

    def unknown(self, text: str) -> list[str]:
        """The characters of a text that `encode` has no id for, each once, in order of appearance."""
        return []

    def to_json(self) -> str:
        """Everything needed to build it again with `from_json`."""
        return json.dumps({"kind": self.kind, **self._content()}, ensure_ascii=False)


@dataclass(frozen=True)
class Bytes(Tokenizer):
    """The 256 bytes of UTF-8."""

    kind = "bytes"

    @cached_property
    def token_bytes(self) -> tuple[bytes, ...]:
        return tuple(bytes([i]) for i in range(256))

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def _content(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Characters(Tokenizer):
    """The characters of an alphabet, from id 1 on; id 0 stands for every other character."""

    alphabet: str
    kind = "characters"

    @cached_property
    def token_bytes(self) -> tuple[bytes, ...]:
        return tuple(character.encode() for character in (UNKNOWN, *self.alphabet))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.alphabet, start=1)}

    def encode(self, text: str) -> list[int]:
        return [self._ids.get(character, 0) for character in text]

    def unknown(self, text: str) -> list[str]:
        return [character for character in dict.fromkeys(text) if character not in self._ids]

    def _content(self) -> dict[str, Any]:
        return {"alphabet": self.alphabet}


@dataclass(frozen=True)
class BPE(Tokenizer):
    """Byte-level byte-pair encoding as in GPT-2 (Radford et al. 2019, section 2.2), trained with `tokenizers`."""

    definition: str  # what `tokenizers.Tokenizer.to_str` writes
    kind = "bpe"

    @cached_property
    def token_bytes(self) -> tuple[bytes, ...]:
        byte_of = {character: byte for byte, character in enumerate(_byte_characters())}
        ids: dict[str, int] = json.loads(self.definition)["model"]["vocab"]
        return tuple(bytes(byte_of[c] for c in token) for token in sorted(ids, key=ids.__getitem__))

    @cached_property
    def _encoder(self) -> Any:
        from tokenizers import Tokenizer as Encoder

        try:
            return Encoder.from_str(self.definition)
        except Exception as error:  # the library's own have no other class
            raise ValueError(f"this BPE cannot be built: {error}") from None

    def encode(self, text: str) -> list[int]:
        """The ids of a text; raises ValueError where the definition is damaged, which nothing before has to read."""
        return self._encoder.encode(text).ids

    def _content(self) -> dict[str, Any]:
        return {"definition": json.loads(self.definition)}


def characters_of(text: str) -> Characters:
    """The character tokenizer of a text, in code-point order."""
    return Characters("".join(sorted(set(text))))


def train_bpe(text: str, vocabulary: int) -> BPE:
    """Learn at most `vocabulary` tokens (fewer where the text has no more pairs to merge); 256 are the bytes.

    Raises:
        ValueError: a vocabulary under 257, which leaves nothing to learn.
    """
    if vocabulary < 257:
        raise ValueError(f"BPE needs a vocabulary of at least 257 (the 256 bytes and one merge), not {vocabulary}")
    from tokenizers import Tokenizer as Encoder
    from tokenizers.models import BPE as Model
    from tokenizers.pre_tokenizers import ByteLevel
    from tokenizers.trainers import BpeTrainer

    encoder = Encoder(Model())
    encoder.pre_tokenizer = ByteLevel(add_prefix_space=False)
    alphabet = ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False)
    encoder.train_from_iterator(text.splitlines(keepends=True), trainer)
    return BPE(json.dumps(json.loads(encoder.to_str())))  # as `from_json` writes it, so that the two are equal


def from_json(written: str) -> Tokenizer:
    """The tokenizer that `to_json` wrote.

    Raises:
        ValueError: not JSON, or of a kind that does not exist.
    """
    content = json.loads(written)
    kind = str(content.get("kind") if isinstance(content, dict) else None)
    readers: dict[str, Callable[[], Tokenizer]] = {
        "bytes": Bytes,
        "characters": lambda: Characters(content["alphabet"]),
        "bpe": lambda: BPE(json.dumps(content["definition"])),
    }
    if kind not in readers:
        raise ValueError(f"no tokenizer of kind {kind!r}; there are {', '.join(readers)}")
    return readers[kind]()


def _readable(token: bytes) -> str:
    try:
        return token.decode()
    except UnicodeDecodeError:
        return "".join(f"<{byte:02X}>" for byte in token)


def _byte_characters() -> list[str]:
    """The printable character by which byte-level BPE writes each byte: itself, or one from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]
