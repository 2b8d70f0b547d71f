"""`AutoTokenizer`, which loads a model's tokenizer."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from trustformers.errors import UnsupportedError
from trustformers.runtime.jobs import Job
from trustformers.tokenizers.fast import PreTrainedTokenizerFast

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
        """Loads a tokenizer; see `PreTrainedTokenizerFast.from_pretrained`."""
        return PreTrainedTokenizerFast.from_pretrained(
            pretrained_model_name_or_path,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            local_files_only=local_files_only,
            **kwargs,
        )

    @staticmethod
    def register(*_args: Any, **_kwargs: Any) -> NoReturn:
        """Not supported: classes of one's own are called by their own names."""
        raise UnsupportedError(
            "not supported: AutoTokenizer.register; the engine runs its own families, so call from_pretrained of the class itself"
        )

    @staticmethod
    def from_pretrained_async(
        pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> Job[PreTrainedTokenizerFast]:
        """Runs `from_pretrained` in the background and returns an awaitable job."""
        return PreTrainedTokenizerFast.from_pretrained_async(pretrained_model_name_or_path, **kwargs)
