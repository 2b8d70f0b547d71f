"""The settings of a Trainer."""

from __future__ import annotations

import dataclasses
import inspect
import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import HfArgumentParser, TrainingArguments
from trustformers.distributed.world import world
from trustformers.errors import InputError, UnsupportedError
from trustformers.trainer_pt_utils import AcceleratorConfig
from trustformers.trainer_utils import IntervalStrategy, SaveStrategy, SchedulerType
from trustformers.training_args import OptimizerNames, ParallelMode, trainer_log_levels


def made(**settings: Any) -> TrainingArguments:
    return TrainingArguments("out", **settings)


def test_fields_have_the_order_and_the_defaults_of_transformers() -> None:
    fields = {one.name: one.default for one in dataclasses.fields(TrainingArguments)}
    assert len(fields) == 115 and list(fields)[-1] == "optim_shard"
    assert list(fields)[:4] == ["output_dir", "per_device_train_batch_size", "num_train_epochs", "max_steps"]
    assert (fields["optim"], fields["report_to"], fields["learning_rate"]) == ("adamw_torch_fused", "none", 5e-5)
    assert all(one.metadata["help"] for one in dataclasses.fields(TrainingArguments))


def test_settings_are_converted_and_derived() -> None:
    args = made(eval_strategy="steps", logging_steps=10.0, load_best_model_at_end=True, report_to="none")
    assert args.eval_strategy is IntervalStrategy.STEPS and args.save_strategy is SaveStrategy.STEPS
    assert (args.eval_steps, args.do_eval, args.metric_for_best_model) == (10, True, "loss")
    assert args.greater_is_better is False and args.report_to == []
    assert made(metric_for_best_model="accuracy").greater_is_better is True
    assert made(report_to="tensorboard").report_to == ["tensorboard"]
    assert TrainingArguments().output_dir == "trainer_output"
    assert TrainingArguments("~/out").output_dir == str(Path.home() / "out")


def test_one_process_trains_on_one_device() -> None:
    args = made(use_cpu=True, per_device_train_batch_size=3, per_device_eval_batch_size=5)
    assert (args.train_batch_size, args.eval_batch_size, args.world_size, args.n_gpu) == (3, 5, 1, 0)
    assert args.device.type == "cpu" and args.parallel_mode is ParallelMode.NOT_PARALLEL
    assert args.should_log and args.should_save and args.process_index == args.local_process_index == 0
    assert args.dataloader_pin_memory is False and args.ddp_timeout_delta.seconds == 1800
    with args.main_process_first():
        pass


@pytest.mark.parametrize(("warmup", "steps"), [(0, 0), (0.1, 11), (0.5, 51), (1, 1), (7.0, 7)])
def test_warm_up_is_a_ratio_below_one(warmup: float, steps: int) -> None:
    assert made(warmup_steps=warmup).get_warmup_steps(101) == steps


def test_the_level_of_logs_is_that_of_the_settings() -> None:
    assert made(log_level="error").get_process_log_level() == trainer_log_levels["error"]
    assert made().get_process_log_level() > trainer_log_levels["passive"]


def test_settings_are_written_as_json() -> None:
    args = made(hub_token="secret", lr_scheduler_kwargs={"dtype": "torch.float32"}, eval_strategy="epoch")
    found = json.loads(args.to_json_string())
    assert found == args.to_dict() and "secret" not in str(args) and "secret" not in repr(args)
    assert found["hub_token"] == "<HUB_TOKEN>" and found["eval_strategy"] == "epoch"
    assert found["accelerator_config"]["use_seedable_sampler"] is True
    sanitized = args.to_sanitized_dict()
    assert sanitized["label_names"] == "None" and sanitized["train_batch_size"] == 8


