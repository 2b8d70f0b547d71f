"""Tokenizers and models take and return tensors."""

import asyncio
import json
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    BatchEncoding,
    Device,
    DynamicCache,
    Tensor,
    pipeline,
)
from trustformers.errors import InputError, TrustformersError, UnsupportedError
from trustformers.models.tensors import Target

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
            np.testing.assert_array_equal(one.detach().numpy(), other, err_msg=name)


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


@pytest.mark.parametrize("kind", ["xy", "tf", 3, ["np"]])
def test_models_name_the_types_that_they_return(model: Any, decoder: Any, kind: Any) -> None:
    calls: list[Any] = [
        model,
        decoder.generate,
        lambda *args, **kwargs: decoder.generate_async(*args, **kwargs).result(),
    ]
    for call in calls:
        with pytest.raises(InputError, match='return_tensors: .* is not one of "np", "pt", "tf_rs", None'):
            call(IDS, return_tensors=kind)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "int16"])
def test_tensors_of_any_integer_dtype_give_tensors(model: Any, dtype: str) -> None:
    small = {"input_ids": np.array(IDS), "attention_mask": np.array([[1, 1, 1, 0], [1, 1, 1, 1]])}
    options: Any = {"output_hidden_states": True, "output_attentions": True}
    found = model(**tensors(small, dtype), **options)
    equal(found, model(**small, **options))
    assert len(found.hidden_states) == len(found.attentions) + 1 == 7
    mask = Tensor(small["attention_mask"]).bool()
    equal(model(small["input_ids"], attention_mask=mask), model(**small))


def test_one_tensor_among_the_inputs_suffices(model: Any, inputs: dict[str, Any]) -> None:
    expected = model(**inputs)
    for name in inputs:
        equal(model(**{**inputs, name: Tensor(inputs[name])}), expected)
    equal(model(list(Tensor(inputs["input_ids"])), inputs["attention_mask"]), expected)
    assert isinstance(model.forward(Tensor(IDS), return_dict=False)[0], Tensor)
    assert isinstance(model.forward_async(Tensor(IDS)).result()[0], Tensor)


def test_arrays_and_lists_give_arrays(model: Any, inputs: dict[str, Any]) -> None:
    assert all(isinstance(value, np.ndarray) for value in model(**inputs).values())
    assert all(isinstance(value, np.ndarray) for value in model(IDS).values())


def test_return_tensors_selects_the_type_of_outputs(model: Any, inputs: dict[str, Any]) -> None:
    expected = model(**inputs)
    equal(model(**inputs, return_tensors="tf_rs"), expected)
    equal(model(IDS, return_tensors="tf_rs"), model(tensors({"ids": np.array(IDS)})["ids"], return_tensors="np"))
    kind = types.SimpleNamespace(value="tf_rs")
    assert isinstance(model(IDS, return_tensors=kind)[0], Tensor)


def test_outputs_of_tensors_share_the_memory_of_the_arrays(model: Any) -> None:
    outputs = model(IDS)
    arrays = dict(outputs)
    assert outputs._convert(Target("tf_rs", Device.cpu())) is outputs
    assert all(outputs[name].numpy() is getattr(outputs, name).numpy() is array for name, array in arrays.items())
    hidden = model(Tensor(IDS)).last_hidden_state
    assert hidden.numpy().flags.writeable


