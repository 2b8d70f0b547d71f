"""The Hugging Face transformers API without PyTorch, over a Rust engine."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trustformers._version import __version__

if TYPE_CHECKING:
    from trustformers.batch_encoding import BatchEncoding
    from trustformers.configuration import AutoConfig, PreTrainedConfig
    from trustformers.device import Device
    from trustformers.model_output import BaseModelOutputWithPooling, ModelOutput
    from trustformers.modeling import AutoModel, PreTrainedModel
    from trustformers.pipelines import FeatureExtractionPipeline, Pipeline, SentenceSimilarityPipeline, pipeline
    from trustformers.threads import get_num_threads, set_num_threads
    from trustformers.tokenization import AutoTokenizer, PreTrainedTokenizerFast

__all__ = [
    "AutoConfig",
    "AutoModel",
    "AutoTokenizer",
    "BaseModelOutputWithPooling",
    "BatchEncoding",
    "Device",
    "FeatureExtractionPipeline",
    "ModelOutput",
    "Pipeline",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PreTrainedTokenizerFast",
    "SentenceSimilarityPipeline",
    "__version__",
    "get_num_threads",
    "pipeline",
    "set_num_threads",
]

# Names load with their module on first use: the import itself must not wait for NumPy or the engine.
_HOMES = {
    "AutoConfig": "configuration",
    "AutoModel": "modeling",
    "AutoTokenizer": "tokenization",
    "BaseModelOutputWithPooling": "model_output",
    "BatchEncoding": "batch_encoding",
    "Device": "device",
    "FeatureExtractionPipeline": "pipelines",
    "ModelOutput": "model_output",
    "Pipeline": "pipelines",
    "PreTrainedConfig": "configuration",
    "PreTrainedModel": "modeling",
    "PreTrainedTokenizerFast": "tokenization",
    "SentenceSimilarityPipeline": "pipelines",
    "get_num_threads": "threads",
    "pipeline": "pipelines",
    "set_num_threads": "threads",
}


def __getattr__(name: str) -> Any:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'trustformers' has no attribute {name!r}") from None
    value = getattr(import_module(f"trustformers.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
