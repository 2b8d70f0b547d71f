"""`Trainer` beside that of transformers: losses, gradient norms, learning rates, weights and evaluations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from padded_batches import collate
from transformers.trainer_callback import TrainerState
from trustformers.errors import UnsupportedError

GOLDENS = Path(__file__).parent.parent / "goldens"
FAMILIES = sorted(path.parent for path in GOLDENS.glob("*coders/*/config.json"))
BERT = "encoders/bert"
# Gradients of these are zero but for rounding, which Adam's steps follow.
NOISE = ("key.bias", "c_attn.bias")
ARGUMENTS = {
    "max_steps": 12,
    "per_device_train_batch_size": 4,
    "learning_rate": 1e-3,
    "logging_steps": 1,
    "save_strategy": "no",
    "disable_tqdm": True,
    "seed": 7,
}
CASES: dict[str, dict[str, Any]] = {
    "classification": {},
    "regression": {"task": "regression"},
    "tokens": {"task": "tokens", "head": "TokenClassification"},
    "masked": {"task": "masked", "head": "MaskedLM"},
    "causal": {"task": "causal", "head": "CausalLM", "family": "decoders/gpt2"},
    "llama": {"task": "causal", "head": "CausalLM", "family": "decoders/llama", "weight_decay": 0.1},
    "accumulation": {
        "task": "causal",
        "head": "CausalLM",
        "family": "decoders/llama",
        "gradient_accumulation_steps": 3,
        "max_grad_norm": 0.5,
    },
    "warmup": {"warmup_steps": 4, "lr_scheduler_type": "cosine", "weight_decay": 0.1},
    "smoothing": {"label_smoothing_factor": 0.1},
    "smoothing of causal": {
        "task": "causal",
        "head": "CausalLM",
        "family": "decoders/gpt2",
        "label_smoothing_factor": 0.1,
        "gradient_accumulation_steps": 2,
    },
    "lengths": {"train_sampling_strategy": "group_by_length"},
    "sequential": {"train_sampling_strategy": "sequential", "data_seed": 3},
    "without clipping": {"max_grad_norm": 0.0, "optim": "sgd", "learning_rate": 1e-2},
    "adafactor": {"optim": "adafactor"},
    "best": {
        "eval_strategy": "steps",
        "eval_steps": 4,
        "save_strategy": "steps",
        "save_steps": 4,
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": "accuracy",
    },
    "plateau": {
        "eval_strategy": "epoch",
        "lr_scheduler_type": "reduce_lr_on_plateau",
        "lr_scheduler_kwargs": {"patience": 0, "factor": 0.5},
    },
    "tokens seen": {"include_num_input_tokens_seen": "non_padding", "logging_steps": 3},
    "first step": {
        "eval_on_start": True,
        "eval_strategy": "steps",
        "eval_steps": 5,
        "eval_delay": 6,
        "logging_first_step": True,
        "logging_steps": 5,
    },
    "whole batches": {"max_steps": -1, "num_train_epochs": 2, "dataloader_drop_last": True, "warmup_steps": 0.3},
    "another sampler": {"accelerator_config": {"use_seedable_sampler": False}, "lr_scheduler_type": "polynomial"},
    "long accumulation": {
        "task": "causal",
        "head": "CausalLM",
        "family": "decoders/llama",
        "gradient_accumulation_steps": 4,
        "max_steps": -1,
        "num_train_epochs": 2,
    },
    "early": {"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "best", "metric_for_best_model": "loss"},
    "epochs": {"max_steps": -1, "num_train_epochs": 1.5, "gradient_accumulation_steps": 1, "logging_strategy": "epoch"},
}


torch.set_num_threads(1)


def rows(count: int, task: str) -> list[dict[str, Any]]:
    draws = np.random.default_rng(count)
    found = []
    for index in range(count):
        ids = draws.integers(5, 80, draws.integers(4, 12)).tolist()
        labels: Any = {
            "classification": index % 3,
            "regression": float(sum(ids) % 10) / 10,
            "tokens": [-100 if token % 4 == 0 else token % 3 for token in ids],
            "masked": [token if token % 3 == 0 or at == 0 else -100 for at, token in enumerate(ids)],
            "causal": ids,
        }[task]
        found.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels})
    return found


def checkpoint(directory: Path, family: str, head: str, task: str) -> Path:
    """A golden checkpoint with a head, without dropout."""
    labels = {"regression": {"num_labels": 1, "problem_type": "regression"}}.get(task, {"num_labels": 3})
    kwargs = {} if head in ("CausalLM", "MaskedLM") else {**labels, "ignore_mismatched_sizes": True}
    if task == "classification":
        kwargs["problem_type"] = "single_label_classification"
    torch.manual_seed(1)
    auto = getattr(transformers, f"AutoModelFor{head}")
    model = auto.from_pretrained(GOLDENS / family, dtype=torch.float32, **kwargs)
    for name, value in model.config.to_dict().items():
        if "drop" in name and isinstance(value, float):
            setattr(model.config, name, 0.0)
    model.save_pretrained(directory)
    return directory


def accuracy(found: Any) -> dict[str, float]:
    return {"accuracy": float((found.predictions.argmax(-1) == found.label_ids).mean())}


def trained(library: Any, source: Path, out: Path, case: dict[str, Any]) -> Any:
    options = {**ARGUMENTS, **case}
    task, head = options.pop("task", "classification"), options.pop("head", "SequenceClassification")
    options.pop("family", None)
    model = getattr(library, f"AutoModelFor{head}").from_pretrained(source)
    trainer = options.pop("kind", library.Trainer)(
        model=model,
        callbacks=options.pop("callbacks", None),
        args=library.TrainingArguments(output_dir=str(out), use_cpu=True, report_to="none", **options),
        train_dataset=rows(37, task),
        eval_dataset=rows(13, task),
        data_collator=collate,
        compute_metrics=accuracy if task == "classification" else None,
    )
    return trainer, trainer.train()


@pytest.mark.parametrize("name", CASES)
def test_curves_are_those_of_transformers(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    source = checkpoint(
        tmp_path / "model",
        case.get("family", BERT),
        case.get("head", "SequenceClassification"),
        case.get("task", "classification"),
    )
    (theirs, expected), (ours, output) = (
        trained(library, source, tmp_path / library.__name__, case) for library in (transformers, tf)
    )
    assert output.global_step == expected.global_step
    assert output.training_loss == pytest.approx(expected.training_loss, rel=1e-5)
    logs = [
        [{key: value for key, value in entry.items() if "second" not in key and "runtime" not in key} for entry in one]
        for one in (ours.state.log_history, theirs.state.log_history)
    ]
    assert [set(entry) for entry in logs[0]] == [set(entry) for entry in logs[1]]
    for own, reference in zip(*logs, strict=True):
        assert own == pytest.approx(reference, rel=1e-4)
    for weight, reference in theirs.model.state_dict().items():
        if weight.endswith(NOISE) or weight not in ours.model.state_dict():
            continue
        own = ours.model.state_dict()[weight].detach().numpy()
        np.testing.assert_allclose(own, reference.numpy(), atol=1e-4, err_msg=weight)
    evaluation, reference = ours.evaluate(), theirs.evaluate()
    assert list(evaluation) == list(reference)
    assert evaluation["eval_loss"] == pytest.approx(reference["eval_loss"], rel=1e-4)
    states = [getattr(one.state, key) for one in (ours, theirs) for key in ("best_metric", "best_global_step", "epoch")]
    assert states[:3] == pytest.approx(states[3:])


@pytest.mark.parametrize("name", ["classification", "llama"])
def test_curves_of_mixed_precision_are_as_near_to_float32_as_those_of_transformers(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    task, family = case.get("task", "classification"), case.get("family", BERT)
    source = checkpoint(tmp_path / "model", family, case.get("head", "SequenceClassification"), task)
    found = {}
    for library, dtypes in ((transformers, ("float32", "bf16")), (tf, ("bf16", "fp16"))):
        for dtype in dtypes:
            options = {} if dtype == "float32" else {dtype: True}
            trainer, _ = trained(library, source, tmp_path / f"{library.__name__}-{dtype}", case | options)
            logged = [entry for entry in trainer.state.log_history if "grad_norm" in entry]
            found[library, dtype] = [np.array([entry[key] for entry in logged]) for key in ("loss", "grad_norm")]
    for curve, (precise, reference) in enumerate(
        zip(found[transformers, "float32"], found[transformers, "bf16"], strict=True)
    ):
        rounding = np.abs(reference / precise - 1).max()
        assert 0 < np.abs(found[tf, "bf16"][curve] / precise - 1).max() < 3 * rounding
        # transformers does not round to float16 on the CPU. Its numbers have three more bits than bfloat16.
        assert 0 < np.abs(found[tf, "fp16"][curve] / precise - 1).max() < rounding / 2


EVENTS = [name for name in dir(transformers.TrainerCallback) if name.startswith("on_")]


@pytest.mark.parametrize(
    "case",
    [
        {"gradient_accumulation_steps": 2, "max_steps": 6},
        {"eval_strategy": "epoch", "save_strategy": "epoch", "max_steps": -1, "num_train_epochs": 2},
        {"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "best", "metric_for_best_model": "loss"},
    ],
)
def test_events_come_in_the_order_of_transformers(case: dict[str, Any], tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "model", BERT, "SequenceClassification", "classification")
    found = []
    for library in (transformers, tf):
        events: list[Any] = []

        def noted(name: str, events: list[Any] = events) -> Any:
            def call(_self: Any, _args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                known = {
                    "model",
                    "processing_class",
                    "optimizer",
                    "lr_scheduler",
                    "train_dataloader",
                    "eval_dataloader",
                }
                assert known <= kwargs.keys()
                switches = [getattr(control, switch) for switch in vars(control)]
                events.append((name, state.global_step, state.epoch, sorted(kwargs.keys() - known), switches))

            return call

        callback = type("Noted", (library.TrainerCallback,), {name: noted(name) for name in EVENTS})
        trained(library, source, tmp_path / library.__name__, {**case, "callbacks": [callback]})
        found.append(events)
    assert found[1] == found[0]


def test_a_loader_of_torch_and_a_loss_of_a_subclass_are_used(tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "model", BERT, "SequenceClassification", "classification")
    curves = []
    for library in (transformers, tf):

        class Own(library.Trainer):  # type: ignore[misc, name-defined]  # of either library
            def get_train_dataloader(self) -> Any:
                return torch.utils.data.DataLoader(self.train_dataset, batch_size=3, collate_fn=collate)

            def compute_loss(
                self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
            ) -> Any:
                labels = inputs.pop("labels")
                outputs = model(**inputs)
                hits = outputs.logits.log_softmax(-1).gather(-1, labels.unsqueeze(-1))
                loss = -hits.sum() / (len(labels) if num_items_in_batch is None else num_items_in_batch)
                return (loss, outputs) if return_outputs else loss

        case = {"kind": Own, "gradient_accumulation_steps": 2, "max_steps": 14}
        trainer, _ = trained(library, source, tmp_path / library.__name__, case)
        logs = [one for one in trainer.state.log_history if "loss" in one]
        curves.append([(one["loss"], one["grad_norm"], one["epoch"]) for one in logs])
        curves[-1].append((trainer.evaluate()["eval_loss"], 0.0, 0.0))
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-4)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda path: path.name)
def test_weights_that_decay_are_those_of_transformers(family: Path) -> None:
    head = "CausalLM" if family.parent.name == "decoders" else "SequenceClassification"
    try:
        theirs = getattr(transformers, f"AutoModelFor{head}").from_pretrained(family, ignore_mismatched_sizes=True)
        ours = getattr(tf, f"AutoModelFor{head}").from_pretrained(family, ignore_mismatched_sizes=True)
    except (ValueError, NotImplementedError):
        pytest.skip("there is no such model")
    decayed = []
    for library, model in ((transformers, theirs), (tf, ours)):
        names = library.Trainer.get_decay_parameter_names(None, model)
        everything = {name for name, _ in model.named_parameters()}
        decayed.append((set(names) & everything, everything))
    # Names of some families differ from those of their checkpoints.
    common = decayed[0][1] & decayed[1][1]
    assert decayed[0][0] & common == decayed[1][0] & common


def test_a_module_of_torch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="training Linear, a module of torch.* train it with transformers"):
        tf.Trainer(torch.nn.Linear(2, 2), tf.TrainingArguments(str(tmp_path)))


def test_transformers_reads_what_a_checkpoint_says_of_training(tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "model", BERT, "SequenceClassification", "classification")
    trained(tf, source, tmp_path / "out", {"save_strategy": "steps", "save_steps": 6})
    path = tmp_path / "out" / "checkpoint-12"
    state = TrainerState.load_from_json(str(path / "trainer_state.json"))
    assert (state.global_step, len(state.log_history)) == (12, 12)
    args = json.loads((path / "training_args.json").read_text())
    known = set(transformers.TrainingArguments(str(tmp_path)).to_dict())
    assert set(args) <= known
    model = transformers.AutoModelForSequenceClassification.from_pretrained(path)
    own = tf.AutoModelForSequenceClassification.from_pretrained(path)
    np.testing.assert_array_equal(own.classifier.weight.detach().numpy(), model.classifier.weight.detach().numpy())
