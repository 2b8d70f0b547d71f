"""`AutoProcessor`, which loads the tokenizer of a text model."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from trustformers.errors import UnsupportedError
from trustformers.tokenizers.auto import AutoTokenizer
from trustformers.tokenizers.fast import PreTrainedTokenizerFast
from trustformers.utils.hub_files import FEATURE_EXTRACTOR_NAME, PROCESSOR_NAME, cached_file

__all__ = ["AutoProcessor"]

_HUB = ("revision", "token", "cache_dir", "local_files_only", "subfolder")


class AutoProcessor:
    """Loads what prepares a model's inputs, which for text is its tokenizer."""

    def __init__(self) -> None:
        raise OSError("AutoProcessor has no instances; call AutoProcessor.from_pretrained(name_or_path)")

    @staticmethod
    def from_pretrained(
        pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> PreTrainedTokenizerFast:
        """Loads the tokenizer, if nothing else prepares the model's inputs.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory or a hub repository.
        **kwargs
            As for `AutoTokenizer.from_pretrained`.

        Raises
        ------
        UnsupportedError
            The files name what prepares images or sounds.
        """
        hub = {name: kwargs[name] for name in _HUB if kwargs.get(name) is not None}
        for name in (PROCESSOR_NAME, FEATURE_EXTRACTOR_NAME):
            found = cached_file(
                pretrained_model_name_or_path,
                name,
                _raise_exceptions_for_missing_entries=False,
                _raise_exceptions_for_connection_errors=False,
                **hub,
            )
            if found is not None:
                raise UnsupportedError(
                    f"not supported: {found}, which prepares images or sounds; AutoTokenizer loads the tokenizer"
                )
        return AutoTokenizer.from_pretrained(pretrained_model_name_or_path, **kwargs)

    @staticmethod
    def register(*_args: Any, **_kwargs: Any) -> NoReturn:
        """Not supported: text models have a tokenizer alone."""
        raise UnsupportedError("not supported: AutoProcessor.register; text models have a tokenizer alone")
