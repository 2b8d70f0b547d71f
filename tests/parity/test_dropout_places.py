"""The spread of outputs in training mode, one rate of dropout at a time, beside transformers'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf

GOLDENS = Path(__file__).parent.parent / "goldens"
HEADS = ("AutoModel", "AutoModelForSequenceClassification", "AutoModelForTokenClassification")
RATE = 0.2
ROWS, CALLS = 64, 8
IDS = [5, 6, 7, 8, 9, 10]
# Rates that training refuses, and one that decides once for a whole batch, so that a few calls do not show the spread.
LEFT_OUT = {"falcon": ("hidden_dropout", "attention_dropout"), "opt": ("layerdrop",)}


def cases() -> Iterator[Any]:
    for path in sorted(GOLDENS.glob("*coders/*/config.json")):
        config = transformers.AutoConfig.from_pretrained(path.parent)
        left_out = LEFT_OUT.get(path.parent.name, ())
        rates = [name for name, value in config.to_dict().items() if is_rate(name, value) and name not in left_out]
        for head in HEADS:
            for rate in ["", *rates]:
                yield pytest.param(path.parent, head, rate, id=f"{path.parent.name}-{head[9:] or 'Model'}-{rate}")


def is_rate(name: str, value: Any) -> bool:
    return ("drop" in name and "classifier" not in name) and (isinstance(value, (int, float)) or value is None)


def configured(family: Path, rate: str) -> Any:
    config = transformers.AutoConfig.from_pretrained(family, dtype="float32", num_labels=3)
    for name, value in config.to_dict().items():
        if "drop" in name:
            setattr(config, name, None if value is None else 0.0)
    if rate:
        setattr(config, rate, RATE)
    else:
        for name in ("classifier_dropout", "classifier_dropout_prob"):
            if name in config.to_dict():
                setattr(config, name, RATE)
    if config.pad_token_id in IDS or config.pad_token_id is None:
        config.pad_token_id = 3
    return config


@pytest.mark.parametrize(("family", "head", "rate"), cases())
def test_outputs_spread_as_those_of_transformers(family: Path, head: str, rate: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    try:
        source = getattr(transformers, head).from_config(configured(family, rate))
    except ValueError as error:
        pytest.skip(f"transformers has no such model: {str(error)[:60]}")
    with torch.no_grad():
        for parameter in source.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.3)
    source.save_pretrained(tmp_path)
    reference = getattr(transformers, head).from_pretrained(tmp_path, attn_implementation="eager").train()
    try:
        model: Any = getattr(tf, head).from_pretrained(tmp_path).train()
    except tf.errors.UnsupportedError as error:
        pytest.skip(str(error))
    ids = np.array([IDS] * ROWS)
    name = "last_hidden_state" if head == "AutoModel" else "logits"
    ours, theirs = [], []
    for seed in range(CALLS):
        tf.set_seed(seed)
        torch.manual_seed(seed)
        ours.append(model(tf.Tensor(ids))[name].detach().numpy())
        with torch.no_grad():
            theirs.append(reference(torch.tensor(ids))[name].numpy())
    found, expected = (np.concatenate(each).reshape(ROWS * CALLS, -1) for each in (ours, theirs))
    spreads = [np.sqrt(each.var(0).mean()) for each in (found, expected)]
    # What rounding alone spreads.
    noise = 1e-4 * max(float(np.abs(expected).max()), 1.0)
    assert spreads[0] == pytest.approx(spreads[1], rel=0.12, abs=noise)
    assert np.abs(found.mean(0) - expected.mean(0)).max() < spreads[1] * 12 / np.sqrt(ROWS * CALLS) + noise
