"""`PreTrainedModel`, the base class of models."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers import _native
from trustformers._checks import saving
from trustformers._checks.loading import DtypeObject, LoadOptions, load_options
from trustformers._checks.pretrained import hub_token, mapped_device, path_of, supported
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.auto_config import AutoConfig
from trustformers.models.calls import CallMixin
from trustformers.models.configuration import PreTrainedConfig, config_class_of, read_keys
from trustformers.models.loading import config_overrides, resolved, warn_of_weights
from trustformers.models.module import ModuleMixin
from trustformers.runtime.device import Device
from trustformers.runtime.jobs import Job
from trustformers.tensor.dtypes import BY_NAME, DType

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers.models.quantization import QuantizationConfig

__all__ = ["PreTrainedModel"]

logger: logging.Logger = logging.getLogger("trustformers")

# Attributes that a model is created with.
_OWN_ATTRIBUTES = frozenset({"config", "generation_config", "name_or_path"})


class PreTrainedModel(CallMixin, ModuleMixin):
    """Base of all models; subclasses such as `BertForMaskedLM` create models with random weights from a configuration.

    Attributes
    ----------
    config
        The keys of `config.json`.
    name_or_path
        The directory or repository that the model was loaded from.
    """

    config_class: ClassVar[type[PreTrainedConfig] | None] = None
    # Finds the class of a model by its model_type and head; set by the Auto classes only.
    _class_of: ClassVar[Callable[[str, str], type[PreTrainedModel]] | None] = None

    config: PreTrainedConfig
    name_or_path: str

    def __init__(
        self, config: PreTrainedConfig, *, device: str | int | Device = "auto", dtype: Any = "float32"
    ) -> None:
        if self.config_class is None or self.config_class.model_type not in _native.model_types():
            raise _base_class_error(type(self))
        if not isinstance(config, self.config_class):
            expected = self.config_class.__name__
            raise InputError(f"config: expected a {expected}, found {type(config).__name__}")
        options = load_options(device=device, dtype="float32" if dtype in (None, "auto") else dtype)
        keys = {**config.to_dict(), "model_type": self.config_class.model_type}
        native = _native.Model.from_config(keys, self.base_head, options.device, options.dtype)
        self._set_native(native, config.name_or_path, "")
        self.config = config

    def _set_native(self, native: _native.Model, name_or_path: str, directory: str) -> None:
        self._native = native
        self._source = None
        self._directory = directory
        self.name_or_path = name_or_path
        keys = native.config()
        keys["dtype"] = native.dtype
        self.config = config_class_of(keys["model_type"])(**keys, name_or_path=name_or_path)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str] | None,
        *,
        config: PreTrainedConfig | str | os.PathLike[str] | None = None,
        device: str | int | Device = "auto",
        dtype: str | type[Any] | DtypeObject | None = "auto",
        torch_dtype: str | type[Any] | DtypeObject | None = None,
        load_in_8bit: bool = False,
        load_in_4bit: bool = False,
        quantization_config: Mapping[str, Any] | QuantizationConfig | None = None,
        ignore_mismatched_sizes: bool = False,
        output_loading_info: bool = False,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        gguf_file: str | os.PathLike[str] | None = None,
        strict_config: bool = False,
        subfolder: str = "",
        variant: str | None = None,
        use_safetensors: bool | None = None,
        **kwargs: Any,
    ) -> Self:
        """Loads a model from a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory with `config.json` and safetensors or `pytorch_model.bin`, or a repository's name. Layers may be
            quantized with GPTQ (2, 4 or 8 bits) or AWQ (4 bits). With `adapter_config.json` and
            `adapter_model.safetensors`, the base model that they name is loaded, and the adapter added to it. None with
            `config` and `state_dict` among the further arguments, whose weights the model has.
        device
            "auto", "cpu", "cuda:0", ... or a `Device`.
        dtype
            Precision to compute in: "float32", "float16", "bfloat16", such a dtype of NumPy or torch, or "auto", the
            checkpoint's dtype (float32 for a GGUF file).
        torch_dtype
            The deprecated name of `dtype`.
        load_in_8bit
            Whether to quantize the weights of linear layers to 8 bits, symmetric per output channel; activations are
            quantized per row at run time. Everything else stays in `dtype`, the layers of classifiers included.
        load_in_4bit
            Whether to quantize the weights of linear layers to 4 bits, symmetric in groups of 64 along the input
            dimension, each with a float16 scale; activations are quantized to 8 bits in blocks of 32 at run time.
            Quantization is uniform, whatever `bnb_4bit_quant_type` says.
        quantization_config
            The quantization as a mapping, `{"bits": 8}`, `{"bits": 4, "group_size": 64, "sym": True}` or
            `{"load_in_8bit": True}`, or as an object, such as the `BitsAndBytesConfig` of transformers. `group_size` is
            a multiple of 32, also for 8 bits; without `sym` each group has a min as well as a scale.
        config
            Keys that replace those of `config.json`, or where they are loaded from.
        ignore_mismatched_sizes
            Whether head weights of another shape than the checkpoint's are initialized randomly; otherwise they raise.
        output_loading_info
            Whether to return a pair of the model and a dict: names of tensors as `missing_keys`, `unexpected_keys` and
            `mismatched_keys`, keys of `config.json` that are not read as `unknown_config_keys`.
        revision, token, cache_dir, local_files_only
            Options of the hub, as in `huggingface_hub`.
        gguf_file
            The name of a GGUF file in the directory or the repository, which is read in place of `config.json` and
            safetensors. On the cpu, linear layers in block formats such as Q4_K stay quantized, and activations are
            quantized to 8 bits at run time; with the `quantization_config`
            `{"quant_method": "gguf", "dequantize": True}`, or transformers' `GgufConfig`, weights are dequantized.
        strict_config
            Whether unknown keys of `config.json` are an error; `TRUSTFORMERS_STRICT_CONFIG=1` in the environment makes
            them one in every call. Otherwise they are kept in `config` and have no effect.
        subfolder
            The folder of the directory or repository that holds the files.
        variant
            The variant of the weights, such as "fp16" for `model.fp16.safetensors`.
        use_safetensors
            Only safetensors if True, only `pytorch_model.bin` if False, which is read without executing its pickle.
        **kwargs
            Additional keys of the configuration, such as `num_labels`; `generation_config`; `add_pooling_layer` of a
            base model, whose `pooler_output` is None if it is false; `device_map`, which may name one device;
            other arguments of transformers, such as `attn_implementation` and `low_cpu_mem_usage`, which have no
            effect, or raise if they would load something else.

        Raises
        ------
        InputError
            An argument is invalid, or two arguments contradict each other.
        ConfigError, WeightsError
            A file is missing or damaged; the message names it.
        HubError
            The repository is not available.
        UnsupportedError
            The device's backend is not installed, or the quantization of the checkpoint or of the request is not
            supported.
        TypeError
            The class belongs to no family and is not an Auto class, or an argument is unknown.

        Examples
        --------
        >>> from trustformers import AutoModel
        >>> model = AutoModel.from_pretrained(path, dtype="bfloat16", load_in_8bit=True)
        >>> model.dtype, model.quantization_method
        ('bfloat16', 'int8')
        """
        if cls._class_of is None and (
            cls.config_class is None or cls.config_class.model_type not in _native.model_types()
        ):
            raise _base_class_error(cls)
        options = load_options(
            device=mapped_device(device, kwargs.pop("device_map", None)),
            dtype=dtype,
            torch_dtype=torch_dtype,
            load_in_8bit=load_in_8bit,
            load_in_4bit=load_in_4bit,
            quantization_config=quantization_config,
            gguf_file=gguf_file,
            strict_config=strict_config,
            variant=variant,
            use_safetensors=use_safetensors,
        )
        token = hub_token(token, kwargs.pop("use_auth_token", None))
        attn_implementation = kwargs.get("attn_implementation")
        adapter_name = kwargs.get("adapter_name") or "default"
        kwargs = supported(kwargs)
        generation_config = kwargs.pop("generation_config", None)
        state_dict = kwargs.pop("state_dict", None)
        pooling = kwargs.pop("add_pooling_layer", None)
        if config is not None and not isinstance(config, PreTrainedConfig):
            hub: dict[str, Any] = {"revision": revision, "token": token, "cache_dir": cache_dir}
            loaded: PreTrainedConfig = AutoConfig.from_pretrained(config, local_files_only=local_files_only, **hub)
            config = loaded
        if state_dict is not None:
            if pretrained_model_name_or_path is not None or config is None:
                raise InputError("state_dict: pass it with config, and None as pretrained_model_name_or_path")
            created = cls._of_state(config, state_dict, options)
            if pooling is not None:
                created._set_pooling(bool(pooling))
            return created
        name = path_of(pretrained_model_name_or_path)
        place = {"revision": revision, "subfolder": subfolder}
        shared = {"token": token, "cache_dir": cache_dir, "local_files_only": local_files_only}
        name, directory, adapter = resolved(name, place, shared, options)
        own = cls._own_class(config, name, directory)
        if own is not None:
            return own.from_pretrained(directory, **({} if config is None else {"config": config}), **kwargs)  # type: ignore[no-any-return]
        overrides = config_overrides(name, directory, config, kwargs)
        model = cls._load(
            name, directory, options, overrides=overrides, ignore_mismatched_sizes=ignore_mismatched_sizes
        )
        if pooling is not None:
            model._set_pooling(bool(pooling))
        if adapter is not None:
            model.load_adapter(adapter, adapter_name, adapter_kwargs=place | shared)
        model.config._attn_implementation = attn_implementation
        if generation_config is not None and model.can_generate():
            model.generation_config = generation_config
        if not output_loading_info:
            return model
        info = {
            "missing_keys": model._native.missing_weights,
            "unexpected_keys": model._native.unused_weights,
            "mismatched_keys": model._native.mismatched_weights,
            "unknown_config_keys": model._native.unknown_config_keys,
        }
        return model, info  # type: ignore[return-value]  # a pair only if the caller requests it

    @classmethod
    def _own_class(cls, config: PreTrainedConfig | None, name: str, directory: str) -> Any:
        """The class that an auto class was told to use for the models of a configuration, if any."""
        return None

    @classmethod
    def from_pretrained_async(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Job[Self]:
        """Runs `from_pretrained` in the background and returns an awaitable job.

        Examples
        --------
        >>> from trustformers import AutoModel
        >>> model = await AutoModel.from_pretrained_async(path, dtype="bfloat16")
        """
        return Job.run(lambda: cls.from_pretrained(pretrained_model_name_or_path, **kwargs))

    @classmethod
    def _of_state(cls, config: PreTrainedConfig, state_dict: Mapping[str, Any], options: LoadOptions) -> Self:
        """A model of a configuration with the weights of a state dict."""
        if options.quantization is not None:
            raise UnsupportedError("not supported: quantization of a state_dict; save the model, and load it quantized")
        kind = cls if cls._class_of is None else cls._class_of(config.model_type, cls.base_head)
        dtype = "float32" if options.dtype == "auto" else options.dtype
        model = kind(config, device=options.device, dtype=dtype)
        missing, unexpected = model.load_state_dict(state_dict, strict=False)
        for keys, what in ((missing, "newly initialized, as they are not in"), (unexpected, "not used, but are in")):
            if keys:
                logger.warning("weights of %s are %s the state dict: %s", kind.__name__, what, ", ".join(keys))
        return model  # type: ignore[return-value]  # a class of the requested head

    @classmethod
    def _load(
        cls,
        name: str,
        directory: str,
        options: LoadOptions,
        *,
        overrides: dict[str, Any] | None = None,
        ignore_mismatched_sizes: bool = False,
    ) -> Self:
        native = cls._native_of(
            directory,
            cls.base_head,
            options,
            overrides=overrides,
            ignore_mismatched_sizes=ignore_mismatched_sizes,
        )
        model_type = native.config()["model_type"]
        model_class = cls if cls._class_of is None else cls._class_of(model_type, cls.base_head)
        if model_class.config_class and model_class.config_class.model_type != model_type:
            raise InputError(f'{name}: its model_type is "{model_type}", which {cls.__name__} does not load')
        model = model_class.__new__(model_class)
        model._set_native(native, name, directory)
        if not Path(directory).is_file():
            # The engine's configuration names the class that was loaded.
            model.config.architectures = {**read_keys(directory), **(overrides or {})}.get("architectures")
        model._source = (name, directory, options, overrides, ignore_mismatched_sizes)
        warn_of_weights(model_class.__name__, name, directory, native)
        return model  # type: ignore[return-value]  # a class of the requested head

    @staticmethod
    def _native_of(
        directory: str,
        head: str,
        options: LoadOptions,
        *,
        overrides: dict[str, Any] | None,
        ignore_mismatched_sizes: bool,
    ) -> _native.Model:
        """The engine's model of a directory."""
        native_options = _native.LoadOptions(
            options.dtype,
            quantization=options.quantization,
            dequantize=options.dequantize,
            ignore_mismatched_sizes=ignore_mismatched_sizes,
            strict_config=options.strict_config,
            overrides=overrides,
            variant=options.variant,
            use_safetensors=options.use_safetensors,
        )
        return _native.Model.from_dir(directory, head, options.device, native_options)

    @property
    def device(self) -> Device:
        """The device that the model is on."""
        return Device._from_name(self._structure.device)

    @property
    def dtype(self) -> Any:
        """The floating-point dtype of the model's activations and of weights that are not quantized.

        A dtype of torch if torch is imported, for torch's functions accept no other; otherwise a `trustformers` dtype,
        which is a str. Both compare equal to the dtypes of torch; only the latter equals its name.
        """
        torch: Any = sys.modules.get("torch")
        return BY_NAME[DType(self._structure.dtype)] if torch is None else getattr(torch, self._structure.dtype)

    @property
    def is_loaded_in_8bit(self) -> bool:
        """Whether the weights of the linear layers were quantized to 8 bits on loading."""
        return self._structure.bits == 8

    @property
    def is_loaded_in_4bit(self) -> bool:
        """Whether the weights of the linear layers were quantized to 4 bits on loading."""
        return self._structure.bits == 4

    @property
    def is_quantized(self) -> bool:
        """Whether weights are quantized."""
        return self.quantization_method is not None

    @property
    def quantization_method(self) -> str | None:
        """The quantization: "int8" or "int4" if done on loading, or the checkpoint's own, such as "gptq"; or None."""
        if self._structure.bits is not None:
            return f"int{self._structure.bits}"
        stored = getattr(self.config, "quantization_config", None)
        return stored.get("quant_method") if isinstance(stored, dict) else None

    @property
    def num_labels(self) -> int:
        """The number of labels of a classifier."""
        return self.config.num_labels

    @classmethod
    def can_generate(cls) -> bool:
        """Whether the model has `generate`."""
        return False

    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs: Any) -> None:
        """Writes `config.json` and `model.safetensors` into a directory, which is created if needed.

        Of a model to which an adapter was added, the adapter's files are written instead, as PEFT writes them.

        Parameters
        ----------
        save_directory
            The directory.
        **kwargs
            Options of transformers: `is_main_process=False` writes nothing, weights larger than `max_shard_size`
            are divided into several files, and an option that would write other files raises.

        Raises
        ------
        UnsupportedError
            The weights were quantized on loading, or an option is not supported.
        IoError
            A file cannot be written.
        """
        if saving.writes(**kwargs):
            if self._owner is None and self._hf_peft_config_loaded:
                self._save_adapter(save_directory)
                return
            self._standalone_native(has_adapters=False).save_pretrained(save_directory)
            self._save_config(str(os.fspath(save_directory)))
            saving.shard(save_directory, kwargs.get("max_shard_size"))

    def _save_config(self, directory: str) -> None:
        """Writes the configuration, which may have changed since the model was loaded."""
        self.config.architectures = [type(self).__name__]
        self.config.dtype = self._native.dtype
        # Weights that were dequantized have no quantization any more.
        if "quantization_config" not in read_keys(directory):
            vars(self.config).pop("quantization_config", None)
        self.config.save_pretrained(directory)

    def __getattr__(self, name: str) -> Any:
        # Modules and parameters are no attributes of their own.
        if "_loaded" not in self.__dict__ and self._owner is None:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}: it was not loaded")
        found = NotImplemented if name.startswith("_") else self._attribute(name)
        if found is NotImplemented:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return found

    def __setattr__(self, name: str, value: object) -> None:
        self._refuse_change(name, "replacing")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._refuse_change(name, "deleting")
        super().__delattr__(name)

    def _refuse_change(self, name: str, what: str) -> None:
        is_loaded = "_loaded" in self.__dict__ or self._owner is not None
        if name.startswith("_") or name in _OWN_ATTRIBUTES or not is_loaded or hasattr(type(self), name):
            return
        if name in self._branch:
            raise UnsupportedError(
                f"not supported: {what} {name} of a {type(self).__name__}, which has the modules of its configuration; "
                "load_state_dict() changes their weights"
            )

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._branch]

    def extra_repr(self) -> str:
        """The name, device and precision of the model, as text."""
        values = {"device": str(self.device), "dtype": self._structure.dtype}
        if self.quantization_method is not None:
            values["quantization_method"] = self.quantization_method
        listed = ", ".join(f"{name}={value!r}" for name, value in values.items())
        return f"{self.name_or_path!r}, {listed}"

    def __repr__(self) -> str:
        return self._shown("" if self._owner is not None else self.extra_repr())


def _base_class_error(kind: type[PreTrainedModel]) -> TypeError:
    if kind.is_custom_code():
        return TypeError(
            f"not supported: {kind.__name__}, a model class of one's own, as the engine runs models of its families; "
            "use one of those classes, also inside a torch.nn.Module of one's own"
        )
    return TypeError(
        f"{kind.__name__} is a base class; use an Auto class such as AutoModel, or a family's class such as BertModel"
    )
