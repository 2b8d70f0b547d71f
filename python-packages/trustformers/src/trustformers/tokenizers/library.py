"""The package tokenizers, if it is installed: tokenizers as its objects, and training."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.tokenizers.settings import CONFIG, TOKENIZER
from trustformers.tokenizers.special_tokens import ROLES

__all__ = ["Library", "trained"]

_COMPONENTS = frozenset({"decoder", "model", "normalizer", "post_processor", "pre_tokenizer"})
_CHANGES = frozenset(
    {
        "add_special_tokens",
        "add_tokens",
        "enable_padding",
        "enable_truncation",
        "no_padding",
        "no_truncation",
        "train",
        "train_from_iterator",
    }
)


_TRAINERS = {"BPE": "Bpe"}


class Library:
    """A `tokenizers.Tokenizer` that stands for a tokenizer of the engine, and whether it was changed."""

    def __init__(self, native: Any) -> None:
        self.native = native
        package = _package("backend_tokenizer")
        self._saved = native.to_files()[TOKENIZER]
        self._object = package.Tokenizer.from_str(self._saved)
        self._saved = self._object.to_str()
        self._is_changed = False
        self._is_exposed = False
        self.tokenizer: Any = _Watched(self)

    def is_changed(self) -> bool:
        """Whether the object differs from the engine's tokenizer."""
        if self._is_exposed and not self._is_changed:
            self._is_exposed = False
            self._is_changed = self._object.to_str() != self._saved
        return self._is_changed

    def to_str(self) -> str:
        """The object as `tokenizer.json`, from which the engine's tokenizer is made."""
        self._is_changed = False
        self._saved = self._object.to_str()
        saved: str = self._saved
        return saved

    def read(self, name: str) -> Any:
        """An attribute of the object."""
        self._is_exposed = self._is_exposed or name in _COMPONENTS
        self._is_changed = self._is_changed or name in _CHANGES
        return getattr(self._object, name)

    def write(self, name: str, value: Any) -> None:
        """Sets an attribute of the object."""
        setattr(self._object, name, value)
        self._is_changed = True

    @property
    def kind(self) -> type[Any]:
        """The class of the object."""
        found: type[Any] = type(self._object)
        return found


class _Watched:
    """A `tokenizers.Tokenizer` whose changes are noticed; the class itself cannot be derived from."""

    __slots__ = ("_library",)

    def __init__(self, library: Library) -> None:
        object.__setattr__(self, "_library", library)

    @property  # type: ignore[misc]  # isinstance(x, tokenizers.Tokenizer) is true
    def __class__(self) -> type[Any]:
        library: Library = object.__getattribute__(self, "_library")
        return library.kind

    def __getattr__(self, name: str) -> Any:
        library: Library = object.__getattribute__(self, "_library")
        return library.read(name)

    def __setattr__(self, name: str, value: Any) -> None:
        library: Library = object.__getattribute__(self, "_library")
        library.write(name, value)

    def __repr__(self) -> str:
        return repr(object.__getattribute__(self, "_library").read("__repr__")())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        library: Library = object.__getattribute__(self, "_library")
        return library.kind.from_str(library.read("to_str")())

    def __reduce__(self) -> tuple[Any, ...]:
        library: Library = object.__getattribute__(self, "_library")
        return library.kind.from_str, (library.read("to_str")(),)


def trained(
    files: dict[str, str],
    text_iterator: Iterable[Any],
    vocab_size: int,
    *,
    count: int | None,
    new_special_tokens: Sequence[Any] | None,
    renamed: dict[str, str],
    options: dict[str, Any],
) -> dict[str, str]:
    """The files of a tokenizer with a vocabulary of other texts.

    Raises
    ------
    UnsupportedError
        The package tokenizers is not installed.
    InputError
        The post-processor adds a token that is not in the new vocabulary.
    """
    package = _package("train_new_from_iterator")
    if not isinstance(new_special_tokens, (list, tuple, type(None))) or not isinstance(renamed, dict):
        raise InputError("new_special_tokens: expected a list of tokens, and special_tokens_map a dict of their names")
    state = json.loads(files[TOKENIZER])
    kind = state["model"]["type"]
    added, post_processor = state.pop("added_tokens"), state.pop("post_processor")
    _empty(state["model"], renamed)
    tokenizer = package.Tokenizer.from_str(json.dumps(state))
    special = [_token(package, fields, renamed) for fields in added if kind == "Unigram" or fields["special"]]
    special += [
        token if isinstance(token, str) else _library_token(package, token) for token in new_special_tokens or ()
    ]
    unknown = state["model"]["vocab"][0][0] if kind == "Unigram" and state["model"]["vocab"] else None
    trainer = _trainer(state, special, unknown, vocab_size, options)
    tokenizer.train_from_iterator(text_iterator, trainer=trainer, length=count)
    result = json.loads(tokenizer.to_str())
    result["post_processor"] = _renumbered(post_processor, tokenizer, renamed)
    # Older files name special tokens, which the configuration has.
    files = {name: text for name, text in files.items() if name != "special_tokens_map.json"}
    return {**files, TOKENIZER: json.dumps(result), CONFIG: _config(files[CONFIG], renamed, new_special_tokens)}


