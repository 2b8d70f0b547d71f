"""Settings, callbacks and states of trainings beside transformers'. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

import dataclasses
import itertools
import re
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import transformers
import transformers.trainer_callback
import transformers.training_args
import trustformers
import trustformers.trainer_callback
import trustformers.training_args
from hypothesis import given, settings
from hypothesis import strategies as st

LIBRARIES = (transformers, trustformers)
PROPERTIES = (
    *("train_batch_size", "eval_batch_size", "world_size", "n_gpu", "process_index", "local_process_index"),
    *("should_log", "should_save", "place_model_on_device", "mixed_precision", "ddp_timeout_delta"),
)
GOOD: tuple[dict[str, Any], ...] = (
    {},
    {"use_cpu": True, "bf16": True, "warmup_steps": 7.0, "log_level": "info"},
    {"eval_strategy": "steps", "logging_steps": 10.0, "include_num_input_tokens_seen": True},
    {"eval_strategy": "epoch", "save_strategy": "epoch", "load_best_model_at_end": True, "report_to": ["tensorboard"]},
    {"lr_scheduler_kwargs": '{"num_cycles": "2", "inner": {"on": "true", "rate": "1.5"}}', "warmup_steps": 0.1},
    {"lr_scheduler_type": "reduce_lr_on_plateau", "eval_strategy": "epoch", "hub_token": "secret"},
    {"save_strategy": "best", "metric_for_best_model": "f1", "eval_strategy": "steps", "eval_steps": 5},
    {"max_steps": 5, "num_train_epochs": 0, "accelerator_config": {"split_batches": True}, "save_steps": 0},
    {"eval_strategy": "steps", "eval_steps": 0.1, "save_steps": 0.3, "load_best_model_at_end": True},
    {"gradient_checkpointing": True, "gradient_checkpointing_kwargs": {"use_reentrant": False}},
)
BAD: tuple[dict[str, Any], ...] = (
    {"fp16": True, "bf16": True, "use_cpu": True},
    {"fp16_full_eval": True, "bf16_full_eval": True, "use_cpu": True},
    *({name: "other"} for name in ("eval_strategy", "save_strategy", "logging_strategy", "optim", "lr_scheduler_type")),
    *({"logging_steps": steps} for steps in (0, 1.5)),
    {"save_steps": 2.5},
    {"eval_strategy": "steps", "eval_steps": 2.5},
    {"load_best_model_at_end": True, "eval_strategy": "epoch"},
    *({"load_best_model_at_end": True, "eval_strategy": "steps", "eval_steps": steps} for steps in (3, 0.3)),
    {"lr_scheduler_type": "greedy"},
    {"warmup_steps": -1},
    {"dataloader_prefetch_factor": 2},
    {"torch_empty_cache_steps": 0},
)


def test_fields_defaults_and_options_are_the_same() -> None:
    theirs, ours = (
        [
            (one.name, one.default, one.default_factory, {**one.metadata, "help": "", "choices": _choices(one)})
            for one in dataclasses.fields(library.TrainingArguments)
        ]
        for library in LIBRARIES
    )
    assert theirs == ours
    names = [[(one.name, one.value) for one in library.training_args.OptimizerNames] for library in LIBRARIES]
    assert names[0] == names[1]


def _choices(field: Any) -> list[Any]:
    return list(field.metadata.get("choices", ()))


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("values", GOOD)
def test_settings_and_their_properties_are_the_same(values: dict[str, Any]) -> None:
    theirs, ours = (library.TrainingArguments("out", **values) for library in LIBRARIES)
    assert theirs.to_json_string() == ours.to_json_string() and repr(theirs) == repr(ours)
    assert theirs.to_sanitized_dict() == ours.to_sanitized_dict()
    assert theirs.device == ours.device and theirs.parallel_mode.value == ours.parallel_mode.value
    assert theirs.get_process_log_level() == ours.get_process_log_level()
    for name in PROPERTIES:
        assert getattr(theirs, name) == getattr(ours, name), name
    for steps in (1, 7, 999):
        assert theirs.get_warmup_steps(steps) == ours.get_warmup_steps(steps)


@pytest.mark.parametrize("values", BAD)
def test_contradictions_are_errors_in_both(values: dict[str, Any]) -> None:
    for library in LIBRARIES:
        with pytest.raises(ValueError):
            library.TrainingArguments("out", **values)


def trace(
    library: Any, values: dict[str, Any], max_steps: int, epoch_steps: int, losses: list[float], folder: Path
) -> Any:
    """What the callbacks decide in a training, and the file of its state."""
    callbacks: ModuleType = library.trainer_callback
    args = library.TrainingArguments("out", use_cpu=True, **values)
    state, control = library.TrainerState(max_steps=max_steps), library.TrainerControl()
    state.compute_steps(args, max_steps)
    early = library.EarlyStoppingCallback(2, 0.05)
    stops = args.metric_for_best_model is not None and args.eval_strategy != "no"
    added = [library.DefaultFlowCallback, *([early] if stops else [])]
    flow = callbacks.CallbackHandler(added, None, None, None, None)
    found: list[Any] = []
    left = iter(losses)

    def follow(control: Any) -> Any:
        found.append((state.global_step, state.epoch, *control.state()["args"].values()))
        if control.should_log:
            control = flow.on_log(args, state, control, {"loss": 1.0})
        if control.should_evaluate:
            loss = next(left)
            control = flow.on_evaluate(args, state, control, {"eval_loss": loss, "eval_f1": loss})
            state.best_metric = loss if state.best_metric is None else min(loss, state.best_metric)
            found.append(early.early_stopping_patience_counter)
        return flow.on_save(args, state, control) if control.should_save else control

    control = flow.on_train_begin(args, state, control)
    for epoch in itertools.count():
        control = flow.on_epoch_begin(args, state, control)
        for step in range(epoch_steps):
            control = flow.on_step_begin(args, state, control)
            state.global_step, state.epoch = state.global_step + 1, epoch + (step + 1) / epoch_steps
            control = follow(flow.on_step_end(args, state, control))
            if control.should_training_stop:
                break
        control = follow(flow.on_epoch_end(args, state, control))
        if control.should_training_stop:
            break
    kept = library.TrainerState(**{**vars(state), "stateful_callbacks": [early, control, early]})
    kept.save_to_json(str(folder / "trainer_state.json"))
    assert library.TrainerState.load_from_json(str(folder / "trainer_state.json")) == kept
    return found, (folder / "trainer_state.json").read_text()


STRATEGIES = st.sampled_from(["no", "steps", "epoch"])


@settings(max_examples=200, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {
            "logging_strategy": STRATEGIES,
            "logging_steps": st.sampled_from([1, 2, 3, 0.1, 0.5]),
            "logging_first_step": st.booleans(),
            "eval_strategy": STRATEGIES,
            "eval_steps": st.sampled_from([None, 1, 2, 0.25]),
            "eval_delay": st.sampled_from([0, 1, 2.5, 4]),
            "save_strategy": STRATEGIES,
            "save_steps": st.sampled_from([0, 1, 2, 5, 0.3]),
            "metric_for_best_model": st.sampled_from([None, "loss", "f1"]),
        }
    ),
    max_steps=st.integers(1, 12),
    epoch_steps=st.integers(1, 5),
    losses=st.lists(st.floats(0, 1), min_size=30, max_size=30),
)
def test_callbacks_decide_the_same_and_states_are_the_same_files(
    values: dict[str, Any], max_steps: int, epoch_steps: int, losses: list[float], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("state")
    theirs, ours = (trace(library, values, max_steps, epoch_steps, losses, folder) for library in LIBRARIES)
    assert theirs == ours


def notebook(library: Any, values: dict[str, Any], seconds: list[float], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML that a notebook shows, without space between elements."""
    import IPython.display

    shown: list[str] = []

    class Handle:
        def update(self, html: Any) -> None:
            shown.append(html.data)

    def display(html: Any, **_options: Any) -> Handle:
        shown.append(html.data)
        return Handle()

    clock = [0.0]
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(time, "time", lambda: clock[0])
    callback = import_module(f"{library.__name__}.utils.notebook").NotebookProgressCallback
    args, state = library.TrainingArguments("out", use_cpu=True, **values), library.TrainerState(max_steps=20)
    state.compute_steps(args, 20)
    flow = library.trainer_callback.CallbackHandler([library.DefaultFlowCallback, callback], None, None, None, None)
    control, flow.eval_dataloader = library.TrainerControl(), range(4)
    flow.on_train_begin(args, state, control)
    for step, spent in enumerate(seconds, start=1):
        clock[0] += spent
        state.global_step, state.epoch = step, step / 5
        flow.on_step_begin(args, state, control)
        flow.on_step_end(args, state, control)
        if control.should_log:
            state.log_history.append({"loss": 1 / step})
            flow.on_log(args, state, control, {"loss": 1 / step})
        if control.should_evaluate:
            for _ in range(4):
                flow.on_prediction_step(args, state, control)
            flow.on_evaluate(args, state, control, {"eval_loss": 1.5, "eval_f1_score": 0.5, "eval_runtime": 1.0})
    flow.on_train_end(args, state, control)
    return [re.sub(r"\s*([<>])\s*", r"\1", html) for html in shown]


@pytest.mark.parametrize(
    "values", [{"logging_steps": 3}, {"logging_steps": 1, "eval_strategy": "steps", "eval_steps": 5}]
)
def test_notebooks_show_the_same(values: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("IPython")
    seconds = [0.01, 0.3, 2.0, 60.0] * 5
    theirs, ours = (notebook(library, values, seconds, monkeypatch) for library in LIBRARIES)
    assert theirs == ours
