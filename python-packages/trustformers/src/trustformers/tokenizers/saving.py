"""Files of a tokenizer: saving, copying and pickling."""

from __future__ import annotations

import copy
import copyreg
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from trustformers import _native
from trustformers._checks.arguments import path
from trustformers.errors import InputError, IoError, TokenizerError, UnsupportedError
from trustformers.tokenizers.settings import CONFIG, TOKENIZER, Derived, Settings

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Saving"]

_TEMPLATE = "chat_template.jinja"
# Files that restore a tokenizer whose class reads its vocabulary files instead.
_STATE = (TOKENIZER, "target_tokenizer.json")
# Attributes that are not part of a copy.
_OWN = frozenset({"_engine", "_native", "_derived", "_library", "deprecation_warnings"})


class Saving(Settings):
    """Saving, copying and pickling of a tokenizer."""

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        legacy_format: bool | None = None,
        filename_prefix: str | None = None,
        push_to_hub: bool = False,
        save_format: str | None = None,
        *,
        save_jinja_files: bool = True,
    ) -> tuple[str, ...]:
        """Writes the files of the tokenizer, which transformers reads too, and returns their paths.

        Parameters
        ----------
        legacy_format
            Whether to write the vocabulary's files too.
        filename_prefix
            Text before each file's name, with a hyphen.
        save_jinja_files
            Whether chat templates are files of their own, or keys of `tokenizer_config.json`.

        Raises
        ------
        UnsupportedError
            `push_to_hub` or another format than `"hf"` is requested.
        IoError
            A file cannot be written.
        """
        if push_to_hub:
            self.push_to_hub()
        if save_format not in (None, "hf"):
            raise UnsupportedError(f'not supported: save_format={save_format!r}; the files of "hf" are written')
        files = self._files()
        vocabulary = dict(self._native.vocabulary_files())
        if vocabulary:
            files = {name: text for name, text in files.items() if name not in _STATE}
        if not save_jinja_files:
            templates = dict(self._native.chat_templates())
            files = {name: text for name, text in files.items() if not name.endswith(".jinja")}
            named = [{"name": name, "template": text} for name, text in templates.items()]
            config = json.loads(files[CONFIG])
            if templates:
                config["chat_template"] = templates["default"] if list(templates) == ["default"] else named
            files[CONFIG] = _json(config)
        prefix = f"{filename_prefix}-" if filename_prefix else ""
        directory = Path(path("save_directory", save_directory))
        written: dict[str, str | bytes] = {**files, **vocabulary}
        paths = [str(_written(directory / f"{prefix}{name}", content)) for name, content in written.items()]
        if legacy_format and not vocabulary:
            paths.extend(self.save_vocabulary(directory, filename_prefix))
        return tuple(paths)

    def save_vocabulary(
        self, save_directory: str | os.PathLike[str], filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Writes the vocabulary without added tokens: `vocab.txt`, or `vocab.json` and `merges.txt`; for a class that
        reads a `vocab.json` beside SentencePiece models, these files.

        Raises
        ------
        UnsupportedError
            The vocabulary is a SentencePiece model's.
        """
        kind = self._native.model_kind
        prefix = f"{filename_prefix}-" if filename_prefix else ""
        directory = Path(path("save_directory", save_directory))
        if kind == "Lookup":
            found = self._native.vocabulary_files()
            return tuple(str(_written(directory / f"{prefix}{name}", content)) for name, content in found)
        model = json.loads(self._native.to_files()[TOKENIZER])["model"]
        if kind == "Unigram":
            raise UnsupportedError(
                "not supported: save_vocabulary of a Unigram vocabulary, a SentencePiece file; "
                "save_pretrained writes it in tokenizer.json"
            )
        vocab: dict[str, int] = model["vocab"]
        if kind == "WordPiece":
            lines = "".join(f"{token}\n" for token in sorted(vocab, key=vocab.__getitem__))
            files = {"vocab.txt": lines}
        else:
            files = {"vocab.json": json.dumps(vocab, ensure_ascii=False)}
        if kind == "BPE":
            pairs = (merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"])
            files["merges.txt"] = "".join(["#version: 0.2\n", *(f"{pair}\n" for pair in pairs)])
        return tuple(str(_written(directory / f"{prefix}{name}", text)) for name, text in files.items())

    def push_to_hub(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: save the tokenizer and upload the directory with huggingface_hub."""
        raise UnsupportedError(
            "not supported: push_to_hub: uploads to the hub; save the tokenizer, and upload the directory with "
            "huggingface_hub"
        )

    def _files(self) -> dict[str, str]:
        """The contents of the files that `save_pretrained` writes, by name."""
        files: dict[str, str] = self._native.to_files()
        config = json.loads(files[CONFIG])
        config["tokenizer_class"] = type(self).__name__
        config["backend"] = "tokenizers"
        names = self.__dict__.get("_model_input_names")
        if names is not None and names != self._native.model_input_names:
            config["model_input_names"] = names
        for name in ("response_template", "chat_control_tokens"):
            if self.__dict__.get(name) is not None:
                config[name] = self.__dict__[name]
        return {**files, CONFIG: _json(config)}

    def _adopt(self, native: Any, name_or_path: str) -> None:
        """Makes an engine's tokenizer the tokenizer's own."""
        self._native = native
        self._derived = Derived()
        # datasets names its caches by a pickle of the attributes.
        copyreg.pickle(type(native), _reduced)
        self._model_input_names = list(native.model_input_names)
        self.name_or_path = name_or_path
        self.verbose = False
        self.deprecation_warnings: dict[str, bool] = {}

    def __copy__(self) -> Self:
        # The engine's tokenizer is immutable.
        twin = type(self).__new__(type(self))
        twin._adopt(self._native, self.name_or_path)
        vars(twin).update(self._state())
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy.copy(self)
        vars(twin).update(copy.deepcopy(self._state(), memo))
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_files, (type(self), self._native.to_files(), self.name_or_path), self._state()

    def _state(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name not in _OWN}
        # Reading the names must not change pickles, which datasets hashes.
        if state.get("_model_input_names") == self._native.model_input_names:
            del state["_model_input_names"]
        return state


def _from_files(cls: type[Saving], files: dict[str, str], name_or_path: str) -> Saving:
    tokenizer = cls.__new__(cls)
    tokenizer._adopt(_native.Tokenizer.from_files(files), name_or_path)
    return tokenizer


def _reduced(native: Any) -> tuple[Any, ...]:
    return _engine, (native.to_files(),)


def _engine(files: dict[str, str]) -> Any:
    return _native.Tokenizer.from_files(files)


def _json(config: dict[str, Any]) -> str:
    return json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _written(file: Path, content: str | bytes) -> Path:
    if file.parent.is_file():
        raise InputError(f"save_directory: {file.parent} is a file")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise IoError(f"{file}: {error.strerror}") from error
    except UnicodeEncodeError as error:
        raise TokenizerError(f"{file}: {error}") from error
    return file
