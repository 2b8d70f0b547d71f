"""The tasks of `pipeline()`."""

from __future__ import annotations

from typing import Any

from trustformers.errors import UnsupportedError
from trustformers.models.auto import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)
from trustformers.pipelines.base import Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline, ZeroShotClassificationPipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline
from trustformers.pipelines.ranking import TextRankingPipeline
from trustformers.pipelines.registry import PipelineRegistry
from trustformers.pipelines.text2text_generation import (
    SummarizationPipeline,
    Text2TextGenerationPipeline,
    TranslationPipeline,
)
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


_T5 = ("google-t5/t5-base", "a9723ea")


def _task(pipeline_class: type[Pipeline], loader: Any, default: tuple[str, str] | None = None) -> dict[str, Any]:
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
    "text2text-generation": _task(Text2TextGenerationPipeline, AutoModelForSeq2SeqLM, _T5),
    "summarization": _task(SummarizationPipeline, AutoModelForSeq2SeqLM, ("sshleifer/distilbart-cnn-12-6", "a4f8f3e")),
    "translation": {
        **_task(TranslationPipeline, AutoModelForSeq2SeqLM),
        "default": {("en", language): {"model": _T5} for language in ("fr", "de", "ro")},
    },
    "text-ranking": _task(TextRankingPipeline, AutoModelForSequenceClassification),
}
TASK_ALIASES: dict[str, str] = {"sentiment-analysis": "text-classification", "ner": "token-classification"}
PIPELINE_REGISTRY: PipelineRegistry = PipelineRegistry(SUPPORTED_TASKS, TASK_ALIASES)


def get_supported_tasks() -> list[str]:
    """The names of all tasks, sorted."""
    return PIPELINE_REGISTRY.get_supported_tasks()


def check_task(task: str) -> tuple[str, dict[str, Any], Any]:
    """The name that a task is registered with, its dict, and the languages of "translation_en_to_fr" or None.

    Raises
    ------
    KeyError
        The task is unknown.
    """
    return PIPELINE_REGISTRY.check_task(task)


def get_default_model_and_revision(targeted_task: dict[str, Any], task_options: Any = None) -> tuple[str, str]:
    """The default model of a task, given as its dict, and the revision.

    Parameters
    ----------
    targeted_task
        The task's dict.
    task_options
        The languages of a translation.

    Raises
    ------
    UnsupportedError
        The task has no default model, or none for the languages.
    """
    defaults = targeted_task.get("default", {})
    default = (defaults.get(task_options, {}) if task_options else defaults).get("model")
    if isinstance(default, dict):
        default = default.get("pt")
    if default is None:
        languages = [" to ".join(one) for one in defaults if isinstance(one, tuple)]
        only = f", which exists for {', '.join(languages)} only" if languages else ""
        raise UnsupportedError(f"not supported: a default model for the task{only}; pass model=")
    name, revision = default
    return name, revision
