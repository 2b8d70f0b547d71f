"""The tasks of `pipeline()`."""

from __future__ import annotations

from typing import Any

from trustformers.errors import UnsupportedError
from trustformers.models.auto import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)
from trustformers.models.base import PreTrainedModel
from trustformers.pipelines.base import Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline, ZeroShotClassificationPipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline
from trustformers.pipelines.ranking import TextRankingPipeline
from trustformers.pipelines.registry import PipelineRegistry
from trustformers.pipelines.text_generation import TextGenerationPipeline
from trustformers.pipelines.token_classification import TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline, SentenceSimilarityPipeline

__all__ = [
    "PIPELINE_REGISTRY",
    "SUPPORTED_TASKS",
    "TASK_ALIASES",
    "check_task",
    "get_default_model_and_revision",
    "get_supported_tasks",
]


def _task(
    pipeline_class: type[Pipeline], loader: type[PreTrainedModel], default: tuple[str, str] | None = None
) -> dict[str, Any]:
    """A task; `default` is the default model of transformers and its revision."""
    task: dict[str, Any] = {"impl": pipeline_class, "pt": (loader,), "type": "text"}
    return task if default is None else {**task, "default": {"model": default}}


SUPPORTED_TASKS: dict[str, Any] = {
    "feature-extraction": _task(FeatureExtractionPipeline, AutoModel, ("distilbert/distilbert-base-cased", "6ea8117")),
    "text-classification": _task(
        TextClassificationPipeline,
        AutoModelForSequenceClassification,
        ("distilbert/distilbert-base-uncased-finetuned-sst-2-english", "714eb0f"),
    ),
    "token-classification": _task(
        TokenClassificationPipeline,
        AutoModelForTokenClassification,
        ("dbmdz/bert-large-cased-finetuned-conll03-english", "4c53496"),
    ),
    "fill-mask": _task(FillMaskPipeline, AutoModelForMaskedLM, ("distilbert/distilroberta-base", "fb53ab8")),
    "question-answering": _task(
        QuestionAnsweringPipeline,
        AutoModelForQuestionAnswering,
        ("distilbert/distilbert-base-cased-distilled-squad", "564e9b5"),
    ),
    "zero-shot-classification": _task(
        ZeroShotClassificationPipeline, AutoModelForSequenceClassification, ("facebook/bart-large-mnli", "d7645e1")
    ),
    "sentence-similarity": _task(SentenceSimilarityPipeline, AutoModel),
    "text-generation": _task(TextGenerationPipeline, AutoModelForCausalLM, ("HuggingFaceTB/SmolLM3-3B", "a07cc9a")),
    "text-ranking": _task(TextRankingPipeline, AutoModelForSequenceClassification),
}
TASK_ALIASES: dict[str, str] = {"sentiment-analysis": "text-classification", "ner": "token-classification"}
PIPELINE_REGISTRY: PipelineRegistry = PipelineRegistry(SUPPORTED_TASKS, TASK_ALIASES)


def get_supported_tasks() -> list[str]:
    """The names of all tasks, sorted."""
    return PIPELINE_REGISTRY.get_supported_tasks()


def check_task(task: str) -> tuple[str, dict[str, Any], Any]:
    """The name that a task is registered with, its dict, and None.

    Raises
    ------
    KeyError
        The task is unknown.
    """
    return PIPELINE_REGISTRY.check_task(task)


def get_default_model_and_revision(targeted_task: dict[str, Any], task_options: Any = None) -> tuple[str, str]:
    """The default model of a task, given as its dict, and the revision.

    Raises
    ------
    UnsupportedError
        The task has no default model, or has options.
    """
    default = targeted_task.get("default", {}).get("model")
    if isinstance(default, dict):
        default = default.get("pt")
    if default is None or task_options:
        raise UnsupportedError("not supported: a default model for the task; pass model=")
    name, revision = default
    return name, revision