def test_settings_are_pickled_and_replaced() -> None:
    args = pickle.loads(pickle.dumps(made(learning_rate=1e-4, activation_checkpointing=True)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        changed = dataclasses.replace(args, seed=7)
    assert (changed.seed, changed.learning_rate, changed.gradient_checkpointing) == (7, 1e-4, True)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("former", "present"),
    [
        ({"evaluation_strategy": "epoch"}, {"eval_strategy": "epoch"}),
        ({"per_gpu_train_batch_size": 4}, {"per_device_train_batch_size": 4}),
        ({"per_gpu_eval_batch_size": 4}, {"per_device_eval_batch_size": 4}),
        ({"no_cuda": True}, {"use_cpu": True}),
        ({"warmup_ratio": 0.1}, {"warmup_steps": 0.1}),
        ({"warmup_ratio": 0.1, "warmup_steps": 5}, {"warmup_steps": 5}),
        ({"group_by_length": True}, {"train_sampling_strategy": "group_by_length"}),
        ({"group_by_length": False}, {}),
        ({"gradient_checkpointing": True}, {"activation_checkpointing": True}),
        ({"adafactor": True}, {"optim": "adafactor"}),
        ({"include_inputs_for_metrics": True}, {"include_for_metrics": ["inputs"]}),
        ({"split_batches": True}, {"accelerator_config": {"split_batches": True}}),
        ({"save_safetensors": True}, {}),
        ({"overwrite_output_dir": True}, {}),
        ({"logging_dir": "logs"}, {}),
        ({"fp16_backend": "auto", "half_precision_backend": "auto", "past_index": -1}, {}),
    ],
)
def test_names_of_version_4_work_with_a_warning(former: dict[str, Any], present: dict[str, Any]) -> None:
    with pytest.warns(FutureWarning, match=next(iter(former))):
        found = made(**former)
    assert found.to_dict() == made(**present).to_dict()


def test_names_that_scripts_read_again_stay_attributes() -> None:
    with pytest.warns(FutureWarning, match=r"TENSORBOARD_LOGGING_DIR|leave it out"):
        args: Any = made(logging_dir="logs", overwrite_output_dir=True)
    assert args.logging_dir == "logs" and args.overwrite_output_dir is True
    assert made().overwrite_output_dir is False


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"save_safetensors": False}, "save_safetensors=False.*; weights are always saved as safetensors"),
        ({"fp16_backend": "apex"}, "fp16=True"),
        ({"push_to_hub_organization": "me"}, "hub_model_id"),
        ({"tpu_num_cores": 8}, "no backend of TPUs"),
        ({"warmup_ratio": 1.5}, "warmup_ratio: .*; use warmup_steps"),
        ({"no_cuda": True, "use_cpu": False}, "no_cuda is the former name"),
    ],
)
def test_names_of_version_4_without_a_meaning_name_the_new_one(settings: dict[str, Any], message: str) -> None:
    with pytest.raises((InputError, UnsupportedError), match=message):
        made(**settings)


def test_a_field_of_a_class_of_ones_own_is_no_former_name() -> None:
    @dataclasses.dataclass
    class Arguments(TrainingArguments):
        warmup_ratio: float = 0.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Arguments("out", warmup_ratio=0.3).warmup_ratio == 0.3
    former: dict[str, Any] = {"no_cuda": True}
    with pytest.warns(FutureWarning):
        assert Arguments("out", **former).use_cpu is True
    with pytest.raises(TypeError, match="unexpected keyword argument 'learning_rte'"):
        made(learning_rte=1)


