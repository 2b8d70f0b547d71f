"""Configurations of adapters, with the fields and the file of PEFT 0.21.2."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers.errors import ConfigError, InputError, UnsupportedError
from trustformers.utils.hub_files import ADAPTER_CONFIG_NAME, cached_file

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["LoraConfig", "PeftConfig", "PeftType", "TaskType"]

logger: logging.Logger = logging.getLogger("trustformers")

# The version of PEFT whose files `save_pretrained` writes.
_VERSION = "0.21.2"

# Options of PEFT that change what an adapter computes, and their values without effect.
_UNSUPPORTED: dict[str, Any] = {
    "megatron_config": None,
    "trainable_token_indices": None,
    "loftq_config": {},
    "corda_config": None,
    "lora_ga_config": None,
    "velora_config": None,
    "alora_invocation_tokens": None,
    "use_qalora": False,
    "monteclora_config": None,
    "layer_replication": None,
    "lora_bias": False,
    "target_parameters": None,
    "use_bdlora": None,
    "arrow_config": None,
    "kasa_config": None,
    "ensure_weight_tying": False,
}
# Initial values that leave the base model's weights as they are, so that trained adapters can be loaded.
_ONLY_INITIAL = ("eva", "orthogonal")
_BIASES = ("none", "all", "lora_only")


class PeftType(str, Enum):
    """The methods of PEFT that are supported."""

    LORA = "LORA"


class TaskType(str, Enum):
    """What an adapted model is for."""

    SEQ_CLS = "SEQ_CLS"
    SEQ_2_SEQ_LM = "SEQ_2_SEQ_LM"
    CAUSAL_LM = "CAUSAL_LM"
    TOKEN_CLS = "TOKEN_CLS"
    QUESTION_ANS = "QUESTION_ANS"
    FEATURE_EXTRACTION = "FEATURE_EXTRACTION"


@dataclass
class PeftConfig:
    """What the configurations of all adapters have.

    Attributes
    ----------
    task_type
        What the model is for, a `TaskType` or its name.
    peft_type
        The method; "LORA" is supported.
    auto_mapping
        The class of the base model, in files without a `task_type`.
    peft_version
        The version of PEFT whose fields the configuration has.
    base_model_name_or_path, revision
        Where the base model comes from.
    inference_mode
        Whether the adapter's weights require no gradients.
    """

    task_type: str | TaskType | None = None
    peft_type: str | PeftType | None = None
    auto_mapping: dict[str, Any] | None = None
    peft_version: str | None = None
    base_model_name_or_path: str | None = None
    revision: str | None = None
    inference_mode: bool = False

    def __post_init__(self) -> None:
        if self.task_type is not None and self.task_type not in [*TaskType]:
            known = ", ".join(task.value for task in TaskType)
            raise InputError(f"task_type: expected one of {known}, found {self.task_type!r}")
        if self.peft_version is None:
            self.peft_version = _VERSION

    @property
    def is_prompt_learning(self) -> bool:
        """Whether the method learns a prompt: LoRA does not."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return dataclasses.asdict(self)

    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs: Any) -> None:
        """Writes `adapter_config.json` into a directory, which is created if needed.

        Parameters
        ----------
        save_directory
            The directory.
        **kwargs
            `auto_mapping_dict`, which the file has as `auto_mapping`.
        """
        directory = Path(save_directory)
        directory.mkdir(parents=True, exist_ok=True)
        fields = {name: _plain(value) for name, value in self.to_dict().items()}
        if kwargs.get("auto_mapping_dict") is not None:
            fields["auto_mapping"] = kwargs["auto_mapping_dict"]
        text = json.dumps(fields, indent=2, sort_keys=True)
        (directory / ADAPTER_CONFIG_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], subfolder: str | None = None, **kwargs: Any
    ) -> Self:
        """The configuration of `adapter_config.json` in a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            The directory or the repository.
        subfolder
            The folder that holds the file.
        **kwargs
            Options of the hub, such as `revision` and `token`.

        Raises
        ------
        ConfigError
            The file is damaged, or a field is wrong.
        HubError
            There is no such file.
        UnsupportedError
            The method, or an option that changes what the adapter computes, is not supported.
        """
        path = cached_file(pretrained_model_name_or_path, ADAPTER_CONFIG_NAME, subfolder=subfolder or "", **kwargs)
        file = Path(os.fspath(path or ""))
        try:
            fields = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ConfigError(f"{file}: no JSON: {error}") from None
        if not isinstance(fields, dict):
            raise ConfigError(f"{file}: expected an object, found {type(fields).__name__}")
        return cls._of_fields(fields, str(file))

    @classmethod
    def _of_fields(cls, fields: Mapping[str, Any], source: str) -> Self:
        """The configuration of a file's fields."""
        method = fields.get("peft_type")
        if method != PeftType.LORA.value:
            raise UnsupportedError(f"not supported: {source}: peft_type {method!r}; adapters are LORA")
        kind: Any = LoraConfig
        known = {item.name for item in dataclasses.fields(kind)}
        unknown = sorted(name for name, value in fields.items() if name not in known and value)
        if unknown and set(unknown) != {"runtime_config"}:
            logger.warning("%s: unknown keys have no effect: %s", source, ", ".join(unknown))
        try:
            return kind(**{name: value for name, value in fields.items() if name in known})  # type: ignore[no-any-return]
        except InputError as error:
            raise ConfigError(f"{source}: {error}") from None


