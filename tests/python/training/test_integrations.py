"""Services that record trainings."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from trustformers import BertConfig, TrainerControl, TrainerState, TrainingArguments
from trustformers.errors import InputError, UnsupportedError
from trustformers.integrations import (
    TensorBoardCallback,
    get_reporting_integration_callbacks,
    rewrite_logs,
)
from trustformers.training import integrations


def record(args: TrainingArguments) -> None:
    """Three steps of a training that TensorBoard records."""
    (kind,) = get_reporting_integration_callbacks(args.report_to)
    callback, state, control = kind(), TrainerState(max_steps=3), TrainerControl()
    callback.on_train_begin(args, state, control, model=SimpleNamespace(config=BertConfig()))
    for step in (1, 2, 3):
        state.global_step = step
        callback.on_log(args, state, control, logs={"loss": 1 / step, "note": "text", "list": [1]})
    callback.on_log(args, state, control, logs={"eval_loss": 0.5, "test_f1": 1})
    callback.on_train_end(args, state, control)


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard's reader finds."""
    reader: Any = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = reader.EventAccumulator(str(folder))
    events.Reload()
    texts = {"args/text_summary", "model_config/text_summary", "train/note/text_summary"}
    assert texts == set(events.Tags()["tensors"])
    return {tag: [(one.step, one.value) for one in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_tensorboard_reads_the_logs_by_their_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboardX")
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "logs"))
    record(TrainingArguments(str(tmp_path), report_to="tensorboard"))
    assert scalars(tmp_path / "logs") == {
        "train/loss": [(1, 1.0), (2, 0.5), (3, pytest.approx(1 / 3))],
        "eval/loss": [(3, 0.5)],
        "test/f1": [(3, 1.0)],
    }


def test_logs_lie_in_the_output_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboardX")
    monkeypatch.delenv("TENSORBOARD_LOGGING_DIR", raising=False)
    record(TrainingArguments(str(tmp_path), report_to="tensorboard"))
    (folder,) = (tmp_path / "runs").iterdir()
    assert len(scalars(folder)) == 3
    former: dict[str, Any] = {"logging_dir": str(tmp_path / "former")}
    with pytest.warns(FutureWarning, match="logging_dir"):
        record(TrainingArguments(str(tmp_path), report_to="tensorboard", **former))
    assert len(scalars(tmp_path / "former")) == 3


def test_a_writer_of_ones_own_gets_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(UnsupportedError, match=r"without tensorboardX; pip install 'trustformers\[tensorboard\]'"):
        TensorBoardCallback()
    found: list[Any] = []
    writer = SimpleNamespace(
        add_text=lambda *given: found.append(given[0]),
        add_scalar=lambda *given: found.append(given),
        flush=lambda: None,
        close=lambda: found.append("closed"),
    )
    callback = TensorBoardCallback(writer)
    args, state, control = TrainingArguments("out"), TrainerState(global_step=4), TrainerControl()
    callback.on_train_begin(args, state, control)
    callback.on_log(args, state, control, logs={"loss": 2.0})
    callback.on_train_end(args, state, control)
    assert found == ["args", ("train/loss", 2.0, 4), "closed"]


def test_tags_are_those_of_transformers() -> None:
    logs = {"loss": 1, "eval_loss": 2, "eval_f1_score": 3, "test_loss": 4, "evaluations": 5}
    assert rewrite_logs(logs) == {
        "train/loss": 1,
        "eval/loss": 2,
        "eval/f1_score": 3,
        "test/loss": 4,
        "train/evaluations": 5,
    }


def test_other_services_need_a_callback() -> None:
    assert get_reporting_integration_callbacks("none") == get_reporting_integration_callbacks(None) == []
    with pytest.raises(UnsupportedError, match="report_to='wandb'; .*pass a TrainerCallback"):
        get_reporting_integration_callbacks(["tensorboard", "wandb"])
    with pytest.raises(InputError, match="found 'tensorbord'"):
        get_reporting_integration_callbacks("tensorbord")


def test_all_services_are_the_installed_ones_that_are_supported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(integrations, "get_available_reporting_integrations", lambda: ["mlflow", "tensorboard"])
    assert TrainingArguments("out", report_to="all").report_to == ["tensorboard"]
    assert "leaves out mlflow" in caplog.text
