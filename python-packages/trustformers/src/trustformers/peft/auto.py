"""Classes that load an adapter together with the base model that it names."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from trustformers.errors import InputError
from trustformers.models.auto import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)
from trustformers.peft.config import PeftConfig, task_name
from trustformers.peft.files import adapter_base
from trustformers.peft.model import (
    PeftModel,
    PeftModelForCausalLM,
    PeftModelForFeatureExtraction,
    PeftModelForQuestionAnswering,
    PeftModelForSeq2SeqLM,
    PeftModelForSequenceClassification,
    PeftModelForTokenClassification,
)
from trustformers.tokenizers.auto import AutoTokenizer
from trustformers.utils.hub_files import TOKENIZER_CONFIG_FILE, has_file

__all__ = [
    "AutoPeftModel",
    "AutoPeftModelForCausalLM",
    "AutoPeftModelForFeatureExtraction",
    "AutoPeftModelForQuestionAnswering",
    "AutoPeftModelForSeq2SeqLM",
    "AutoPeftModelForSequenceClassification",
    "AutoPeftModelForTokenClassification",
    "resize_for",
    "tokenizer_of",
]


class AutoPeftModel:
    """Loads the base model by the task of an adapter's configuration, and the adapter."""

    # The class of the base model and that of the result; None for those of the adapter's task.
    _base: ClassVar[Any] = None
    _kind: ClassVar[type[PeftModel] | None] = None

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        name = type(self).__name__
        raise TypeError(f"{name} is made with {name}.from_pretrained(name_or_path)")

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        adapter_name: str = "default",
        is_trainable: bool = False,
        config: PeftConfig | None = None,
        revision: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """A `PeftModel` with the adapter of a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            The directory or the repository of the adapter.
        adapter_name
            The adapter's name.
        is_trainable
            Whether the adapter's weights require gradients.
        config
            The adapter's configuration, by default that of the file.
        revision
            The revision of the adapter.
        **kwargs
            Arguments of `from_pretrained` of the base model, such as `dtype`.

        Raises
        ------
        ConfigError
            The adapter names no base model.
        InputError
            There is no adapter, or it has another task than the class.
        """
        source = os.fspath(pretrained_model_name_or_path)
        shared: dict[str, Any] = {
            name: kwargs[name] for name in ("token", "cache_dir", "local_files_only") if name in kwargs
        }
        hub: dict[str, Any] = {"revision": revision, "subfolder": kwargs.pop("subfolder", None) or "", **shared}
        base = adapter_base(source, **hub)
        if base is None:
            raise InputError(f"{source}: no adapter_config.json and adapter_model.safetensors")
        own: Any = PeftConfig.from_pretrained(source, **hub) if config is None else config
        task = task_name(own)
        of_task = _BY_TASK.get(task or "")
        if cls._kind is not None and of_task is not None and of_task._kind is not cls._kind:
            raise InputError(f"{source}: its task_type is {task}, which {cls.__name__} does not load")
        loader = cls._base or (AutoModel if of_task is None else of_task._base)
        model = loader.from_pretrained(base, revision=own.revision, **kwargs)
        resize_for(model, tokenizer_of(source, **hub))
        return (cls._kind or PeftModel).from_pretrained(model, source, adapter_name, is_trainable, own, **hub)


def tokenizer_of(source: str, **hub: Any) -> Any:
    """The tokenizer that was saved with an adapter; None without one."""
    return AutoTokenizer.from_pretrained(source, **hub) if has_file(source, TOKENIZER_CONFIG_FILE, **hub) else None


def resize_for(model: Any, tokenizer: Any) -> None:
    """Gives a model embeddings for tokens that were added for an adapter, whose files have the embeddings then."""
    if tokenizer is not None and len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))


class AutoPeftModelForCausalLM(AutoPeftModel):
    """Loads an adapter of a causal language model."""

    _base: ClassVar[Any] = AutoModelForCausalLM
    _kind: ClassVar[type[PeftModel] | None] = PeftModelForCausalLM


class AutoPeftModelForSeq2SeqLM(AutoPeftModel):
    """Loads an adapter of an encoder-decoder language model."""

    _base: ClassVar[Any] = AutoModelForSeq2SeqLM
    _kind: ClassVar[type[PeftModel] | None] = PeftModelForSeq2SeqLM


class AutoPeftModelForSequenceClassification(AutoPeftModel):
    """Loads an adapter of a sequence classifier."""

    _base: ClassVar[Any] = AutoModelForSequenceClassification
    _kind: ClassVar[type[PeftModel] | None] = PeftModelForSequenceClassification


class AutoPeftModelForTokenClassification(AutoPeftModel):
    """Loads an adapter of a token classifier."""

    _base: ClassVar[Any] = AutoModelForTokenClassification
    _kind: ClassVar[type[PeftModel] | None] = PeftModelForTokenClassification


class AutoPeftModelForQuestionAnswering(AutoPeftModel):
    """Loads an adapter of a question answering model."""

    _base: ClassVar[Any] = AutoModelForQuestionAnswering
    _kind: ClassVar[type[PeftModel] | None] = PeftModelForQuestionAnswering


class AutoPeftModelForFeatureExtraction(AutoPeftModel):
    """Loads an adapter of a model without a head."""

    _base: ClassVar[Any] = AutoModel
    _kind: ClassVar[type[PeftModel] | None] = PeftModelForFeatureExtraction


_BY_TASK: dict[str, type[AutoPeftModel]] = {
    "CAUSAL_LM": AutoPeftModelForCausalLM,
    "SEQ_2_SEQ_LM": AutoPeftModelForSeq2SeqLM,
    "SEQ_CLS": AutoPeftModelForSequenceClassification,
    "TOKEN_CLS": AutoPeftModelForTokenClassification,
    "QUESTION_ANS": AutoPeftModelForQuestionAnswering,
    "FEATURE_EXTRACTION": AutoPeftModelForFeatureExtraction,
}
