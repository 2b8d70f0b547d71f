"""The classes of families by model type or configuration class, as the auto classes find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trustformers import _native
from trustformers.models.auto_config import REGISTERED, AutoConfig, config_class
from trustformers.models.configuration import PreTrainedConfig, config_class_of
from trustformers.models.families import FILES, TEXT_ENCODERS, classes, text_encoder_class
from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = [
    "CONFIG_MAPPING",
    "CONFIG_MAPPING_NAMES",
    "MODEL_FOR_CAUSAL_LM_MAPPING",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    "MODEL_FOR_MASKED_LM_MAPPING",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "MODEL_FOR_MULTIPLE_CHOICE_MAPPING",
    "MODEL_FOR_MULTIPLE_CHOICE_MAPPING_NAMES",
    "MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING",
    "MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING_NAMES",
    "MODEL_FOR_PRETRAINING_MAPPING",
    "MODEL_FOR_PRETRAINING_MAPPING_NAMES",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES",
    "MODEL_FOR_RETRIEVAL_MAPPING",
    "MODEL_FOR_RETRIEVAL_MAPPING_NAMES",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_TEXT_ENCODING_MAPPING",
    "MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_MAPPING",
    "MODEL_MAPPING_NAMES",
    "TOKENIZER_MAPPING",
    "TOKENIZER_MAPPING_NAMES",
    "config_class_to_model_type",
    "get_values",
    "model_type_to_module_name",
]


def _names(head: str) -> dict[str, str]:
    """The class names of a head by model type."""
    return {model_type: heads[head] for model_type, _prefix, _aliases, heads in _native.families() if head in heads}


CONFIG_MAPPING_NAMES: dict[str, str] = {
    model_type: config_class_of(model_type).__name__ for model_type, _prefix, _aliases, _heads in _native.families()
}
MODEL_MAPPING_NAMES: dict[str, str] = _names("base")
MODEL_FOR_CAUSAL_LM_MAPPING_NAMES: dict[str, str] = _names("causal_lm")
MODEL_FOR_MASKED_LM_MAPPING_NAMES: dict[str, str] = _names("masked_lm")
MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES: dict[str, str] = _names("question_answering")
MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES: dict[str, str] = _names("sequence_classification")
MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES: dict[str, str] = {
    model_type: text_encoder_class(model_type).__name__ for model_type in TEXT_ENCODERS
}
MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES: dict[str, str] = _names("token_classification")
# Heads that no family has.
MODEL_FOR_MULTIPLE_CHOICE_MAPPING_NAMES: dict[str, str] = _names("multiple_choice")
MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING_NAMES: dict[str, str] = _names("next_sentence_prediction")
MODEL_FOR_PRETRAINING_MAPPING_NAMES: dict[str, str] = _names("pretraining")
MODEL_FOR_RETRIEVAL_MAPPING_NAMES: dict[str, str] = _names("retrieval")
# There are no such models here.
MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES: dict[str, str] = {}
MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES: dict[str, str] = _names("seq2seq_lm")
TOKENIZER_MAPPING_NAMES: dict[str, str] = {
    model_type: PreTrainedTokenizerFast.__name__ for model_type in CONFIG_MAPPING_NAMES
}


class _Configurations(Mapping[str, type[PreTrainedConfig]]):
    """The configuration classes by model type."""

    def __getitem__(self, model_type: str) -> type[PreTrainedConfig]:
        if model_type not in CONFIG_MAPPING_NAMES and model_type not in REGISTERED:
            raise KeyError(model_type)
        return config_class(model_type)

    def __iter__(self) -> Iterator[str]:
        return iter({**CONFIG_MAPPING_NAMES, **REGISTERED})

    def __len__(self) -> int:
        return len({**CONFIG_MAPPING_NAMES, **REGISTERED})

    def register(self, key: str, value: type[PreTrainedConfig], exist_ok: bool = False) -> None:
        """Makes a class known; see `AutoConfig.register`."""
        AutoConfig.register(key, value, exist_ok=exist_ok)

    def update(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, as in transformers, where lookups do not find what is added this way."""


class _ByConfiguration(Mapping[type[PreTrainedConfig], Any]):
    """Classes by the class of the configuration."""

    def __init__(self, by_model_type: Mapping[str, Any]) -> None:
        self._by_model_type = by_model_type

    def __getitem__(self, config_class: type[PreTrainedConfig]) -> Any:
        model_type: Any = getattr(config_class, "model_type", None)
        if model_type not in self._by_model_type or config_class_of(model_type) is not config_class:
            raise KeyError(config_class)
        return self._by_model_type[model_type]

    def __iter__(self) -> Iterator[type[PreTrainedConfig]]:
        return (config_class_of(model_type) for model_type in self._by_model_type)

    def __len__(self) -> int:
        return len(self._by_model_type)


def _models(names: Mapping[str, str]) -> Mapping[type[PreTrainedConfig], Any]:
    return _ByConfiguration({model_type: classes()[name] for model_type, name in names.items()})


CONFIG_MAPPING: _Configurations = _Configurations()
MODEL_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(MODEL_MAPPING_NAMES)
MODEL_FOR_CAUSAL_LM_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
MODEL_FOR_MASKED_LM_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(MODEL_FOR_MASKED_LM_MAPPING_NAMES)
MODEL_FOR_QUESTION_ANSWERING_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(
    MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES
)
MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
)
MODEL_FOR_TEXT_ENCODING_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES)
MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
)
MODEL_FOR_MULTIPLE_CHOICE_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(
    MODEL_FOR_MULTIPLE_CHOICE_MAPPING_NAMES
)
MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(
    MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING_NAMES
)
MODEL_FOR_PRETRAINING_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(MODEL_FOR_PRETRAINING_MAPPING_NAMES)
MODEL_FOR_RETRIEVAL_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(MODEL_FOR_RETRIEVAL_MAPPING_NAMES)
MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING: Mapping[type[PreTrainedConfig], Any] = _models(
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
)
TOKENIZER_MAPPING: Mapping[type[PreTrainedConfig], type[PreTrainedTokenizerFast]] = _ByConfiguration(
    dict.fromkeys(CONFIG_MAPPING_NAMES, PreTrainedTokenizerFast)
)


def config_class_to_model_type(config: str) -> str | None:
    """The model type of a configuration class's name; None if there is none."""
    names = {model_type: kind.__name__ for model_type, kind in CONFIG_MAPPING.items()}
    return next((model_type for model_type, name in names.items() if name == config), None)


def model_type_to_module_name(key: str) -> str:
    """The name of the package below `models` that has a family's classes."""
    return FILES.get(key, (key.replace("-", "_"),))[0]


def get_values(model_mapping: Mapping[Any, Any]) -> list[Any]:
    """The classes of a mapping, those of its tuples one by one."""
    found: Iterable[Any] = model_mapping.values()
    return [one for value in found for one in (value if isinstance(value, (list, tuple)) else (value,))]
