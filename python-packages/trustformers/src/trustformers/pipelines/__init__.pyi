"""Names of trustformers.pipelines. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline as TextClassificationPipeline
from trustformers.pipelines.classification import ZeroShotClassificationPipeline as ZeroShotClassificationPipeline
from trustformers.pipelines.factory import pipeline as pipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline as FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline as QuestionAnsweringPipeline
from trustformers.pipelines.ranking import RankedText as RankedText
from trustformers.pipelines.ranking import TextRankingPipeline as TextRankingPipeline
from trustformers.pipelines.text_generation import TextGenerationPipeline as TextGenerationPipeline
from trustformers.pipelines.token_classification import TokenClassificationPipeline as TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline
from trustformers.pipelines.vectors import SentenceSimilarityPipeline as SentenceSimilarityPipeline

__all__ = [
    "FeatureExtractionPipeline",
    "FillMaskPipeline",
    "Pipeline",
    "QuestionAnsweringPipeline",
    "RankedText",
    "SentenceSimilarityPipeline",
    "TextClassificationPipeline",
    "TextGenerationPipeline",
    "TextRankingPipeline",
    "TokenClassificationPipeline",
    "ZeroShotClassificationPipeline",
    "pipeline",
]
