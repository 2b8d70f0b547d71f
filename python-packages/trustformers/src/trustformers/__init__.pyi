"""Names of trustformers. Written by ci/python_stubs.py."""

from trustformers import errors as errors
from trustformers import generation as generation
from trustformers import models as models
from trustformers import pipelines as pipelines
from trustformers import runtime as runtime
from trustformers import safetensors as safetensors
from trustformers import tensor as tensor
from trustformers import tokenizers as tokenizers
from trustformers import utils as utils
from trustformers._version import __version__ as __version__
from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.logits_process import LogitsProcessor as LogitsProcessor
from trustformers.generation.logits_process import LogitsProcessorList as LogitsProcessorList
from trustformers.generation.mixin import GenerateBeamDecoderOnlyOutput as GenerateBeamDecoderOnlyOutput
from trustformers.generation.mixin import GenerateDecoderOnlyOutput as GenerateDecoderOnlyOutput
from trustformers.generation.stopping_criteria import MaxLengthCriteria as MaxLengthCriteria
from trustformers.generation.stopping_criteria import MaxTimeCriteria as MaxTimeCriteria
from trustformers.generation.stopping_criteria import StoppingCriteria as StoppingCriteria
from trustformers.generation.stopping_criteria import StoppingCriteriaList as StoppingCriteriaList
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.generation.streamers import TextIteratorStreamer as TextIteratorStreamer
from trustformers.generation.streamers import TextStreamer as TextStreamer
from trustformers.models.auto import AutoModel as AutoModel
from trustformers.models.auto import AutoModelForCausalLM as AutoModelForCausalLM
from trustformers.models.auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from trustformers.models.auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from trustformers.models.auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from trustformers.models.auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.configuration import AutoConfig as AutoConfig
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline as TextClassificationPipeline
from trustformers.pipelines.classification import ZeroShotClassificationPipeline as ZeroShotClassificationPipeline
from trustformers.pipelines.data_formats import CsvPipelineDataFormat as CsvPipelineDataFormat
from trustformers.pipelines.data_formats import JsonPipelineDataFormat as JsonPipelineDataFormat
from trustformers.pipelines.data_formats import PipedPipelineDataFormat as PipedPipelineDataFormat
from trustformers.pipelines.data_formats import PipelineDataFormat as PipelineDataFormat
from trustformers.pipelines.factory import pipeline as pipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline as FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline as QuestionAnsweringPipeline
from trustformers.pipelines.ranking import TextRankingPipeline as TextRankingPipeline
from trustformers.pipelines.registry import PipelineRegistry as PipelineRegistry
from trustformers.pipelines.text_generation import TextGenerationPipeline as TextGenerationPipeline
from trustformers.pipelines.token_classification import NerPipeline as NerPipeline
from trustformers.pipelines.token_classification import TokenClassificationPipeline as TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline
from trustformers.pipelines.vectors import SentenceSimilarityPipeline as SentenceSimilarityPipeline
from trustformers.runtime.backends import DeviceInfo as DeviceInfo
from trustformers.runtime.backends import HAS_CPU as HAS_CPU
from trustformers.runtime.backends import HAS_CUDA as HAS_CUDA
from trustformers.runtime.backends import HAS_METAL as HAS_METAL
from trustformers.runtime.backends import HAS_ROCM as HAS_ROCM
from trustformers.runtime.backends import device_count as device_count
from trustformers.runtime.backends import is_available as is_available
from trustformers.runtime.backends import list_devices as list_devices
from trustformers.runtime.backends import synchronize as synchronize
from trustformers.runtime.device import Device as Device
from trustformers.runtime.jobs import Job as Job
from trustformers.runtime.seed import set_seed as set_seed
from trustformers.runtime.threads import get_num_threads as get_num_threads
from trustformers.runtime.threads import set_num_threads as set_num_threads
from trustformers.tensor.autograd import enable_grad as enable_grad
from trustformers.tensor.autograd import inference_mode as inference_mode
from trustformers.tensor.autograd import is_grad_enabled as is_grad_enabled
from trustformers.tensor.autograd import no_grad as no_grad
from trustformers.tensor.autograd import set_grad_enabled as set_grad_enabled
from trustformers.tensor.namespace import Tensor as Tensor
from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging
from trustformers.models.families import *

__all__ = [
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
    "CsvPipelineDataFormat",
    "DataCollatorWithPadding",
    "Device",
    "DeviceInfo",
    "DynamicCache",
    "FeatureExtractionPipeline",
    "FillMaskPipeline",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateDecoderOnlyOutput",
    "GenerationConfig",
    "HAS_CPU",
    "HAS_CUDA",
    "HAS_METAL",
    "HAS_ROCM",
    "Job",
    "JsonPipelineDataFormat",
    "LogitsProcessor",
    "LogitsProcessorList",
    "MaskedLMOutput",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "ModelOutput",
    "NerPipeline",
    "PipedPipelineDataFormat",
    "Pipeline",
    "PipelineDataFormat",
    "PipelineRegistry",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
    "PretrainedConfig",
    "QuantizedCache",
    "QuestionAnsweringModelOutput",
    "QuestionAnsweringPipeline",
    "SentenceSimilarityPipeline",
    "SequenceClassifierOutput",
    "StaticCache",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "Tensor",
    "TextClassificationPipeline",
    "TextGenerationPipeline",
    "TextIteratorStreamer",
    "TextRankingPipeline",
    "TextStreamer",
    "TokenClassificationPipeline",
    "TokenClassifierOutput",
    "ZeroShotClassificationPipeline",
    "default_data_collator",
    "device_count",
    "enable_grad",
    "get_num_threads",
    "inference_mode",
    "is_available",
    "is_grad_enabled",
    "list_devices",
    "logging",
    "no_grad",
    "pipeline",
    "set_grad_enabled",
    "set_num_threads",
    "set_seed",
    "synchronize",
    "__version__",
]
