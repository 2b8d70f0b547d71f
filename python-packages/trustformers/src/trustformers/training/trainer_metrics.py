"""Printing and saving the metrics of a trainer."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers._checks.metrics import check_metrics, json_value
from trustformers.training.checkpoints import TRAINER_STATE_NAME
from trustformers.training.trainer_base import TrainerBase

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MetricsMixin", "log_metrics", "metrics_format", "save_metrics", "save_state"]

_DECIMALS = 4


def metrics_format(metrics: dict[str, Any]) -> dict[str, Any]:
    """Metrics for people: times as hours, minutes and seconds, memory in MB, operations in GF, four decimals."""
    return {name: _shown(name, value) for name, value in metrics.items()}


def _shown(name: str, value: Any) -> Any:
    if "_mem_" in name:
        return f"{value >> 20}MB"
    if "_runtime" in name:
        hundredths = int(abs(value - int(value)) * 100)
        return f"{datetime.timedelta(seconds=int(value))}.{hundredths:02d}"
    if name == "total_flos":
        return f"{int(value) >> 30}GF"
    return round(value, _DECIMALS) if isinstance(value, float) else value


class MetricsMixin(TrainerBase):
    """Methods that print and save metrics."""

    def metrics_format(self, metrics: dict[str, Any]) -> dict[str, Any]:
        """Metrics for people; see the function."""
        return metrics_format(metrics)

    def log_metrics(self, split: str, metrics: dict[str, Any]) -> None:
        """Prints metrics under the name of a split, such as "train" or "eval"."""
        if not self.is_world_process_zero():
            return
        shown = {name: str(value) for name, value in self.metrics_format(metrics).items()}
        names, values = max(map(len, shown), default=0), max(map(len, shown.values()), default=0)
        print(f"***** {split} metrics *****")
        for name in sorted(shown):
            print(f"  {name:<{names}} = {shown[name]:>{values}}")

    def save_metrics(self, split: str, metrics: dict[str, Any], combined: bool = True) -> None:
        """Writes metrics to `{split}_results.json` in the output directory.

        Parameters
        ----------
        split
            The name of the split, such as "train" or "eval".
        metrics
            The metrics.
        combined
            Whether to add them to `all_results.json` too.

        Raises
        ------
        InputError
            A metric is nothing that JSON has; the message names it.
        """
        if not self.is_world_process_zero():
            return
        check_metrics(metrics)
        directory = Path(str(self.args.output_dir))
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / f"{split}_results.json", metrics)
        if combined:
            path = directory / "all_results.json"
            known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            _write(path, {**known, **metrics})

    def save_state(self) -> None:
        """Writes `trainer_state.json` to the output directory, which `save_model` does not."""
        if self.is_world_process_zero():
            Path(str(self.args.output_dir)).mkdir(parents=True, exist_ok=True)
            self.state.save_to_json(str(Path(str(self.args.output_dir)) / TRAINER_STATE_NAME))


# transformers has the methods as functions of a trainer too.
log_metrics: Callable[..., None] = MetricsMixin.log_metrics
save_metrics: Callable[..., None] = MetricsMixin.save_metrics
save_state: Callable[..., None] = MetricsMixin.save_state


def _write(path: Path, metrics: dict[str, Any]) -> None:
    path.write_text(json.dumps(metrics, indent=4, sort_keys=True, default=json_value), encoding="utf-8")
