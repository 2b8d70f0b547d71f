"""Checkpoints of `Trainer`: their files, their number, and resuming from them."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import BERT, WITHOUT_DROPOUT, classifier, losses, padded, rows, trainer, weights
from trustformers.errors import InputError
from trustformers.safetensors import load_file
from trustformers.training.checkpoints import get_last_checkpoint
from trustformers.training.trainer_checkpoints import rotate_checkpoints
from trustformers.training.trainer_states import clean_up, replaced

FILES = {
    *("config.json", "model.safetensors", "trainer_state.json", "training_args.json"),
    *("optimizer.safetensors", "scheduler.json", "rng_state.json"),
}


def names(path: Path) -> list[str]:
    return sorted((found.name for found in path.glob("*checkpoint-*")), key=lambda name: (len(name), name))


def test_a_checkpoint_has_the_files_of_the_model_and_of_training(tmp_path: Path, minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path)
    found = trainer(tmp_path, processing_class=tokenizer, save_strategy="steps", save_steps=2)
    found.train()
    assert names(tmp_path) == ["checkpoint-2", "checkpoint-4"]
    directory = tmp_path / "checkpoint-4"
    found_files = {path.name for path in directory.iterdir()}
    assert found_files >= FILES | {"tokenizer.json", "tokenizer_config.json"}
    state = json.loads((directory / "trainer_state.json").read_text())
    assert (state["global_step"], state["max_steps"], state["train_batch_size"]) == (4, 4, 4)
    assert [entry["step"] for entry in state["log_history"]] == [1, 2, 3, 4]
    assert json.loads((directory / "training_args.json").read_text())["learning_rate"] == 1e-3
    loaded = tf.AutoModelForSequenceClassification.from_pretrained(directory)
    np.testing.assert_array_equal(loaded.classifier.weight.detach().numpy(), weights(found)["classifier.weight"])


def test_the_optimizer_is_keyed_by_the_names_of_weights(tmp_path: Path) -> None:
    found = trainer(tmp_path, save_strategy="steps", save_steps=4)
    found.train()
    state = load_file(tmp_path / "checkpoint-4" / "optimizer.safetensors")
    owned = [name for name, _ in found.model.named_parameters()]
    assert {f"{name}.{kind}" for name in owned for kind in ("exp_avg", "exp_avg_sq")} <= set(state)
    assert state["classifier.weight.exp_avg"].shape == found.model.classifier.weight.shape


@pytest.mark.parametrize("optim", ["adamw_torch", "sgd", "adafactor"])
@pytest.mark.parametrize("step", [3, 6, 8])
def test_a_resumed_training_is_the_uninterrupted_one(step: int, optim: str, tmp_path: Path) -> None:
    # Six steps are an epoch; logs of the mean of two steps have one of each side of the third.
    options = {"max_steps": 12, "save_steps": 1, "save_strategy": "steps", "logging_steps": 2, "optim": optim}
    options |= {"train_sampling_strategy": "group_by_length", "gradient_accumulation_steps": 2}
    options |= {"data_collator": padded}
    data = [{**row, "input_ids": row["input_ids"][: 3 + index % 4]} for index, row in enumerate(rows(48))]
    whole = trainer(tmp_path / "whole", data=data, **options)
    whole.train()
    shutil.copytree(tmp_path / "whole" / f"checkpoint-{step}", tmp_path / "rest" / f"checkpoint-{step}")
    rest = trainer(tmp_path / "rest", classifier(num_labels=3), data=data, **options)
    random.random()
    np.random.random()
    output = rest.train(resume_from_checkpoint=True)
    assert losses(rest) == losses(whole)
    keys = ("grad_norm", "learning_rate", "epoch", "step")
    logs = [[{key: one.get(key) for key in keys} for one in found.state.log_history] for found in (rest, whole)]
    assert logs[0] == logs[1]
    for name, weight in weights(rest).items():
        np.testing.assert_array_equal(weight, weights(whole)[name], err_msg=name)
    assert output.training_loss == pytest.approx(
        np.mean([losses(whole)[index // 2] for index in range(step, 12)]), rel=0.5
    )


def test_a_resumed_training_draws_the_same_masks(tmp_path: Path, minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path)
    data = [tokenizer(f"the film number {index} is a good film") for index in range(24)]

    def run(path: Path, seed: int | None) -> Any:
        config = tf.BertConfig.from_pretrained(BERT, vocab_size=len(tokenizer), **WITHOUT_DROPOUT)
        tf.set_seed(0)
        collator = tf.DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.4, seed=seed)
        model = tf.BertForMaskedLM(config)
        options = {"data_collator": collator, "save_strategy": "steps", "save_steps": 4, "max_steps": 10}
        options |= {"eval_dataset": data[:8], "eval_strategy": "steps", "eval_steps": 2}
        return trainer(path, model, data=data, **options)

    for seed in (None, 5):
        whole = run(tmp_path / f"whole{seed}", seed)
        whole.train()
        rest = run(tmp_path / f"rest{seed}", seed)
        rest.train(resume_from_checkpoint=str(tmp_path / f"whole{seed}" / "checkpoint-4"))
        assert losses(rest) == losses(whole)
        logs = [[one.get("eval_loss") for one in found.state.log_history] for found in (rest, whole)]
        assert logs[0] == logs[1]


def test_a_checkpoint_with_all_steps_is_trained_no_further(tmp_path: Path) -> None:
    options = {"save_strategy": "steps", "save_steps": 4}
    whole = trainer(tmp_path, **options)
    whole.train()
    again = trainer(tmp_path, **options)
    assert again.train(resume_from_checkpoint=True).global_step == 4
    np.testing.assert_array_equal(weights(again)["classifier.weight"], weights(whole)["classifier.weight"])


def test_batches_before_the_checkpoint_are_not_read(tmp_path: Path) -> None:
    read: list[int] = []

    class Noted(list):  # type: ignore[type-arg]  # of rows
        def __getitem__(self, index: Any) -> Any:
            read.append(index)
            return super().__getitem__(index)

    options = {"max_steps": 6, "save_strategy": "steps", "save_steps": 4}
    trainer(tmp_path, data=Noted(rows()), **options).train()
    read.clear()
    trainer(tmp_path, data=Noted(rows()), **options).train(resume_from_checkpoint=str(tmp_path / "checkpoint-4"))
    assert len(read) == 8


def test_old_checkpoints_are_deleted_and_the_best_one_stays(tmp_path: Path) -> None:
    scores = iter([0.1, 0.9, 0.2, 0.3, 0.4])
    found = trainer(
        tmp_path,
        eval_dataset=rows(6),
        compute_metrics=lambda _found: {"score": next(scores)},
        metric_for_best_model="score",
        eval_strategy="steps",
        eval_steps=1,
        save_strategy="steps",
        save_steps=1,
        save_total_limit=2,
        load_best_model_at_end=True,
        max_steps=5,
    )
    found.train()
    assert names(tmp_path) == ["checkpoint-2", "checkpoint-5"]
    assert (found.state.best_metric, found.state.best_global_step) == (0.9, 2)
    assert found.state.best_model_checkpoint == str(tmp_path / "checkpoint-2")
    best = load_file(tmp_path / "checkpoint-2" / "model.safetensors")
    np.testing.assert_array_equal(weights(found)["classifier.weight"], best["classifier.weight"].numpy())


def test_the_best_strategy_saves_only_better_models(tmp_path: Path) -> None:
    scores = iter([0.5, 0.4, 0.6, 0.1])
    options = {"metric_for_best_model": "score", "eval_strategy": "steps", "eval_steps": 1, "save_strategy": "best"}
    metrics = {"eval_dataset": rows(6), "compute_metrics": lambda _found: {"score": next(scores)}}
    trainer(tmp_path, **metrics, **options).train()
    assert names(tmp_path) == ["checkpoint-1", "checkpoint-3"]


def test_a_callback_with_a_state_is_restored_if_the_arguments_ask_for_it(tmp_path: Path) -> None:
    from trustformers.training.state import ExportableState

    class Counter(tf.TrainerCallback, ExportableState):
        def __init__(self) -> None:
            self.count = 0

        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            self.count += 1

        def state(self) -> dict[str, Any]:
            return {"args": {}, "attributes": {"count": self.count}}

    options = {"save_strategy": "steps", "save_steps": 2, "restore_callback_states_from_checkpoint": True}
    trainer(tmp_path, callbacks=[Counter], **options).train()
    found = trainer(tmp_path, callbacks=[Counter], **options)
    found.train(resume_from_checkpoint=str(tmp_path / "checkpoint-2"))
    assert next(one.count for one in found.callback_handler.callbacks if isinstance(one, Counter)) == 4


def test_a_directory_without_state_is_no_checkpoint(tmp_path: Path) -> None:
    found = trainer(tmp_path / "out")
    with pytest.raises(InputError, match="expected a checkpoint in .*out, found none"):
        found.train(resume_from_checkpoint=True)
    with pytest.raises(InputError, match="expected a directory, found .*absent"):
        found.train(resume_from_checkpoint=str(tmp_path / "absent"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty has no model.safetensors"):
        found.train(resume_from_checkpoint=str(tmp_path / "empty"))
    found.save_model(str(tmp_path / "model"))
    with pytest.raises(InputError, match="has no trainer_state.json, only a model"):
        found.train(resume_from_checkpoint=str(tmp_path / "model"))
    only = trainer(tmp_path / "only", save_only_model=True, save_strategy="steps", save_steps=2)
    only.train()
    with pytest.raises(InputError, match=r"has no optimizer.safetensors: it was saved with save_only_model=True"):
        only.train(resume_from_checkpoint=True)
    (tmp_path / "only" / "checkpoint-4" / "optimizer.pt").touch()
    with pytest.raises(InputError, match="is a checkpoint of transformers"):
        only.train(resume_from_checkpoint=True)
    assert not found.is_in_train


def test_the_state_of_other_parameters_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path, save_strategy="steps", save_steps=4).train()
    model = classifier()
    model.classifier.weight.requires_grad = False
    with pytest.raises(InputError, match="of other parameters than the model trains: classifier.weight"):
        trainer(tmp_path, model).train(resume_from_checkpoint=True)


def test_a_directory_appears_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "checkpoint-1"
    with pytest.raises(KeyError), replaced(target) as directory:
        (directory / "file").write_text("first")
        raise KeyError
    assert not list(tmp_path.iterdir())
    for text in ("first", "second"):
        with replaced(target) as directory:
            (directory / "file").write_text(text)
            assert not target.exists() or (target / "file").read_text() == "first"
        assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-1"]
    assert (target / "file").read_text() == "second"


def test_what_a_kill_has_left_is_removed_or_restored(tmp_path: Path) -> None:
    # Killed while one was written, while one was deleted, and while one was replaced.
    for name in (
        "new-checkpoint-1",
        "old-checkpoint-2",
        "new-checkpoint-3",
        "old-checkpoint-3",
        "checkpoint-4",
        "new-x",
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    clean_up(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-3", "checkpoint-4", "new-x"]
    assert (tmp_path / "checkpoint-3" / "file").read_text() == "old-checkpoint-3"


# Kills itself at a line of what writes checkpoints.
_PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from trainer_cases import trainer

left = int(sys.argv[3])

def count(frame, event, _value):
    global left
    if not frame.f_code.co_filename.endswith(("trainer_states.py", "trainer_checkpoints.py")):
        return None
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return count

directory = Path(sys.argv[2])
options = {"max_steps": 8, "save_strategy": "steps", "save_steps": 1, "save_total_limit": 2}
found = trainer(directory, **options)
sys.settrace(count)
found.train(resume_from_checkpoint=bool(list(directory.glob("checkpoint-*"))))
print([one["loss"] for one in found.state.log_history if "loss" in one])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_at_any_moment_leaves_the_last_checkpoint_usable(tmp_path: Path) -> None:
    draws = random.Random(0)

    def run(path: Path, lines: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _PROGRAM, str(Path(__file__).parent), str(path), str(lines)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    killed, reached = tmp_path / "killed", 0
    for _ in range(6):
        process = run(killed, draws.randint(500, 6000))
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, process.stderr
        last = get_last_checkpoint(killed) if killed.is_dir() else None
        if last is not None:
            assert FILES.issubset(path.name for path in Path(last).iterdir())
            step = int(last.rpartition("-")[2])
            assert step >= reached
            reached = step
    assert reached > 0
    outputs = [run(path, 0).stdout.splitlines()[-1] for path in (killed, tmp_path / "whole")]
    assert outputs[0] == outputs[1]
    assert names(killed) == ["checkpoint-7", "checkpoint-8"]


def test_a_checkpoint_over_an_older_one_of_the_same_step_replaces_it(tmp_path: Path) -> None:
    options = {"save_strategy": "steps", "save_steps": 4}
    trainer(tmp_path, **options).train()
    (tmp_path / "checkpoint-4" / "extra").touch()
    trainer(tmp_path, **options).train()
    assert names(tmp_path) == ["checkpoint-4"]
    assert not (tmp_path / "checkpoint-4" / "extra").exists()
    assert os.listdir(tmp_path) == ["checkpoint-4"]


def test_checkpoints_of_one_time_are_in_the_order_of_their_steps(tmp_path: Path) -> None:
    for step in (3, 10, 2):
        (tmp_path / f"checkpoint-{step}").mkdir()
    for path in tmp_path.iterdir():
        os.utime(path, (5, 5))
    rotate_checkpoints(str(tmp_path), save_total_limit=2, use_mtime=True)
    assert names(tmp_path) == ["checkpoint-3", "checkpoint-10"]
    os.utime(tmp_path / "checkpoint-10", (4, 4))
    rotate_checkpoints(str(tmp_path), save_total_limit=1, use_mtime=True)
    assert names(tmp_path) == ["checkpoint-3"]
