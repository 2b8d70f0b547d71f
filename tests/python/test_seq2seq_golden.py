"""Encoder-decoders give what transformers 5.23.0 gives; see tests/goldens/seq2seq."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTextEncoding,
    AutoModelForTokenClassification,
    GenerationConfig,
)
from trustformers.safetensors import load_file, save_file

GOLDENS = Path(__file__).parents[1] / "goldens" / "seq2seq"
FAMILIES = sorted(file.parent.name for file in GOLDENS.glob("*/manifest.json"))
MANIFESTS: dict[str, Any] = {
    family: json.loads((GOLDENS / family / "manifest.json").read_text()) for family in FAMILIES
}
CLASSES: dict[str, Any] = {
    "base": AutoModel,
    "seq2seq_lm": AutoModelForSeq2SeqLM,
    "generate": AutoModelForSeq2SeqLM,
    "sequence_classification": AutoModelForSequenceClassification,
    "question_answering": AutoModelForQuestionAnswering,
    "encoder": AutoModelForTextEncoding,
    "token_classification": AutoModelForTokenClassification,
}
CASES = [
    pytest.param(family, case, dtype, id=f"{family}-{case['head']}-{case['name']}-{dtype}")
    for family in FAMILIES
    for case in MANIFESTS[family]["cases"]
    for dtype in case.get("dtypes", ["float32"])
    if case["head"] in CLASSES
]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Any:
    models: dict[tuple[Any, ...], Any] = {}

    def loaded(family: str, head: str, overlay: str | None, dtype: str) -> Any:
        head = "seq2seq_lm" if head == "generate" else head
        key = (family, head, overlay, dtype)
        if key not in models:
            folder = GOLDENS / family
            changes = MANIFESTS[family]["overlays"].get(overlay)
            if changes is not None:
                folder = tmp_path_factory.mktemp("overlay")
                config = json.loads((GOLDENS / family / "config.json").read_text()) | changes["config"]
                kept = {name: value for name, value in config.items() if value is not None}
                (folder / "config.json").write_text(json.dumps(kept))
                shutil.copy(GOLDENS / family / "model.safetensors", folder)
                if changes["weights"] is not None:
                    weights = load_file(GOLDENS / family / "model.safetensors")
                    save_file(weights | load_file(GOLDENS / family / changes["weights"]), folder / "model.safetensors")
            models[key] = CLASSES[head].from_pretrained(folder, dtype=dtype)
        return models[key]

    return loaded


def _array(arrays: dict[str, Any], key: str) -> Any:
    found = arrays[key]
    return found.numpy() if hasattr(found, "numpy") else np.asarray(found)


@pytest.mark.parametrize(("family", "case", "dtype"), CASES)
def test_results_equal_the_reference(load: Any, family: str, case: dict[str, Any], dtype: str) -> None:
    arrays = load_file(GOLDENS / family / "cases.safetensors")
    key = f"{case['head']}.{case['name']}"
    inputs = {name: _array(arrays, f"{key}.{name}") for name in case["inputs"]}
    model = load(family, case["head"], case.get("overlay"), dtype)
    if case["head"] == "generate":
        model.generation_config = GenerationConfig()
        shown = {"output_scores": True, "output_logits": True, "return_dict_in_generate": True}
        output = model.generate(**inputs, **case["options"], **shown)
    else:
        if "encoder_outputs" in inputs:
            inputs["encoder_outputs"] = (inputs["encoder_outputs"],)
        model.config.problem_type = case.get("problem_type")
        output = model(**inputs, **case.get("options", {}))
    tolerance = MANIFESTS[family]["tolerance"][dtype]
    for name in case["outputs"]:
        head, _, index = name.partition(".")
        value = getattr(output, head)
        found, expected = np.asarray(value[int(index)] if index else value), _array(arrays, f"{key}.{name}")
        assert found.shape == expected.shape, name
        if expected.dtype.kind in "iu":
            np.testing.assert_array_equal(found, expected, err_msg=name)
            continue
        # What belongs to masked tokens is zero here.
        is_of_encoder = case["head"] in {"encoder", "token_classification"}
        is_of_decoder = not is_of_encoder and not name.startswith("encoder_")
        mask = inputs.get("decoder_attention_mask" if is_of_decoder else "attention_mask")
        if mask is not None and found.shape[: mask.ndim] == mask.shape:
            found, expected = found[mask == 1], expected[mask == 1]
        elif mask is not None and found.ndim == 4:
            rows = np.broadcast_to((mask == 1)[:, None, :, None], found.shape)
            found, expected = found[rows], expected[rows]
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("family", FAMILIES)
def test_cached_decoding_equals_a_full_pass(load: Any, family: str) -> None:
    arrays = load_file(GOLDENS / family / "cases.safetensors")
    names = ("input_ids", "attention_mask", "decoder_input_ids")
    inputs = {name: _array(arrays, f"seq2seq_lm.right_padded.{name}") for name in names}
    model = load(family, "seq2seq_lm", None, "float32")
    expected = model(**inputs).logits
    encoded = model.get_encoder()(inputs["input_ids"], inputs["attention_mask"])
    past: Any = None
    ids, logits = inputs["decoder_input_ids"], []
    for step in range(ids.shape[1]):
        output = model(
            encoder_outputs=encoded,
            attention_mask=inputs["attention_mask"],
            decoder_input_ids=ids[:, step : step + 1],
            past_key_values=past,
        )
        past = output.past_key_values
        logits.append(output.logits)
    assert past.get_seq_length() == ids.shape[1]
    assert past.cross_attention_cache.get_seq_length() == inputs["input_ids"].shape[1]
    np.testing.assert_allclose(np.concatenate(logits, axis=1), expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_are_saved_under_their_names(load: Any, family: str, tmp_path: Path) -> None:
    stored = load_file(GOLDENS / family / "model.safetensors")
    load(family, "seq2seq_lm", None, "float32").save_pretrained(tmp_path)
    saved = load_file(tmp_path / "model.safetensors")
    assert set(saved) <= set(stored), sorted(set(saved) - set(stored))
    for name, tensor in saved.items():
        np.testing.assert_array_equal(tensor.numpy(), stored[name].float().numpy(), err_msg=name)
    assert load(family, "seq2seq_lm", None, "float32")._native.missing_weights == []