def test_numbers_of_numpy_and_settings_that_may_be_none_are_taken() -> None:
    found = made(learning_rate=np.float32(0.5), max_steps=np.int64(3), num_train_epochs=2, seed=7.0)
    assert found.learning_rate == 0.5 and found.max_steps == 3
    assert made(max_grad_norm=None, save_steps=None, save_strategy="no").max_grad_norm is None
    with pytest.raises(InputError, match="output_dir: expected a directory, found 3"):
        TrainingArguments(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fp16": True, "bf16": True}, "fp16=True and bf16=True"),
        ({"fp16_full_eval": True, "bf16_full_eval": True}, "fp16_full_eval=True and bf16_full_eval=True"),
        ({"max_steps": 0}, "max_steps: expected at least 1"),
        ({"num_train_epochs": 0}, "num_train_epochs: expected more than 0"),
        ({"num_train_epochs": float("nan")}, "num_train_epochs"),
        ({"eval_strategy": "sometimes"}, "eval_strategy: expected one of 'no', 'steps', 'epoch', found 'sometimes'"),
        ({"optim": "adam"}, "optim: expected one of 'adamw_torch'"),
        ({"lr_scheduler_type": "cosin"}, "lr_scheduler_type: expected one of 'linear'"),
        ({"logging_steps": 0}, "logging_steps"),
        ({"save_steps": 2.5}, "save_steps: expected an integer"),
        ({"load_best_model_at_end": True, "save_strategy": "no"}, "an eval_strategy, .*metric_for_best_model='loss'"),
        ({"save_strategy": "best"}, "save_strategy='best': expected metric_for_best_model"),
        ({"save_strategy": "best", "metric_for_best_model": "f1"}, "metric_for_best_model='f1', found 'no'"),
        ({"load_best_model_at_end": True, "eval_strategy": "epoch"}, "found save_strategy='steps' and eval_strategy"),
        (
            {"load_best_model_at_end": True, "eval_strategy": "steps", "eval_steps": 3},
            "save_steps=500 and eval_steps=3",
        ),
        ({"load_best_model_at_end": True, "eval_strategy": "steps", "eval_steps": 0.3}, "two numbers of steps or two"),
        ({"lr_scheduler_type": "reduce_lr_on_plateau"}, "expected an eval_strategy"),
        ({"warmup_steps": -1}, "warmup_steps"),
        ({"per_device_train_batch_size": 0}, "per_device_train_batch_size"),
        ({"gradient_accumulation_steps": 0}, "gradient_accumulation_steps"),
        ({"dataloader_prefetch_factor": 2}, "dataloader_num_workers above 0"),
        ({"log_level": "loud"}, "log_level: expected one of"),
        ({"train_sampling_strategy": "by_length"}, "train_sampling_strategy"),
        ({"learning_rate": "1e-4"}, "learning_rate: expected a number, found '1e-4'"),
        ({"learning_rate": None}, "learning_rate: expected a number, found None"),
        ({"warmup_ratio": "0.1"}, "warmup_ratio: expected a ratio .* found '0.1'"),
        ({"adam_beta1": "0.9"}, "adam_beta1: expected a number, found '0.9'"),
        ({"logging_steps": "10"}, "logging_steps: expected a number, found '10'"),
        ({"max_steps": "10"}, "max_steps: expected an integer, found '10'"),
        ({"max_steps": 1.5}, "max_steps: expected an integer, found 1.5"),
        ({"seed": 1.5}, "seed: expected an integer, found 1.5"),
        ({"per_device_train_batch_size": None}, "per_device_train_batch_size: expected an integer, found None"),
        ({"save_total_limit": "2"}, "save_total_limit: expected an integer, found '2'"),
        ({"do_train": "False"}, "do_train: expected True or False, found 'False'"),
        ({"label_names": "labels"}, "label_names: expected a list of names, found 'labels'"),
    ],
)
def test_contradictions_are_errors_that_name_the_setting(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optim": "lion_32bit"}, "optim='lion_32bit'; supported are 'adamw_torch', .*optimizers="),
        ({"push_to_hub": True}, "huggingface_hub.upload_folder"),
        ({"deepspeed": "zero.json"}, "models are not sharded"),
        ({"tf32": True}, "bf16=True"),
        ({"local_rank": 1}, "`trustformers launch`"),
        ({"neftune_noise_alpha": 5.0}, "neftune_noise_alpha"),
    ],
)
def test_what_the_engine_cannot_do_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedError, match=f"not supported: .*{message}"):
        made(**settings)


def test_a_state_of_accelerate_has_no_effect(caplog: pytest.LogCaptureFixture) -> None:
    config: Any = made(accelerator_config={"use_configured_state": True}).accelerator_config
    assert not hasattr(config, "use_configured_state") or not config.use_configured_state
    assert "use_configured_state=True in accelerator_config has no effect" in caplog.text


def test_several_processes_of_other_launchers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    world.cache_clear()
    with pytest.raises(UnsupportedError, match="WORLD_SIZE=2 without MPI.*`trustformers launch -n 2 SCRIPT`"):
        made()