@dataclass
class LoraConfig(PeftConfig):
    """A low-rank adapter: which modules have it, and of what rank.

    Attributes
    ----------
    r
        The rank.
    target_modules
        Names of modules or ends of their paths, a regular expression that paths match, or "all-linear" for all linear
        layers but the output layer; by default those that PEFT has for the model's family.
    exclude_modules
        Modules without an adapter, as for `target_modules`.
    lora_alpha
        Updates are multiplied by `lora_alpha / r`.
    lora_dropout
        Rate of the dropout of an update's inputs.
    fan_in_fan_out
        Whether weights are stored as (in_features, out_features), which is known of each layer.
    bias
        The biases that are trained too: "none", "all", or "lora_only" for those of modules with an adapter.
    use_rslora
        Whether updates are multiplied by `lora_alpha / sqrt(r)`.
    modules_to_save
        Names of modules that are trained as a whole and saved with the adapter, such as a classifier.
    init_lora_weights
        True for updates of zero, "gaussian" for such with normally distributed factors, False for random updates.
    layers_to_transform, layers_pattern
        Indices of the layers whose modules have an adapter, and names of the lists of layers.
    rank_pattern, alpha_pattern
        Other ranks, and other values of `lora_alpha`, by the end of a module's path, or a regular expression of it.
    use_dora
        Whether a module's weight is the updated weight times a trained magnitude of each output (DoRA).

    Other fields are those of PEFT, whose values without effect are the only ones that are supported.

    Raises
    ------
    InputError
        A field is wrong; the message names it.
    UnsupportedError
        An option of PEFT is set that is not supported; the message names it.

    Examples
    --------
    >>> from trustformers.peft import LoraConfig, get_peft_model
    >>> config = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    >>> model = get_peft_model(model, config)
    """

    r: int = 8
    target_modules: list[str] | set[str] | str | None = None
    exclude_modules: list[str] | set[str] | str | None = None
    lora_alpha: float = 8
    lora_dropout: float = 0.0
    fan_in_fan_out: bool = False
    bias: str = "none"
    use_rslora: bool = False
    modules_to_save: list[str] | None = None
    init_lora_weights: bool | str = True
    layers_to_transform: list[int] | int | None = None
    layers_pattern: list[str] | str | None = None
    rank_pattern: dict[str, int] = field(default_factory=dict)
    alpha_pattern: dict[str, float] = field(default_factory=dict)
    megatron_config: Any = None
    megatron_core: str | None = "megatron.core"
    trainable_token_indices: Any = None
    loftq_config: Any = field(default_factory=dict)
    eva_config: Any = None
    corda_config: Any = None
    lora_ga_config: Any = None
    use_dora: bool = False
    velora_config: Any = None
    alora_invocation_tokens: Any = None
    use_qalora: bool = False
    qalora_group_size: int = 16
    monteclora_config: Any = None
    layer_replication: Any = None
    lora_bias: bool = False
    target_parameters: Any = None
    use_bdlora: Any = None
    arrow_config: Any = None
    kasa_config: Any = None
    ensure_weight_tying: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.peft_type: str | PeftType | None = PeftType.LORA
        self.rank_pattern, self.alpha_pattern = self.rank_pattern or {}, self.alpha_pattern or {}
        self._check_kinds()
        for name in ("target_modules", "exclude_modules"):
            value = getattr(self, name)
            if isinstance(value, (list, tuple, set, frozenset)):
                setattr(self, name, set(value))
            elif value is not None and not isinstance(value, str):
                raise InputError(f"{name}: expected names or a regular expression, found {type(value).__name__}")
        self._check_numbers()
        for name, default in _UNSUPPORTED.items():
            value = getattr(self, name)
            if value is not None and value != default:
                raise UnsupportedError(f"not supported: {name} of a LoraConfig; leave it out")
        self._check_choices()
        self._check_layers()

    def _check_kinds(self) -> None:
        for name in ("fan_in_fan_out", "use_rslora", "use_dora"):
            # Files of other programs have null.
            value = getattr(self, name) or False
            if not isinstance(value, bool):
                raise InputError(f"{name}: expected a bool, found {value!r}")
            setattr(self, name, value)
        for name in ("target_modules", "exclude_modules", "modules_to_save", "layers_pattern"):
            value = getattr(self, name)
            for one in value if isinstance(value, (list, tuple, set, frozenset)) else ():
                if not isinstance(one, str):
                    raise InputError(f"{name}: expected names, found {one!r}")
        indices = self.layers_to_transform
        for index in indices if isinstance(indices, (list, tuple)) else [] if indices is None else [indices]:
            if isinstance(index, bool) or not isinstance(index, int):
                raise InputError(f"layers_to_transform: expected indices of layers, found {index!r}")
        for name in ("rank_pattern", "alpha_pattern"):
            if not isinstance(getattr(self, name), Mapping):
                raise InputError(f"{name}: expected a dict of patterns, found {getattr(self, name)!r:.40}")
        layers = [self.layers_pattern] if isinstance(self.layers_pattern, str) else self.layers_pattern or []
        patterns = [("layers_pattern", one) for one in layers]
        patterns += [(name, one) for name in ("rank_pattern", "alpha_pattern") for one in getattr(self, name)]
        for name, pattern in patterns:
            try:
                re.compile(pattern)
            except (re.error, TypeError) as error:
                raise InputError(f"{name}: {pattern!r} is no regular expression: {error}") from None

    def _check_numbers(self) -> None:
        for name, rank in {"r": self.r, **{f"rank_pattern[{k!r}]": v for k, v in self.rank_pattern.items()}}.items():
            if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
                raise InputError(f"{name}: expected a positive int, found {rank!r}")
        alphas = {"lora_alpha": self.lora_alpha, **{f"alpha_pattern[{k!r}]": v for k, v in self.alpha_pattern.items()}}
        for name, alpha in alphas.items():
            if isinstance(alpha, bool) or not isinstance(alpha, (int, float)):
                raise InputError(f"{name}: expected a number, found {alpha!r}")
        rate = self.lora_dropout
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate < 1:
            raise InputError(f"lora_dropout: expected a number from 0 to below 1, found {rate!r}")

    def _check_choices(self) -> None:
        if self.bias not in _BIASES:
            raise InputError(f"bias: expected one of {', '.join(_BIASES)}, found {self.bias!r}")
        initial = self.init_lora_weights
        name = initial.lower() if isinstance(initial, str) else initial
        if not isinstance(name, bool) and name not in ("gaussian", *_ONLY_INITIAL):
            raise UnsupportedError(
                f"not supported: init_lora_weights={initial!r}; initial values are True, False or 'gaussian'"
            )
        if self.modules_to_save is not None and isinstance(self.modules_to_save, str):
            raise InputError("modules_to_save: expected a list of names, found a str")

    def _check_layers(self) -> None:
        if isinstance(self.target_modules, str):
            for name in ("layers_to_transform", "layers_pattern"):
                if getattr(self, name) is not None:
                    raise InputError(f"{name}: target_modules is a str, which selects layers itself; leave it out")
        if self.layers_pattern and self.layers_to_transform is None:
            raise InputError("layers_pattern: pass layers_to_transform too")

    def _check_initial(self) -> None:
        """Checks that a new adapter, unlike a loaded one, can have its initial values."""
        if isinstance(self.init_lora_weights, str) and self.init_lora_weights.lower() in _ONLY_INITIAL:
            raise UnsupportedError(
                f"not supported: init_lora_weights={self.init_lora_weights!r} of a new adapter; use True or 'gaussian'"
            )


def task_name(config: PeftConfig) -> str | None:
    """What the model of a configuration is for."""
    task = config.task_type
    return None if task is None else str(getattr(task, "value", task))


def lora_config(config: Any) -> LoraConfig:
    """A configuration, also one of `peft`, which is copied by its fields.

    Raises
    ------
    InputError
        It is no configuration of an adapter.
    UnsupportedError
        It is one of another method.
    """
    if isinstance(config, LoraConfig):
        return config
    if isinstance(config, Mapping):
        return LoraConfig._of_fields({"peft_type": "LORA", **config}, "peft_config")
    method = getattr(config, "peft_type", None)
    to_dict = getattr(config, "to_dict", None)
    if method is None or to_dict is None:
        raise InputError(f"peft_config: expected a LoraConfig, found {type(config).__name__}")
    fields = {name: _plain(value) for name, value in to_dict().items()}
    return LoraConfig._of_fields(fields, type(config).__name__)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    return sorted(value) if isinstance(value, (set, frozenset)) else value
