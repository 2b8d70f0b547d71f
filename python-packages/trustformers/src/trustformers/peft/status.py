"""What the adapters of a model are, and which of them are used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustformers.peft.adapters import Adapters

__all__ = ["TunerLayerStatus", "TunerModelStatus", "layer_status", "model_status"]


@dataclass
class TunerLayerStatus:
    """The adapters of a module.

    Attributes
    ----------
    name
        Path of the module in the `LoraModel`.
    module_type
        Its class, such as "lora.Linear".
    enabled
        Whether adapters are used.
    active_adapters, merged_adapters, available_adapters
        Names of the adapters that are used, of those that are part of the weight, which are none, and of all.
    requires_grad
        Whether the tensors of each adapter require gradients, or "irregular".
    devices
        The devices of each adapter.
    quantization_backend
        The method that the base model's weights are quantized with; None without.
    """

    name: str
    module_type: str
    enabled: bool
    active_adapters: list[str]
    merged_adapters: list[str]
    requires_grad: dict[str, bool | str]
    available_adapters: list[str]
    devices: dict[str, list[str]]
    quantization_backend: str | None


@dataclass
class TunerModelStatus:
    """The adapters of a model.

    Attributes
    ----------
    base_model_type, adapter_model_type
        Classes of the base model and of the model with adapters.
    peft_types
        The method of each adapter.
    trainable_params, total_params
        Numbers of elements of parameters that require gradients, and of all.
    num_adapter_layers
        The number of modules with an adapter.
    enabled, active_adapters, merged_adapters, requires_grad, available_adapters, devices, quantization_backend
        As those of a `TunerLayerStatus`.
    """

    base_model_type: str
    adapter_model_type: str
    peft_types: dict[str, str]
    trainable_params: int
    total_params: int
    num_adapter_layers: int
    enabled: bool
    active_adapters: list[str]
    merged_adapters: list[str]
    requires_grad: dict[str, bool | str]
    available_adapters: list[str]
    devices: dict[str, list[str]]
    quantization_backend: str | None


def layer_status(adapters: Adapters) -> list[TunerLayerStatus]:
    """The status of each module with an adapter, in the order of the model."""
    tensors: dict[str, dict[str, list[str]]] = {}
    for name, layers in adapters.layers.items():
        for layer in layers:
            tensors.setdefault(layer.module, {})[name] = layer.names
        for own in adapters.saved[name]:
            tensors.setdefault(own.partition(".modules_to_save.")[0], {}).setdefault(name, []).append(own)
    model = adapters.model
    order = {path: index for index, path in enumerate(dict(model.named_modules()))}
    found = []
    for path in sorted(tensors, key=lambda path: order.get(path, -1)):
        is_saved = any(".modules_to_save." in own for names in tensors[path].values() for own in names)
        found.append(
            TunerLayerStatus(
                f"model.{path}",
                "ModulesToSaveWrapper" if is_saved else f"lora.{type(model._module_at(path)).__name__}",
                adapters.is_enabled,
                list(adapters.active),
                [],
                {name: _requires_grad(adapters, names) for name, names in tensors[path].items()},
                sorted(tensors[path]),
                {name: _devices(adapters, names) for name, names in tensors[path].items()},
                model.quantization_method,
            )
        )
    return found


def model_status(adapters: Adapters, kind: str, sizes: tuple[int, int]) -> TunerModelStatus:
    """The status of a model.

    Parameters
    ----------
    adapters
        Its adapters.
    kind
        The class of the model with adapters.
    sizes
        Numbers of elements of parameters that require gradients, and of all.
    """
    names = {name: adapters.names(name) for name in adapters.configs}
    return TunerModelStatus(
        type(adapters.model).__name__,
        kind,
        {name: "LORA" for name in names},
        *sizes,
        len(layer_status(adapters)),
        adapters.is_enabled,
        list(adapters.active),
        [],
        {name: _requires_grad(adapters, own) for name, own in names.items()},
        sorted(names),
        {name: _devices(adapters, own) for name, own in names.items()},
        adapters.model.quantization_method,
    )


def _requires_grad(adapters: Adapters, names: Iterable[str]) -> bool | str:
    found = {adapters.tensors[name].requires_grad for name in names}
    return "irregular" if len(found) > 1 else True in found


def _devices(adapters: Adapters, names: Iterable[str]) -> list[str]:
    devices: set[Any] = {str(adapters.tensors[name].device).partition(":")[0] for name in names}
    return sorted(devices)