def test_changed_settings_are_checked_again() -> None:
    args = made().set_training(max_steps=0)
    with pytest.raises(InputError, match="max_steps"):
        args._validate_args()


def test_setters_return_the_settings() -> None:
    args = made()
    assert args.set_training(learning_rate=1e-4, batch_size=32) is args and args.do_train
    args.set_evaluate("epoch", batch_size=2).set_save("best", steps=7).set_logging("steps", steps=3)
    args.set_optimizer("sgd", beta1=0.8).set_lr_scheduler("cosine", warmup_steps=0.05)
    args.set_dataloader(train_batch_size=16, sampler_seed=3).set_testing(batch_size=4, loss_only=True)
    assert (args.eval_strategy, args.do_eval, args.save_strategy) == ("epoch", True, "best")
    assert (args.optim, args.adam_beta1) == (OptimizerNames.SGD, 0.8)
    assert (args.lr_scheduler_type, args.warmup_steps) == (SchedulerType.COSINE, 0.05)
    assert (args.per_device_train_batch_size, args.per_device_eval_batch_size, args.data_seed) == (16, 4, 3)
    with pytest.raises(InputError, match="steps: expected more than 0"):
        args.set_evaluate("steps", steps=0)
    with pytest.raises(UnsupportedError, match="uploads to 'me/model'"):
        args.set_push_to_hub("me/model")


def test_a_command_line_gives_settings() -> None:
    parser = HfArgumentParser(TrainingArguments)
    line = (
        "--output_dir out --eval_strategy epoch --gradient_checkpointing --lr-scheduler-type cosine "
        "--report_to none --warmup_steps 0.1 --activation_checkpointing"
    )
    nested = '{"num_cycles": "2", "inner": {"on": "true", "rate": "0.5"}}'
    (args,) = parser.parse_args_into_dataclasses([*line.split(), "--lr_scheduler_kwargs", nested])
    assert args.eval_strategy == "epoch" and args.lr_scheduler_type == "cosine" and args.activation_checkpointing
    assert args.lr_scheduler_kwargs == {"num_cycles": 2, "inner": {"on": True, "rate": 0.5}}
    assert "Passes over the training data." in parser.format_help()


def test_settings_of_processes_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "accelerator.json"
    file.write_text('{"split_batches": true}')
    config: Any = made(accelerator_config=str(file)).accelerator_config
    assert isinstance(config, AcceleratorConfig) and config.split_batches
    file.write_text('{"splits": true}')
    with pytest.raises(InputError, match="found splits"):
        made(accelerator_config=str(file))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_command_lines_and_files_of_version_4_give_settings(tmp_path: Path) -> None:
    @dataclasses.dataclass
    class Data:
        adafactor: bool = False

    parser = HfArgumentParser((TrainingArguments, Data))
    line = "--output_dir out --evaluation_strategy epoch --overwrite_output_dir --per-gpu-train-batch-size 4"
    args, data, rest = parser.parse_args_into_dataclasses(
        [*line.split(), "--warmup_ratio", "0.1", "--save_safetensors", "true", "--adafactor", "--other", "1"],
        return_remaining_strings=True,
    )
    assert (args.eval_strategy, args.per_device_train_batch_size, args.warmup_steps) == ("epoch", 4, 0.1)
    assert (
        args.overwrite_output_dir and data.adafactor and args.optim == "adamw_torch_fused" and rest == ["--other", "1"]
    )
    file = tmp_path / "settings.json"
    file.write_text('{"output_dir": "out", "evaluation_strategy": "epoch", "no_cuda": true}')
    args, _ = parser.parse_json_file(file)
    assert args.eval_strategy == "epoch" and args.use_cpu


def test_the_signature_has_the_fields() -> None:
    @dataclasses.dataclass
    class Arguments(TrainingArguments):
        beta: float = 0.1

    names = [one.name for one in dataclasses.fields(TrainingArguments)]
    assert list(inspect.signature(TrainingArguments).parameters) == names
    assert list(inspect.signature(Arguments).parameters) == [*names, "beta"]
