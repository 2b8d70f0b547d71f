"""The errors of names and modules of transformers that are absent."""

from __future__ import annotations

from trustformers import _reference
from trustformers.errors import UnsupportedError

__all__ = ["missing_attribute", "missing_extra", "refuse_import", "refuse_module_of_peft"]


class _AbsentName(UnsupportedError, AttributeError):
    """`transformers.X` of a name that trustformers does not have; `hasattr` is false."""


class _AbsentImport(UnsupportedError, ImportError):
    """`from transformers import X` of a name that trustformers does not have."""


class _AbsentModule(_AbsentImport, ModuleNotFoundError):
    """`import transformers.x` of a module that trustformers does not have."""


def _reason(module: str, name: str) -> str | None:
    """Why a module does not have a name; None if neither transformers nor PEFT has it."""
    if module == "peft" and name.endswith(("Config", "Model")):
        return "adapters are those of LoRA; use LoraConfig"
    reason = _reference.reason_of_name(name)
    if reason is None and module.startswith("models.") and module.rpartition(".")[2].startswith("modeling_"):
        return "the module has whole models alone, as the engine runs these; the weights of layers are in state_dict()"
    return reason


def missing_attribute(module: str, name: str) -> AttributeError:
    """The error for an attribute that a module does not have."""
    reason = _reason(module.partition(".")[2], name)
    if reason is None:
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    return _AbsentName(f"not supported: {name!r} of {module}; {reason}")


def missing_extra(module: str, package: str, extra: str) -> ImportError:
    """The error of a module that needs a package which is not installed; `extra` installs it."""
    error = _AbsentImport(f"not supported: {module} without {package}; pip install 'trustformers[{extra}]' installs it")
    error.name = package
    return error


def refuse_import(path: str) -> None:
    """Raises the reason, if there is one, why a module or a name of a module is absent.

    Python looks for a module of this path when `from module import name` finds no such name.
    """
    reason = _reference.reason_of_module(path)
    if reason is not None:
        raise _named(_AbsentModule(f"not supported: the module transformers.{path}; {reason}"), path)
    parent, _, name = path.rpartition(".")
    reason = _reason(parent, name)
    if reason is not None:
        module = f"transformers.{parent}".rstrip(".") if parent != "peft" else parent
        raise _named(_AbsentImport(f"not supported: {name!r} of {module}; {reason}"), path)


def refuse_module_of_peft(path: str) -> None:
    """Raises the reason why `peft.x` is absent where `peft` is `trustformers.peft`."""
    error = _AbsentModule(
        f"not supported: the module {path}; peft is trustformers.peft with trustformers.alias, and has LoRA: import "
        "names from peft itself"
    )
    error.name = path
    raise error


def _named(error: ImportError, path: str) -> ImportError:
    error.name = f"transformers.{path}"
    return error
