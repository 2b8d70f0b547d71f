"""Encoders of T5 without its decoder, and classifiers of tokens on them; the reference is in tests/goldens/seq2seq."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers
from trustformers import (
    AutoModel,
    AutoModelForSeq2SeqLM,
    AutoModelForTextEncoding,
    AutoModelForTokenClassification,
    AutoTokenizer,
    pipeline,
    safetensors,
)
from trustformers.errors import UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens"
SEQ2SEQ = GOLDENS / "seq2seq"
SOURCE = [[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]]
MASK = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]
UNMASKED = np.array(MASK) == 1
FAMILIES = {"t5": "T5", "mt5": "MT5", "umt5": "UMT5"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_checkpoint_of_both_stacks_has_the_encoder(family: str, tmp_path: Path) -> None:
    whole: Any = AutoModelForSeq2SeqLM.from_pretrained(SEQ2SEQ / family, dtype="float32")
    expected = whole.get_encoder()(SOURCE, MASK).last_hidden_state
    encoder: Any = AutoModelForTextEncoding.from_pretrained(SEQ2SEQ / family, dtype="float32")
    assert type(encoder) is getattr(trustformers, f"{FAMILIES[family]}EncoderModel")
    assert (encoder._native.missing_weights, encoder.config.is_encoder_decoder) == ([], False)
    assert not any(name.startswith("decoder.") for name in encoder._native.unused_weights)
    output = encoder(SOURCE, MASK)
    assert list(output.keys()) == ["last_hidden_state"]
    np.testing.assert_array_equal(output.last_hidden_state[UNMASKED], expected[UNMASKED])
    encoder.save_pretrained(tmp_path)
    assert sorted(safetensors.load_file(tmp_path / "model.safetensors")) == sorted(
        name for name in whole.state_dict() if name.startswith(("encoder.", "shared."))
    )
    again = type(encoder).from_pretrained(tmp_path)
    np.testing.assert_array_equal(again(SOURCE, MASK).last_hidden_state, output.last_hidden_state)


def test_an_encoder_is_called_like_any_model() -> None:
    model: Any = trustformers.T5EncoderModel.from_pretrained(SEQ2SEQ / "t5", dtype="float32")
    output = model(SOURCE, MASK, output_hidden_states=True, output_attentions=True)
    assert (len(output.hidden_states), len(output.attentions)) == (3, 2)
    vectors = model.get_input_embeddings().weight.numpy()[np.array(SOURCE)]
    found = model(inputs_embeds=vectors, attention_mask=MASK).last_hidden_state
    np.testing.assert_allclose(found, output.last_hidden_state, rtol=0, atol=1e-5)
    # A masked token in between keeps the distances of the others.
    gaps = np.array([[1, 1, 0, 1, 0, 1], [1, 1, 1, 1, 0, 0]])
    whole: Any = AutoModelForSeq2SeqLM.from_pretrained(SEQ2SEQ / "t5", dtype="float32")
    expected = whole.get_encoder()(SOURCE, gaps).last_hidden_state
    np.testing.assert_array_equal(model(SOURCE, gaps).last_hidden_state[gaps == 1], expected[gaps == 1])
    config = trustformers.T5Config(**model.config.to_dict())
    assert trustformers.T5EncoderModel(config)(SOURCE).last_hidden_state.shape == (2, 6, 40)
    assert type(AutoModelForTextEncoding.from_config(config)).__name__ == "T5EncoderModel"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_classifier_of_tokens_contains_the_encoder(family: str, tmp_path: Path) -> None:
    model: Any = AutoModelForTokenClassification.from_pretrained(SEQ2SEQ / family, dtype="float32")
    assert type(model).__name__ == f"{FAMILIES[family]}ForTokenClassification"
    assert type(model.transformer).__name__ == f"{FAMILIES[family]}EncoderModel"
    output = model(SOURCE, MASK, labels=np.zeros((2, 6), np.int64))
    assert output.logits.shape == (2, 6, 3)
    hidden = model.transformer(SOURCE, MASK).last_hidden_state
    weight, bias = (tensor.numpy() for tensor in (model.classifier.weight, model.classifier.bias))
    np.testing.assert_allclose(output.logits[UNMASKED], (hidden @ weight.T + bias)[UNMASKED], rtol=0, atol=1e-5)
    model.save_pretrained(tmp_path)
    names = set(safetensors.load_file(tmp_path / "model.safetensors"))
    assert {"classifier.weight", "transformer.shared.weight"} < names
    again = type(model).from_pretrained(tmp_path)
    np.testing.assert_array_equal(again(SOURCE, MASK).logits, model(SOURCE, MASK).logits)


@pytest.mark.parametrize("load", [{"dtype": "bfloat16"}, {"load_in_8bit": True}, {"load_in_4bit": True}])
def test_encoders_of_fewer_bits_are_near(load: dict[str, Any]) -> None:
    for kind, field in ((AutoModelForTextEncoding, "last_hidden_state"), (AutoModelForTokenClassification, "logits")):
        expected = getattr(kind.from_pretrained(SEQ2SEQ / "t5", dtype="float32")(SOURCE), field).ravel()
        found = getattr(kind.from_pretrained(SEQ2SEQ / "t5", **({"dtype": "float32"} | load))(SOURCE), field).ravel()
        cosine = found @ expected / np.sqrt((found @ found) * (expected @ expected))
        assert cosine > (0.97 if "load_in_4bit" in load else 0.998)


def test_text_encoders_of_other_families_are_base_models() -> None:
    model: Any = AutoModelForTextEncoding.from_pretrained(GOLDENS / "encoders" / "bert")
    assert type(model) is type(AutoModel.from_pretrained(GOLDENS / "encoders" / "bert"))
    with pytest.raises(UnsupportedError, match="AutoModelForTextEncoding of model_type 'bart'; load it with AutoModel"):
        AutoModelForTextEncoding.from_pretrained(SEQ2SEQ / "bart")


def test_pipelines_read_the_encoder() -> None:
    tokenizer = AutoTokenizer.from_pretrained(GOLDENS / "text2text" / "tokenizer")
    model: Any = AutoModelForTextEncoding.from_pretrained(SEQ2SEQ / "t5", dtype="float32")
    expected = model(**tokenizer("a b c", return_tensors="np")).last_hidden_state
    for source in (model, str(SEQ2SEQ / "t5")):
        found = pipeline("feature-extraction", source, tokenizer=tokenizer, dtype="float32")("a b c")
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    found = pipeline("token-classification", str(SEQ2SEQ / "t5"), tokenizer=tokenizer)("a b c", ignore_labels=[])
    assert len(found) == expected.shape[1] - 1


def test_sentences_are_embedded_with_the_encoder(tmp_path: Path) -> None:
    for folder in (SEQ2SEQ / "t5", GOLDENS / "text2text" / "tokenizer"):
        for file in folder.iterdir():
            shutil.copy(file, tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    model: Any = AutoModelForTextEncoding.from_pretrained(tmp_path, dtype="float32")
    expected = model(**tokenizer("a b c", return_tensors="np")).last_hidden_state.mean(1)
    found = pipeline("sentence-similarity", str(tmp_path), dtype="float32")(["a b c"])
    np.testing.assert_allclose(found.embeddings, expected, rtol=0, atol=1e-5)
