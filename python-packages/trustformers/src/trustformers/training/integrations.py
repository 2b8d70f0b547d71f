"""Services that record trainings: TensorBoard."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.training.callbacks import TrainerCallback
from trustformers.training.loops import default_logdir, get_available_reporting_integrations
from trustformers.utils import logging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = [
    "INTEGRATION_TO_CALLBACK",
    "TensorBoardCallback",
    "get_reporting_integration_callbacks",
    "get_supported_integrations",
    "rewrite_logs",
]

logger: logging.Logger = logging.get_logger(__name__)
_OTHER_SERVICES = (
    *("azure_ml", "clearml", "codecarbon", "comet_ml", "dagshub", "dvclive", "flyte", "kubeflow", "mlflow"),
    *("neptune", "swanlab", "trackio", "wandb"),
)


def rewrite_logs(d: Mapping[str, Any]) -> dict[str, Any]:
    """Logs by the tags of TensorBoard: `eval/loss` for `eval_loss`, `train/loss` for `loss`."""
    found = {}
    for name, value in d.items():
        split, _, rest = name.partition("_")
        found[f"{split}/{rest}" if name.startswith(("eval_", "test_")) else f"train/{name}"] = value
    return found


class TensorBoardCallback(TrainerCallback):
    """Writes logs for TensorBoard, through tensorboardX.

    The environment variable TENSORBOARD_LOGGING_DIR names their folder; by default it is `runs/` and the time in
    `output_dir`.

    Parameters
    ----------
    tb_writer
        A `SummaryWriter`; made with the training by default.

    Raises
    ------
    UnsupportedError
        tensorboardX is not installed.
    """

    def __init__(self, tb_writer: Any = None) -> None:
        try:
            self._SummaryWriter: Any = import_module("tensorboardX").SummaryWriter
        except ImportError:
            if tb_writer is None:
                raise UnsupportedError(
                    "not supported: report_to='tensorboard' without tensorboardX; "
                    "pip install 'trustformers[tensorboard]' installs it"
                ) from None
        self.tb_writer: Any = tb_writer
        folder = os.environ.get("TENSORBOARD_LOGGING_DIR")
        self.logging_dir = None if folder is None else os.path.expanduser(folder)

    def _init_summary_writer(self, args: TrainingArguments) -> None:
        if self.logging_dir is None:
            # The name that transformers 4 has for the folder.
            former = getattr(args, "logging_dir", None)
            self.logging_dir = former or os.path.join(str(args.output_dir), default_logdir())
        self.tb_writer = self._SummaryWriter(logdir=self.logging_dir)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Writes the settings and the model's configuration."""
        if not state.is_world_process_zero:
            return
        if self.tb_writer is None:
            self._init_summary_writer(args)
        self.tb_writer.add_text("args", args.to_json_string())
        config = getattr(kwargs.get("model"), "config", None)
        if config is not None:
            self.tb_writer.add_text("model_config", config.to_json_string())

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **kwargs: Any
    ) -> None:
        """Writes the logs."""
        if not state.is_world_process_zero:
            return
        if self.tb_writer is None:
            self._init_summary_writer(args)
        for tag, value in rewrite_logs(logs or {}).items():
            if isinstance(value, (int, float)):
                self.tb_writer.add_scalar(tag, value, state.global_step)
            elif isinstance(value, str):
                self.tb_writer.add_text(tag, value, state.global_step)
            else:
                logger.warning(f"{tag}: expected a number or a text for TensorBoard, found {type(value).__name__}")
        self.tb_writer.flush()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Closes the files."""
        if self.tb_writer is not None:
            self.tb_writer.close()
            self.tb_writer = None


INTEGRATION_TO_CALLBACK: dict[str, type[TrainerCallback]] = {"tensorboard": TensorBoardCallback}


def get_supported_integrations() -> list[str]:
    """The installed services that logs are reported to; a warning names other installed ones."""
    found = get_available_reporting_integrations()
    if others := [name for name in found if name not in INTEGRATION_TO_CALLBACK]:
        logger.warning(f"report_to='all' leaves out {', '.join(others)}, which need a TrainerCallback of your own")
    return [name for name in found if name in INTEGRATION_TO_CALLBACK]


def get_reporting_integration_callbacks(report_to: str | list[str] | None) -> list[type[TrainerCallback]]:
    """The callbacks of services.

    Raises
    ------
    UnsupportedError
        A service is not supported.
    InputError
        There is no such service.
    """
    if report_to is None or report_to in ("none", ["none"]):
        return []
    names = [report_to] if isinstance(report_to, str) else report_to
    if names == ["all"]:
        names = get_supported_integrations()
    for name in names:
        if name in _OTHER_SERVICES:
            raise UnsupportedError(
                f"not supported: report_to={name!r}; supported is 'tensorboard', "
                "or pass a TrainerCallback that reports to the service as callbacks=[...]"
            )
        if name not in INTEGRATION_TO_CALLBACK:
            raise InputError(f"report_to: expected 'tensorboard', 'all' or 'none', found {name!r}")
    return [INTEGRATION_TO_CALLBACK[name] for name in names]
