"""Names of trustformers.pipelines. Written by ci/python_stubs.py."""

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
from trustformers.pipelines.text_generation import TextGenerationPipeline as TextGenerationPipeline
from trustformers.pipelines.token_classification import NerPipeline as NerPipeline
from trustformers.pipelines.token_classification import TokenClassificationArgumentHandler as TokenClassificationArgumentHandler
from trustformers.pipelines.token_classification import TokenClassificationPipeline as TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline
from trustformers.pipelines.vectors import SentenceSimilarityPipeline as SentenceSimilarityPipeline

__all__ = [
    "AggregationStrategy",
    "ArgumentHandler",
    "ChunkPipeline",
    "CsvPipelineDataFormat",
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
    "QuestionAnsweringPipeline",
    "RankedText",
    "SUPPORTED_TASKS",
    "SentenceSimilarityPipeline",
    "TASK_ALIASES",
    "TextClassificationPipeline",
    "TextGenerationPipeline",
    "TextRankingPipeline",
    "TokenClassificationArgumentHandler",
    "TokenClassificationPipeline",
    "ZeroShotClassificationArgumentHandler",
    "ZeroShotClassificationPipeline",
    "check_task",
    "get_default_model_and_revision",
    "get_supported_tasks",
    "get_task",
    "pipeline",
]