def test_mean_pooling_with_tensors_equals_numpy(model: Any, tokenizer: Any, inputs: dict[str, Any]) -> None:
    batch = tokenizer(TEXTS, padding=True, return_tensors="tf_rs").to(model.device)
    mask = batch["attention_mask"].unsqueeze(-1)
    pooled = (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
    weights = inputs["attention_mask"][..., None]
    expected = (model(**inputs).last_hidden_state * weights).sum(1) / weights.sum(1)
    np.testing.assert_allclose(pooled.numpy(), expected, rtol=0, atol=1e-6)


def test_embeddings_and_masks_may_be_tensors(decoder: Any) -> None:
    vectors = np.random.default_rng(0).standard_normal((2, 4, decoder.config.hidden_size), np.float32)
    vectors = Tensor(vectors).bfloat16().float().numpy()
    expected = decoder(inputs_embeds=vectors)
    for dtype in ("float32", "float64", "bfloat16"):
        equal(decoder(inputs_embeds=Tensor(vectors, dtype)), expected)
    with pytest.raises(InputError, match="input_ids: expected integers, found float32"):
        decoder(Tensor([[1.0]]))
    with pytest.raises(InputError, match="expected the shape"):
        decoder(Tensor([1, 2]))


def test_labels_may_be_tensors_and_losses_are_tensors(decoder: Any) -> None:
    expected = decoder(IDS, labels=IDS)
    found = decoder(IDS, labels=Tensor(IDS, "int32"))
    equal(found, expected)
    assert found.loss.shape == () and found.loss.item() == expected.loss
    classifier = AutoModelForSequenceClassification.from_pretrained(
        GOLDENS / "encoders" / "bert", num_labels=1, ignore_mismatched_sizes=True
    )
    scores = np.array([0.5, -1], np.float32)
    equal(classifier(IDS, labels=Tensor(scores, "bfloat16")), classifier(IDS, labels=scores))
    answers = AutoModelForQuestionAnswering.from_pretrained(GOLDENS / "encoders" / "bert")
    spans = {"start_positions": [1, 2], "end_positions": [2, 3]}
    found = answers(IDS, **{name: Tensor(value) for name, value in spans.items()})
    equal(found, answers(IDS, **spans))


def test_a_cache_continues_with_tensors(decoder: Any) -> None:
    expected = decoder(IDS).logits[:, 2:]
    cache = DynamicCache()
    decoder(Tensor(IDS)[:, :2], past_key_values=cache)
    rest = decoder(Tensor(IDS)[:, 2:], attention_mask=Tensor([[1] * 4] * 2), past_key_values=cache)
    np.testing.assert_allclose(rest.logits.numpy(), expected, rtol=0, atol=1e-5)
    assert rest.past_key_values is cache and isinstance(decoder(Tensor(IDS)).past_key_values, DynamicCache)
    cache.reorder_cache(Tensor([1, 1, 0]))
    assert cache.batch_size == 3
    cache.batch_select_indices(Tensor([True, False, True]))
    assert cache.batch_size == 2


def test_generate_returns_tensors_of_tensors(decoder: Any) -> None:
    byte_level = AutoTokenizer.from_pretrained(GOLDENS / "tokenizers" / "byte_level_bpe")
    expected = decoder.generate(IDS, max_new_tokens=4)
    assert isinstance(expected, np.ndarray)
    mask = Tensor([[1] * 4] * 2)
    calls: list[Any] = [
        decoder.generate(Tensor(IDS, "int32"), max_new_tokens=4),
        decoder.generate(input_ids=Tensor(IDS), max_new_tokens=4),
        decoder.generate(IDS, attention_mask=mask, max_new_tokens=4),
        decoder.generate(IDS, max_new_tokens=4, return_tensors="tf_rs"),
        decoder.generate_async(Tensor(IDS), max_new_tokens=4).result(),
        decoder.generate_async(IDS, max_new_tokens=4, return_tensors="tf_rs").result(),
        decoder.generate_async(Tensor(IDS), max_new_tokens=4, stopping_criteria=[lambda *_: False]).result(),
    ]
    for found in calls:
        assert isinstance(found, Tensor) and found.dtype == "int64"
        np.testing.assert_array_equal(found.numpy(), expected)
    assert isinstance(decoder.generate(Tensor(IDS), max_new_tokens=4, return_tensors="np"), np.ndarray)

    async def awaited() -> Any:
        return await decoder.generate_async(Tensor(IDS), max_new_tokens=4)

    np.testing.assert_array_equal(asyncio.run(awaited()).numpy(), expected)
    assert byte_level.batch_decode(calls[0]) == byte_level.batch_decode(expected)
    assert list(decoder.stream(Tensor(IDS)[0], max_new_tokens=4)) == expected[0, 4:].tolist()


@pytest.mark.parametrize("options", [{"output_logits": True}, {"num_beams": 2, "num_return_sequences": 2}])
def test_every_array_of_a_generation_output_is_a_tensor(decoder: Any, options: Any) -> None:
    options = {**options, "max_new_tokens": 3, "return_dict_in_generate": True, "output_scores": True}
    found, expected = decoder.generate(Tensor(IDS), **options), decoder.generate(IDS, **options)
    equal(found, expected)
    assert isinstance(found.scores[0], Tensor)


def test_a_failed_conversion_fails_the_job(decoder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_target: Any, _value: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Target, "convert", failing)
    with pytest.raises(ZeroDivisionError):
        decoder.generate_async(Tensor(IDS), max_new_tokens=2).result(timeout=60)


def test_outputs_become_lists(model: Any, decoder: Any) -> None:
    for ids in (IDS, Tensor(IDS)):
        outputs = model(ids, output_hidden_states=True)
        hidden, pooled, states = outputs.to_list()
        assert hidden == outputs.last_hidden_state.tolist() and pooled == outputs.pooler_output.tolist()
        assert isinstance(states, list) and states[-1] == hidden and len(states) == 7
        with_loss = decoder(ids, labels=IDS)
        assert with_loss.to_list() == json.loads(json.dumps([float(with_loss.loss), with_loss.logits.tolist()]))
    generated = decoder.generate(IDS, max_new_tokens=2, return_dict_in_generate=True, output_scores=True)
    sequences, scores = generated.to_list()
    assert sequences == generated.sequences.tolist() and [len(step) for step in scores] == [2, 2]


def test_a_maximum_length_truncates_every_sequence_input(model: Any, decoder: Any, inputs: dict[str, Any]) -> None:
    cut = {name: array[:, :3] for name, array in inputs.items()}
    np.testing.assert_array_equal(model(**inputs, max_length=3).last_hidden_state, model(**cut).last_hidden_state)
    equal(model(**tensors(inputs), max_length=3), model(**cut))
    positions = np.array([[3, 2, 1, 0]] * 2)
    found = model(IDS, position_ids=positions, token_type_ids=[[1, 0, 1, 0]] * 2, max_length=np.int64(2))
    expected = model(np.array(IDS)[:, :2], position_ids=positions[:, :2], token_type_ids=[[1, 0]] * 2)
    np.testing.assert_array_equal(found.last_hidden_state, expected.last_hidden_state)
    vectors = np.ones((2, 4, decoder.config.hidden_size), np.float32)
    assert decoder(inputs_embeds=vectors, max_length=1).logits.shape[1] == 1
    for unchanged in (None, 4, 1000):
        assert decoder(IDS, labels=IDS, max_length=unchanged).loss == decoder(IDS, labels=IDS).loss


def test_a_maximum_length_truncates_labels_of_tokens_only(decoder: Any) -> None:
    short = [row[:3] for row in IDS]
    assert decoder(IDS, labels=IDS, max_length=3).loss == decoder(short, labels=short).loss
    path = GOLDENS / "encoders" / "bert"
    tagger = AutoModelForTokenClassification.from_pretrained(path)
    labels = np.array([[0, 1, 1, 0]] * 2)
    assert tagger(IDS, labels=labels, max_length=3).loss == tagger(short, labels=labels[:, :3]).loss
    classifier = AutoModelForSequenceClassification.from_pretrained(
        path, num_labels=4, problem_type="multi_label_classification", ignore_mismatched_sizes=True
    )
    targets = np.ones((2, 4), np.float32)
    assert classifier(IDS, labels=targets, max_length=3).loss == classifier(short, labels=targets).loss


def test_a_maximum_length_counts_tokens_after_the_cached_ones(decoder: Any) -> None:
    expected = decoder([row[:3] for row in IDS]).logits[:, 2:]
    cache = DynamicCache()
    decoder([row[:2] for row in IDS], past_key_values=cache)
    rest = [row[2:] for row in IDS]
    found = decoder(rest, attention_mask=[[1] * 4] * 2, past_key_values=cache, max_length=1)
    np.testing.assert_allclose(found.logits, expected, rtol=0, atol=1e-5)
    assert cache.get_seq_length() == 3


@pytest.mark.parametrize("value", [0, -1, True, 2.0, "3", [3]])
def test_an_invalid_maximum_length_is_named(model: Any, value: Any) -> None:
    with pytest.raises(InputError, match="max_length"):
        model(IDS, max_length=value)


def test_feature_extraction_returns_tensors(minilm_path: Path) -> None:
    extract = pipeline("feature-extraction", minilm_path)
    found, expected = (extract(TEXTS, return_tensors=kind) for kind in ("tf_rs", True))
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one, Tensor)
        np.testing.assert_array_equal(one.numpy(), other)


