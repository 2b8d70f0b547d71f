"""`AutoTokenizer`, which loads a model's tokenizer."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.jobs import Job
from trustformers.tokenizers.families import classes, tokenizer_class
from trustformers.tokenizers.fast import PreTrainedTokenizerFast, load

__all__ = ["AutoTokenizer"]


class AutoTokenizer:
    """Loads the tokenizer of a model."""

    def __init__(self) -> None:
        raise OSError("AutoTokenizer has no instances; call AutoTokenizer.from_pretrained(name_or_path)")

    @staticmethod
    def from_pretrained(
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        revision: str | None = None,
        token: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        **kwargs: Any,
    ) -> PreTrainedTokenizerFast:
        """Loads a tokenizer as the class that its files name; see `PreTrainedTokenizerFast.from_pretrained`.

        Parameters
        ----------
        kwargs
            Also `tokenizer_type`, a `model_type` whose tokenizer class is used in place of the files'.
        """
        hub: dict[str, Any] = {
            "revision": revision,
            "token": token,
            "cache_dir": cache_dir,
            "local_files_only": local_files_only,
        }
        named = kwargs.pop("tokenizer_type", None)
        if named is not None:
            return _of_type(named).from_pretrained(pretrained_model_name_or_path, **hub, **kwargs)
        tokenizer: PreTrainedTokenizerFast = load(pretrained_model_name_or_path, tokenizer_class, **hub, **kwargs)
        return tokenizer

    @staticmethod
    def from_pretrained_async(
        pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> Job[PreTrainedTokenizerFast]:
        """Runs `from_pretrained` in the background and returns an awaitable job."""
        return Job.run(lambda: AutoTokenizer.from_pretrained(pretrained_model_name_or_path, **kwargs))

    @staticmethod
    def register(config_class: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: a tokenizer's class follows from its files."""
        raise UnsupportedError(
            "not supported: AutoTokenizer.register: the class follows from the files; load the tokenizer with the "
            "class itself"
        )


def _of_type(model_type: str) -> type[PreTrainedTokenizerFast]:
    wanted = model_type.replace("-", "").replace("_", "").lower() + "tokenizer"
    for name, found in classes().items():
        if name.lower() == wanted:
            return found
    raise InputError(f"tokenizer_type: {model_type!r} names no tokenizer class")
