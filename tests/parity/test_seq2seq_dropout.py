"""The spread of encoder-decoders' outputs in training mode, one rate of dropout at a time, beside transformers'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf

GOLDENS = Path(__file__).parent.parent / "goldens" / "seq2seq"
RATE = 0.2
ROWS, CALLS = 64, 8
SOURCE, TARGET = [5, 6, 7, 8, 9, 2], [6, 7, 8, 9]
RATES = ("dropout_rate", "dropout", "attention_dropout", "activation_dropout", "classifier_dropout")


def cases() -> Iterator[Any]:
    for path in sorted(GOLDENS.glob("*/config.json")):
        config = transformers.AutoConfig.from_pretrained(path.parent)
        rates = [name for name in RATES if hasattr(config, name)]
        for rate in rates:
            head = "AutoModelForSequenceClassification" if rate == "classifier_dropout" else "AutoModel"
            yield pytest.param(path.parent, head, rate, id=f"{path.parent.name}-{rate}")


@pytest.mark.parametrize(("family", "head", "rate"), cases())
def test_outputs_spread_as_those_of_transformers(family: Path, head: str, rate: str, tmp_path: Path) -> None:
    config = transformers.AutoConfig.from_pretrained(family, dtype="float32", num_labels=3)
    for name, value in config.to_dict().items():
        if "drop" in name and isinstance(value, float):
            setattr(config, name, 0.0)
    setattr(config, rate, RATE)
    config.eos_token_id, config.pad_token_id = 2, 3
    torch.manual_seed(0)
    try:
        source = getattr(transformers, head).from_config(config)
    except ValueError as error:
        pytest.skip(f"transformers has no such model: {str(error)[:60]}")
    with torch.no_grad():
        for parameter in source.parameters():
            if parameter.ndim > 1 and parameter.requires_grad:
                parameter.normal_(0, 0.3)
    source.save_pretrained(tmp_path)
    reference = getattr(transformers, head).from_pretrained(tmp_path, attn_implementation="eager").train()
    model: Any = getattr(tf, head).from_pretrained(tmp_path).train()
    inputs = {"input_ids": np.array([SOURCE] * ROWS)}
    if head == "AutoModel":
        inputs["decoder_input_ids"] = np.array([TARGET] * ROWS)
    name = "last_hidden_state" if head == "AutoModel" else "logits"
    ours, theirs = [], []
    for seed in range(CALLS):
        tf.set_seed(seed)
        torch.manual_seed(seed)
        found = model(**{key: tf.Tensor(array) for key, array in inputs.items()})
        with torch.no_grad():
            expected = reference(**{key: torch.tensor(array) for key, array in inputs.items()})
        names = [name, "encoder_last_hidden_state"]
        ours.append([found[each].detach().numpy().reshape(ROWS, -1) for each in names])
        theirs.append([expected[each].numpy().reshape(ROWS, -1) for each in names])
    for at in range(2):
        own, other = (np.concatenate([call[at] for call in each]) for each in (ours, theirs))
        spreads = [np.sqrt(each.var(0).mean()) for each in (own, other)]
        # What rounding alone spreads.
        noise = 1e-4 * max(float(np.abs(other).max()), 1.0)
        assert spreads[0] == pytest.approx(spreads[1], rel=0.12, abs=noise)
        assert np.abs(own.mean(0) - other.mean(0)).max() < spreads[1] * 12 / np.sqrt(ROWS * CALLS) + noise
