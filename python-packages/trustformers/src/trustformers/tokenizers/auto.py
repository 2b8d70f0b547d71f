"""`AutoTokenizer`, which loads a model's tokenizer."""

from __future__ import annotations

import os
from typing import Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.jobs import Job
from trustformers.tokenizers.class_names import REGISTERED
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
    def register(
        config_class: Any,
        tokenizer_class: Any = None,
        slow_tokenizer_class: Any = None,
        fast_tokenizer_class: Any = None,
        exist_ok: bool = False,
    ) -> None:
        """Makes classes known, which `from_pretrained` uses for files that name them.

        Parameters
        ----------
        config_class
            The class of the configuration; without effect, as the class of a tokenizer follows from its files.
        tokenizer_class, slow_tokenizer_class, fast_tokenizer_class
            Classes derived from `PreTrainedTokenizerFast` or a family's class.
        exist_ok
            Without effect: a class replaces one of the same name.

        Raises
        ------
        InputError
            There is no class.
        UnsupportedError
            A class is not derived from one of trustformers.
        """
        given = [one for one in (tokenizer_class, slow_tokenizer_class, fast_tokenizer_class) if one is not None]
        if not given:
            raise InputError("tokenizer_class: missing; pass the class to register")
        for one in given:
            if not (isinstance(one, type) and issubclass(one, PreTrainedTokenizerFast)):
                raise UnsupportedError(
                    f"not supported: registering {getattr(one, '__name__', one)!r}, which is not derived from "
                    "PreTrainedTokenizerFast; load the tokenizer with the class itself"
                )
        REGISTERED.update({one.__name__: one for one in given})


def _of_type(model_type: str) -> type[PreTrainedTokenizerFast]:
    wanted = model_type.replace("-", "").replace("_", "").lower() + "tokenizer"
    for name, found in classes().items():
        if name.lower() == wanted:
            return found
    raise InputError(f"tokenizer_type: {model_type!r} names no tokenizer class")
