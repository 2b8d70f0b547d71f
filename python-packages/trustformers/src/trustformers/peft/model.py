"""Models with adapters, with the classes and the names of PEFT."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers._checks.pretrained import mapped_device
from trustformers._checks.tensors import readable_weight
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.weights import IncompatibleKeys
from trustformers.peft.config import LoraConfig, PeftConfig, lora_config, task_name
from trustformers.peft.files import (
    HUB,
    adapter_state,
    load_adapter_state,
    read_adapter,
    warn_of_keys,
    write_adapter,
)
from trustformers.peft.lora_model import LoraModel
from trustformers.peft.mixed_batches import call_by_adapter, generate_by_adapter
from trustformers.peft.status import TunerLayerStatus, TunerModelStatus, layer_status, model_status
from trustformers.peft.torch_module import PeftModuleMixin

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers.models.base import PreTrainedModel

__all__ = [
    "PeftModel",
    "PeftModelForCausalLM",
    "PeftModelForFeatureExtraction",
    "PeftModelForQuestionAnswering",
    "PeftModelForSeq2SeqLM",
    "PeftModelForSequenceClassification",
    "PeftModelForTokenClassification",
    "get_peft_model",
    "get_peft_model_state_dict",
    "prepare_model_for_kbit_training",
    "set_peft_model_state_dict",
]

# Arguments of PEFT without effect here.
_IGNORED = frozenset(
    {
        "autocast_adapter_dtype",
        "dtype",
        "ephemeral_gpu_offload",
        "low_cpu_mem_usage",
        "max_memory",
        "offload_dir",
        "offload_folder",
        "torch_device",
        "torch_dtype",
    }
)


class PeftModel(PeftModuleMixin):
    """A model with adapters, which is called and trained like the model.

    Only the adapters, and the modules and biases that they train, require gradients. Parameters have the names of PEFT:
    they begin with "base_model.model.", and those of a module with an adapter are in its "base_layer".

    Parameters
    ----------
    model
        The base model, whose calls use the adapter from then on.
    peft_config
        A `LoraConfig`, also one of `peft`.
    adapter_name
        The adapter's name.

    Attributes
    ----------
    base_model
        The `LoraModel`, whose `model` is the base model.
    """

    # Modules that adapters of the task train as a whole.
    _heads: ClassVar[tuple[str, ...]] = ()

    base_model: LoraModel

    def __init__(self, model: PreTrainedModel, peft_config: Any, adapter_name: str = "default", **kwargs: Any) -> None:
        is_loaded = bool(kwargs.pop("_is_loaded", False))
        _check_arguments(kwargs)
        config = self._of_task(lora_config(peft_config))
        self.__dict__["base_model"] = LoraModel(model, config, adapter_name, is_loaded=is_loaded)
        self._cast(adapter_name, kwargs)

    def _cast(self, name: str, kwargs: Mapping[str, Any]) -> None:
        """Casts an adapter, which is in float32, to the dtype of the model if the arguments say so."""
        if kwargs.get("autocast_adapter_dtype", True) is False:
            adapters = self.base_model.adapters
            adapters.to(None, self.base_model.model._structure.dtype, names=adapters.names(name))

    @classmethod
    def _of_task(cls, config: LoraConfig) -> LoraConfig:
        """The configuration with the head of the task among the modules that are trained as a whole."""
        if cls._heads:
            config.modules_to_save = list(dict.fromkeys([*(config.modules_to_save or []), *cls._heads]))
        return config

    @classmethod
    def from_pretrained(
        cls,
        model: PreTrainedModel,
        model_id: str | os.PathLike[str],
        adapter_name: str = "default",
        is_trainable: bool = False,
        config: PeftConfig | None = None,
        **kwargs: Any,
    ) -> Self:
        """A model with the adapter of a directory or a hub repository.

        Parameters
        ----------
        model
            The base model.
        model_id
            A directory with `adapter_config.json` and `adapter_model.safetensors`, or a repository's name.
        adapter_name
            The adapter's name.
        is_trainable
            Whether the adapter's weights require gradients.
        config
            The configuration, by default that of the file.
        **kwargs
            Options of the hub, such as `revision`; `device_map`, which may name one device; and options of PEFT without
            effect, such as `low_cpu_mem_usage`.

        Raises
        ------
        WeightsError
            A tensor does not fit the model; the message names it.
        InputError
            The model has no module that the configuration names.
        HubError
            A file is missing.
        UnsupportedError
            An option of the configuration is not supported.
        """
        device = mapped_device("auto", kwargs.pop("device_map", None))
        autocast = bool(kwargs.get("autocast_adapter_dtype", True))
        hub = _hub_options(kwargs)
        own: Any = PeftConfig.from_pretrained(model_id, **hub) if config is None else lora_config(config)
        own.inference_mode = not is_trainable
        kind: Any = _CLASSES.get(task_name(own), cls)
        adapted = kind(model, own, adapter_name, _is_loaded=True, autocast_adapter_dtype=autocast)
        try:
            adapted._load(model_id, adapter_name, hub)
        except BaseException:
            model._adapters = None
            raise
        if not is_trainable:
            adapted.eval()
        if device != "auto":
            adapted.to(device)
        return adapted  # type: ignore[no-any-return]  # the class of the task

    def __getattr__(self, name: str) -> Any:
        if name == "base_model" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.base_model, name)

    def __setattr__(self, name: str, value: object) -> None:
        # The base model's settings, such as `config` and `generation_config`.
        if hasattr(type(self.base_model.model), name) or name in self.base_model.model.__dict__:
            setattr(self.base_model.model, name, value)
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.base_model), *dir(self.base_model.model)})

    def __repr__(self) -> str:
        names = ", ".join(self.peft_config)
        return f"{type(self).__name__}(adapters=[{names}], base_model={self.base_model.model!r})"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the base model with the adapters; see `forward`."""
        names = kwargs.pop("adapter_names", None)
        if names is not None:
            return call_by_adapter(self.base_model.adapters, self.base_model.model, names, args, kwargs)
        return self.base_model.model(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the base model with the adapters; `model(...)` does the same.

        In evaluation mode `adapter_names` has for each row the name of its adapter, or "__base__" for none.
        """
        names = kwargs.pop("adapter_names", None)
        if names is not None:
            return call_by_adapter(self.base_model.adapters, self.base_model.model, names, args, kwargs)
        return self.base_model.model.forward(*args, **kwargs)

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        """Generates as the base model does, with the adapters, or with those of `adapter_names`; see `forward`."""
        model: Any = self.base_model.model
        names = kwargs.pop("adapter_names", None)
        if names is not None:
            return generate_by_adapter(self.base_model.adapters, model.generate, names, args, kwargs)
        return model.generate(*args, **kwargs)

    def get_base_model(self) -> PreTrainedModel:
        """The base model."""
        return self.base_model.model

    @property
    def config(self) -> Any:
        """The base model's configuration."""
        return self.base_model.model.config

    @property
    def active_peft_config(self) -> LoraConfig:
        """The configuration of the adapter that is used."""
        found: LoraConfig = self.base_model.peft_config[self.base_model.active_adapters[0]]
        return found

    @property
    def peft_type(self) -> Any:
        """The method of the adapters."""
        return self.active_peft_config.peft_type

    @property
    def modules_to_save(self) -> set[str] | None:
        """Names of the modules that adapters train as a whole."""
        return {name for config in self.peft_config.values() for name in config.modules_to_save or ()} or None

    @contextmanager
    def disable_adapter(self) -> Iterator[None]:
        """A context in which the model computes what the base model computes."""
        adapters = self.base_model.adapters
        before, adapters.is_enabled = adapters.is_enabled, False
        try:
            yield
        finally:
            adapters.is_enabled = before

    def add_adapter(self, adapter_name: str, peft_config: Any, **kwargs: Any) -> None:
        """Adds an adapter, which is not used before `set_adapter`.

        Parameters
        ----------
        adapter_name
            The name.
        peft_config
            A `LoraConfig`.
        **kwargs
            `autocast_adapter_dtype=False` for an adapter in the dtype of the model; others have no effect.
        """
        _check_arguments(kwargs)
        self.base_model.adapters.add(adapter_name, self._of_task(lora_config(peft_config)))
        self._cast(adapter_name, kwargs)

    def load_adapter(
        self, model_id: str | os.PathLike[str], adapter_name: str, is_trainable: bool = False, **kwargs: Any
    ) -> IncompatibleKeys:
        """Adds the adapter of a directory or a repository, which is not used before `set_adapter`.

        An adapter of the name that is there already is overwritten. Returns the missing and unexpected keys.
        """
        casts = {name: kwargs[name] for name in ("autocast_adapter_dtype",) if name in kwargs}
        hub = _hub_options(kwargs)
        adapters = self.base_model.adapters
        is_new = adapter_name not in self.peft_config
        if is_new:
            config: Any = PeftConfig.from_pretrained(model_id, **hub)
            config.inference_mode = not is_trainable
            adapters.add(adapter_name, self._of_task(config), is_loaded=True)
            adapters.set_requires_grad(adapter_name, is_trainable)
            self._cast(adapter_name, casts)
        try:
            result = self._load(model_id, adapter_name, hub)
        except BaseException:
            if is_new:
                adapters.delete(adapter_name)
            raise
        if not is_trainable:
            self.eval()
        return result

    def _load(self, model_id: str | os.PathLike[str], adapter_name: str, hub: dict[str, Any]) -> IncompatibleKeys:
        source = os.fspath(model_id)
        state = read_adapter(model_id, **hub)
        keys = load_adapter_state(self.base_model.adapters, adapter_name, state, source)
        warn_of_keys(keys, source)
        return keys

    def set_adapter(self, adapter_name: str, inference_mode: bool = False) -> None:
        """Uses an adapter and no other one, whose weights require gradients but in `inference_mode`.

        Raises
        ------
        InputError
            There is no such adapter.
        """
        self.base_model.set_adapter(adapter_name, inference_mode)

    def get_layer_status(self) -> list[TunerLayerStatus]:
        """The status of each module with an adapter."""
        return layer_status(self.base_model.adapters)

    def get_model_status(self) -> TunerModelStatus:
        """The status of the adapters."""
        kind = type(self.base_model).__name__
        return model_status(self.base_model.adapters, kind, self.get_nb_trainable_parameters())

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        safe_serialization: bool = True,
        selected_adapters: list[str] | None = None,
        save_embedding_layers: bool | str = "auto",
        is_main_process: bool = True,
        **kwargs: Any,
    ) -> None:
        """Writes `adapter_config.json` and `adapter_model.safetensors`, which `peft` reads.

        Parameters
        ----------
        save_directory
            The directory, for adapters other than "default" the parent of directories of their names.
        safe_serialization
            True: adapters are saved as safetensors.
        selected_adapters
            Names of the adapters, by default all.
        save_embedding_layers
            Whether embeddings of the base model are written too, by default those with an adapter.
        is_main_process
            Whether to write at all.
        **kwargs
            `state_dict`, which has the parameters to write; other options of PEFT raise.
        """
        if not safe_serialization:
            raise UnsupportedError("not supported: safe_serialization=False: adapters are saved as safetensors")
        state_dict = kwargs.pop("state_dict", None)
        if kwargs.pop("push_to_hub", False):
            raise UnsupportedError("not supported: push_to_hub=True; upload the directory with hf upload")
        for name in ("token", "max_shard_size"):
            kwargs.pop(name, None)
        if kwargs:
            raise UnsupportedError(f"not supported: {next(iter(kwargs))} of save_pretrained(); leave it out")
        adapters = self.base_model.adapters
        names = list(self.peft_config) if selected_adapters is None else list(selected_adapters)
        for name in names:
            adapters.check(name)
        for name in names if is_main_process else ():
            directory = Path(save_directory) / ("" if name == "default" else name)
            state = adapter_state(adapters, name, save_embedding_layers=save_embedding_layers)
            if state_dict is not None:
                state = _selected(state, state_dict, name)
            write_adapter(state, directory)
            self._save_config(name, directory)

    def _save_config(self, name: str, directory: Path) -> None:
        config, model = self.peft_config[name], self.base_model.model
        if config.base_model_name_or_path is None:
            config.base_model_name_or_path = model.name_or_path or None
        mapping = None
        if config.task_type is None:
            # The names by which PEFT finds the class.
            mapping = {
                "base_model_class": type(model).__name__,
                "parent_library": f"transformers.models.{_module_name(model)}.modeling_{_module_name(model)}",
            }
        before, config.inference_mode = config.inference_mode, True
        try:
            config.save_pretrained(directory, auto_mapping_dict=mapping)
        finally:
            config.inference_mode = before


