"""Metrics as JSON has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trustformers._checks.arguments import kind
from trustformers.errors import InputError

__all__ = ["check_metrics", "json_value"]


def check_metrics(metrics: Mapping[str, Any]) -> None:
    """Raises `InputError` naming a metric that is nothing that JSON has."""
    for name, value in metrics.items():
        try:
            json.dumps(value, default=json_value)
        except (TypeError, ValueError) as error:
            raise InputError(f"{name}: expected a number, found {kind(value)}: {error}") from None


def json_value(value: Any) -> Any:
    """An array or a tensor as JSON has it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON serializable")
