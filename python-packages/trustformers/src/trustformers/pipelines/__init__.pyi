"""Names of trustformers.pipelines. Written by ci/python_stubs.py."""

from trustformers.models.auto import AutoModel as AutoModel
from trustformers.models.auto import AutoModelForCausalLM as AutoModelForCausalLM
from trustformers.models.auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from trustformers.models.auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from trustformers.models.auto import AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM
from trustformers.models.auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from trustformers.models.auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.mappings import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from trustformers.pipelines.base import ArgumentHandler as ArgumentHandler
from trustformers.pipelines.base import ChunkPipeline as ChunkPipeline
from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.base import PipelineException as PipelineException
from trustformers.pipelines.classification import TextClassificationPipeline as TextClassificationPipeline
from trustformers.pipelines.classification import ZeroShotClassificationArgumentHandler as ZeroShotClassificationArgumentHandler
from trustformers.pipelines.classification import ZeroShotClassificationPipeline as ZeroShotClassificationPipeline
from trustformers.pipelines.data_formats import CsvPipelineDataFormat as CsvPipelineDataFormat
from trustformers.pipelines.data_formats import JsonPipelineDataFormat as JsonPipelineDataFormat
from trustformers.pipelines.data_formats import PipedPipelineDataFormat as PipedPipelineDataFormat
from trustformers.pipelines.data_formats import PipelineDataFormat as PipelineDataFormat
from trustformers.pipelines.datasets import KeyDataset as KeyDataset
from trustformers.pipelines.datasets import KeyPairDataset as KeyPairDataset
from trustformers.pipelines.entities import AggregationStrategy as AggregationStrategy
from trustformers.pipelines.factory import get_task as get_task
from trustformers.pipelines.factory import pipeline as pipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline as FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline as QuestionAnsweringPipeline
from trustformers.pipelines.ranking import RankedText as RankedText
from trustformers.pipelines.ranking import TextRankingPipeline as TextRankingPipeline
from trustformers.pipelines.registry import PipelineRegistry as PipelineRegistry
from trustformers.pipelines.tasks import PIPELINE_REGISTRY as PIPELINE_REGISTRY
from trustformers.pipelines.tasks import SUPPORTED_TASKS as SUPPORTED_TASKS
from trustformers.pipelines.tasks import TASK_ALIASES as TASK_ALIASES
from trustformers.pipelines.tasks import check_task as check_task
from trustformers.pipelines.tasks import get_default_model_and_revision as get_default_model_and_revision
from trustformers.pipelines.tasks import get_supported_tasks as get_supported_tasks
from trustformers.pipelines.text2text_generation import SummarizationPipeline as SummarizationPipeline
from trustformers.pipelines.text2text_generation import Text2TextGenerationPipeline as Text2TextGenerationPipeline
from trustformers.pipelines.text2text_generation import TranslationPipeline as TranslationPipeline
from trustformers.pipelines.text_generation import TextGenerationPipeline as TextGenerationPipeline
from trustformers.pipelines.token_classification import NerPipeline as NerPipeline
from trustformers.pipelines.token_classification import TokenClassificationArgumentHandler as TokenClassificationArgumentHandler
from trustformers.pipelines.token_classification import TokenClassificationPipeline as TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline
from trustformers.pipelines.vectors import SentenceSimilarityPipeline as SentenceSimilarityPipeline
from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.tokenizers.processors import AutoProcessor as AutoProcessor
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import find_adapter_config_file as find_adapter_config_file
from trustformers.utils.refused import AutoFeatureExtractor as AutoFeatureExtractor
from trustformers.utils.refused import AutoImageProcessor as AutoImageProcessor
from trustformers.utils.refused import AutoModelForImageTextToText as AutoModelForImageTextToText
from trustformers.utils.refused import AutoModelForMultimodalLM as AutoModelForMultimodalLM
from trustformers.utils.refused import AutoModelForSpeechSeq2Seq as AutoModelForSpeechSeq2Seq
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import BaseVideoProcessor as BaseVideoProcessor
from trustformers.utils.refused import FeatureExtractionMixin as FeatureExtractionMixin
from trustformers.utils.refused import ProcessorMixin as ProcessorMixin
from trustformers.utils.refused import get_class_from_dynamic_module as get_class_from_dynamic_module

__all__ = [
    "AggregationStrategy",
    "ArgumentHandler",
    "AutoConfig",
    "AutoFeatureExtractor",
    "AutoImageProcessor",
    "AutoModel",
    "AutoModelForCausalLM",
    "AutoModelForImageTextToText",
    "AutoModelForMaskedLM",
    "AutoModelForMultimodalLM",
    "AutoModelForQuestionAnswering",
    "AutoModelForSeq2SeqLM",
    "AutoModelForSequenceClassification",
    "AutoModelForSpeechSeq2Seq",
    "AutoModelForTokenClassification",
    "AutoProcessor",
    "AutoTokenizer",
    "BaseImageProcessor",
    "BaseVideoProcessor",
    "CONFIG_NAME",
    "ChunkPipeline",
    "CsvPipelineDataFormat",
    "FeatureExtractionMixin",
    "FeatureExtractionPipeline",
    "FillMaskPipeline",
    "JsonPipelineDataFormat",
    "KeyDataset",
    "KeyPairDataset",
    "NerPipeline",
    "PIPELINE_REGISTRY",
    "PipedPipelineDataFormat",
    "Pipeline",
    "PipelineDataFormat",
    "PipelineException",
    "PipelineRegistry",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PreTrainedTokenizer",
    "PreTrainedTokenizerFast",
    "ProcessorMixin",
    "QuestionAnsweringPipeline",
    "RankedText",
    "SUPPORTED_TASKS",
    "SentenceSimilarityPipeline",
    "SummarizationPipeline",
    "TASK_ALIASES",
    "TOKENIZER_MAPPING",
    "Text2TextGenerationPipeline",
    "TextClassificationPipeline",
    "TextGenerationPipeline",
    "TextRankingPipeline",
    "TokenClassificationArgumentHandler",
    "TokenClassificationPipeline",
    "TranslationPipeline",
    "ZeroShotClassificationArgumentHandler",
    "ZeroShotClassificationPipeline",
    "check_task",
    "find_adapter_config_file",
    "get_class_from_dynamic_module",
    "get_default_model_and_revision",
    "get_supported_tasks",
    "get_task",
    "is_peft_available",
    "is_torch_available",
    "logging",
    "pipeline",
]
