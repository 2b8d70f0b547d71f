"""`Trainer` with adapters beside transformers' with PEFT's: curves, checkpoints and decayed weights."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
import transformers
import trustformers as tf
from padded_batches import collate
from trustformers.peft import PeftModel, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens"
SEQUENCE, CAUSAL = "AutoModelForSequenceClassification", "AutoModelForCausalLM"
CASES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "bert": ("encoders/bert", SEQUENCE, {"task_type": "SEQ_CLS", "bias": "lora_only"}, {"weight_decay": 0.1}),
    "gpt2": ("decoders/gpt2", CAUSAL, {"task_type": "CAUSAL_LM"}, {"gradient_accumulation_steps": 2}),
    "llama": (
        "decoders/llama",
        CAUSAL,
        {"target_modules": "all-linear", "use_dora": True, "modules_to_save": ["norm"]},
        {"weight_decay": 0.1, "warmup_steps": 2, "lr_scheduler_type": "cosine"},
    ),
}


def rows(count: int, *, is_causal: bool) -> list[dict[str, Any]]:
    draws = np.random.default_rng(count)
    found: list[dict[str, Any]] = []
    for index in range(count):
        ids = draws.integers(5, 80, draws.integers(4, 12)).tolist()
        labels = ids if is_causal else index % 3
        found.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels})
    return found


def base(library: Any, name: str) -> Any:
    family, head, *_ = CASES[name]
    zeros = ("hidden_dropout_prob", "attention_probs_dropout_prob", "resid_pdrop", "embd_pdrop", "attn_pdrop")
    config = library.AutoConfig.from_pretrained(GOLDENS / family)
    config.problem_type = "single_label_classification" if head == SEQUENCE else None
    for rate in zeros:
        if hasattr(config, rate):
            setattr(config, rate, 0.0)
    options = {"dtype": torch.float32} if library is transformers else {"dtype": "float32"}
    return getattr(library, head).from_pretrained(GOLDENS / family, config=config, **options)


def trainer(library: Any, model: Any, name: str, out: Path, **options: Any) -> Any:
    is_causal = CASES[name][1] == CAUSAL
    settings: dict[str, Any] = {
        "max_steps": 10,
        "per_device_train_batch_size": 4,
        "learning_rate": 5e-3,
        "logging_steps": 1,
        "save_strategy": "no",
        "disable_tqdm": True,
        "seed": 7,
        **CASES[name][3],
        **options,
    }
    return library.Trainer(
        model=model,
        args=library.TrainingArguments(output_dir=str(out), use_cpu=True, report_to="none", **settings),
        train_dataset=rows(37, is_causal=is_causal),
        eval_dataset=rows(13, is_causal=is_causal),
        data_collator=collate,
    )


def pair(name: str, directory: Path) -> tuple[Any, Any]:
    """A model with an adapter of PEFT, and ours with the same one."""
    config = peft.LoraConfig(r=4, **copy.deepcopy(CASES[name][2]))
    torch.manual_seed(0)
    theirs = peft.get_peft_model(base(transformers, name), config)
    theirs.save_pretrained(directory)
    return theirs, PeftModel.from_pretrained(base(tf, name), directory, is_trainable=True)


@pytest.mark.parametrize("name", CASES)
def test_curves_are_those_of_transformers_and_peft(name: str, tmp_path: Path) -> None:
    theirs, ours = pair(name, tmp_path / "adapter")
    reference, own = (
        trainer(library, model, name, tmp_path / library.__name__)
        for library, model in ((transformers, theirs), (tf, ours))
    )
    expected, found = reference.train(), own.train()
    assert found.training_loss == pytest.approx(expected.training_loss, rel=1e-5)
    for entry, other in zip(own.state.log_history, reference.state.log_history, strict=True):
        compared = {key: value for key, value in other.items() if "second" not in key and "runtime" not in key}
        assert {key: entry[key] for key in compared} == pytest.approx(compared, rel=2e-4)
    weights = {key: value.detach().numpy() for key, value in ours.named_parameters()}
    for key, value in theirs.named_parameters():
        np.testing.assert_allclose(weights[key], value.detach().numpy(), atol=2e-4, err_msg=key)
    own.save_model(str(tmp_path / "saved"))
    again = peft.PeftModel.from_pretrained(base(transformers, name), tmp_path / "saved").eval()
    inputs = {"input_ids": torch.tensor([[5, 6, 7, 8]])}
    with torch.no_grad():
        np.testing.assert_allclose(again(**inputs).logits, theirs.eval()(**inputs).logits, atol=2e-3)


@pytest.mark.parametrize("name", CASES)
def test_weights_that_decay_are_those_of_transformers(name: str) -> None:
    config = {"r": 4, **CASES[name][2]}
    theirs = peft.get_peft_model(base(transformers, name), peft.LoraConfig(**copy.deepcopy(config)))
    ours = get_peft_model(base(tf, name), peft.LoraConfig(**copy.deepcopy(config)))
    found, expected = (
        set(library.Trainer.get_decay_parameter_names(None, model)) & {key for key, _ in model.named_parameters()}
        for library, model in ((tf, ours), (transformers, theirs))
    )
    assert found == expected
