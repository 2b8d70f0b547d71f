"""Tasks from text to result."""

from trustformers.pipelines.base import Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline, ZeroShotClassificationPipeline
from trustformers.pipelines.factory import pipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline
from trustformers.pipelines.ranking import RankedText, TextRankingPipeline
from trustformers.pipelines.text_generation import TextGenerationPipeline
from trustformers.pipelines.token_classification import TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline, SentenceSimilarityPipeline

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