class PeftModelForSequenceClassification(PeftModel):
    """A sequence classifier with adapters, which train its head."""

    _heads: ClassVar[tuple[str, ...]] = ("classifier", "score")


class PeftModelForTokenClassification(PeftModel):
    """A token classifier with adapters, which train its head."""

    _heads: ClassVar[tuple[str, ...]] = ("classifier", "score")


class PeftModelForQuestionAnswering(PeftModel):
    """A question answering model with adapters, which train its head."""

    _heads: ClassVar[tuple[str, ...]] = ("qa_outputs",)


class PeftModelForCausalLM(PeftModel):
    """A causal language model with adapters.

    Raises
    ------
    InputError
        The model generates no text.
    """

    def __init__(self, model: PreTrainedModel, peft_config: Any, adapter_name: str = "default", **kwargs: Any) -> None:
        if hasattr(model, "can_generate") and not model.can_generate():
            raise InputError(f"task_type: CAUSAL_LM, and a {type(model).__name__} generates no text")
        super().__init__(model, peft_config, adapter_name, **kwargs)


class PeftModelForSeq2SeqLM(PeftModel):
    """An encoder-decoder language model with adapters.

    Raises
    ------
    InputError
        The model is no encoder-decoder that generates text.
    """

    def __init__(self, model: PreTrainedModel, peft_config: Any, adapter_name: str = "default", **kwargs: Any) -> None:
        is_right = getattr(model.config, "is_encoder_decoder", False) and model.can_generate()
        if not is_right:
            raise InputError(f"task_type: SEQ_2_SEQ_LM, and a {type(model).__name__} is no encoder-decoder with a head")
        super().__init__(model, peft_config, adapter_name, **kwargs)