def _empty(model: dict[str, Any], renamed: dict[str, str]) -> None:
    if model["type"] == "Unigram":
        if model.get("unk_id") is not None:
            unknown = model["vocab"][model["unk_id"]][0]
            model.update(unk_id=0, vocab=[[renamed.get(unknown, unknown), 0.0]])
        return
    model["vocab"] = {}
    if model["type"] == "BPE":
        model["merges"] = []
    if model.get("unk_token") in renamed:
        model["unk_token"] = renamed[model["unk_token"]]


def _trainer(state: dict[str, Any], special: list[Any], unknown: str | None, vocab_size: int, options: Any) -> Any:
    model = state["model"]
    kind = model["type"]
    given = dict(options)
    if kind == "BPE":
        for name in ("continuing_subword_prefix", "end_of_word_suffix"):
            if model.get(name) is not None:
                given.setdefault(name, model[name])
    if kind == "Unigram" and unknown is not None:
        given.setdefault("unk_token", unknown)
    pre_tokenizer = state.get("pre_tokenizer") or {}
    steps = [pre_tokenizer, *pre_tokenizer.get("pretokenizers", ())]
    if any(step.get("type") == "ByteLevel" for step in steps):
        given["initial_alphabet"] = import_module("tokenizers.pre_tokenizers").ByteLevel.alphabet()
    trainer = getattr(import_module("tokenizers.trainers"), f"{_TRAINERS.get(kind, kind)}Trainer")
    return trainer(vocab_size=vocab_size, special_tokens=special, **given)


def _token(package: Any, fields: dict[str, Any], renamed: dict[str, str]) -> Any:
    flags = {name: fields[name] for name in ("single_word", "lstrip", "rstrip", "normalized")}
    return package.AddedToken(renamed.get(fields["content"], fields["content"]), **flags)


def _library_token(package: Any, token: Any) -> Any:
    normalized = not token.special if token.normalized is None else token.normalized
    return package.AddedToken(
        token.content, single_word=token.single_word, lstrip=token.lstrip, rstrip=token.rstrip, normalized=normalized
    )


def _renumbered(post_processor: Any, tokenizer: Any, renamed: dict[str, str]) -> Any:
    """The post-processor with the ids of its tokens in the new vocabulary."""
    if post_processor is None:
        return None
    if post_processor["type"] == "Sequence":
        steps = [_renumbered(step, tokenizer, renamed) for step in post_processor["processors"]]
        return {**post_processor, "processors": steps}

    def number(token: str) -> int:
        index: int | None = tokenizer.token_to_id(token)
        if index is None:
            raise InputError(f"special_tokens_map: the post-processor adds {token!r}, which the new vocabulary lacks")
        return index

    found = dict(post_processor)
    special = found.get("special_tokens", {})
    for name, entry in special.items():
        tokens = [renamed.get(token, token) for token in entry["tokens"]]
        special[name] = {**entry, "tokens": tokens, "ids": [number(token) for token in tokens]}
    for role in ("cls", "sep"):
        if role in found:
            token = renamed.get(found[role][0], found[role][0])
            found[role] = [token, number(token)]
    return found


def _config(text: str, renamed: dict[str, str], new_special_tokens: Sequence[Any] | None) -> str:
    config = json.loads(text)
    for role in ROLES:
        token = config.get(role)
        if isinstance(token, str):
            config[role] = renamed.get(token, token)
        elif isinstance(token, dict):
            config[role] = {**token, "content": renamed.get(token["content"], token["content"])}
    if new_special_tokens:
        new = [token if isinstance(token, str) else token.content for token in new_special_tokens]
        config["extra_special_tokens"] = [*(config.get("extra_special_tokens") or ()), *new]
    return json.dumps(config)


def _package(what: str) -> Any:
    try:
        return import_module("tokenizers")
    except ImportError:
        raise UnsupportedError(
            f"not supported: {what} without the package tokenizers; install it with pip install tokenizers"
        ) from None
