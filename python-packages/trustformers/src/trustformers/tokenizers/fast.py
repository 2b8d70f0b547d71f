"""`TokenizersBackend`, the class of tokenizers that the engine runs, also called `PreTrainedTokenizerFast`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers import _native
from trustformers._checks.arguments import flag, kind, path
from trustformers._checks.arguments import length as vocab_length
from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.jobs import Job
from trustformers.tokenizers.base import PreTrainedTokenizerBase
from trustformers.tokenizers.class_names import ALIASES, GENERIC
from trustformers.tokenizers.library import Library, trained
from trustformers.tokenizers.overrides import overrides, separated
from trustformers.tokenizers.settings import TOKENIZER
from trustformers.tokenizers.vocabularies import (
    Vocabulary,
    as_class,
    configured,
    from_files,
    from_pipeline,
    from_vocabulary,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers.tokenizers.special_tokens import AddedToken

__all__ = ["PreTrainedTokenizerFast", "TokenizersBackend", "load"]


class TokenizersBackend(PreTrainedTokenizerBase):
    """A tokenizer of the engine, with the pipeline of its `tokenizer.json`.

    Create one with `from_pretrained`, from a single file with
    `PreTrainedTokenizerFast(tokenizer_file="tokenizer.json")`, or from a tokenizer of the package tokenizers with
    `PreTrainedTokenizerFast(tokenizer_object=...)`; keys of `tokenizer_config.json` are further arguments. Classes of
    families take a vocabulary too, as files or as a dict.
    """

    vocab_files_names: ClassVar[dict[str, str]] = {"tokenizer_file": TOKENIZER, "vocab_file": "tokenizer.model"}
    _engine: _native.Tokenizer
    # The name of the second positional argument.
    _second: ClassVar[str] = "merges"
    # The arguments of vocabulary files and the files' names, for a class that is built from files alone.
    _file_arguments: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        vocab: Vocabulary | None = None,
        *args: Any,
        merges: str | os.PathLike[str] | Sequence[Any] | None = None,
        vocab_file: str | os.PathLike[str] | None = None,
        merges_file: str | os.PathLike[str] | None = None,
        tokenizer_file: str | os.PathLike[str] | None = None,
        tokenizer_object: Any = None,
        name_or_path: str | os.PathLike[str] = "",
        **kwargs: Any,
    ) -> None:
        native: _native.Tokenizer
        if self._file_arguments and tokenizer_object is None and tokenizer_file is None:
            named = {"vocab_file": vocab_file, "merges_file": merges_file, **kwargs}
            stated = {name: named[name] for name in self._file_arguments if named.get(name) is not None}
            if stated and not args and vocab is not None and "vocab" in self._file_arguments:
                stated["vocab"], vocab = vocab, None
            positions = [name for name in self._file_arguments if name not in stated]
            given = [value for value in (vocab, *args) if value is not None]
            kwargs = {name: value for name, value in kwargs.items() if name not in self._file_arguments}
            stated.update(zip(positions, given, strict=False))
            files = {self._file_arguments[name]: (name, value) for name, value in stated.items()}
            settings = overrides({**self._unapplied_defaults(), **kwargs})
            self._adopt(from_files(_family_name(type(self)), files, settings), os.fspath(name_or_path))
            self._set_flags(kwargs)
            return
        if len(args) > 1:
            raise TypeError(f"{type(self).__name__}: expected a vocabulary and {self._second}, found {len(args) + 1}")
        if args and self._second == "merges":
            merges = args[0]
        elif args:
            kwargs[self._second] = args[0]
        if isinstance(tokenizer_object, _native.Tokenizer):
            native = tokenizer_object
        else:
            settings = overrides({**self._unapplied_defaults(), **kwargs})
            if tokenizer_object is not None or tokenizer_file is not None:
                native = _from_single_file(_family_name(type(self)), tokenizer_file, tokenizer_object, settings)
            elif vocab is None and vocab_file is None:
                raise InputError(
                    f"tokenizer_file: missing; {type(self).__name__} needs tokenizer_file, tokenizer_object or a "
                    "vocabulary, or use from_pretrained"
                )
            else:
                native = from_vocabulary(
                    _family_name(type(self)),
                    self.vocab_files_names,
                    settings,
                    vocab=vocab,
                    merges=merges,
                    vocab_file=vocab_file,
                    merges_file=merges_file,
                )
        self._adopt(native, os.fspath(name_or_path))
        self._set_flags(kwargs)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *init_inputs: Any,
        revision: str | None = None,
        token: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        gguf_file: str | os.PathLike[str] | None = None,
        subfolder: str = "",
        **kwargs: Any,
    ) -> Self:
        """Loads a tokenizer from a directory, the cache or the hub.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory with `tokenizer.json` or vocabulary files, or a hub repository.
        init_inputs
            Positional arguments of a subclass's own constructor.
        revision, token, cache_dir, local_files_only
            Options of the hub, as in `huggingface_hub`.
        gguf_file
            The name of a GGUF file in the directory or repository, which is read in place of the other files.
        subfolder
            The folder of the directory or repository that holds the files.
        kwargs
            Values that override those of the files: special tokens (any key that ends in `_token`),
            `extra_special_tokens`, `padding_side`, `truncation_side`, `model_max_length`, `model_input_names`,
            `split_special_tokens`, `add_bos_token`, `add_eos_token`, and settings that only some classes have, such as
            `add_prefix_space`, `legacy`, `do_lower_case` and `keep_accents`. A subclass's own constructor gets the
            other arguments.

        Raises
        ------
        TypeError
            An argument is unknown.
        TokenizerError, ConfigError, WeightsError, IoError, HubError
            The files are missing or damaged; the message names them.
        UnsupportedError
            The tokenizer class cannot be built from its vocabulary files.
        """
        options: dict[str, Any] = {
            "revision": revision,
            "token": token,
            "cache_dir": cache_dir,
            "local_files_only": local_files_only,
            "gguf_file": gguf_file,
            "subfolder": subfolder,
        }
        tokenizer: Self = load(pretrained_model_name_or_path, cls, *init_inputs, **options, **kwargs)
        return tokenizer

    @classmethod
    def from_pretrained_async(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Job[Self]:
        """Runs `from_pretrained` in the background and returns an awaitable job."""
        return Job.run(lambda: cls.from_pretrained(pretrained_model_name_or_path, **kwargs))

    @classmethod
    def _of(cls, native: Any, name: str, *args: Any, **kwargs: Any) -> Self:
        if _has_constructor(cls):
            return cls(*args, tokenizer_object=native, name_or_path=name, **kwargs)
        tokenizer = cls.__new__(cls)
        tokenizer._adopt(native, name)
        return tokenizer

    @property
    def backend(self) -> str:
        """`"tokenizers"`, transformers' name of this kind of tokenizer."""
        return "tokenizers"

    @property
    def files_loaded(self) -> list[str]:
        """Empty: the names of the files that were read are not recorded."""
        return []

    @property
    def can_save_slow_tokenizer(self) -> bool:
        """Whether `save_vocabulary` can write the vocabulary."""
        return bool(self._native.model_kind != "Unigram")

    @property
    def backend_tokenizer(self) -> Any:
        """The tokenizer as a `tokenizers.Tokenizer` of the package tokenizers.

        Assignments to its attributes, methods that change it (`add_tokens`, `enable_padding`, ...) and changes of its
        components take effect in the next call of this tokenizer, which copies its whole state back. A component that
        is kept must be read from this property again to be changed again. Assign a `tokenizers.Tokenizer` to replace
        the pipeline.

        Raises
        ------
        UnsupportedError
            The package tokenizers is not installed.
        """
        library: Library | None = self.__dict__.get("_library")
        native = self._native
        if native.model_kind == "Lookup":
            raise UnsupportedError(
                f"not supported: backend_tokenizer of a {type(self).__name__}, which the package tokenizers cannot "
                "express: it looks pieces up in vocab.json; call the tokenizer itself"
            )
        if library is None or library.native is not native:
            library = self.__dict__["_library"] = Library(native)
        return library.tokenizer

    @backend_tokenizer.setter
    def backend_tokenizer(self, value: Any) -> None:
        if not callable(getattr(value, "to_str", None)):
            raise InputError(f"backend_tokenizer: expected a tokenizers.Tokenizer, found {type(value).__name__}")
        self._native = _native.Tokenizer.from_files({**self._native.to_files(), TOKENIZER: value.to_str()})

    _tokenizer = backend_tokenizer

    @property
    def decoder(self) -> Any:
        """The decoder of `backend_tokenizer`."""
        return self.backend_tokenizer.decoder

    @property
    def add_bos_token(self) -> bool:
        """Whether `bos_token` was asked for around sequences; a pipeline of `tokenizer.json` may add it in any case."""
        return bool(self.__dict__.get("_add_bos_token", False))

    @add_bos_token.setter
    def add_bos_token(self, value: bool) -> None:
        self.__dict__["_add_bos_token"] = flag("add_bos_token", value)
        self.update_post_processor()

    @property
    def add_eos_token(self) -> bool:
        """Whether `eos_token` was asked for around sequences; a pipeline of `tokenizer.json` may add it in any case."""
        return bool(self.__dict__.get("_add_eos_token", False))

    @add_eos_token.setter
    def add_eos_token(self, value: bool) -> None:
        self.__dict__["_add_eos_token"] = flag("add_eos_token", value)
        self.update_post_processor()

    def update_post_processor(self) -> None:
        """Makes rows of one sequence or a pair begin with `bos_token` and end with `eos_token`, as the flags say."""
        for name, token in (("_add_bos_token", self.bos_token), ("_add_eos_token", self.eos_token)):
            if token is None:
                self.__dict__[name] = False
        before = [self.bos_token] if self.add_bos_token else []
        after = [self.eos_token] if self.add_eos_token else []

        def around(sequence: str, type_id: int) -> list[dict[str, Any]]:
            special = [{"SpecialToken": {"id": token, "type_id": type_id}} for token in (*before, *after)]
            inside = [{"Sequence": {"id": sequence, "type_id": type_id}}]
            return [*special[: len(before)], *inside, *special[len(before) :]]

        template = {
            "type": "TemplateProcessing",
            "single": around("A", 0),
            "pair": [*around("A", 0), *around("B", 1)],
            "special_tokens": {
                token: {"id": token, "ids": [self.convert_tokens_to_ids(str(token))], "tokens": [token]}
                for token in (*before, *after)
            },
        }
        files = self._native.to_files()
        files[TOKENIZER] = json.dumps({**json.loads(files[TOKENIZER]), "post_processor": template})
        self._native = _native.Tokenizer.from_files(files)

    def train_new_from_iterator(
        self,
        text_iterator: Iterable[Any],
        vocab_size: int,
        length: int | None = None,
        new_special_tokens: Sequence[str | AddedToken] | None = None,
        special_tokens_map: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Trains a vocabulary on texts and returns a tokenizer with it and this tokenizer's pipeline and settings.

        Parameters
        ----------
        text_iterator
            Texts, or lists of texts.
        length
            The number of items of `text_iterator`, for the progress bar.
        new_special_tokens
            More special tokens.
        special_tokens_map
            New names of special tokens, by their names here.
        kwargs
            Arguments of the trainer in the package tokenizers.

        Raises
        ------
        UnsupportedError
            The package tokenizers, which trains, is not installed.
        """
        if isinstance(text_iterator, str) or not hasattr(text_iterator, "__iter__"):
            raise InputError(f"text_iterator: expected texts, or lists of texts, found {kind(text_iterator)}")
        if self._native.model_kind == "Lookup":
            raise UnsupportedError(
                f"not supported: train_new_from_iterator of a {type(self).__name__}; train its SentencePiece models "
                "with the package sentencepiece"
            )
        size = vocab_length("vocab_size", vocab_size)
        files = trained(
            self._files(),
            text_iterator,
            size or 0,
            count=length,
            new_special_tokens=new_special_tokens,
            renamed=special_tokens_map or {},
            options=kwargs,
        )
        tokenizer = type(self)._of(_native.Tokenizer.from_files(files), self.name_or_path)
        vars(tokenizer).update(self._state())
        return tokenizer

    @property
    def _native(self) -> Any:
        library: Library | None = self.__dict__.get("_library")
        if library is not None and library.is_changed():
            files = {**self._engine.to_files(), TOKENIZER: library.to_str()}
            self._engine = library.native = _native.Tokenizer.from_files(files)
        return self._engine

    @_native.setter
    def _native(self, value: Any) -> None:
        self._engine = value

    def _set_flags(self, given: dict[str, Any]) -> None:
        for name in ("add_bos_token", "add_eos_token"):
            if name in given:
                self.__dict__[f"_{name}"] = bool(given[name])


PreTrainedTokenizerFast = TokenizersBackend


def load(
    name_or_path: str | os.PathLike[str],
    wanted: type[TokenizersBackend] | Callable[[str], type[TokenizersBackend]],
    *init_inputs: Any,
    revision: str | None = None,
    token: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_files_only: bool = False,
    gguf_file: str | os.PathLike[str] | None = None,
    subfolder: str = "",
    **kwargs: Any,
) -> Any:
    """Loads a tokenizer as a class, or as the class that a function gives for the name in the files."""
    has_own = isinstance(wanted, type) and _has_constructor(wanted)
    known, own = separated(kwargs) if has_own else (kwargs, {})
    settings = overrides(known)
    name = os.fspath(name_or_path)
    cache = None if cache_dir is None else os.fspath(cache_dir)
    gguf = None if gguf_file is None else os.fspath(gguf_file)
    directory = _native.resolve(name, "tokenizer", revision, token, cache, local_files_only, gguf, subfolder=subfolder)
    # The pipeline of tokenizer.json states which tokens are added.
    has_pipeline = gguf is not None or os.path.isfile(os.path.join(directory, TOKENIZER))
    if isinstance(wanted, type):
        cls: type[TokenizersBackend] = wanted
        family = _family_name(cls)
        # The generic class cannot be built from vocabulary files.
        is_free = gguf is not None or (family == "TokenizersBackend" and not has_pipeline)
        native = _native.Tokenizer.from_dir(directory, settings) if is_free else _read(directory, family, settings)
    else:
        native = _native.Tokenizer.from_dir(directory, settings)
        cls = wanted(native.tokenizer_class)
    tokenizer = cls._of(native, name, *init_inputs, **own)
    tokenizer._set_flags(known if has_pipeline else {**configured(directory), **known})
    return tokenizer


def _read(directory: str | os.PathLike[str], family: str, settings: dict[str, Any]) -> _native.Tokenizer:
    """The tokenizer of a directory as a class, whichever the files name."""
    try:
        native = _native.Tokenizer.from_dir(directory, settings)
    except UnsupportedError:
        # Vocabulary files alone do not name a class.
        native = None
    if native is None or not _is_class(native.tokenizer_class, family):
        native = as_class(os.fspath(directory), family, settings)
    return native


def _has_constructor(cls: type[TokenizersBackend]) -> bool:
    """Whether a user's class has a constructor of its own."""
    return getattr(cls, "__init__") is not TokenizersBackend.__init__  # noqa: B009  # mypy: unsound on an instance


def _family_name(cls: type[TokenizersBackend]) -> str:
    """The name of the nearest class that the engine knows."""
    return next((base.__name__ for base in cls.__mro__ if "_is_family" in vars(base)), "TokenizersBackend")


def _is_class(found: str, wanted: str) -> bool:
    if wanted == "TokenizersBackend":
        return found in GENERIC
    return ALIASES.get(found, found) == wanted


def _from_single_file(
    family: str, file: str | os.PathLike[str] | None, tokenizer: Any, settings: dict[str, Any]
) -> _native.Tokenizer:
    if tokenizer is not None and not callable(getattr(tokenizer, "to_str", None)):
        raise InputError(f"tokenizer_object: expected a tokenizers.Tokenizer, found {type(tokenizer).__name__}")
    if family != "TokenizersBackend":
        found: _native.Tokenizer = from_pipeline(family, file, tokenizer, settings)
        return found
    if tokenizer is not None:
        return _native.Tokenizer.from_json("tokenizer_object", tokenizer.to_str(), settings)
    return _native.Tokenizer.from_file(path("tokenizer_file", file), settings)