class PeftModelForFeatureExtraction(PeftModel):
    """A model without a head with adapters."""


_CLASSES: dict[str | None, type[PeftModel]] = {
    "SEQ_CLS": PeftModelForSequenceClassification,
    "TOKEN_CLS": PeftModelForTokenClassification,
    "QUESTION_ANS": PeftModelForQuestionAnswering,
    "CAUSAL_LM": PeftModelForCausalLM,
    "SEQ_2_SEQ_LM": PeftModelForSeq2SeqLM,
    "FEATURE_EXTRACTION": PeftModelForFeatureExtraction,
}


def get_peft_model(
    model: PreTrainedModel, peft_config: Any, adapter_name: str = "default", mixed: bool = False, **kwargs: Any
) -> PeftModel:
    """A model with a new adapter.

    Parameters
    ----------
    model
        The base model, whose calls use the adapter from then on.
    peft_config
        A `LoraConfig`, also one of `peft`.
    adapter_name
        The adapter's name.
    mixed
        False: adapters of several methods are not supported.
    **kwargs
        `autocast_adapter_dtype=False` for an adapter in the dtype of the model instead of float32; `revision` of the
        base model, which the configuration states; other options of PEFT without effect.

    Raises
    ------
    InputError
        The configuration fits no module of the model; the message lists its modules.
    UnsupportedError
        An option is not supported.

    Examples
    --------
    >>> from trustformers import AutoModelForCausalLM
    >>> from trustformers.peft import LoraConfig, get_peft_model
    >>> model = get_peft_model(AutoModelForCausalLM.from_pretrained("openai-community/gpt2"), LoraConfig(r=8))
    >>> model.print_trainable_parameters()
    trainable params: 294,912 || all params: 124,734,720 || trainable%: 0.2364
    """
    if mixed:
        raise UnsupportedError("not supported: mixed=True of get_peft_model(); adapters are LORA")
    config = lora_config(peft_config)
    if config.base_model_name_or_path is None:
        config.base_model_name_or_path = getattr(model, "name_or_path", None) or None
    config.revision = kwargs.pop("revision", None) or config.revision
    return _CLASSES.get(task_name(config), PeftModel)(model, config, adapter_name, **kwargs)


