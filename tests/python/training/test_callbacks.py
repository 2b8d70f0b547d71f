"""What a training calls at its events, and how far it is."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from trustformers import (
    DefaultFlowCallback,
    EarlyStoppingCallback,
    PrinterCallback,
    ProgressCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trustformers.errors import InputError, UnsupportedError
from trustformers.trainer_callback import CallbackHandler, ExportableState
from trustformers.utils.notebook import NotebookProgressCallback, format_time, text_to_html_table


def settings(**values: Any) -> TrainingArguments:
    return TrainingArguments("out", **values)


def handler(*callbacks: Any) -> CallbackHandler:
    return CallbackHandler([DefaultFlowCallback, *callbacks], "model", "tokenizer", None, None)


def decisions(max_steps: int, epoch_steps: int = 2, **values: Any) -> list[str]:
    """What follows each step and epoch: l, e and s for log, evaluation and checkpoint."""
    args = settings(**values)
    flow, state, control = handler(), TrainerState(max_steps=max_steps), TrainerControl()
    state.compute_steps(args, max_steps)
    found = []

    def add(sign: str) -> None:
        switches = {"l": control.should_log, "e": control.should_evaluate, "s": control.should_save}
        if letters := "".join(letter for letter, is_set in switches.items() if is_set):
            found.append(f"{sign}{state.global_step}{letters}")

    for step in range(1, max_steps + 1):
        control = flow.on_step_begin(args, state, control)
        state.global_step, state.epoch = step, step / epoch_steps
        control = flow.on_step_end(args, state, control)
        assert control.should_training_stop is (step == max_steps)
        add("")
        if step % epoch_steps == 0:
            control = flow.on_step_begin(args, state, control)
            control = flow.on_epoch_end(args, state, control)
            add("epoch at ")
    return found


def test_steps_are_logged_evaluated_and_saved_as_the_settings_say() -> None:
    every: dict[str, Any] = {
        "logging_steps": 2,
        "eval_strategy": "steps",
        "eval_steps": 3,
        "save_steps": 4,
        "logging_first_step": True,
    }
    assert decisions(5, **every) == ["1l", "2l", "3e", "4ls", "5es"]
    assert decisions(4, logging_steps=0.5, save_steps=0.25, eval_strategy="no") == ["1s", "2ls", "3s", "4ls"]
    assert decisions(
        4, logging_strategy="no", save_strategy="no", eval_strategy="steps", eval_steps=1, eval_delay=3
    ) == [
        "3e",
        "4e",
    ]


def test_epochs_are_logged_evaluated_and_saved_as_the_settings_say() -> None:
    epochs: dict[str, Any] = {
        "logging_strategy": "epoch",
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "eval_delay": 2,
    }
    assert decisions(4, **epochs) == ["epoch at 2ls", "epoch at 4les"]


def test_without_a_positive_number_the_last_step_alone_is_saved() -> None:
    assert decisions(3, logging_strategy="no", save_steps=0) == ["3s"]


def test_callbacks_get_what_the_handler_has_and_may_replace_the_control() -> None:
    class Stops(TrainerCallback):
        def on_substep_end(
            self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
        ) -> TrainerControl:
            assert kwargs["model"] == "model" and kwargs["processing_class"] == "tokenizer"
            assert {"optimizer", "lr_scheduler", "train_dataloader", "eval_dataloader"} <= kwargs.keys()
            return TrainerControl(should_training_stop=True)

    flow = handler(Stops)
    assert flow.on_substep_end(settings(), TrainerState(), TrainerControl()).should_training_stop
    assert flow.callback_list == "DefaultFlowCallback\nStops"
    events = [name for name in dir(TrainerCallback) if name.startswith("on_")]
    assert len(events) == 16 and all(name in vars(CallbackHandler) for name in events)


def test_events_take_back_their_switches() -> None:
    flow, args, state = handler(), settings(), TrainerState()
    control = TrainerControl(True, True, True, True, True)
    flow.on_train_begin(args, state, control)
    assert not control.should_training_stop and control.should_epoch_stop
    flow.on_epoch_begin(args, state, control)
    flow.on_log(args, state, control, {"loss": 1.0})
    flow.on_evaluate(args, state, control, metrics={})
    assert not (control.should_epoch_stop or control.should_log or control.should_evaluate) and control.should_save
    flow.on_save(args, state, control)
    assert control == TrainerControl()


def test_callbacks_are_added_and_removed(caplog: pytest.LogCaptureFixture) -> None:
    flow, other = handler(), PrinterCallback()
    flow.add_callback(other)
    assert flow.pop_callback(PrinterCallback) is other and flow.pop_callback(other) is None
    flow.add_callback(other)
    flow.remove_callback(other)
    flow.remove_callback(DefaultFlowCallback)
    assert flow.callbacks == [] and not caplog.records
    flow.add_callback(PrinterCallback)
    flow.add_callback(PrinterCallback)
    assert "a second PrinterCallback" in caplog.text
    CallbackHandler([], None, None, None, None)
    assert "without a DefaultFlowCallback" in caplog.text


def stopped_after(losses: list[float], **values: Any) -> int | None:
    """The number of evaluations after which the training stops."""
    args = settings(eval_strategy="steps", metric_for_best_model="loss")
    early, state, control = EarlyStoppingCallback(**values), TrainerState(), TrainerControl()
    early.on_train_begin(args, state, control)
    for count, loss in enumerate(losses, start=1):
        early.on_evaluate(args, state, control, metrics={"eval_loss": loss})
        if control.should_training_stop:
            return count
        state.best_metric = loss if state.best_metric is None else min(loss, state.best_metric)
    return None


def test_training_stops_when_the_metric_no_longer_improves() -> None:
    assert stopped_after([3.0, 2.0, 2.0]) == 3
    assert stopped_after([3.0, 2.0, 2.5, 1.0, 1.5, 1.5], early_stopping_patience=2) == 6
    assert stopped_after([3.0, 2.9, 2.8], early_stopping_threshold=0.5) == 2
    assert stopped_after([3.0, float("nan")]) == 2 and stopped_after([3.0, 2.0, 1.0]) is None


def test_early_stopping_needs_evaluations_and_a_metric() -> None:
    early, state, control = EarlyStoppingCallback(), TrainerState(), TrainerControl()
    with pytest.raises(InputError, match="expected metric_for_best_model"):
        early.on_train_begin(settings(eval_strategy="steps"), state, control)
    with pytest.raises(InputError, match="expected eval_strategy"):
        early.on_train_begin(settings(metric_for_best_model="f1"), state, control)


def test_a_metric_that_no_evaluation_reports_is_an_error() -> None:
    args = settings(eval_strategy="steps", metric_for_best_model="b_loss")
    early, state, control = EarlyStoppingCallback(), TrainerState(), TrainerControl()
    early.on_train_begin(args, state, control)
    early.on_step_begin(args, state, control)
    early.on_evaluate(args, state, control, metrics={"eval_a_loss": 1.0})
    with pytest.raises(InputError, match="metric_for_best_model='b_loss'; found eval_a_loss"):
        early.on_step_begin(args, state, control)
    # Another data set of the evaluation has it.
    early.on_evaluate(args, state, control, metrics={"eval_b_loss": 1.0})
    early.on_step_begin(args, state, control)
    early.on_train_end(args, state, control)


def test_states_of_callbacks_are_kept() -> None:
    early = EarlyStoppingCallback(3, 0.5)
    early.early_stopping_patience_counter = 2
    kept: Any = TrainerState(stateful_callbacks=[early, TrainerControl(should_log=True), early]).stateful_callbacks
    assert kept["EarlyStoppingCallback"] == [early.state()] * 2
    assert kept["TrainerControl"]["args"]["should_log"] is True
    again = EarlyStoppingCallback.from_state(early.state())
    assert (again.early_stopping_patience, again.early_stopping_patience_counter) == (3, 2)
    assert TrainerControl.from_state(kept["TrainerControl"]).should_log
    with pytest.raises(TypeError, match="expected ExportableState"):
        TrainerState(stateful_callbacks=[PrinterCallback()])
    with pytest.raises(NotImplementedError, match=r"has a method state\(\)"):
        ExportableState().state()


def test_the_state_is_a_file_of_transformers(tmp_path: Path) -> None:
    file = tmp_path / "trainer_state.json"
    state = TrainerState(epoch=1.5, global_step=3, max_steps=4, log_history=[{"loss": 0.5, "step": 3}], best_metric=0.1)
    state.save_to_json(file)
    text = file.read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    assert len(json.loads(text)) == 20 and json.loads(text)["stateful_callbacks"] == {}
    assert TrainerState.load_from_json(file) == state
    file.write_text('{"global_step": 7, "key_of_a_later_version": 1}')
    assert TrainerState.load_from_json(file).global_step == 7
    file.write_text('{"global_step": ')
    with pytest.raises(InputError, match=f"{file}: expected the JSON of a TrainerState"):
        TrainerState.load_from_json(file)


def test_a_state_knows_its_training() -> None:
    state = TrainerState(trial_params={"lr": 1})
    first = SimpleNamespace(is_local_process_zero=lambda: True, is_world_process_zero=lambda: False)
    state.init_training_references(first, 10, 2, None)
    assert (state.max_steps, state.num_train_epochs, state.trial_params) == (10, 2, None)
    assert state.is_local_process_zero and not state.is_world_process_zero
    with pytest.raises(UnsupportedError, match="a search of hyperparameters"):
        state.init_training_references(first, 10, 2, "trial")


LOGS = {"loss": 0.123456, "epoch": 1, "total_flos": 5.0, "note": "x" * 101}


def run(callback: TrainerCallback, args: TrainingArguments, evaluates: bool) -> None:
    """Two steps, each with logs and, if wanted, an evaluation."""
    flow, state, control = handler(callback), TrainerState(max_steps=2, num_train_epochs=1), TrainerControl()
    flow.eval_dataloader = range(3)
    flow.on_train_begin(args, state, control)
    for step in (1, 2):
        state.global_step, state.epoch = step, step / 2
        flow.on_step_end(args, state, control)
        state.log_history.append({"loss": 0.5 * step})
        flow.on_log(args, state, control, dict(LOGS, loss=0.5 * step))
        for _ in range(3 if evaluates else 0):
            flow.on_prediction_step(args, state, control)
        if evaluates:
            flow.on_evaluate(args, state, control, {"eval_loss": 0.25, "eval_f1_score": 1.0, "eval_runtime": 3.0})
    flow.on_train_end(args, state, control)


def test_logs_are_printed_and_left_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    logs = dict(LOGS, note="y")
    PrinterCallback().on_log(settings(), TrainerState(), TrainerControl(), logs=logs)
    assert capsys.readouterr().out == "{'loss': '0.1235', 'epoch': 1, 'note': 'y'}\n" and "total_flos" in logs


def test_without_tqdm_progress_is_lines_of_logs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    run(ProgressCallback(), settings(), True)
    out = capsys.readouterr().out
    assert out.splitlines()[0].startswith("{'loss': '0.5', 'epoch': 1, 'note': '[101 characters, more than max_str_len")


def test_progress_is_a_bar_for_training_and_one_for_each_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[Any] = []

    class Bar:
        def __init__(self, **options: Any) -> None:
            self.options, self.count, self.lines, self.is_closed = options, 0, list[str](), False
            bars.append(self)

        def update(self, steps: int) -> None:
            self.count += steps

        def write(self, line: str) -> None:
            self.lines.append(line)

        def close(self) -> None:
            self.is_closed = True

    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=Bar))
    run(ProgressCallback(), settings(), True)
    assert [(bar.options["total"], bar.count, bar.is_closed) for bar in bars] == [(2, 2, True), *[(3, 3, True)] * 2]
    assert len(bars[0].lines) == 2 and "leave" not in bars[0].options and bars[1].options["leave"] is False


def test_a_notebook_shows_a_bar_and_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    handle = SimpleNamespace(update=shown.append)

    def show(html: str, **_options: Any) -> Any:
        shown.append(html)
        return handle

    display = SimpleNamespace(HTML=str, display=show)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    run(NotebookProgressCallback(), settings(eval_strategy="steps"), True)
    heads = "<th>Step</th><th>Training Loss</th><th>Validation Loss</th><th>F1 Score</th>"
    lines = "<td>1</td><td>0.500000</td><td>0.250000</td><td>1.000000</td></tr><tr><td>2</td><td>1.000000</td>"
    assert heads in shown[-1] and lines in shown[-1] and "runtime" not in shown[-1].lower()
    assert "<progress value='2' max='2'" in shown[-1] and "Epoch 1/1]" in shown[-1]
    shown.clear()
    run(NotebookProgressCallback(), settings(), False)
    assert "<td>1</td><td>0.500000</td>" in shown[-1] and "Validation" not in shown[-1]
    assert format_time(59.9) == "00:59" and format_time(3661) == "1:01:01"
    assert "&lt;b&gt;" in text_to_html_table([["<b>"], [1]])


def test_early_stopping_warns_that_the_last_weights_stay(caplog: pytest.LogCaptureFixture) -> None:
    args = settings(eval_strategy="steps", metric_for_best_model="loss")
    with caplog.at_level(logging.WARNING):
        EarlyStoppingCallback().on_train_begin(args, TrainerState(), TrainerControl())
    assert "load_best_model_at_end=True" in caplog.text
