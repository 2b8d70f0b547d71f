"""What loops that train models call."""

from __future__ import annotations

import inspect
import re
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from trustformers.runtime.seed import set_seed
from trustformers.utils import availability

__all__ = [
    "default_compute_objective",
    "default_logdir",
    "get_available_reporting_integrations",
    "get_parameter_names",
    "has_length",
    "make_markdown_table",
    "number_of_arguments",
    "seed_worker",
]

_DECIMALS = 4
# The packages of services that record trainings, by the name of the service.
_SERVICES = {
    **{"azure_ml": "azureml", "comet_ml": "comet"},
    **{
        name: name
        for name in ("dagshub", "dvclive", "mlflow", "neptune", "tensorboard", "wandb", "codecarbon", "clearml")
    },
    **{name: name for name in ("swanlab", "trackio")},
}
_SPEEDS = ("_runtime", "_per_second")


def has_length(dataset: Any) -> bool:
    """Whether a data set has a length."""
    try:
        return len(dataset) is not None
    except (AttributeError, TypeError):
        return False


def seed_worker(worker_id: int, num_workers: int, rank: int) -> None:
    """Seeds a process that loads data, from torch's seed of it and the rank of the training process."""
    torch: Any = sys.modules["torch"]
    set_seed((num_workers * rank + torch.initial_seed()) % 2**32)


def default_compute_objective(metrics: Mapping[str, float]) -> float:
    """What a search of hyperparameters minimizes or maximizes: the sum of the metrics, or the loss without others."""
    others = [
        value for name, value in metrics.items() if name not in ("eval_loss", "epoch") and not name.endswith(_SPEEDS)
    ]
    return sum(others) if others else metrics.get("eval_loss")  # type: ignore[return-value]  # None as in transformers


def number_of_arguments(func: Callable[..., Any]) -> int:
    """The number of arguments of a function, without those that a `partial` has set."""
    if isinstance(func, partial):
        return len(inspect.signature(func.func).parameters) - len(func.args) - len(func.keywords)
    return len(inspect.signature(func).parameters)


def get_available_reporting_integrations() -> list[str]:
    """The names of the services that record trainings whose packages are installed."""
    found = [name for name, package in _SERVICES.items() if getattr(availability, f"is_{package}_available")()]
    return [name for name in found if name != "azure_ml" or "mlflow" not in found]


def default_logdir() -> str:
    """A folder for the logs of a run: `runs/` with the time and the name of this machine."""
    return str(Path("runs") / f"{datetime.now():%b%d_%H-%M-%S}_{socket.gethostname()}")


def get_parameter_names(
    model: Any, forbidden_layer_types: Sequence[type], forbidden_layer_names: Sequence[str] | None = None
) -> list[str]:
    """The names of the parameters of a module that are not in modules of the given classes.

    Parameters
    ----------
    model
        A module, of torch or of a model.
    forbidden_layer_types
        The classes.
    forbidden_layer_names
        Regular expressions; parameters whose path has a match, in lower case, are left out too.
    """
    patterns = [re.compile(pattern) for pattern in forbidden_layer_names or ()]

    def is_kept(path: str) -> bool:
        return not any(pattern.search(path.lower()) for pattern in patterns)

    found = []
    for name, child in model.named_children():
        inner = get_parameter_names(child, forbidden_layer_types, forbidden_layer_names)
        if not isinstance(child, tuple(forbidden_layer_types)):
            found += [path for path in (f"{name}.{one}" for one in inner) if is_kept(path)]
    return found + [name for name, _ in model.named_parameters(recurse=False) if is_kept(name)]


def make_markdown_table(lines: Sequence[Mapping[str, Any]] | None) -> str:
    """A Markdown table with a row for each mapping and a column for each key of the first."""
    if not lines:
        return ""
    rows = [[_shown(row[key]) for key in lines[0]] for row in lines]
    heads = [str(key) for key in lines[0]]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    ruler = "|" + "|".join(f":{'-' * width}:" for width in widths) + "|"
    body = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in (heads, *rows)]
    return "\n".join([body[0], ruler, *body[1:]]) + "\n"


def _shown(value: Any) -> str:
    shown = str(value)
    return f"{value:.4f}" if isinstance(value, float) and len(shown.partition(".")[2]) > _DECIMALS else shown
