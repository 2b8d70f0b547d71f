"""`Seq2SeqTrainer` beside that of transformers, with a language model, which both let generate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from trustformers.trainer_seq2seq import Seq2SeqTrainer
from trustformers.training_args_seq2seq import Seq2SeqTrainingArguments

LLAMA = Path(__file__).parent.parent / "goldens/decoders/llama"
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "defaults": ({}, {}, {}),
    "length and beams": ({"generation_max_length": 11, "generation_num_beams": 3}, {}, {}),
    "arguments": ({"generation_max_length": 11, "generation_num_beams": 3}, {"max_length": 9, "num_beams": 2}, {}),
    "new tokens": ({"generation_max_length": 11}, {"max_new_tokens": 3}, {}),
    "the model's length": ({}, {}, {"max_length": 12}),
    "the model's new tokens": ({}, {}, {"max_new_tokens": 30}),
    "smoothed": ({"label_smoothing_factor": 0.1}, {}, {}),
    "without generation": ({"predict_with_generate": False}, {}, {}),
    "loss alone": ({"prediction_loss_only": True}, {}, {}),
}


def rows() -> list[dict[str, Any]]:
    ids = np.random.default_rng(2).integers(5, 80, (6, 5))
    return [{"input_ids": row.tolist(), "attention_mask": [1] * 5, "labels": row.tolist()} for row in ids]


def run(theirs: bool, path: Path, case: str) -> tuple[Any, dict[str, float]]:
    settings, arguments, config = SETTINGS[case]
    library: Any = transformers if theirs else tf
    kind = transformers.Seq2SeqTrainingArguments if theirs else Seq2SeqTrainingArguments
    # Of several batches transformers lets the first be longer by default, and counts the last as a whole one.
    options = {"predict_with_generate": True, "per_device_eval_batch_size": 8, "use_cpu": True, "disable_tqdm": True}
    args = kind(
        str(path),
        **{**options, **settings},
        generation_config=library.GenerationConfig(pad_token_id=3, eos_token_id=2, do_sample=False, **config),
    )
    dtype: Any = torch.float32 if theirs else "float32"
    model = library.AutoModelForCausalLM.from_pretrained(LLAMA, dtype=dtype)
    trainer = (transformers.Seq2SeqTrainer if theirs else Seq2SeqTrainer)(
        model=model, args=args, data_collator=library.default_data_collator, eval_dataset=rows()
    )
    return trainer.predict(rows(), **arguments), trainer.evaluate(rows(), **arguments)


@pytest.mark.parametrize("case", SETTINGS)
def test_predictions_are_those_of_transformers(case: str, tmp_path: Path) -> None:
    (ours, metrics), (theirs, expected) = (run(flag, tmp_path, case) for flag in (False, True))
    for name in ("predictions", "label_ids"):
        found, wanted = getattr(ours, name), getattr(theirs, name)
        assert (found is None) == (wanted is None), name
        if wanted is not None:
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-4)
    assert metrics["eval_loss"] == pytest.approx(expected["eval_loss"], abs=1e-4)
    assert ours.metrics["test_loss"] == pytest.approx(theirs.metrics["test_loss"], abs=1e-4)
    assert set(metrics) == set(expected)


def test_settings_are_those_of_transformers(tmp_path: Path) -> None:
    given = {"output_dir": str(tmp_path), "predict_with_generate": True, "generation_num_beams": 4}
    names = ("sortish_sampler", "predict_with_generate", "generation_max_length", "generation_num_beams")
    for config in (None, "file.json"):
        ours = Seq2SeqTrainingArguments(**given, generation_config=config).to_dict()
        theirs = transformers.Seq2SeqTrainingArguments(**given, generation_config=config).to_dict()
        assert set(ours) == set(theirs)
        assert {name: ours[name] for name in (*names, "generation_config")} == {
            name: theirs[name] for name in (*names, "generation_config")
        }
