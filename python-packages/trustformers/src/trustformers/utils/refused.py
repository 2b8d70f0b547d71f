"""Classes that libraries import beside those that they use: for annotations, for `isinstance`, or to select a model.

Importing them works, nothing is an instance of them, and using them raises the reason of their absence.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

from trustformers._absent import missing_attribute
from trustformers._reference import reason_of_name
from trustformers.errors import UnsupportedError
from trustformers.tokenizers.auto import AutoTokenizer

__all__ = [
    "AutoFeatureExtractor",
    "AutoImageProcessor",
    "AutoModelForImageTextToText",
    "AutoModelForMultimodalLM",
    "AutoModelForMultipleChoice",
    "AutoModelForNextSentencePrediction",
    "AutoModelForPreTraining",
    "AutoModelForSeq2SeqLM",
    "AutoModelForSpeechSeq2Seq",
    "AutoModelForTextEncoding",
    "AutoProcessor",
    "BaseImageProcessor",
    "BaseVideoProcessor",
    "FeatureExtractionMixin",
    "ImageProcessingMixin",
    "ProcessorMixin",
]


class _Refused(type):
    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise UnsupportedError(f"not supported: {cls.__name__} of transformers; {reason_of_name(cls.__name__)}")

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        raise missing_attribute("transformers", cls.__name__)


class AutoFeatureExtractor(metaclass=_Refused):
    """Loads what prepares sounds and images in transformers."""


class AutoImageProcessor(metaclass=_Refused):
    """Loads what prepares images in transformers."""


class AutoModelForImageTextToText(metaclass=_Refused):
    """Loads models of images and text in transformers."""


class AutoModelForMultimodalLM(metaclass=_Refused):
    """Loads models of several kinds of inputs in transformers."""


class AutoModelForMultipleChoice(metaclass=_Refused):
    """Loads multiple choice models in transformers."""


class AutoModelForNextSentencePrediction(metaclass=_Refused):
    """Loads models that predict whether a sentence follows another in transformers."""


class AutoModelForPreTraining(metaclass=_Refused):
    """Loads models with the heads of their pretraining in transformers."""


class AutoModelForSeq2SeqLM(metaclass=_Refused):
    """Loads encoder-decoder language models in transformers."""


class AutoModelForSpeechSeq2Seq(metaclass=_Refused):
    """Loads speech recognition models in transformers."""


class AutoModelForTextEncoding(metaclass=_Refused):
    """Loads the text encoders of encoder-decoders in transformers."""


class AutoProcessor(metaclass=_Refused):
    """Loads what prepares the inputs of a model, which for models of text is a tokenizer."""

    @staticmethod
    def from_pretrained(pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Any:
        """Loads the tokenizer of a model; see `AutoTokenizer.from_pretrained`."""
        return AutoTokenizer.from_pretrained(pretrained_model_name_or_path, **kwargs)


class BaseImageProcessor(metaclass=_Refused):
    """Base of what prepares images in transformers."""


class BaseVideoProcessor(metaclass=_Refused):
    """Base of what prepares videos in transformers."""


class FeatureExtractionMixin(metaclass=_Refused):
    """Base of what prepares sounds in transformers."""


class ImageProcessingMixin(metaclass=_Refused):
    """Base of what loads preparations of images in transformers."""


class ProcessorMixin(metaclass=_Refused):
    """Base of what prepares several kinds of inputs in transformers."""
