"""Trainings of tiny checkpoints, step by step beside the curves that transformers' Trainer recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from safetensors.numpy import load_file, save_file
from trustformers.training import AdamW, clip_grad_norm_, get_scheduler

GOLDENS = Path(__file__).parents[2] / "goldens"
CURVES = GOLDENS / "training/curves"
# In float64 the reference is up to 7e-5 from its own curves, in most of them 5e-6.
TOLERANCE = 1e-4
IGNORED = -100

Golden = dict[str, Any]


def golden(name: str) -> Golden:
    found: Golden = json.loads((CURVES / f"{name}.json").read_text())
    return found


def rows(case: Golden, split: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((GOLDENS / "training/data.json").read_text())[f"{case['task']}.{split}"]
    return found


def load(case: Golden, folder: Path) -> Any:
    source = GOLDENS / case["model"]
    if case["task"] == "regression":
        overlay = json.loads((source / "manifest.json").read_text())["overlays"]["regression"]
        config = json.loads((source / "config.json").read_text()) | overlay["config"]
        folder.mkdir()
        tensors = load_file(source / "model.safetensors") | load_file(source / overlay["weights"])
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config))
        source = folder
    return getattr(tf, case["head"]).from_pretrained(source, dtype="float32", **case["settings"])


def collator(case: Golden) -> Any:
    tokenizer = tf.AutoTokenizer.from_pretrained(GOLDENS / case["tokenizer"])
    if case["task"] == "causal_lm":
        return tf.DataCollatorForLanguageModeling(tokenizer, mlm=False)
    if case["task"] in ("token_classification", "masked_lm"):
        return tf.DataCollatorForTokenClassification(tokenizer)
    return tf.DataCollatorWithPadding(tokenizer)


def accuracy(prediction: tf.EvalPrediction) -> dict[str, float]:
    labels: Any = prediction.label_ids
    logits: Any = prediction.predictions
    return {"accuracy": float((logits.argmax(-1) == labels)[labels != IGNORED].mean())}


def parameters(model: Any) -> dict[str, Any]:
    return {name: np.array(parameter.detach().numpy()) for name, parameter in model.named_parameters()}


def with_gradient(name: str, values: Any) -> Any:
    """Without the bias of keys of GPT-2; see the goldens' generator."""
    queries, _, others = np.split(values, 3) if name.endswith("c_attn.bias") else (values, None, values[:0])
    return np.concatenate([queries, others])


def assert_curve(case: Golden, found: dict[str, list[float]]) -> None:
    for name, expected in case["steps"].items():
        np.testing.assert_allclose(found[name], expected, rtol=TOLERANCE, atol=1e-9, err_msg=name)


def assert_weights(case: Golden, initial: dict[str, Any], final: dict[str, Any]) -> None:
    """Compares norms, values, and how far the weights have moved: most stay close to where they were."""
    for name, expected in case["weights"].items():
        flat = with_gradient(name, final[name]).ravel().astype(np.float64)
        moved = np.linalg.norm(flat - with_gradient(name, initial[name]).ravel())
        assert np.linalg.norm(flat) == pytest.approx(expected["norm"], rel=TOLERANCE), name
        assert moved == pytest.approx(expected["moved"], rel=1e-2), name
        places = [int(place) for place in expected["values"]]
        np.testing.assert_allclose(
            flat[places], list(expected["values"].values()), rtol=0, atol=TOLERANCE, err_msg=name
        )
    left_out = final.keys() - case["weights"].keys()
    assert all(name.endswith("key.bias") for name in left_out)


