"""What the classes share that choose a model's class by the `model_type` of its `config.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from trustformers._checks.pretrained import supported
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.auto_config import read_config
from trustformers.models.configuration import PreTrainedConfig, heads_of
from trustformers.models.families import model_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers._checks.loading import LoadOptions
    from trustformers._views.models_auto_auto_factory import *  # noqa: F403
    from trustformers.models.base import PreTrainedModel
    from trustformers.runtime.device import Device


class _AbsentHead(UnsupportedError, ValueError):
    """A head that a family does not have; scripts try the next auto class after a `ValueError`."""


class _BaseAutoModelClass:
    """Base of the Auto classes of models."""

    _class_of: ClassVar[Callable[[str, str], type[PreTrainedModel]] | None] = staticmethod(model_class)
    # Classes of one's own by the class of their configuration.
    _own: ClassVar[dict[type[PreTrainedConfig], Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own = {}

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        name = type(self).__name__
        raise TypeError(f"{name} is made with {name}.from_pretrained(name_or_path) or {name}.from_config(config)")

    @classmethod
    def register(cls, config_class: type[PreTrainedConfig], model_class: Any, exist_ok: bool = False) -> None:
        """Makes a class known, whose `from_pretrained` loads the models of a configuration.

        Parameters
        ----------
        config_class
            The class of the configuration, which `AutoConfig.register` knows.
        model_class
            Any class with `from_pretrained`, such as a module of torch that holds a model. `from_config` calls the
            class itself.
        exist_ok
            Whether a class that is known already, such as that of a family, is replaced.

        Raises
        ------
        InputError
            The configuration has a class already, or the class has another configuration.
        """
        named = getattr(model_class, "config_class", None)
        if named is not None and named.__name__ != config_class.__name__:
            raise InputError(
                f"model_class: {model_class.__name__} has the configuration {named.__name__}, found "
                f"{config_class.__name__}"
            )
        if not exist_ok and (config_class in cls._own or not config_class.is_custom_code()):
            raise InputError(
                f"config_class: {cls.__name__} has a class for {config_class.__name__}; pass exist_ok=True"
            )
        cls._own[config_class] = model_class

    @classmethod
    def _load(cls, name: str, directory: str, options: LoadOptions, **given: Any) -> Any:
        try:
            return super()._load(name, directory, options, **given)  # type: ignore[misc]
        except UnsupportedError as error:
            if cls.base_head in heads_of(read_config(name, directory).model_type):  # type: ignore[attr-defined]
                raise
            raise _AbsentHead(str(error)) from None

    @classmethod
    def _own_class(cls, config: PreTrainedConfig | None, name: str, directory: str) -> Any:
        return cls._own.get(type(config or read_config(name, directory))) if cls._own else None

    @classmethod
    def from_config(
        cls,
        config: PreTrainedConfig,
        *,
        device: str | int | Device = "auto",
        dtype: Any = None,
        torch_dtype: Any = None,
        **kwargs: Any,
    ) -> Any:
        """A model of the configuration's family with random weights.

        Parameters
        ----------
        config
            The configuration of a family.
        device
            "auto", "cpu", "cuda:0", ... or a `Device`.
        dtype, torch_dtype
            Precision to compute in, by default the configuration's, or float32.
        **kwargs
            Arguments of transformers without effect, such as `attn_implementation` and `trust_remote_code`.

        Raises
        ------
        InputError
            `config` is not the configuration of a family.
        UnsupportedError
            An argument is not supported.
        TypeError
            An argument is unknown.
        """
        if not isinstance(config, PreTrainedConfig) or not config.model_type:
            raise InputError(f"config: expected the configuration of a family, found {type(config).__name__}")
        own = cls._own.get(type(config))
        if own is not None:
            return own(config)
        if unknown := supported(kwargs):
            raise TypeError(f"from_config() got unexpected keyword arguments: {', '.join(unknown)}")
        chosen = next(
            (one for one in (dtype, torch_dtype, getattr(config, "dtype", None)) if one is not None), "float32"
        )
        head = cls.base_head  # type: ignore[attr-defined]
        find = cls._class_of or model_class
        model: Any = find(config.model_type, head)(config, device=device, dtype=chosen)
        config.dtype = model.dtype
        return model
