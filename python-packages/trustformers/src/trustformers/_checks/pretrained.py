"""Arguments of transformers' `from_pretrained` that do not change what is loaded, and those that are refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.device import Device

__all__ = ["hub_token", "mapped_device", "path_of", "supported"]

_WITHOUT_EFFECT = frozenset(
    {
        "_commit_hash",
        "_fast_init",
        "_from_auto",
        "_from_pipeline",
        "adapter_name",
        "allow_all_kernels",
        "attn_implementation",
        "code_revision",
        "disable_mmap",
        "experts_implementation",
        "force_download",
        "low_cpu_mem_usage",
        "max_memory",
        "mirror",
        "offload_buffers",
        "offload_folder",
        "offload_state_dict",
        "resume_download",
        "tqdm_class",
        "trust_remote_code",
        "weights_only",
    }
)
_ONE_DEVICE = "a model is on one device; pass device="
_TENSORFLOW = "pass a checkpoint in safetensors or pytorch_model.bin"
_KERNELS = "kernels from the hub are for torch; leave it out"
# Arguments that are refused unless they are false, and what to do instead.
_UNSUPPORTED = {
    "adapter_kwargs": "load the base model, and pass it to load_adapter()",
    "device_mesh": _ONE_DEVICE,
    "distributed_config": _ONE_DEVICE,
    "from_flax": _TENSORFLOW,
    "from_tf": _TENSORFLOW,
    "fusion_config": "the engine fuses operations by itself; leave it out",
    "kernel_config": _KERNELS,
    "key_mapping": "rename the weights of the checkpoint, or pass renamed ones to load_state_dict()",
    "proxies": "set HTTPS_PROXY and NO_PROXY in the environment",
    "tp_plan": _ONE_DEVICE,
    "tp_size": _ONE_DEVICE,
    "use_kernels": _KERNELS,
}
# Values of device_map that leave the choice of a device to the library.
_STRATEGIES = frozenset({"auto", "balanced", "balanced_low_0", "sequential"})


def supported(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that have an effect.

    Raises
    ------
    UnsupportedError
        An argument is not supported; the message says what to do instead.
    """
    for name, instead in _UNSUPPORTED.items():
        if given.get(name):
            raise UnsupportedError(f"not supported: {name} of from_pretrained; {instead}")
    return {name: value for name, value in given.items() if name not in _WITHOUT_EFFECT | _UNSUPPORTED.keys()}


def hub_token(token: object, use_auth_token: object) -> str | None:
    """The token of the hub; None for the stored one, which True asks for.

    Raises
    ------
    InputError
        The token is of another type.
    """
    given = use_auth_token if token is None else token
    if given is None or isinstance(given, bool):
        return None
    if not isinstance(given, str):
        raise InputError(f"token: expected a str or a bool, found {type(given).__name__}")
    return given


def mapped_device(device: object, device_map: object) -> object:
    """The device that `device` or `device_map` names.

    Raises
    ------
    UnsupportedError
        `device_map` spreads a model over several devices.
    """
    if device_map is None:
        return "auto" if device is None else device
    if isinstance(device_map, Mapping):
        places = {place if isinstance(place, (int, Device)) else str(place) for place in device_map.values()}
        if len(places) != 1 or "disk" in places:
            found = ", ".join(sorted(map(str, places))) or "none"
            raise UnsupportedError(f"not supported: device_map with the devices {found}; a model is on one device")
        return next(iter(places))
    return "auto" if isinstance(device_map, str) and device_map in _STRATEGIES else device_map


def path_of(name: object) -> str:
    """The path or name that a model is loaded from.

    Raises
    ------
    InputError
        It is neither.
    """
    if not isinstance(name, (str, os.PathLike)):
        raise InputError(
            f"pretrained_model_name_or_path: expected a path or a repository's name, found {type(name).__name__}"
        )
    return str(os.fspath(name))