def groups(model: Any, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices, as people write it."""
    named = list(model.named_parameters())
    return [
        {"params": [parameter for _, parameter in named if parameter.ndim > 1], "weight_decay": decay},
        {"params": [parameter for _, parameter in named if parameter.ndim <= 1], "weight_decay": 0.0},
    ]


def batches(case: Golden) -> Iterator[Any]:
    collate, examples = collator(case), rows(case, "train")
    for step in case["batches"]:
        for batch in step:
            yield collate([{k: v for k, v in examples[row].items() if k != "row"} for row in batch])


@pytest.mark.parametrize(
    "name",
    [
        "sequence_classification",
        "token_classification",
        "masked_lm",
        "regression",
        "causal_lm",
        "warmup_and_cosine",
        "clipping",
        "weight_decay",
        "weight_decay_of_a_decoder",
    ],
)
def test_loops_written_by_hand_repeat_the_curve(name: str, tmp_path: Path) -> None:
    case = golden(name)
    given = case["arguments"]
    model = load(case, tmp_path / "model")
    initial = parameters(model)
    optimizer = AdamW(
        groups(model, given.get("weight_decay", 0.0)),
        lr=given["learning_rate"],
        betas=(given.get("adam_beta1", 0.9), given.get("adam_beta2", 0.999)),
        eps=given.get("adam_epsilon", 1e-8),
    )
    scheduler = get_scheduler(
        given.get("lr_scheduler_type", "linear"),
        optimizer,
        num_warmup_steps=given.get("warmup_steps", 0),
        num_training_steps=given["max_steps"],
    )
    found: dict[str, list[float]] = {"loss": [], "grad_norm": [], "learning_rate": []}
    model.train()
    for batch in batches(case):
        loss = model(**batch).loss
        loss.backward()
        norm = clip_grad_norm_(model.parameters(), given.get("max_grad_norm", 1.0))
        found["learning_rate"].append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        found["loss"].append(loss.item())
        found["grad_norm"].append(norm.item())
    assert_curve(case, found)
    assert_weights(case, initial, parameters(model))


def trainer(case: Golden, folder: Path, output: Path, **changes: Any) -> Any:
    arguments = case["arguments"] | changes
    return tf.Trainer(
        model=load(case, folder),
        args=tf.TrainingArguments(str(output), disable_tqdm=True, **arguments),
        train_dataset=rows(case, "train"),
        eval_dataset=rows(case, "eval") if "eval_strategy" in arguments else None,
        data_collator=collator(case),
        compute_metrics=accuracy if case["metric"] else None,
    )


def steps_of(history: list[dict[str, float]], case: Golden) -> dict[str, list[float]]:
    logged = [row for row in history if "loss" in row]
    return {name: [row[name] for row in logged] for name in case["steps"]}


def assert_evaluations(case: Golden, history: list[dict[str, float]]) -> None:
    found = [row for row in history if "eval_loss" in row]
    assert len(found) == len(case["evaluations"])
    for row, expected in zip(found, case["evaluations"], strict=True):
        timeless = {name for name in row if not name.endswith(("runtime", "second"))}
        assert timeless == expected.keys()
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, rel=TOLERANCE), name


@pytest.mark.parametrize("name", sorted(path.stem for path in CURVES.glob("*.json")))
def test_the_trainer_repeats_the_curve(name: str, tmp_path: Path) -> None:
    case = golden(name)
    training = trainer(case, tmp_path / "model", tmp_path / "out")
    initial = parameters(training.model)
    output = training.train()
    state = training.state
    assert_curve(case, steps_of(state.log_history, case))
    assert_evaluations(case, state.log_history)
    assert_weights(case, initial, parameters(training.model))
    assert output.training_loss == pytest.approx(case["train_loss"], rel=TOLERANCE)
    assert state.epoch == pytest.approx(case["epochs"])
    if "best" in case:
        assert state.best_metric == pytest.approx(case["best"]["metric"])
        assert state.best_global_step == case["best"]["step"]
        assert sorted(path.name for path in (tmp_path / "out").glob("checkpoint-*")) == case["folders"]


@pytest.mark.parametrize("name", ["resume", "resume_with_accumulation"])
def test_a_resumed_training_repeats_the_curve_bit_for_bit(name: str, tmp_path: Path) -> None:
    case = golden(name)
    whole = trainer(case, tmp_path / "model", tmp_path / "out")
    whole.train()
    resumed = trainer(case, tmp_path / "again", tmp_path / "out")
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / f"checkpoint-{case['resumes_after']}"))
    assert steps_of(resumed.state.log_history, case) == steps_of(whole.state.log_history, case)
    for (key, value), (other, expected) in zip(
        parameters(resumed.model).items(), parameters(whole.model).items(), strict=True
    ):
        assert key == other
        np.testing.assert_array_equal(value, expected, err_msg=key)
    assert_curve(case, steps_of(resumed.state.log_history, case))


def test_loss_under_accumulation_is_that_of_the_large_batch(tmp_path: Path) -> None:
    case = golden("batches_of_sixteen")
    changes = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 4}
    training = trainer(case, tmp_path / "model", tmp_path / "out", **changes)
    training.train()
    assert_curve(case, steps_of(training.state.log_history, case))


def test_masked_tokens_count_alike_in_uneven_batches(tmp_path: Path) -> None:
    """Batches of one step have different numbers of labels, so that a mean of their means is another loss."""
    case = golden("token_classification")
    changes = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4}
    training = trainer(case, tmp_path / "model", tmp_path / "out", **changes)
    training.train()
    assert_curve(case, steps_of(training.state.log_history, case))
