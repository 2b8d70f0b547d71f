"""The Hugging Face transformers API without PyTorch, over a Rust engine."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trustformers._version import __version__

if TYPE_CHECKING:
    from trustformers.generation.config import GenerationConfig
    from trustformers.generation.mixin import GenerateBeamDecoderOnlyOutput, GenerateDecoderOnlyOutput
    from trustformers.generation.streamers import BaseStreamer, TextIteratorStreamer, TextStreamer
    from trustformers.models.auto import (
        AutoModel,
        AutoModelForCausalLM,
        AutoModelForMaskedLM,
        AutoModelForQuestionAnswering,
        AutoModelForSequenceClassification,
        AutoModelForTokenClassification,
    )
    from trustformers.models.base import PreTrainedModel
    from trustformers.models.cache import Cache, DynamicCache, QuantizedCache, StaticCache
    from trustformers.models.configuration import AutoConfig, PreTrainedConfig, PretrainedConfig
    from trustformers.models.families import *  # noqa: F403
    from trustformers.models.outputs import (
        BaseModelOutputWithPast,
        BaseModelOutputWithPooling,
        CausalLMOutputWithPast,
        MaskedLMOutput,
        ModelOutput,
        QuestionAnsweringModelOutput,
        SequenceClassifierOutput,
        TokenClassifierOutput,
    )
    from trustformers.pipelines import (
        FeatureExtractionPipeline,
        FillMaskPipeline,
        Pipeline,
        QuestionAnsweringPipeline,
        SentenceSimilarityPipeline,
        TextClassificationPipeline,
        TextGenerationPipeline,
        TextRankingPipeline,
        TokenClassificationPipeline,
        ZeroShotClassificationPipeline,
        pipeline,
    )
    from trustformers.runtime.backends import (
        HAS_CPU,
        HAS_CUDA,
        HAS_METAL,
        HAS_ROCM,
        DeviceInfo,
        device_count,
        is_available,
        list_devices,
        synchronize,
    )
    from trustformers.runtime.device import Device
    from trustformers.runtime.jobs import Job
    from trustformers.runtime.seed import set_seed
    from trustformers.runtime.threads import get_num_threads, set_num_threads
    from trustformers.tokenizers.auto import AutoTokenizer
    from trustformers.tokenizers.batch_encoding import BatchEncoding
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast
    from trustformers.tokenizers.special_tokens import AddedToken

__all__ = [
    "HAS_CPU",
    "HAS_CUDA",
    "HAS_METAL",
    "HAS_ROCM",
    "AddedToken",
    "AutoConfig",
    "AutoModel",
    "AutoModelForCausalLM",
    "AutoModelForMaskedLM",
    "AutoModelForQuestionAnswering",
    "AutoModelForSequenceClassification",
    "AutoModelForTokenClassification",
    "AutoTokenizer",
    "BaseModelOutputWithPast",
    "BaseModelOutputWithPooling",
    "BaseStreamer",
    "BatchEncoding",
    "Cache",
    "CausalLMOutputWithPast",
    "Device",
    "DeviceInfo",
    "DynamicCache",
    "FeatureExtractionPipeline",
    "FillMaskPipeline",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateDecoderOnlyOutput",
    "GenerationConfig",
    "Job",
    "MaskedLMOutput",
    "ModelOutput",
    "Pipeline",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PreTrainedTokenizerFast",
    "PretrainedConfig",
    "QuantizedCache",
    "QuestionAnsweringModelOutput",
    "QuestionAnsweringPipeline",
    "SentenceSimilarityPipeline",
    "SequenceClassifierOutput",
    "StaticCache",
    "TextClassificationPipeline",
    "TextGenerationPipeline",
    "TextIteratorStreamer",
    "TextRankingPipeline",
    "TextStreamer",
    "TokenClassificationPipeline",
    "TokenClassifierOutput",
    "ZeroShotClassificationPipeline",
    "__version__",
    "device_count",
    "get_num_threads",
    "is_available",
    "list_devices",
    "pipeline",
    "set_num_threads",
    "set_seed",
    "synchronize",
]

# Names load with their module on first use: the import itself must not wait for NumPy or the engine.
_HOMES = {
    "HAS_CPU": "runtime.backends",
    "HAS_CUDA": "runtime.backends",
    "HAS_METAL": "runtime.backends",
    "HAS_ROCM": "runtime.backends",
    "AddedToken": "tokenizers.special_tokens",
    "AutoConfig": "models.configuration",
    "AutoModel": "models.auto",
    "AutoModelForCausalLM": "models.auto",
    "AutoModelForMaskedLM": "models.auto",
    "AutoModelForQuestionAnswering": "models.auto",
    "AutoModelForSequenceClassification": "models.auto",
    "AutoModelForTokenClassification": "models.auto",
    "AutoTokenizer": "tokenizers.auto",
    "BaseModelOutputWithPast": "models.outputs",
    "BaseModelOutputWithPooling": "models.outputs",
    "BaseStreamer": "generation.streamers",
    "BatchEncoding": "tokenizers.batch_encoding",
    "Cache": "models.cache",
    "CausalLMOutputWithPast": "models.outputs",
    "Device": "runtime.device",
    "DeviceInfo": "runtime.backends",
    "DynamicCache": "models.cache",
    "FeatureExtractionPipeline": "pipelines",
    "FillMaskPipeline": "pipelines",
    "GenerateBeamDecoderOnlyOutput": "generation.mixin",
    "GenerateDecoderOnlyOutput": "generation.mixin",
    "GenerationConfig": "generation.config",
    "Job": "runtime.jobs",
    "MaskedLMOutput": "models.outputs",
    "ModelOutput": "models.outputs",
    "Pipeline": "pipelines",
    "PreTrainedConfig": "models.configuration",
    "PreTrainedModel": "models.base",
    "PreTrainedTokenizerFast": "tokenizers.fast",
    "PretrainedConfig": "models.configuration",
    "QuantizedCache": "models.cache",
    "QuestionAnsweringModelOutput": "models.outputs",
    "QuestionAnsweringPipeline": "pipelines",
    "SentenceSimilarityPipeline": "pipelines",
    "SequenceClassifierOutput": "models.outputs",
    "StaticCache": "models.cache",
    "TextClassificationPipeline": "pipelines",
    "TextGenerationPipeline": "pipelines",
    "TextRankingPipeline": "pipelines",
    "TextIteratorStreamer": "generation.streamers",
    "TextStreamer": "generation.streamers",
    "TokenClassificationPipeline": "pipelines",
    "TokenClassifierOutput": "models.outputs",
    "ZeroShotClassificationPipeline": "pipelines",
    "device_count": "runtime.backends",
    "get_num_threads": "runtime.threads",
    "is_available": "runtime.backends",
    "list_devices": "runtime.backends",
    "pipeline": "pipelines",
    "set_num_threads": "runtime.threads",
    "set_seed": "runtime.seed",
    "synchronize": "runtime.backends",
}


_ABSENT = object()


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        if name.startswith("_") or not name[0].isupper():
            raise AttributeError(f"module 'trustformers' has no attribute {name!r}")
        home = "models.families"
    value = getattr(import_module(f"trustformers.{home}"), name, _ABSENT)
    if value is _ABSENT:
        raise AttributeError(f"module 'trustformers' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
