"""Classes that choose a model's class by the `model_type` of its `config.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers.models.auto.auto_factory import _BaseAutoModelClass
from trustformers.models.auto_config import AutoConfig, read_config
from trustformers.models.families import text_encoder_class
from trustformers.models.heads import (
    BaseModel,
    ModelForCausalLM,
    ModelForMaskedLM,
    ModelForQuestionAnswering,
    ModelForSequenceClassification,
    ModelForTokenClassification,
    TextEncoder,
)
from trustformers.models.seq2seq import Seq2SeqForConditionalGeneration
from trustformers.tokenizers.auto import AutoTokenizer

if TYPE_CHECKING:
    from trustformers._checks.loading import LoadOptions
    from trustformers._views.models_auto import *  # noqa: F403

__all__ = [
    "AutoConfig",
    "AutoModel",
    "AutoModelForCausalLM",
    "AutoModelForMaskedLM",
    "AutoModelForQuestionAnswering",
    "AutoModelForSeq2SeqLM",
    "AutoModelForSequenceClassification",
    "AutoModelForTextEncoding",
    "AutoModelForTokenClassification",
    "AutoTokenizer",
]


class AutoModel(_BaseAutoModelClass, BaseModel):
    """Loads models without a head."""


class AutoModelForCausalLM(_BaseAutoModelClass, ModelForCausalLM):
    """Loads causal language models."""


class AutoModelForSeq2SeqLM(_BaseAutoModelClass, Seq2SeqForConditionalGeneration):
    """Loads encoder-decoder language models."""


class AutoModelForMaskedLM(_BaseAutoModelClass, ModelForMaskedLM):
    """Loads masked language models."""


class AutoModelForSequenceClassification(_BaseAutoModelClass, ModelForSequenceClassification):
    """Loads sequence classifiers."""


class AutoModelForTextEncoding(_BaseAutoModelClass, TextEncoder):
    """Loads text encoders: models without a head, of encoder-decoders the encoder alone."""

    _class_of = staticmethod(text_encoder_class)

    @classmethod
    def _load(cls, name: str, directory: str, options: LoadOptions, **given: Any) -> Any:
        model_type = read_config(name, directory).model_type
        return cls._class_of(model_type, cls.base_head)._load(name, directory, options, **given)


class AutoModelForTokenClassification(_BaseAutoModelClass, ModelForTokenClassification):
    """Loads token classifiers."""


class AutoModelForQuestionAnswering(_BaseAutoModelClass, ModelForQuestionAnswering):
    """Loads extractive question answering models."""
