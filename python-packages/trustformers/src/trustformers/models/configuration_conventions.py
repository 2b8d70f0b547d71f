"""What scripts ask of any configuration of transformers, and configurations here have always or do not need."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from trustformers.errors import InputError, UnsupportedError
from trustformers.models.configuration_rotary import RotaryMixin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

__all__ = ["ConfigurationConventions"]

# Where models of several parts have the configuration of their text.
_ENCODERS = ("text_encoder",)
_DECODERS = ("decoder", "generator", "text_config")


class ConfigurationConventions(RotaryMixin):
    """Attributes and methods of transformers' configurations around several devices, several parts, and checks."""

    base_config_key: ClassVar[str] = ""
    sub_configs: ClassVar[Mapping[str, Any]] = {}
    sub_configs_defaults: ClassVar[Mapping[str, Any]] = {}
    extra_files: ClassVar[tuple[str, ...]] = ()
    extra_config_files: ClassVar[tuple[str, ...]] = ()
    # A model is on one device.
    base_model_tp_plan: ClassVar[Mapping[str, Any] | None] = None
    base_model_pp_plan: ClassVar[Mapping[str, Any] | None] = None
    base_model_ep_plan: ClassVar[Mapping[str, Any] | None] = None
    base_model_fsdp_plan: ClassVar[Mapping[str, Any] | None] = None

    @property
    def is_heterogeneous(self) -> bool:
        """Whether layers have keys of their own: they have not."""
        return False

    @property
    def per_layer_attributes(self) -> set[str] | None:
        """The keys that layers have of their own: None."""
        return None

    @property
    def per_layer_config(self) -> Sequence[Self]:
        """The configuration of each layer, which is the model's."""
        layers: int = getattr(self, "num_hidden_layers")  # noqa: B009  # a key of families
        return (self,) * layers

    @per_layer_config.setter
    def per_layer_config(self, per_layer_config: object) -> None:
        if per_layer_config:
            raise UnsupportedError("not supported: per_layer_config; all layers have the keys of the configuration")

    @property
    def allow_global_per_layer_attribute_access(self) -> bool:
        """Whether keys are the same for all layers: they are."""
        return True

    @property
    def serialize_explicit_per_layer_config(self) -> bool:
        """Whether the keys of each layer are written: they are the same."""
        return False

    def get_text_config(self, decoder: bool | None = None, encoder: bool | None = None) -> Any:
        """The configuration of the text's part of a model of several parts; otherwise the configuration itself.

        Raises
        ------
        InputError
            Several parts have text.
        """
        names = (*_ENCODERS, *_DECODERS) if decoder == encoder else _DECODERS if decoder else _ENCODERS
        found = [name for name in names if getattr(self, name, None) is not None]
        if len(found) > 1:
            raise InputError(f"get_text_config(): the configuration has {', '.join(found)}; choose one of them")
        return getattr(self, found[0]) if found else self

    def get_mtp_config(self) -> NoReturn:
        """Not supported: no family predicts several tokens at once."""
        raise UnsupportedError("not supported: get_mtp_config; no family here predicts several tokens at once")

    def validate(self) -> None:
        """Runs the checks `validate_...`."""
        self.validate_architecture()
        self.validate_layer_type()
        self.validate_rope()
        self.validate_token_ids()

    def validate_architecture(self) -> None:
        """Checks that the heads divide the embeddings.

        Raises
        ------
        InputError
            They do not.
        """
        size, heads, hidden = (getattr(self, name, None) for name in ("head_dim", "num_heads", "embed_dim"))
        if size is not None and heads is not None and hidden is not None and size * heads != hidden:
            raise InputError(f"embed_dim is {hidden}, expected head_dim times num_heads, {size} * {heads}")

    def validate_layer_type(self) -> None:
        """Checks that every layer has a type.

        Raises
        ------
        InputError
            There are more or fewer types than layers.
        """
        types, layers = getattr(self, "layer_types", None), getattr(self, "num_hidden_layers", None)
        if types is not None and layers is not None and len(types) != layers:
            raise InputError(
                f"layer_types: expected the types of {layers} layers (num_hidden_layers), found {len(types)}"
            )

    def validate_output_attentions(self) -> None:
        """Has no effect: attention has one implementation, which gives the probabilities."""

    def validate_token_ids(self) -> None:
        """Has no effect: a special token outside of the vocabulary is an error where it is used."""

    @classmethod
    def is_remote_code(cls) -> bool:
        """Whether the class is code of a repository: such code is never run."""
        return False

    @classmethod
    def is_custom_code(cls) -> bool:
        """Whether the class is defined outside of trustformers."""
        return not cls.__module__.startswith("trustformers.")

    @classmethod
    def register_for_auto_class(cls, auto_class: object = "AutoConfig") -> NoReturn:
        """Not supported: code is not saved with models."""
        raise UnsupportedError(
            "not supported: register_for_auto_class, which saves code with a model; code from repositories is never "
            "run, and AutoConfig.register makes a class known to a program"
        )

    def push_to_hub(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported; save the configuration, and upload the directory with huggingface_hub."""
        raise UnsupportedError(
            "not supported: push_to_hub; save the configuration, and upload the directory with huggingface_hub"
        )


def settings_from(text: str, config: Any) -> dict[str, Any]:
    """The settings in a text such as "num_labels=3,use_cache=false", of the types that the configuration has them in.

    Raises
    ------
    InputError
        A key is not one of the configuration's, or a value is not of its type.
    """
    found: dict[str, Any] = {}
    for setting in text.split(","):
        key, sign, value = setting.partition("=")
        if not sign or not hasattr(config, key):
            raise InputError(
                f"update_from_string(): expected key=value with a key of the configuration, found {setting!r}"
            )
        found[key] = _read(key, value, deepcopy(getattr(config, key)))
    return found


def _read(key: str, value: str, old: object) -> object:
    if isinstance(old, bool):
        if value.lower() not in _BOOLEANS:
            raise InputError(f"update_from_string(): {key}: expected true or false, found {value!r}")
        return _BOOLEANS[value.lower()]
    if isinstance(old, (int, float)):
        try:
            return type(old)(value)
        except ValueError:
            raise InputError(f"update_from_string(): {key}: expected a number, found {value!r}") from None
    if isinstance(old, str):
        return value
    kind = type(old).__name__
    raise TypeError(f"update_from_string(): {key} is of type {kind}; numbers, booleans and texts can be updated")


_BOOLEANS = {
    **dict.fromkeys(("true", "1", "y", "yes"), True),
    **dict.fromkeys(("false", "0", "n", "no"), False),
}
