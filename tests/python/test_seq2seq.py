"""Encoder-decoders: calls, caches, generation, and arguments that do not fit."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers
from trustformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    EncoderDecoderCache,
    pipeline,
    safetensors,
)
from trustformers.errors import InputError, UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens" / "seq2seq"
SOURCE = [[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]]
MASK = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]


@pytest.fixture(scope="module")
def t5() -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "t5", dtype="float32")


@pytest.fixture(scope="module")
def bart() -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "bart", dtype="float32")


def test_classes_are_those_of_the_family(t5: Any, bart: Any) -> None:
    assert type(t5).__name__ == "T5ForConditionalGeneration"
    assert type(bart).__name__ == "BartForConditionalGeneration"
    assert isinstance(t5, trustformers.T5ForConditionalGeneration)
    assert t5.config.is_encoder_decoder
    assert t5.can_generate()
    assert type(AutoModel.from_pretrained(GOLDENS / "marian")).__name__ == "MarianModel"
    assert type(AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "marian")).__name__ == "MarianMTModel"


def test_labels_are_shifted_to_the_right(t5: Any) -> None:
    labels = np.array([[5, 6, -100], [7, 1, -100]])
    shifted = t5.prepare_decoder_input_ids_from_labels(labels)
    np.testing.assert_array_equal(shifted, [[0, 5, 6], [0, 7, 1]])
    of_labels = t5(SOURCE, MASK, labels=labels)
    of_ids = t5(SOURCE, MASK, decoder_input_ids=shifted)
    np.testing.assert_array_equal(of_labels.logits, of_ids.logits)
    log_softmax = of_ids.logits - np.log(np.exp(of_ids.logits).sum(-1, keepdims=True))
    kept = labels != -100
    expected = -np.take_along_axis(log_softmax, np.where(kept, labels, 0)[..., None], -1)[..., 0][kept].mean()
    np.testing.assert_allclose(of_labels.loss, expected, rtol=1e-5)


def test_the_encoder_is_called_by_itself(t5: Any) -> None:
    encoder = t5.get_encoder()
    encoded = encoder(SOURCE, MASK, output_hidden_states=True)
    output = t5(SOURCE, MASK, decoder_input_ids=[[0, 4], [0, 5]])
    np.testing.assert_array_equal(encoded.last_hidden_state, output.encoder_last_hidden_state)
    assert len(encoded.hidden_states) == 3
    again = t5(encoder_outputs=encoded, attention_mask=MASK, decoder_input_ids=[[0, 4], [0, 5]])
    np.testing.assert_allclose(again.logits, output.logits, atol=1e-5)
    assert again.encoder_last_hidden_state is encoded.last_hidden_state
    assert "block.0.layer.0.SelfAttention.q.weight" in dict(encoder.named_parameters())


def test_the_encoder_inside_a_model_is_called(t5: Any, bart: Any) -> None:
    expected = bart.get_encoder()(SOURCE, MASK).last_hidden_state
    base: Any = AutoModel.from_pretrained(GOLDENS / "bart", dtype="float32")
    for encoder in (bart.model.encoder, bart.base_model.encoder, base.encoder):
        np.testing.assert_array_equal(encoder(input_ids=SOURCE, attention_mask=MASK)[0], expected)
    assert t5.encoder(SOURCE).last_hidden_state.shape == (2, 6, 40)
    embeds = t5.get_input_embeddings()(SOURCE)
    np.testing.assert_array_equal(t5.encoder(inputs_embeds=embeds, attention_mask=MASK)[0], t5.encoder(SOURCE, MASK)[0])
    with pytest.raises(UnsupportedError, match="calling model.decoder.layers, a module inside"):
        bart.model.decoder.layers([[0]])


def test_the_decoder_is_called_by_itself(t5: Any, bart: Any) -> None:
    target = [[2, 4, 5], [2, 6, 7]]
    base: Any = AutoModel.from_pretrained(GOLDENS / "bart", dtype="float32")
    classifier = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "bart", dtype="float32")
    given = {"output_hidden_states": True, "output_attentions": True}
    for model, decoders in (
        (bart, (bart.get_decoder(), bart.model.decoder, base.decoder, classifier.get_decoder())),
        (t5, (t5.decoder,)),
    ):
        whole = model(SOURCE, MASK, decoder_input_ids=target, **given)
        source = {"encoder_hidden_states": whole.encoder_last_hidden_state, "encoder_attention_mask": MASK}
        following = model(
            decoder_input_ids=[[3], [4]], past_key_values=whole.past_key_values, output_hidden_states=True
        )
        for decoder in decoders:
            found = decoder(input_ids=target, **source, **given)
            np.testing.assert_allclose(found.last_hidden_state, whole.decoder_hidden_states[-1], atol=1e-5)
            for name in ("hidden_states", "attentions", "cross_attentions"):
                expected = getattr(whole, name if name == "cross_attentions" else f"decoder_{name}")
                assert len(found[name]) == len(expected)
                for ours, theirs in zip(found[name], expected, strict=True):
                    np.testing.assert_allclose(ours, theirs, atol=1e-5)
            again = decoder([[3], [4]], past_key_values=found.past_key_values, return_dict=False)
            np.testing.assert_allclose(again[0], following.decoder_hidden_states[-1], atol=1e-5)
            assert len(decoder(target, **source, use_cache=False, return_dict=False)) == 1
    with pytest.raises(UnsupportedError, match="pass encoder_hidden_states"):
        t5.decoder([[0]])
    with pytest.raises(InputError, match="input_ids: missing"):
        t5.decoder(**source)


def test_targets_are_shifted_as_scripts_shift_them(t5: Any, bart: Any) -> None:
    labels = [[5, 6, -100], [7, 8, 2]]
    bart_module = importlib.import_module("trustformers.models.bart.modeling_bart")
    shift = bart_module.shift_tokens_right
    np.testing.assert_array_equal(shift(labels, 1, 2), [[2, 5, 6], [2, 7, 8]])
    np.testing.assert_array_equal(shift(labels, 1, 2), bart.prepare_decoder_input_ids_from_labels(labels))
    mbart_module = importlib.import_module("trustformers.models.mbart.modeling_mbart")
    np.testing.assert_array_equal(mbart_module.shift_tokens_right(np.array(labels), 1), [[6, 5, 6], [2, 7, 8]])
    np.testing.assert_array_equal(t5._shift_right(labels), [[0, 5, 6], [0, 7, 8]])
    for tokens, named in (((None, 2), "pad_token_id"), ((1, None), "decoder_start_token_id")):
        with pytest.raises(InputError, match=f"{named}: expected a token id"):
            shift(labels, *tokens)


def test_outputs_of_the_encoder_have_any_dtype() -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "t5", dtype="bfloat16")
    encoded = model.get_encoder()(SOURCE, MASK)
    found = model(encoder_outputs=encoded, attention_mask=MASK, decoder_input_ids=[[0], [0]]).logits
    np.testing.assert_allclose(found, model(SOURCE, MASK, decoder_input_ids=[[0], [0]]).logits, atol=0.05)


def test_a_cache_holds_the_source_and_the_target(t5: Any) -> None:
    output = t5(SOURCE, MASK, decoder_input_ids=[[0, 4], [0, 5]])
    past = output.past_key_values
    assert isinstance(past, EncoderDecoderCache)
    assert (past.get_seq_length(), past.cross_attention_cache.get_seq_length()) == (2, 6)
    assert past.is_updated == {0: True, 1: True, 2: True}
    keys, values = past.cross_attention_cache[1]
    assert keys.shape == values.shape == (2, 5, 6, t5.config.d_kv)
    assert not keys[1, :, 4:].any()
    assert keys[1, :, :4].all()
    past.reorder_cache([1, 0])
    following = t5(
        encoder_outputs=(output.encoder_last_hidden_state[::-1],),
        attention_mask=MASK[::-1],
        decoder_input_ids=[[7], [7]],
        past_key_values=past,
    )
    expected = t5(SOURCE[::-1], MASK[::-1], decoder_input_ids=[[0, 5, 7], [0, 4, 7]]).logits[:, 2:]
    np.testing.assert_allclose(following.logits, expected, atol=1e-5)
    past.crop(-1)
    assert past.get_seq_length() == 2


def test_rows_of_a_batch_are_those_of_single_calls(t5: Any, bart: Any) -> None:
    for model in (t5, bart):
        options = {"max_new_tokens": 6, "num_beams": 3, "eos_token_id": None, "pad_token_id": 0}
        both = model.generate(SOURCE, attention_mask=MASK, **options)
        for row, (ids, mask) in enumerate(zip(SOURCE, MASK, strict=True)):
            alone = model.generate([ids[: sum(mask)]], **options)
            np.testing.assert_array_equal(both[row], alone[0])
        samples = {"do_sample": True, "num_return_sequences": 2, "generator": 3}
        assert model.generate(SOURCE, attention_mask=MASK, **samples, **options | {"num_beams": 1}).shape == (4, 7)


def test_a_source_without_a_mask_has_no_padding(t5: Any) -> None:
    options = {"max_new_tokens": 4, "output_scores": True, "return_dict_in_generate": True}
    found, masked, whole = (
        t5.generate(SOURCE, **given, **options).scores[0]
        for given in ({}, {"attention_mask": MASK}, {"attention_mask": np.ones((2, 6), int)})
    )
    np.testing.assert_array_equal(found, whole)
    assert np.abs(found - masked).max() > 1e-4


def test_generation_begins_with_the_start_token_or_a_prompt(bart: Any) -> None:
    options = {"max_new_tokens": 3, "eos_token_id": None, "pad_token_id": 1, "forced_eos_token_id": None}
    start = bart.config.decoder_start_token_id
    assert (bart.generate(SOURCE, attention_mask=MASK, **options)[:, 0] == start).all()
    prompted = bart.generate(SOURCE, attention_mask=MASK, decoder_input_ids=[[7, 8], [8, 7]], **options)
    np.testing.assert_array_equal(prompted[:, :3], [[start, 7, 8], [start, 8, 7]])


def test_an_output_object_has_the_states_of_the_encoder(t5: Any) -> None:
    output = t5.generate(
        SOURCE, attention_mask=MASK, max_new_tokens=3, return_dict_in_generate=True, output_scores=True
    )
    assert type(output).__name__ == "GenerateEncoderDecoderOutput"
    assert len(output.scores) == output.sequences.shape[1] - 1
    assert isinstance(output.past_key_values, EncoderDecoderCache)
    beams = t5.generate(SOURCE, max_new_tokens=3, num_beams=2, return_dict_in_generate=True)
    assert type(beams).__name__ == "GenerateBeamEncoderDecoderOutput"


def test_quantized_models_answer_nearly_the_same(bart: Any) -> None:
    expected = bart(SOURCE, MASK).logits
    for options in ({"load_in_8bit": True}, {"dtype": "bfloat16"}):
        found = AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "bart", **options)(SOURCE, MASK).logits
        assert np.abs(found - expected).max() < 0.1 * np.abs(expected).max()


def test_models_are_copied_and_pickled(t5: Any) -> None:
    expected = t5(SOURCE, MASK, decoder_input_ids=[[0], [0]]).logits
    for model in (copy.deepcopy(t5), pickle.loads(pickle.dumps(t5))):
        np.testing.assert_array_equal(model(SOURCE, MASK, decoder_input_ids=[[0], [0]]).logits, expected)


def test_arguments_that_do_not_fit_are_named(t5: Any, bart: Any) -> None:
    short = [[0, 4], [0, 5]]
    calls: list[tuple[Any, str]] = [
        (lambda: t5(SOURCE, MASK), "decoder_input_ids: missing"),
        (lambda: t5(decoder_input_ids=short), "input_ids: missing"),
        (
            lambda: t5(SOURCE, [[1] * 6, [0] * 6], decoder_input_ids=short),
            "attention_mask: masks every token of sequence 1",
        ),
        (lambda: t5(SOURCE, MASK, decoder_input_ids=short[:1]), "decoder_input_ids: has 1 sequences for 2 sources"),
        (lambda: t5(SOURCE, MASK, decoder_input_ids=[[0, 131], [0, 1]]), "decoder_input_ids: id 131"),
        (lambda: t5([[131]], decoder_input_ids=[[0]]), "input_ids: id 131"),
        (lambda: t5(SOURCE, [[1]], decoder_input_ids=short), "attention_mask: has shape"),
        (lambda: t5(SOURCE, MASK, labels=[[5, 131], [5, 6]]), "labels: class 131"),
        (lambda: t5(SOURCE, MASK, labels=[[131, 5], [5, 6]]), "labels: class 131"),
        (lambda: bart(SOURCE, MASK, labels=[[5, -7], [5, 6]]), "labels: class -7"),
        (lambda: bart(SOURCE, MASK, decoder_input_ids=[[131, 5], [5, 6]]), "decoder_input_ids: id 131 at row 0"),
        (lambda: bart.generate(SOURCE, decoder_input_ids=[[2, 5], [2, -3]]), "decoder_input_ids: id -3 at row 1"),
        (
            lambda: bart.generate(SOURCE, decoder_input_ids=short, decoder_attention_mask=[[1, 1], [1, 0]]),
            "decoder_attention_mask: masks the last token of sequence 1",
        ),
        (lambda: bart.generate(SOURCE, max_new_tokens=60, eos_token_id=None), "max_new_tokens: the sequence has"),
        (lambda: bart.generate(SOURCE, max_length=60, eos_token_id=None), "max_length: the sequence has"),
        (
            lambda: bart.generate_async(SOURCE, max_new_tokens=60, eos_token_id=None).result(timeout=60),
            "max_new_tokens: the sequence has",
        ),
        (
            lambda: t5.generate(encoder_outputs=t5.get_encoder()(SOURCE[:1]), assistant_model=t5),
            "assistant_model: encodes the source by itself",
        ),
        (lambda: t5.generate(SOURCE, assistant_model=t5), "input_ids: assisted generation takes one prompt"),
        (lambda: bart([[5] * 24]), "input_ids: a sequence of 24 tokens is longer"),
        (lambda: t5(encoder_outputs=(np.zeros((2, 3, 7), np.float32),), decoder_input_ids=short), "encoder_outputs"),
        (lambda: t5(encoder_outputs=3, decoder_input_ids=short), "encoder_outputs: expected the output of get_encoder"),
        (lambda: t5(SOURCE, MASK, decoder_input_ids=short, past_key_values=3), "past_key_values: expected"),
        (lambda: t5.generate(SOURCE, decoder_input_ids=short[:1]), "decoder_input_ids: has shape"),
        (lambda: bart.generate([[5] * 24]), "input_ids: a sequence of 24 tokens is longer"),
    ]
    for call, named in calls:
        with pytest.raises(InputError, match=r".") as raised:
            call()
        assert str(raised.value).startswith(named), str(raised.value)
    past = t5(SOURCE, MASK, decoder_input_ids=short).past_key_values
    with pytest.raises(InputError, match="belong to another model"):
        bart(SOURCE, MASK, decoder_input_ids=short, past_key_values=past)
    with pytest.raises(InputError, match="past_key_values: hold 2 sequences"):
        t5(SOURCE[:1], decoder_input_ids=[[0]], past_key_values=past)


def test_a_start_token_is_needed(tmp_path: Path) -> None:
    mbart = AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "mbart")
    mbart.generation_config.bos_token_id = None
    with pytest.raises(InputError, match="decoder_start_token_id: must be set"):
        mbart.generate(SOURCE)


def test_what_is_missing_is_named(t5: Any) -> None:
    with pytest.raises(UnsupportedError, match="masked tokens between others"):
        t5(SOURCE, MASK, decoder_input_ids=[[0, 4, 5]] * 2, decoder_attention_mask=[[1, 0, 1]] * 2)
    llama = AutoModelForCausalLM.from_pretrained(GOLDENS.parent / "decoders" / "llama")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"guidance_scale": 2.0}, "guidance_scale of T5ForConditionalGeneration"),
        ({"assistant_model": llama}, "a model without an encoder as the assistant of an encoder-decoder"),
        ({"decoder_input_ids": [[0, 4, 5]], "decoder_attention_mask": [[1, 0, 1]]}, "masked tokens between others"),
    ]
    for given, message in refused:
        with pytest.raises(UnsupportedError, match=message):
            t5.generate(SOURCE[:1], max_new_tokens=2, **given)
    with pytest.raises(UnsupportedError, match="an encoder-decoder as the assistant"):
        llama.generate([[5]], max_new_tokens=2, assistant_model=t5)
    with pytest.raises(UnsupportedError, match="T5ForConditionalGeneration"):
        AutoModelForCausalLM.from_pretrained(GOLDENS / "t5")


def test_classifiers_read_the_end_of_the_source() -> None:
    model = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "bart")
    assert model([[5, 6, 2], [7, 2, 1]], [[1, 1, 1], [1, 1, 0]]).logits.shape == (2, 3)
    with pytest.raises(InputError, match=r"input_ids: sequence 1 has 0 end-of-sequence tokens"):
        model([[5, 6, 2], [7, 8, 9]])
    answers = AutoModelForQuestionAnswering.from_pretrained(GOLDENS / "bart")([[5, 6, 2]])
    assert answers.start_logits.shape == (1, 3)


def test_a_new_model_has_random_weights() -> None:
    config = trustformers.AutoConfig.from_pretrained(GOLDENS / "t5")
    model = trustformers.T5ForConditionalGeneration(config)
    assert model([[5, 6]], decoder_input_ids=[[0]]).logits.shape == (1, 1, 131)
    assert "shared.weight" in model.state_dict()


@pytest.mark.parametrize("name", ["bart", "marian", "t5", "m2m_100"])
def test_the_number_of_tokens_changes(name: str, tmp_path: Path) -> None:
    model: Any = AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / name, dtype="float32")
    expected = model(SOURCE, MASK, decoder_input_ids=[[0, 5]] * 2).logits
    model.resize_token_embeddings(140)
    found = model(SOURCE, MASK, decoder_input_ids=[[0, 5]] * 2).logits
    np.testing.assert_array_equal(found[..., :131], expected)
    assert found.shape == (2, 2, 140)
    model.save_pretrained(tmp_path)
    saved: Any = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    np.testing.assert_array_equal(saved(SOURCE, MASK, decoder_input_ids=[[0, 5]] * 2).logits, found)


@pytest.mark.parametrize("stored", ["encoder.embed_tokens", "decoder.embed_tokens", "lm_head", "shared"])
def test_the_shared_table_has_any_of_its_names(bart: Any, stored: str, tmp_path: Path) -> None:
    bart.save_pretrained(tmp_path)
    weights = safetensors.load_file(tmp_path / "model.safetensors")
    prefix = "" if stored == "lm_head" else "model."
    weights[f"{prefix}{stored}.weight"] = weights.pop("model.shared.weight")
    safetensors.save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    found: Any = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    given = {"decoder_input_ids": [[0, 5]] * 2}
    np.testing.assert_array_equal(found(SOURCE, MASK, **given).logits, bart(SOURCE, MASK, **given).logits)
    found.save_pretrained(tmp_path)
    assert "model.shared.weight" in safetensors.load_file(tmp_path / "model.safetensors")


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("name", ["bart", "t5"])
def test_tables_that_differ_are_read_each(name: str, ties: bool, tmp_path: Path) -> None:
    stored = safetensors.load_file(GOLDENS / name / "model.safetensors")
    (own,) = (key for key in stored if key.endswith("shared.weight"))
    table = stored[own].float().numpy()
    tables = {"encoder.embed_tokens": table[::-1], "decoder.embed_tokens": table * 1.5, "lm_head": table * -1}

    def loaded(folder: str, changes: dict[str, Any], **options: Any) -> Any:
        (tmp_path / folder).mkdir()
        shutil.copy(GOLDENS / name / "config.json", tmp_path / folder)
        named = {
            f"{end}.weight" if end == "lm_head" else own.replace("shared", end): np.ascontiguousarray(values)
            for end, values in changes.items()
        }
        safetensors.save_file({**stored, **named}, tmp_path / folder / "model.safetensors", {"format": "pt"})
        return AutoModelForSeq2SeqLM.from_pretrained(tmp_path / folder, dtype="float32", **options)

    # The first T5 tells by this key whether it scales what its head reads.
    options = {} if name == "t5" else {"tie_word_embeddings": ties}
    model = loaded("all", tables, **options)
    encoded = loaded("encoder", {"shared": tables["encoder.embed_tokens"]}).get_encoder()(SOURCE, MASK)
    decoder = loaded("decoder", {"shared": tables["decoder.embed_tokens"], "lm_head": tables["lm_head"]})
    given = {"decoder_input_ids": [[0, 5]] * 2}
    expected = decoder(encoder_outputs=encoded, attention_mask=MASK, **given).logits
    np.testing.assert_array_equal(model(SOURCE, MASK, **given).logits, expected)
    model.save_pretrained(tmp_path / "saved")
    again: Any = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "saved", dtype="float32")
    np.testing.assert_array_equal(again(SOURCE, MASK, **given).logits, expected)


def test_a_call_with_labels_returns_a_cache_where_transformers_does(t5: Any, bart: Any) -> None:
    labels = [[5, 6, 1]] * 2
    assert bart(SOURCE, MASK, labels=labels, use_cache=True).past_key_values is None
    assert bart(SOURCE, MASK, decoder_input_ids=labels).past_key_values is not None
    assert t5(SOURCE, MASK, labels=labels).past_key_values is not None
    classes: Any = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "t5")
    assert classes(SOURCE, MASK).past_key_values is not None
    assert classes(SOURCE, MASK, labels=[0, 1]).past_key_values is None


def test_the_bias_of_the_logits_is_a_buffer(bart: Any) -> None:
    elements = sum(tensor.numel() for name, tensor in bart.state_dict().items() if name != "final_logits_bias")
    assert bart.num_parameters() == elements
    assert "final_logits_bias" in bart.state_dict()


def test_pipelines_of_classifiers_read_sources() -> None:
    tokenizer = AutoTokenizer.from_pretrained(GOLDENS.parent / "text2text" / "tokenizer")
    texts = ["a b c", "a", "b c d e f g"]
    model: Any = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "bart", dtype="float32", eos_token_id=1)
    for batch_size in (1, 3):
        ask = pipeline("text-classification", model, tokenizer=tokenizer, top_k=None, function_to_apply="none")
        for text, found in zip(texts, ask(texts, batch_size=batch_size), strict=True):
            expected = np.sort(model(**tokenizer(text, return_tensors="np")).logits[0])[::-1]
            np.testing.assert_allclose([one["score"] for one in found], expected, rtol=1e-4, atol=1e-5)
    zero_shot = pipeline("zero-shot-classification", model, tokenizer=tokenizer)
    scores = zero_shot("a b", ["c", "d e"], hypothesis_template=f"f {{}}{tokenizer.eos_token}")["scores"]
    assert sum(scores) == pytest.approx(1.0)
    answers = AutoModelForQuestionAnswering.from_pretrained(GOLDENS / "bart")
    found = pipeline("question-answering", answers, tokenizer=tokenizer)(question="a b", context="c d e")
    assert found["answer"] in "c d e"
    base: Any = AutoModel.from_pretrained(GOLDENS / "bart", dtype="float32")
    features = pipeline("feature-extraction", base, tokenizer=tokenizer)(texts[0])
    expected = base(**tokenizer(texts[0], return_tensors="np")).last_hidden_state
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)


def test_a_model_of_a_configuration_starts_with_the_token_of_its_family(tmp_path: Path) -> None:
    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    config = trustformers.BartConfig(vocab_size=40, encoder_attention_heads=2, decoder_attention_heads=2, **sizes)
    AutoModelForSeq2SeqLM.from_config(config).save_pretrained(tmp_path)
    model = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    settings = model.generation_config
    assert (settings.decoder_start_token_id, settings.eos_token_id, settings.forced_eos_token_id) == (2, 2, 2)
    assert model.generate(SOURCE, max_new_tokens=3)[:, 0].tolist() == [2, 2]


def test_a_file_without_generation_settings_has_those_of_its_keys_alone(bart: Any, tmp_path: Path) -> None:
    bart.save_pretrained(tmp_path)
    (tmp_path / "generation_config.json").unlink()
    keys = json.loads((tmp_path / "config.json").read_text())
    del keys["decoder_start_token_id"], keys["forced_eos_token_id"]
    (tmp_path / "config.json").write_text(json.dumps(keys | {"num_beams": 3, "max_length": 7}))
    model = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    settings = model.generation_config
    assert (settings.decoder_start_token_id, settings.forced_eos_token_id) == (None, None)
    assert (settings.num_beams, settings.max_length) == (3, 7)
    # The first token is then bos_token_id.
    assert model.generate(SOURCE)[:, 0].tolist() == [0, 0]


def test_configurations_complete_their_keys() -> None:
    assert trustformers.BartConfig().num_labels == 3
    assert trustformers.BartConfig(num_labels=5).num_labels == 5
    assert trustformers.MarianConfig(vocab_size=70).decoder_vocab_size == 70
    config = trustformers.T5Config(num_layers=3, feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    assert (config.num_decoder_layers, config.dense_act_fn, config.is_gated_act) == (3, "gelu_new", True)
    assert config.tie_word_embeddings
    assert not config.scale_decoder_outputs
    with pytest.raises(InputError, match="feed_forward_proj.*'wide-relu'"):
        trustformers.UMT5Config(feed_forward_proj="wide-relu")


@pytest.mark.parametrize("family", ["bart", "marian"])
def test_weights_that_are_not_trained_require_no_gradient(family: str) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / family)
    assert [name for name, _ in model.named_buffers()] == ["final_logits_bias"]
    assert not model.get_buffer("final_logits_bias").requires_grad
    assert "final_logits_bias" in model.state_dict()
    assert "final_logits_bias" not in dict(model.named_parameters())
    assert model.num_parameters() == sum(weight.numel() for weight in model.parameters())
    size = model.final_logits_bias.nbytes
    assert model.get_memory_footprint() - model.get_memory_footprint(return_buffers=False) == size
    with pytest.raises(AttributeError, match="no such buffer"):
        model.get_buffer("model.shared.weight")
    model.requires_grad_(True)
    frozen = [name for name, weight in model.named_parameters() if not weight.requires_grad]
    sinusoids = ["model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight"]
    assert sorted(frozen) == (sorted(sinusoids) if family == "marian" else [])
