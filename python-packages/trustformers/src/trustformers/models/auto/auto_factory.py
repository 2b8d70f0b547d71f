"""What the classes share that choose a model's class by the `model_type` of its `config.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from trustformers._checks.pretrained import supported
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.configuration import PreTrainedConfig
from trustformers.models.families import model_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers._views.models_auto_auto_factory import *  # noqa: F403
    from trustformers.models.base import PreTrainedModel
    from trustformers.runtime.device import Device


class _BaseAutoModelClass:
    """Base of the Auto classes of models."""

    _class_of: ClassVar[Callable[[str, str], type[PreTrainedModel]] | None] = staticmethod(model_class)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        name = type(self).__name__
        raise TypeError(f"{name} is made with {name}.from_pretrained(name_or_path) or {name}.from_config(config)")

    @staticmethod
    def register(*_args: Any, **_kwargs: Any) -> NoReturn:
        """Not supported: classes of one's own are called by their own names."""
        raise UnsupportedError(
            "not supported: AutoModel.register; the engine runs its own families, so call from_pretrained of the class "
            "itself"
        )

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
