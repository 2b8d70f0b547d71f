"""Caches of decoders: continuing from a cache equals reading the whole sequence, and transformers 5.23.0."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import trustformers
from safetensors.numpy import load_file
from trustformers import AutoModel, AutoModelForCausalLM, DynamicCache, Tensor
from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDENS = Path(__file__).parents[1] / "goldens"
CASES = json.loads((GOLDENS / "cache" / "manifest.json").read_text())
ARRAYS = load_file(GOLDENS / "cache" / "cases.safetensors")
IDS = np.array([[5, 6, 7, 8, 9, 10]])
BATCH = np.array([[5, 6, 7, 8], [0, 9, 10, 11]])
MASK = np.array([[1, 1, 1, 1], [0, 1, 1, 1]])
TOLERANCE: dict[str, Any] = {"rtol": 0, "atol": 2e-4}


def load(family: str, **kwargs: Any) -> Any:
    return AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / family, dtype="float32", **kwargs)


@pytest.fixture(scope="module")
def model() -> Any:
    return load("llama")


@pytest.fixture(scope="module")
def windowed() -> Any:
    return load("mistral", sliding_window=5)


@pytest.mark.parametrize("family", CASES["padded"])
def test_padded_batches_in_parts_equal_the_reference(family: str) -> None:
    model = load(family)
    ids, mask, expected = (ARRAYS[f"{family}.{name}"] for name in ("ids", "mask", "logits"))
    cache, start, found = DynamicCache(config=model.config), 0, []
    for part in CASES["parts"]:
        stop = start + part
        output = model(ids[:, start:stop], attention_mask=mask[:, :stop], past_key_values=cache)
        assert output.past_key_values is cache and cache.get_seq_length() == stop
        found.append(output.logits)
        start = stop
    np.testing.assert_allclose(np.concatenate(found, 1), expected, **TOLERANCE)


@pytest.mark.parametrize("family", CASES["long"])
def test_sequences_of_many_windows_equal_the_reference(family: str) -> None:
    model = load(family, **CASES["long"][family])
    ids, prompt, cache = ARRAYS[f"{family}.long_ids"], CASES["prompt"], DynamicCache()
    model(ids[:, :prompt], past_key_values=cache)
    held = copy.deepcopy(cache)
    for start in range(prompt, ids.shape[1], CASES["chunk"]):
        output = model(ids[:, start : start + CASES["chunk"]], past_key_values=cache, logits_to_keep=3)
    np.testing.assert_allclose(output.logits, ARRAYS[f"{family}.long_logits"], **TOLERANCE)
    config: dict[str, Any] = {"max_new_tokens": CASES["steps"], "eos_token_id": None, "pad_token_id": 0}
    found = model.generate(ids[:, : prompt + 7], past_key_values=held, **config)
    np.testing.assert_array_equal(found, ARRAYS[f"{family}.sequences"])
    assert held.get_seq_length() == found.shape[1] - 1
    assert any(held.is_sliding) and all(
        capacity <= 2 * (window + 64) for window, capacity in held.native.layers() if window is not None
    )


@pytest.mark.parametrize("use_cache", [None, True])
def test_a_loop_over_a_cache_equals_generate(model: Any, use_cache: bool | None) -> None:
    expected = model.generate(IDS, max_new_tokens=8)
    output = model(IDS, use_cache=use_cache)
    ids = IDS
    for _ in range(8):
        token = output.logits[:, -1:].argmax(-1)
        ids = np.concatenate([ids, token], 1)
        output = model(token, past_key_values=output.past_key_values)
    np.testing.assert_array_equal(ids, expected)


def test_a_plain_call_returns_a_cache_that_is_filled_on_first_use(model: Any) -> None:
    ids = IDS.copy()
    output = model(ids)
    assert list(output) == ["logits", "past_key_values"] and output[1] is output.past_key_values
    assert "filled on first use" in repr(output.past_key_values)
    ids[:] = 0
    next_output = model([[11]], past_key_values=output.past_key_values)
    whole = model([[*IDS[0], 11]]).logits
    np.testing.assert_allclose(next_output.logits[:, 0], whole[:, -1], **TOLERANCE)
    assert model(IDS, use_cache=False).past_key_values is None
    assert model(IDS, labels=IDS, use_cache=True).past_key_values.get_seq_length() == 6
    quiet = load("llama", use_cache=False)
    assert quiet(IDS).past_key_values is None and quiet(IDS, use_cache=True).past_key_values is not None


def test_hidden_states_and_kept_logits_continue_from_a_cache(model: Any) -> None:
    whole = model(BATCH, attention_mask=MASK, output_hidden_states=True)
    cache = model(BATCH[:, :2], attention_mask=MASK[:, :2], use_cache=True).past_key_values
    found = model(BATCH[:, 2:], attention_mask=MASK, past_key_values=cache, output_hidden_states=True, logits_to_keep=1)
    np.testing.assert_allclose(found.logits, whole.logits[:, -1:], **TOLERANCE)
    for state, expected in zip(found.hidden_states, whole.hidden_states, strict=True):
        np.testing.assert_allclose(state, expected[:, 2:], **TOLERANCE)
    with pytest.raises(UnsupportedError, match="output_attentions"):
        model([[1], [1]], past_key_values=cache, output_attentions=True)
    filled = model(BATCH, attention_mask=MASK, use_cache=True, output_attentions=True)
    assert filled.attentions[0].shape == (2, 4, 4, 4) and filled.past_key_values.get_seq_length() == 4


def test_base_models_and_inputs_embeds_have_caches() -> None:
    model = AutoModel.from_pretrained(GOLDENS / "decoders" / "gemma2", dtype="float32")
    whole = model(IDS)
    assert list(whole) == ["last_hidden_state", "past_key_values"]
    vectors = np.random.default_rng(0).normal(size=(1, 6, model.config.hidden_size)).astype(np.float32)
    for given in ({"input_ids": IDS}, {"inputs_embeds": vectors}):
        name, array = next(iter(given.items()))
        expected = model(**given, output_hidden_states=True)
        assert list(expected) == ["last_hidden_state", "past_key_values", "hidden_states"]
        cache = model(**{name: array[:, :4]}).past_key_values
        found = model(**{name: array[:, 4:]}, past_key_values=cache)
        np.testing.assert_allclose(found.last_hidden_state, expected.last_hidden_state[:, 4:], **TOLERANCE)
    assert "past_key_values" not in AutoModel.from_pretrained(GOLDENS / "base_model")([[1, 2]])


def test_a_loss_over_new_tokens_continues_from_a_cache(model: Any) -> None:
    labels = np.where(np.arange(6) < 4, -100, IDS)
    cache = model(IDS[:, :3], use_cache=True).past_key_values
    found = model(IDS[:, 3:], labels=IDS[:, 3:], attention_mask=np.ones_like(IDS), past_key_values=cache)
    np.testing.assert_allclose(found.loss, model(IDS, labels=labels).loss, **TOLERANCE)


def test_position_ids_continue_from_a_cache(model: Any) -> None:
    positions = np.array([[3, 4, 5, 9, 10, 11]])
    whole = model(IDS, position_ids=positions).logits
    cache = DynamicCache()
    model(IDS[:, :4], position_ids=positions[:, :4], past_key_values=cache)
    found = model(IDS[:, 4:], position_ids=positions[:, 4:], past_key_values=cache).logits
    np.testing.assert_allclose(found, whole[:, 4:], **TOLERANCE)


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"do_sample": True, "generator": 3},
        {"do_sample": True, "generator": 3, "num_return_sequences": 3},
        {"num_beams": 3},
        {"num_beams": 4, "num_return_sequences": 2},
        {"prompt_lookup_num_tokens": 3},
    ],
)
@pytest.mark.parametrize("fixture", ["model", "windowed"])
def test_a_cached_prefix_gives_the_same_tokens(
    fixture: str, kwargs: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(fixture)
    prefix = np.array([[5 + (7 * at) % 70 for at in range(40)]])
    cache = DynamicCache()
    model(prefix, past_key_values=cache)
    for rest in ([11, 12, 13], [20], [30, 31]):
        prompt = np.concatenate([prefix, [rest]], 1)
        expected = model.generate(prompt, max_new_tokens=40, **kwargs)
        mine = copy.deepcopy(cache)
        found = model.generate(prompt, past_key_values=mine, max_new_tokens=40, **kwargs)
        np.testing.assert_array_equal(found, expected)
        rows, last = (1, prompt.shape[1]) if "num_beams" in kwargs else found.shape
        assert (mine.batch_size, mine.get_seq_length()) == (rows, last - 1)
    assert cache.get_seq_length() == 40


def test_an_assistant_continues_from_a_cache(model: Any) -> None:
    cache = DynamicCache()
    model(IDS, past_key_values=cache)
    prompt = np.concatenate([IDS, [[11, 12]]], 1)
    found = model.generate(prompt, past_key_values=cache, assistant_model=model, max_new_tokens=20)
    np.testing.assert_array_equal(found, model.generate(prompt, max_new_tokens=20))
    assert cache.get_seq_length() == found.shape[1] - 1


def test_padded_batches_generate_from_a_cache(model: Any) -> None:
    config: dict[str, Any] = {"max_new_tokens": 6, "return_dict_in_generate": True, "eos_token_id": None}
    plain = model.generate(BATCH, attention_mask=MASK, **config)
    cache = DynamicCache()
    model.generate(BATCH[:, :3], attention_mask=MASK[:, :3], past_key_values=cache, max_new_tokens=1, eos_token_id=None)
    assert cache.get_seq_length() == 3
    found = model.generate(BATCH, attention_mask=MASK, past_key_values=cache, **config)
    np.testing.assert_array_equal(found.sequences, plain.sequences)
    assert found.past_key_values is cache
    for past in (cache, plain.past_key_values):
        assert past.get_seq_length() == 9
        mask = np.concatenate([MASK, np.ones((2, 7), np.int64)], 1)
        longer = model.generate(plain.sequences, attention_mask=mask[:, :10], past_key_values=past, max_new_tokens=2)
        whole = model.generate(plain.sequences, attention_mask=mask[:, :10], max_new_tokens=2)
        np.testing.assert_array_equal(longer, whole)
    assert model.generate(IDS, use_cache=False, return_dict_in_generate=True).past_key_values is None
    assert model.generate(IDS, num_beams=2, return_dict_in_generate=True).past_key_values is None


def test_a_cache_expanded_for_beams_is_used_unchanged(model: Any) -> None:
    cache = model(IDS[:, :4], use_cache=True).past_key_values
    cache.batch_repeat_interleave(3)
    found = model.generate(IDS, past_key_values=cache, num_beams=3, max_new_tokens=5)
    np.testing.assert_array_equal(found, model.generate(IDS, num_beams=3, max_new_tokens=5))
    assert (cache.batch_size, cache.get_seq_length()) == (3, 4)


def test_cached_sequences_are_cropped_reordered_and_repeated(model: Any) -> None:
    def next_logits(cache: DynamicCache) -> Any:
        return model([[11]] * cache.batch_size, past_key_values=copy.deepcopy(cache)).logits[:, 0]

    cache = DynamicCache()
    model(BATCH, attention_mask=MASK, past_key_values=cache)
    before = next_logits(cache)
    cache.batch_repeat_interleave(2)
    np.testing.assert_array_equal(next_logits(cache), before[[0, 0, 1, 1]])
    cache.reorder_cache([3, 0, 1, 2])
    np.testing.assert_array_equal(next_logits(cache), before[[1, 0, 0, 1]])
    cache.batch_select_indices(np.array([True, True, False, False]))
    cache.batch_select_indices([-1, 0])
    np.testing.assert_array_equal(next_logits(cache), before)
    cache.crop(-1)
    assert cache.get_seq_length() == 3
    cache.crop(2)
    cache.crop(9)
    cache.crop(0)
    assert cache.get_seq_length() == 2
    shorter = model(BATCH[:, :2], attention_mask=MASK[:, :2], use_cache=True).past_key_values
    np.testing.assert_allclose(next_logits(cache), next_logits(shorter), **TOLERANCE)
    cache.reset()
    assert not cache.is_initialized and cache.get_seq_length() == 0
    cache.crop(-1)
    cache.batch_repeat_interleave(2)
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: shorter.crop(1.5), "tokens_to_remove"),
        (lambda: shorter.batch_repeat_interleave(0), "repeats"),
        (lambda: shorter.reorder_cache([0, 2]), "2 sequences"),
        (lambda: shorter.reorder_cache([[0, 1]]), "indices"),
        (lambda: shorter.batch_select_indices([True]), "mask"),
    ]
    for call, named in cases:
        with pytest.raises(InputError, match=named):
            call()
    assert (shorter.batch_size, shorter.get_seq_length()) == (2, 2)


def test_cropping_beyond_a_sliding_window_is_refused(windowed: Any) -> None:
    ids = np.array([[5 + at % 70 for at in range(700)]])
    cache = windowed(ids, use_cache=True).past_key_values
    with pytest.raises(InputError, match=r"700 tokens cannot be cropped to 10.*window"):
        cache.crop(10)
    cache.crop(-3)
    found = windowed(ids[:, 697:], past_key_values=cache).logits
    np.testing.assert_allclose(found, windowed(ids).logits[:, 697:], **TOLERANCE)
    assert (cache.get_max_length(), cache.is_sliding[0], len(cache)) == (5, True, len(cache.native.layers()))


def test_keys_and_values_are_copies_of_each_layer(model: Any, windowed: Any) -> None:
    cache = model(BATCH, attention_mask=MASK, use_cache=True).past_key_values
    layers = list(cache)
    assert len(layers) == len(cache) == model.config.num_hidden_layers
    for keys, values, window in layers:
        shape = (2, model.config.num_key_value_heads, 4, model.config.head_dim)
        assert keys.shape == values.shape == shape and window is None
        assert not keys[1, :, 0].any() and keys[1, :, 1].all()
    keys, _, window = next(iter(windowed(IDS, use_cache=True).past_key_values))
    assert (keys.shape[2], int(window)) == (4, 5)
    assert list(DynamicCache()) == [] and len(DynamicCache()) == 0 and bool(DynamicCache())


def test_repr_shows_the_sizes_of_a_cache(model: Any, windowed: Any) -> None:
    assert repr(DynamicCache()) == "DynamicCache()"
    cache = model(BATCH, use_cache=True).past_key_values
    assert repr(cache) == "DynamicCache(layers=3, batch_size=2, seq_length=4)"
    assert "sliding_layers=3" in repr(windowed(IDS, use_cache=True).past_key_values)
    assert (DynamicCache().batch_size, cache.get_max_length(), cache.is_compileable) == (-1, -1, False)


def test_an_unsuitable_cache_is_refused_and_unchanged(model: Any) -> None:
    cache = model(BATCH, attention_mask=MASK, use_cache=True).past_key_values
    other = load("gemma")
    generate = {"past_key_values": cache, "max_new_tokens": 2}
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: other([[1], [2]], past_key_values=cache), "another model"),
        (lambda: other.generate(BATCH, **generate), "another model"),
        (lambda: model([[1]], past_key_values=cache), "2 sequences"),
        (lambda: model.generate([[5, 6, 7, 8, 9]], **generate), "2 sequences"),
        (lambda: model.generate(BATCH[:, 2:], **generate), "more than its prompt"),
        (lambda: model.generate(BATCH + 1, attention_mask=MASK, **generate), "must begin with"),
        (lambda: model([[1], [2]], attention_mask=[[1], [1]], past_key_values=cache), r"\(2, 1\).*\(2, 5\)"),
        (lambda: model([[1], [2]], attention_mask=np.ones((2, 5), int), past_key_values=cache), "row 1, column 0"),
        (lambda: model([[1], [99]], past_key_values=cache), "99"),
        (lambda: model.generate(BATCH, cache_implementation="static", **generate), "cache_implementation"),
        (lambda: model([[1], [2]], past_key_values=((1, 2),)), "DynamicCache.*tuple"),
        (lambda: model.generate(BATCH, past_key_values=1), "DynamicCache.*int"),
    ]
    for call, named in cases:
        with pytest.raises(InputError, match=named):
            call()
    assert (cache.batch_size, cache.get_seq_length()) == (2, 4)
    found = model([[11], [12]], past_key_values=cache).logits
    whole = model(np.concatenate([BATCH, [[11], [12]]], 1), attention_mask=[[1] * 5, [0] + [1] * 4]).logits
    np.testing.assert_allclose(found[:, 0], whole[:, -1], **TOLERANCE)


def test_unsupported_cache_features_are_named(model: Any) -> None:
    cache = model(IDS, use_cache=True).past_key_values
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: trustformers.StaticCache(max_cache_len=8, offloading=True), "offloading"),
        (lambda: trustformers.OffloadedCache(), "OffloadedCache"),
        (lambda: trustformers.QuantizedCache("quanto", None), "QuantizedCache"),
        (lambda: DynamicCache(offloading=True), "offloading"),
        (lambda: DynamicCache([(1, 2)]), "ddp_cache_data"),
        (lambda: pickle.dumps(cache), "pickling"),
        (lambda: model.stream(IDS, past_key_values=cache), "past_key_values"),
        (lambda: model.generate(IDS, cache_implementation="quantized"), "quantized"),
    ]
    for call, named in cases:
        with pytest.raises(UnsupportedError, match=named):
            call()
    classifier = trustformers.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "decoders" / "llama")
    with pytest.raises(UnsupportedError, match="past_key_values"):
        classifier(IDS, past_key_values=DynamicCache())


def test_concurrent_calls_cannot_share_a_cache(model: Any) -> None:
    cache = model(IDS, use_cache=True).past_key_values
    begun, refused = threading.Event(), []

    def meddle(ids: Any, _scores: Any) -> bool:
        if not begun.is_set():
            begun.set()
            assert "in use" in repr(cache)
            thread = threading.Thread(target=intrude)
            thread.start()
            thread.join()
        return bool(ids.shape[1] >= 12)

    def intrude() -> None:
        calls: list[Callable[[], Any]] = [
            lambda: model([[1]], past_key_values=cache),
            lambda: model.generate(IDS, past_key_values=cache),
            lambda: cache.crop(-1),
            lambda: copy.deepcopy(cache),
        ]
        for call in calls:
            try:
                call()
            except InputError as error:
                refused.append(str(error))

    prompt = np.concatenate([IDS, [[11]]], 1)
    config: dict[str, Any] = {"max_new_tokens": 20, "eos_token_id": None}
    found = model.generate(prompt, past_key_values=cache, stopping_criteria=[meddle], **config)
    assert len(refused) == 4 and all("another call is using" in message for message in refused)
    np.testing.assert_array_equal(found, model.generate(prompt, **config)[:, :12])
    assert cache.get_seq_length() == 11


def test_a_failed_call_leaves_the_cache_unchanged(model: Any, windowed: Any) -> None:
    def fail(ids: Any, _scores: Any) -> bool:
        if ids.shape[1] == 12:
            raise RuntimeError("enough")
        return False

    for one in (model, windowed):
        cache = one(IDS, use_cache=True).past_key_values
        prompt = np.concatenate([IDS, [[11]]], 1)
        with pytest.raises(RuntimeError, match="enough"):
            one.generate(prompt, past_key_values=cache, stopping_criteria=[fail], max_new_tokens=20, eos_token_id=None)
        assert cache.get_seq_length() == 6
        np.testing.assert_array_equal(one.generate(prompt, past_key_values=cache), one.generate(prompt))


def test_generate_async_continues_from_a_cache(model: Any) -> None:
    async def run() -> Any:
        cache = model(IDS, use_cache=True).past_key_values
        found = await model.generate_async(np.concatenate([IDS, [[11]]], 1), past_key_values=cache, max_new_tokens=5)
        return found, cache.get_seq_length()

    found, held = asyncio.run(run())
    np.testing.assert_array_equal(found, model.generate(np.concatenate([IDS, [[11]]], 1), max_new_tokens=5))
    assert held == found.shape[1] - 1


def test_caches_have_the_methods_of_transformers(model: Any) -> None:
    ids = np.array([[1, 2, 3, 1], [4, 5, 4, 5]])
    cache = model(ids, use_cache=True).past_key_values
    layer = cache.layers[0]
    assert layer.keys.shape == (2, *layer.keys.shape[1:2], 4, layer.keys.shape[3])
    np.testing.assert_array_equal(cache.key_cache[0], layer.keys)
    np.testing.assert_array_equal(cache[0][1], cache.to_legacy_cache()[0][1])
    assert cache.get_mask_sizes(2, 0) == (6, 0) and cache.get_query_offset() == 4
    assert cache.is_croppable and not any(cache.is_linear) and not any(cache.is_dummy)
    tensors = model(Tensor.from_numpy(ids), use_cache=True).past_key_values
    assert isinstance(tensors.layers[0].values, Tensor)
    static = trustformers.StaticCache(model.config, max_cache_len=16)
    assert (static.get_max_length(), static.get_max_cache_shape()) == (16, 16)
    found = model.generate(ids, past_key_values=static, max_new_tokens=3)
    np.testing.assert_array_equal(found, model.generate(ids, max_new_tokens=3))
    both = trustformers.EncoderDecoderCache(cache, trustformers.DynamicCache())
    assert both.get_seq_length() == 4 and len(both) == len(cache) and both.is_updated == {}
    both.crop(-1)
    assert cache.get_seq_length() == 3
    with pytest.raises(IndexError):
        cache[99]
    with pytest.raises(UnsupportedError, match="update"):
        cache.update(None, None, 0)
    with pytest.raises(InputError, match="linear attention"):
        cache.has_previous_state()
    with pytest.raises(UnsupportedError, match="DynamicLayer"):
        trustformers.DynamicLayer()
    with pytest.raises(InputError, match="two caches"):
        trustformers.EncoderDecoderCache(cache)
