"""Which modules of a model have an adapter, by PEFT's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError
from trustformers.models.submodules import Conv1D, Embedding, Linear

if TYPE_CHECKING:
    from trustformers.models.tree import Branch
    from trustformers.peft.config import LoraConfig

__all__ = ["ALL_LINEAR", "matched_modules", "module_paths", "of_pattern", "resolve_targets", "saved_modules"]

ALL_LINEAR = "all-linear"

# By model_type, from peft/utils/constants.py of PEFT 0.21.2, of the families that exist here.
_DEFAULTS = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "electra"), ("query", "value")),
    "deberta-v2": ("query_proj", "value_proj"),
    "gpt2": ("c_attn",),
    **dict.fromkeys(("bloom", "gpt_neox", "falcon"), ("query_key_value",)),
    **dict.fromkeys(
        ("opt", "gptj", "gpt_neo", "llama", "mistral", "mixtral", "stablelm", "gemma", "gemma2"), ("q_proj", "v_proj")
    ),
    **dict.fromkeys(("gemma3_text", "qwen2", "qwen3"), ("q_proj", "v_proj")),
    "phi": ("q_proj", "v_proj", "fc1", "fc2"),
    **dict.fromkeys(("t5", "mt5"), ("q", "v")),
    "bart": ("q_proj", "v_proj"),
}
# Names of classification heads.
_HEADS = ("score", "classifier")


def resolve_targets(config: LoraConfig, model: Any) -> None:
    """Replaces the missing `target_modules` of a configuration by the family's, and "all-linear" by the layers' paths.

    Raises
    ------
    InputError
        The family has no targets of its own.
    """
    targets = config.target_modules
    if targets is None:
        model_type = model.config.model_type
        if model_type not in _DEFAULTS:
            raise InputError(
                f"target_modules: missing, and {model_type} has no modules of its own; the model has "
                f"{_listed(_layer_names(model))}"
            )
        config.target_modules = set(_DEFAULTS[model_type])
    elif isinstance(targets, str) and targets.lower() == ALL_LINEAR:
        layers = {path for path, kind in _layers(model) if issubclass(kind, (Linear, Conv1D))}
        output = model._tree.output
        if output is not None:
            layers.discard(output)
        elif config.task_type == "SEQ_CLS":
            head = next((name for name in _HEADS if isinstance(model._branch.get(name), dict)), None)
            layers.discard(head or "")
        config.target_modules = layers


def matched_modules(config: LoraConfig, model: Any) -> list[str]:
    """Paths of the modules that have an adapter, in the order of the model.

    Raises
    ------
    InputError
        No module has one, or one is neither a linear layer nor an embedding table; the message names what there is.
    """
    # PEFT refuses such an overlap, as that of "pre_classifier" with "classifier" in DistilBERT.
    saved = {*saved_modules(config.modules_to_save, model)}
    found = [path for path in module_paths(model) if path not in saved and _is_target(config, path)]
    if not found:
        targets = config.target_modules
        shown = repr(targets) if isinstance(targets, str) else ", ".join(sorted(targets or ())) or "an empty list"
        limits = [
            f"{name}={value!r}"
            for name in ("exclude_modules", "modules_to_save", "layers_to_transform", "layers_pattern")
            if (value := getattr(config, name))
        ]
        beside = f" with {', '.join(limits)}" if limits else ""
        known = _layer_names(model)
        # A name alone is a regular expression of a whole path.
        instead = f"; for modules of that name pass [{shown}]" if targets in known else ""
        raise InputError(f"target_modules: {shown}{beside} matches no module{instead}; there are {_listed(known)}")
    layers = dict(_layers(model))
    for path in found:
        if path not in layers:
            raise InputError(
                f"target_modules: {path} is a {type(model._module_at(path)).__name__}, and not a linear layer or an "
                f"embedding table; there are {_listed(_layer_names(model))}"
            )
    return found


def saved_modules(names: Iterable[str] | None, model: Any) -> list[str]:
    """Paths of the modules that are trained as a whole."""
    wanted = tuple(names or ())
    return [path for path in module_paths(model) if wanted and path.endswith(wanted)]


def module_paths(model: Any) -> list[str]:
    """Paths of all modules in a model, in its order."""
    return list(_paths(model._tree.root, ""))


def of_pattern(patterns: dict[str, Any], path: str, default: Any) -> Any:
    """The value of the first pattern that the end of a path matches."""
    for pattern, value in patterns.items():
        if re.match(rf"(.*\.)?({pattern})$", path):
            return value
    return default


def _paths(branch: Branch, prefix: str) -> Iterable[str]:
    for name, value in branch.items():
        if isinstance(value, dict):
            yield f"{prefix}{name}"
            yield from _paths(value, f"{prefix}{name}.")


def _layers(model: Any) -> list[tuple[str, type[Any]]]:
    """Paths and classes of the linear layers and embedding tables."""
    kinds = ((path, type(model._module_at(path))) for path in module_paths(model))
    return [(path, kind) for path, kind in kinds if issubclass(kind, (Linear, Conv1D, Embedding))]


def _layer_names(model: Any) -> list[str]:
    """Names of the linear layers and embedding tables without those of the modules around them."""
    return sorted({path.rpartition(".")[2] for path, _ in _layers(model)})


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _is_target(config: LoraConfig, path: str) -> bool:
    targets = config.target_modules
    if targets is None or _is_named(config.exclude_modules, path):
        return False
    if any(re.match(rf"(^|.*\.){name}($|\..*)", path) for name in config.modules_to_save or ()):
        return False
    if isinstance(targets, str) or path in targets:
        return _is_named(targets, path)
    return _is_named(targets, path) and _is_in_layers(config, path)


def _is_named(names: str | Iterable[str] | None, path: str) -> bool:
    """Whether a regular expression matches a path, or one of several names ends it."""
    if not names:
        return False
    if isinstance(names, str):
        try:
            return re.fullmatch(names, path) is not None
        except re.error as error:
            raise InputError(f"target_modules: {names!r} is no regular expression: {error}") from None
    return any(path == name or path.endswith(f".{name}") for name in names)


def _is_in_layers(config: LoraConfig, path: str) -> bool:
    """Whether a path is in one of the layers that are to be changed."""
    indices = config.layers_to_transform
    if indices is None or (isinstance(indices, list) and not indices):
        return True
    given = config.layers_pattern
    names = [given] if isinstance(given, str) else given
    patterns = [rf"(?:^|.*?\.){name}" for name in names] if names else [r".*?\.[^.]*"]
    matches = (re.match(rf"{pattern}\.(\d+)\.", path) for pattern in patterns)
    layer = next((int(match[1]) for match in matches if match), None)
    return layer is not None and (layer == indices if isinstance(indices, int) else layer in indices)
