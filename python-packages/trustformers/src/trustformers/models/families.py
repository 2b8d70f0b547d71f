"""The configuration and model classes of every family, created from the engine's registry."""

from __future__ import annotations

from functools import cache
from typing import Any

from trustformers import _native
from trustformers.errors import ConfigError, UnsupportedError
from trustformers.models.base import PreTrainedModel
from trustformers.models.configuration import config_class_of, heads_of
from trustformers.models.heads import (
    BaseModel,
    ModelForCausalLM,
    ModelForMaskedLM,
    ModelForQuestionAnswering,
    ModelForSequenceClassification,
    ModelForTokenClassification,
    RunnableModel,
    TextEncoder,
)
from trustformers.models.seq2seq import (
    Seq2SeqBaseModel,
    Seq2SeqForConditionalGeneration,
    Seq2SeqForQuestionAnswering,
    Seq2SeqForSequenceClassification,
    Seq2SeqModel,
)

_HEADS: dict[str, type[RunnableModel[Any]]] = {
    kind.base_head: kind
    for kind in (
        BaseModel,
        ModelForCausalLM,
        ModelForMaskedLM,
        ModelForQuestionAnswering,
        ModelForSequenceClassification,
        ModelForTokenClassification,
    )
}

_SEQ2SEQ_HEADS: dict[str, type[Seq2SeqModel[Any] | RunnableModel[Any]]] = {
    kind.base_head: kind
    for kind in (
        Seq2SeqBaseModel,
        Seq2SeqForConditionalGeneration,
        Seq2SeqForQuestionAnswering,
        Seq2SeqForSequenceClassification,
        TextEncoder,
        ModelForTokenClassification,
    )
}

# Folder and file name of families that transformers does not name after their model_type.
FILES: dict[str, tuple[str, str]] = {
    "data2vec-text": ("data2vec", "data2vec_text"),
    "gemma3_text": ("gemma3", "gemma3"),
}

# Families that AutoModelForTextEncoding loads.
# Source: MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES of transformers 5.23.0.
TEXT_ENCODERS: tuple[str, ...] = (
    "albert",
    "bert",
    "data2vec-text",
    "deberta-v2",
    "distilbert",
    "electra",
    "mobilebert",
    "mt5",
    "rembert",
    "roberta",
    "roberta-prelayernorm",
    "roformer",
    "squeezebert",
    "t5",
    "umt5",
    "xlm-roberta",
    "xlm-roberta-xl",
)

# Families whose base class has another prefix than their models.
_BASES = {"Gemma3Text": "Gemma3"}


def base_name(prefix: str) -> str:
    """The name of the base class of a family."""
    return f"{_BASES.get(prefix, prefix)}PreTrainedModel"


@cache
def classes() -> dict[str, type[Any]]:
    """Every class by its name."""
    by_name: dict[str, type[Any]] = {}
    for model_type, prefix, _aliases, heads in _native.families():
        config_class = config_class_of(model_type)
        by_name[config_class.__name__] = config_class
        base = base_name(prefix)
        body = {"__module__": __name__, "__doc__": f"Base of the models of the {prefix} family.", "__qualname__": base}
        by_name[base] = type(base, (PreTrainedModel,), body)
        for head, name in heads.items():
            kind: type[Any] = (_SEQ2SEQ_HEADS if "seq2seq_lm" in heads else _HEADS)[head]
            description = str(kind.__doc__)
            doc = f"{prefix} family: {description[0].lower()}{description[1:]}"
            body = {"__module__": __name__, "__doc__": doc, "__qualname__": name, "config_class": config_class}
            by_name[name] = type(name, (kind, by_name[base]), body)
        for name in heads.values():
            # Models of the encoder alone contain no other model.
            is_of_encoder = "encoder" in heads and issubclass(by_name[name], RunnableModel)
            by_name[name]._base_class = by_name[heads["encoder" if is_of_encoder else "base"]]
    return by_name


@cache
def modules() -> dict[str, dict[str, type[Any]]]:
    """The classes of each module that transformers has for a family, by the module's path."""
    found: dict[str, dict[str, type[Any]]] = {}
    for model_type, prefix, _aliases, heads in _native.families():
        plain = model_type.replace("-", "_")
        folder, file = FILES.get(model_type, (plain, plain))
        package = f"models.{folder}"
        config = {f"{prefix}Config": classes()[f"{prefix}Config"]}
        all_classes = config | {name: classes()[name] for name in (*heads.values(), base_name(prefix))}
        for path, members in {
            package: all_classes,
            f"{package}.configuration_{file}": config,
            f"{package}.modeling_{file}": all_classes,
        }.items():
            found.setdefault(path, {}).update(members)
    return found


def model_class(model_type: str, head: str) -> type[PreTrainedModel]:
    """The class of a family's models with a head.

    Raises
    ------
    ConfigError
        There is no such family.
    UnsupportedError
        The family's models have no such head.
    """
    for known, prefix, _aliases, heads in _native.families():
        if known == model_type:
            if head not in heads:
                available = ", ".join(heads.values())
                raise UnsupportedError(
                    f"not supported: a {head} head of the {prefix} family; the family has {available}"
                )
            found_class: type[PreTrainedModel] = classes()[heads[head]]
            return found_class
    raise ConfigError(f'model_type: "{model_type}" is not known')


def text_encoder_class(model_type: str, _head: str = "encoder") -> type[PreTrainedModel]:
    """The class of a family's models that encode texts.

    Raises
    ------
    ConfigError
        There is no such family.
    UnsupportedError
        The family's models are no text encoders.
    """
    if model_type not in TEXT_ENCODERS:
        model_class(model_type, "base")
        raise UnsupportedError(
            f"not supported: AutoModelForTextEncoding of model_type {model_type!r}; load it with AutoModel"
        )
    return model_class(model_type, "encoder" if "encoder" in heads_of(model_type) else "base")


def __getattr__(name: str) -> Any:
    try:
        return classes()[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *classes()})