def prepare_model_for_kbit_training(
    model: PreTrainedModel,
    use_gradient_checkpointing: bool = True,
    gradient_checkpointing_kwargs: Mapping[str, Any] | None = None,
    auto_clear_cache: bool = True,
) -> PreTrainedModel:
    """Freezes the weights of a quantized model, which then gets an adapter; returns the model.

    Parameters
    ----------
    model
        The model.
    use_gradient_checkpointing, gradient_checkpointing_kwargs
        Whether to call `activation_checkpointing_enable`, and its arguments.
    auto_clear_cache
        Without effect.
    """
    if use_gradient_checkpointing:
        model.activation_checkpointing_enable(gradient_checkpointing_kwargs)
    return model.requires_grad_(False)


def get_peft_model_state_dict(
    model: PeftModel, state_dict: Mapping[str, Any] | None = None, adapter_name: str = "default", **kwargs: Any
) -> dict[str, Any]:
    """The tensors of an adapter by the keys of `adapter_model.safetensors`."""
    state = adapter_state(model.base_model.adapters, adapter_name, **kwargs)
    return state if state_dict is None else _selected(state, state_dict, adapter_name)


def set_peft_model_state_dict(
    model: PeftModel, peft_model_state_dict: Mapping[str, Any], adapter_name: str = "default"
) -> IncompatibleKeys:
    """Loads tensors by the keys of `adapter_model.safetensors` into an adapter; returns what does not match."""
    state = {name: readable_weight(name, weight) for name, weight in peft_model_state_dict.items()}
    return load_adapter_state(model.base_model.adapters, adapter_name, state, "peft_model_state_dict")


def _selected(state: dict[str, Any], state_dict: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The tensors of a state dict of the model under the keys of files."""
    shortened = {key.replace(f".modules_to_save.{name}.", "."): value for key, value in state_dict.items()}
    for key, value in state_dict.items():
        for end in (f".{name}.weight", f".{name}"):
            if ".lora_" in key and key.endswith(end):
                is_weight = end.endswith(".weight") and ".lora_magnitude_vector." not in key
                shortened[key.removesuffix(end) + (".weight" if is_weight else "")] = value
                break
    return {key: shortened.get(key, value) for key, value in state.items()}


def _module_name(model: PreTrainedModel) -> str:
    return str(model.config.model_type).replace("-", "_")


def _hub_options(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Pops the options of the hub, and checks that others have no effect."""
    found = {name: value for name in HUB if (value := kwargs.pop(name, None)) is not None}
    _check_arguments(kwargs)
    return found


def _check_arguments(kwargs: Mapping[str, Any]) -> None:
    for name, value in kwargs.items():
        if name not in _IGNORED and value:
            raise UnsupportedError(f"not supported: {name} of a model with adapters; leave it out")
