"""Encoder-decoders whose checkpoints store any of the tables of the vocabulary, beside transformers."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from safetensors.torch import load_file, save_file

GOLDENS = Path(__file__).parents[1] / "goldens" / "seq2seq"
FAMILIES = ["t5", "mt5", "umt5", "bart", "mbart", "pegasus", "marian", "m2m_100", "blenderbot", "blenderbot-small"]
ENDS = ("shared", "encoder.embed_tokens", "decoder.embed_tokens", "lm_head")
# Which values each table has; 0 is not stored.
STORED = [one for one in itertools.product(range(3), repeat=4) if any(one)]
INPUTS: dict[str, Any] = {
    "input_ids": [[5, 6, 7, 8, 1], [9, 10, 11, 12, 1]],
    "decoder_input_ids": [[3, 4, 5], [6, 7, 8]],
}


def written(folder: Path, family: str, stored: tuple[int, ...], ties: bool) -> None:
    shutil.copy(GOLDENS / family / "config.json", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": ties}))
    weights = {name: tensor.float() for name, tensor in load_file(GOLDENS / family / "model.safetensors").items()}
    (own,) = (name for name in weights if name.endswith("shared.weight"))
    table = weights.pop(own)
    values = [torch.empty(0), table, table.flip(0).contiguous()]
    for end, value in zip(ENDS, stored, strict=True):
        name = f"{end}.weight" if end == "lm_head" else own.replace("shared", end)
        weights.pop(name, None)
        if value:
            weights[name] = values[value].clone()
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_transformers(family: str, ties: bool, tmp_path: Path) -> None:
    compared = 0
    for index, stored in enumerate(random.Random(family).sample(STORED, 12)):
        folder = tmp_path / str(index)
        folder.mkdir()
        written(folder, family, stored, ties)
        reference, info = transformers.AutoModelForSeq2SeqLM.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
        # What a forward pass does not read may be random.
        if any(not name.endswith("shared.weight") for name in info["missing_keys"]):
            continue
        with torch.inference_mode():
            expected = reference.eval()(**{name: torch.tensor(value) for name, value in INPUTS.items()}).logits
        model: Any = trustformers.AutoModelForSeq2SeqLM.from_pretrained(folder, dtype="float32")
        np.testing.assert_allclose(model(**INPUTS).logits, expected, rtol=0, atol=2e-4, err_msg=str(stored))
        again = folder / "again"
        model.save_pretrained(again)
        saved = transformers.AutoModelForSeq2SeqLM.from_pretrained(again, dtype=torch.float32).eval()
        with torch.inference_mode():
            found = saved(**{name: torch.tensor(value) for name, value in INPUTS.items()}).logits
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4, err_msg=f"{stored} saved")
        compared += 1
    assert compared > 1
