"""The rotary embedding's keys of configurations."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RotaryMixin"]

logger: logging.Logger = logging.getLogger("trustformers")

# Kinds of scaling that need the number of positions before it.
_OF_LENGTHS = frozenset({"llama3", "longrope", "yarn"})
_REQUIRED = {
    "default": (),
    "linear": ("factor",),
    "dynamic": ("factor",),
    "yarn": ("factor", "original_max_position_embeddings"),
    "longrope": ("short_factor", "long_factor", "original_max_position_embeddings"),
    "llama3": ("factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor", "rope_theta"),
}


class RotaryMixin:
    """Completes and checks `rope_parameters`."""

    default_theta: ClassVar[Any] = 10_000.0
    default_rope_type: ClassVar[str] = "default"
    ignore_keys_at_rope_validation: Any = frozenset()
    if TYPE_CHECKING:
        # Only families with a rotary embedding have the key.
        rope_parameters: Any
    # The share of a head that is rotated, and names that keys and types of scaling had earlier.
    _rotary_share: ClassVar[float | None] = None
    # Whether checks of `rope_parameters` are told of the share, and whether it stays a key.
    _has_share: ClassVar[bool] = True
    _keeps_share: ClassVar[bool] = False
    _earlier_rotary: ClassVar[tuple[str, str]] = ("rope_theta", "partial_rotary_factor")
    _rotary_names: ClassVar[Mapping[str, str]] = {}
    # The key of an earlier version with the base of a type of layers, and its default in `default_theta`.
    _thetas: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def nested_rope_parameter_keys(self, rope_parameters: Mapping[str, Any]) -> list[str]:
        """The types of layers that have parameters of their own; none if all layers share them."""
        types = getattr(self, "layer_types", None) or ()
        return [key for key in rope_parameters if key in types]

    def convert_rope_params_to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """Moves keys of earlier versions, such as `rope_theta`, to `rope_parameters`, and returns the others."""
        scaling = kwargs.pop("rope_scaling", None)
        found: dict[str, Any] = getattr(self, "rope_parameters", None) or {}
        if self._thetas:
            self.rope_parameters = self._by_type(found, scaling, kwargs)
            self.standardize_rope_params()
            return kwargs
        found = scaling or found
        of_theta, of_share = self._earlier_rotary
        theta = kwargs.pop(of_theta, getattr(self, "rope_theta", self.default_theta))
        share = kwargs.get(of_share, getattr(self, "partial_rotary_factor", self._rotary_share))
        if not self._keeps_share:
            kwargs.pop(of_share, None)
        for parameters in self._rotary_groups(found):
            parameters.setdefault("rope_theta", theta)
            if share is not None:
                parameters.setdefault("partial_rotary_factor", share)
        if share is not None and self._has_share:
            self.ignore_keys_at_rope_validation = {*self.ignore_keys_at_rope_validation, "partial_rotary_factor"}
        self.rope_parameters = found
        self.standardize_rope_params()
        kind = str(found.get("rope_type"))
        if kind in self._rotary_names:
            found["rope_type"] = self._rotary_names[kind]
        return kwargs

    def _by_type(self, found: dict[str, Any], scaling: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The parameters of each type of layers; scaling is for those of full attention, or for all."""
        for kind, (key, name) in self._thetas.items():
            parameters = found.get(kind) or {"rope_type": "default"}
            found[kind] = parameters
            if scaling and (kind == "full_attention" or key == "local_rope_theta"):
                parameters.update(scaling)
            default = self.default_theta[name] if name else self.default_theta
            parameters.setdefault("rope_theta", kwargs.pop(key, default))
        return found

    def standardize_rope_params(self) -> None:
        """Completes `rope_parameters` with the type, and with what the type needs."""
        found: dict[str, Any] = getattr(self, "rope_parameters", None) or {}
        theta = getattr(self, "rope_theta", None)
        if not found and not theta:
            return
        for parameters in self._rotary_groups(found):
            parameters.setdefault("rope_type", parameters.get("type", self.default_rope_type))
            parameters.setdefault("rope_theta", theta)
            if parameters["rope_type"] in _OF_LENGTHS:
                stated = getattr(self, "original_max_position_embeddings", None)
                if stated is not None and parameters is found:
                    parameters["original_max_position_embeddings"] = stated
                length = getattr(self, "max_position_embeddings", None)
                parameters.setdefault("original_max_position_embeddings", length)
        self.rope_parameters = found

    def validate_rope(self) -> None:
        """Checks that `rope_parameters` have what their types need.

        Raises
        ------
        InputError
            A parameter is missing.
        """
        found: dict[str, Any] = getattr(self, "rope_parameters", None) or {}
        for parameters in self._rotary_groups(found) if found else ():
            kind = parameters.get("rope_type", parameters.get("type", "default"))
            if missing := [key for key in _REQUIRED.get(kind, ()) if key not in parameters]:
                raise InputError(f'rope_parameters: "{kind}" needs {", ".join(missing)}')
            if kind not in _REQUIRED:
                logger.warning('rope_parameters: rope_type is "%s", expected one of: %s', kind, ", ".join(_REQUIRED))

    def _rotary_groups(self, found: dict[str, Any]) -> list[dict[str, Any]]:
        """The parameters of each type of layers, or those that all layers share."""
        nested = self.nested_rope_parameter_keys(found)
        return [found[key] for key in nested if found[key] is not None] if nested else [found]
