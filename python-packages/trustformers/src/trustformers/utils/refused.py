"""Classes and functions that libraries import beside those that they use: for annotations, for `isinstance`, as base
classes, or to select a model.

Importing them works, nothing is an instance of them, and using them raises the reason of their absence.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import Any, NoReturn

from trustformers._absent import missing_attribute
from trustformers._reference import reason_of_name
from trustformers.errors import UnsupportedError

__all__ = [
    "AttentionInterface",
    "AttentionMaskInterface",
    "AutoFeatureExtractor",
    "AutoImageProcessor",
    "AutoModelForImageTextToText",
    "AutoModelForMultimodalLM",
    "AutoModelForMultipleChoice",
    "AutoModelForNextSentencePrediction",
    "AutoModelForPreTraining",
    "AutoModelForSpeechSeq2Seq",
    "BaseImageProcessor",
    "BaseVideoProcessor",
    "CodeCarbonCallback",
    "ContinuousBatchingConfig",
    "FeatureExtractionMixin",
    "HfDeepSpeedConfig",
    "ImageProcessingMixin",
    "ProcessorMixin",
    "TrackioCallback",
    "WandbCallback",
    "custom_object_save",
    "get_class_from_dynamic_module",
    "get_relative_import_files",
]


# Libraries derive from these classes and from abstract ones.
class Refused(ABCMeta):
    """The class of classes that cannot be used."""

    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        refused = next(base for base in reversed(cls.__mro__) if isinstance(base, Refused))
        raise _unsupported(refused.__name__)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        if name == "from_pretrained":
            # Libraries list these functions by the kind of a model, and call one of them.
            return cls
        raise missing_attribute("transformers", cls.__name__)


class AttentionInterface(metaclass=Refused):
    """Registers implementations of attention in transformers."""


class AttentionMaskInterface(metaclass=Refused):
    """Registers implementations of attention masks in transformers."""


class AutoFeatureExtractor(metaclass=Refused):
    """Loads what prepares sounds and images in transformers."""


class AutoImageProcessor(metaclass=Refused):
    """Loads what prepares images in transformers."""


class AutoModelForImageTextToText(metaclass=Refused):
    """Loads models of images and text in transformers."""


class AutoModelForMultimodalLM(metaclass=Refused):
    """Loads models of several kinds of inputs in transformers."""


class AutoModelForMultipleChoice(metaclass=Refused):
    """Loads multiple choice models in transformers."""


class AutoModelForNextSentencePrediction(metaclass=Refused):
    """Loads models that predict whether a sentence follows another in transformers."""


class AutoModelForPreTraining(metaclass=Refused):
    """Loads models with the heads of their pretraining in transformers."""


class AutoModelForSpeechSeq2Seq(metaclass=Refused):
    """Loads speech recognition models in transformers."""


class BaseImageProcessor(metaclass=Refused):
    """Base of what prepares images in transformers."""


class BaseVideoProcessor(metaclass=Refused):
    """Base of what prepares videos in transformers."""


class FeatureExtractionMixin(metaclass=Refused):
    """Base of what prepares sounds in transformers."""


class ImageProcessingMixin(metaclass=Refused):
    """Base of what loads preparations of images in transformers."""


class ProcessorMixin(metaclass=Refused):
    """Base of what prepares several kinds of inputs in transformers."""


class ContinuousBatchingConfig(metaclass=Refused):
    """Settings of continuous batching in transformers."""


class HfDeepSpeedConfig(metaclass=Refused):
    """Settings of DeepSpeed in transformers."""


class CodeCarbonCallback(metaclass=Refused):
    """Sends emissions of a training to CodeCarbon in transformers."""


class TrackioCallback(metaclass=Refused):
    """Sends metrics of a training to Trackio in transformers."""


class WandbCallback(metaclass=Refused):
    """Sends metrics of a training to Weights & Biases in transformers."""


def get_class_from_dynamic_module(*_args: Any, **_kwargs: Any) -> NoReturn:
    """Not supported: code from repositories is never run."""
    raise _unsupported("get_class_from_dynamic_module")


def get_relative_import_files(*_args: Any, **_kwargs: Any) -> NoReturn:
    """Not supported: code from repositories is never run."""
    raise _unsupported("get_relative_import_files")


def custom_object_save(*_args: Any, **_kwargs: Any) -> NoReturn:
    """Not supported: code from repositories is never run."""
    raise _unsupported("custom_object_save")


def _unsupported(name: str) -> UnsupportedError:
    return UnsupportedError(f"not supported: {name} of transformers; {reason_of_name(name)}")