class Stand:
    """A torch tensor as models see it."""

    requires_grad = False

    def __init__(self, array: Any) -> None:
        self.array = array
        self.device = "cpu"
        self.dtype = f"torch.{array.dtype}"

    def detach(self) -> Any:
        return self

    def cpu(self) -> Any:
        return self

    def numpy(self) -> Any:
        return self.array

    def tolist(self) -> Any:
        return self.array.tolist()

    def is_floating_point(self) -> bool:
        return bool(self.array.dtype.kind == "f")

    def to(self, device: Any, dtype: Any) -> Any:
        return Stand(self.array.astype(dtype.removeprefix("torch.")))


def test_torch_tensors_give_torch_tensors(model: Any, decoder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    torch: Any = types.ModuleType("torch")
    torch.is_tensor = lambda value: isinstance(value, Stand)
    torch.float32 = "torch.float32"
    torch.utils = types.SimpleNamespace(
        dlpack=types.SimpleNamespace(from_dlpack=lambda capsule: Stand(np.from_dlpack(Capsule(capsule))))
    )
    monkeypatch.setitem(sys.modules, "torch", torch)

    class Capsule:
        def __init__(self, capsule: Any) -> None:
            self.capsule = capsule

        def __dlpack__(self, **_options: Any) -> Any:
            return self.capsule

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

    expected = model(IDS)
    mask = Tensor([[1] * 4] * 2)
    for found in (model(Stand(np.array(IDS))), model(Stand(np.array(IDS)), attention_mask=mask)):
        assert isinstance(found.last_hidden_state, Stand)
        np.testing.assert_array_equal(found.last_hidden_state.array, expected.last_hidden_state)
    assert isinstance(model([Stand(np.array(row)) for row in IDS]).pooler_output, Stand)
    generated = decoder.generate(Stand(np.array(IDS)), max_new_tokens=2)
    assert isinstance(generated, Stand) and generated.array.dtype == np.int64
    assert isinstance(model(Stand(np.array(IDS)), return_tensors="np").last_hidden_state, np.ndarray)
    assert isinstance(model(IDS, return_tensors="pt").last_hidden_state, Stand)


def test_pt_without_torch_gives_tensors(model: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt").to(model.device)
    assert isinstance(batch["input_ids"], Tensor)
    assert isinstance(model(**batch).last_hidden_state.softmax(dim=-1), Tensor)
    assert isinstance(model(IDS, return_tensors="pt").last_hidden_state, Tensor)
