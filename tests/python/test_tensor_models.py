"""Tokenizers and models take and return tensors."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    BatchEncoding,
    Device,
    DynamicCache,
    Tensor,
    pipeline,
)
from trustformers.errors import InputError, TrustformersError, UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens"
TEXTS = ["Hello, world!", "Rust is fast, and small."]
IDS = [[5, 6, 7, 8], [9, 10, 11, 12]]


@pytest.fixture(scope="module")
def tokenizer(minilm_path: Path) -> Any:
    return AutoTokenizer.from_pretrained(minilm_path)


@pytest.fixture(scope="module")
def model(minilm_path: Path) -> Any:
    return AutoModel.from_pretrained(minilm_path)


@pytest.fixture(scope="module")
def decoder() -> Any:
    return AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama", dtype="float32")


@pytest.fixture(scope="module")
def inputs(tokenizer: Any) -> dict[str, Any]:
    return dict(tokenizer(TEXTS, padding=True, return_tensors="np"))


def tensors(inputs: dict[str, Any], dtype: Any = None) -> dict[str, Any]:
    return {name: Tensor(array, dtype) for name, array in inputs.items()}


def equal(found: Any, expected: Any) -> None:
    """Compares two outputs, of which the first holds tensors and the second arrays."""
    assert list(found) == list(expected)
    for name, value in found.items():
        several = isinstance(value, tuple)
        for one, other in zip(value, expected[name], strict=True) if several else [(value, expected[name])]:
            if isinstance(one, DynamicCache):
                continue
            assert isinstance(one, Tensor) and isinstance(other, (np.ndarray, np.generic)), name
            assert one.shape == other.shape and one.dtype == other.dtype and str(one.device) == "cpu"
            np.testing.assert_array_equal(one.numpy(), other, err_msg=name)


def test_tokenizers_return_tensors(tokenizer: Any) -> None:
    options: Any = {"padding": True, "return_length": True, "return_offsets_mapping": True}
    found, expected = (tokenizer(TEXTS, **options, return_tensors=kind) for kind in ("tf_rs", "np"))
    equal(found, expected)
    assert found.input_ids.dtype == "int64" and found[0].tokens[1] == "hello"
    assert tokenizer("one", return_tensors="tf_rs").input_ids.shape == (1, 3)
    assert isinstance(tokenizer.encode("one", return_tensors="tf_rs"), Tensor)
    options = {"max_length": 4, "truncation": True, "return_overflowing_tokens": True}
    overflowing = tokenizer("a b c d e f", **options, return_tensors="tf_rs")
    assert overflowing.overflow_to_sample_mapping.tolist() == [0, 0, 0]
    with pytest.raises(InputError, match="padding=True"):
        tokenizer(TEXTS, return_tensors="tf_rs")


def test_chat_templates_return_tensors() -> None:
    chat = AutoTokenizer.from_pretrained(GOLDENS / "tokenizers" / "byte_level_bpe")
    template = "{% for m in messages %}{% generation %}{{ m['content'] }}{% endgeneration %}{% endfor %}"
    options: Any = {"chat_template": template, "return_assistant_tokens_mask": True}
    messages = [{"role": "assistant", "content": "hello"}]
    found, expected = (chat.apply_chat_template(messages, **options, return_tensors=k) for k in ("tf_rs", "np"))
    equal(found, expected)
    assert "assistant_masks" in found
    ids = chat.apply_chat_template(messages, chat_template=template, return_dict=False, return_tensors="tf_rs")
    assert isinstance(ids, Tensor)


def test_padding_keeps_tensors(tokenizer: Any) -> None:
    rows = [dict(tokenizer(text, return_tensors="tf_rs")) for text in TEXTS]
    padded = tokenizer.pad([{name: value[0] for name, value in row.items()} for row in rows])
    equal(padded, tokenizer(TEXTS, padding=True, return_tensors="np"))
    longer = tokenizer.pad(rows[0], padding="max_length", max_length=9)
    assert isinstance(longer.input_ids, Tensor) and longer.attention_mask.tolist() == [[1] * 6 + [0] * 3]
    assert isinstance(tokenizer.pad({"input_ids": [[1], [2, 3]]}, return_tensors="tf_rs").input_ids, Tensor)
    assert isinstance(tokenizer.pad(rows[0], return_tensors="np").input_ids, np.ndarray)


def test_encodings_become_tensors_without_a_copy(tokenizer: Any) -> None:
    batch = tokenizer(TEXTS, padding=True, return_tensors="np")
    arrays = dict(batch)
    assert batch.convert_to_tensors("tf_rs") is batch
    assert all(batch[name].numpy() is array for name, array in arrays.items())
    before = dict(batch)
    assert all(value is before[name] for name, value in batch.convert_to_tensors("tf_rs").items())
    assert all(value is arrays[name] for name, value in batch.convert_to_tensors("np").items())
    assert BatchEncoding({"input_ids": [1, 2]}, tensor_type="tf_rs", prepend_batch_axis=True).input_ids.shape == (1, 2)
    assert pickle.loads(pickle.dumps(tokenizer(TEXTS[0], return_tensors="tf_rs"))).input_ids.shape == (1, 6)


def test_a_dtype_casts_only_floats_of_an_encoding(tokenizer: Any) -> None:
    batch = tokenizer(TEXTS, padding=True, return_tensors="tf_rs")
    batch["weights"] = Tensor([[0.5], [1.5]])
    batch["scale"] = Tensor(2)
    batch["array"] = np.zeros(3)
    for dtype in ("float16", np.float16, np.dtype("float16"), Tensor([1.0]).half().dtype):
        batch["weights"] = batch["weights"].float()
        assert batch.to(dtype) is batch
        assert batch["weights"].dtype == "float16" and batch["weights"].tolist() == [[0.5], [1.5]]
    assert batch["input_ids"].dtype == batch["scale"].dtype == "int64" and batch["array"].dtype == np.float64
    assert batch.to(Device.cpu(), "bfloat16")["weights"].dtype == "bfloat16"
    assert batch.to(device="cpu", dtype="float32", non_blocking=True)["weights"].dtype == "float32"
    assert batch.to()["weights"].dtype == "float32"
    for unknown in ("gpu", "float7"):
        with pytest.raises((TrustformersError, TypeError), match=unknown):
            batch.to(unknown)


@pytest.mark.parametrize("kind", ["xy", 3, ["np"]])
def test_tokenizers_name_the_types_that_they_return(tokenizer: Any, kind: Any) -> None:
    with pytest.raises(InputError, match='return_tensors: .* is not one of "np", "pt", "tf_rs", None'):
        tokenizer(TEXTS[0], return_tensors=kind)
    with pytest.raises(UnsupportedError, match="tf_rs"):
        tokenizer(TEXTS[0], return_tensors="tf")


def test_feature_extraction_returns_tensors(minilm_path: Path) -> None:
    extract = pipeline("feature-extraction", minilm_path)
    found, expected = (extract(TEXTS, return_tensors=kind) for kind in ("tf_rs", True))
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one, Tensor)
        np.testing.assert_array_equal(one.numpy(), other)
