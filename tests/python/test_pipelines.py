"""Pipelines over the real all-MiniLM-L6-v2."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from trustformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    FeatureExtractionPipeline,
    SentenceSimilarityPipeline,
    pipeline,
)
from trustformers.errors import ConfigError, InputError, UnsupportedError

GOLDEN = Path(__file__).parent.parent / "goldens" / "minilm"


@pytest.fixture(scope="module")
def similarity(minilm_path: Path) -> SentenceSimilarityPipeline:
    return pipeline("sentence-similarity", model=minilm_path)


@pytest.fixture(scope="module")
def features(minilm_path: Path) -> FeatureExtractionPipeline:
    return pipeline("feature-extraction", model=minilm_path)


def test_embeddings_equal_the_reference(similarity: SentenceSimilarityPipeline) -> None:
    manifest = json.loads((GOLDEN / "manifest.json").read_text())
    expected = load_file(GOLDEN / "embeddings.safetensors")["embeddings"]
    outputs = similarity(manifest["sentences"])
    difference = np.abs(outputs.embeddings - expected).max()
    cosine = (outputs.embeddings * expected).sum(1).min()
    print(f"max abs difference {difference:.2e}, smallest cosine {cosine:.8f}")
    assert difference <= manifest["tolerance"]["max_abs_difference"]
    assert cosine >= manifest["tolerance"]["cosine"]
    np.testing.assert_allclose(outputs.similarity, expected @ expected.T, atol=1e-4)


def test_the_result_does_not_depend_on_the_batch(similarity: SentenceSimilarityPipeline) -> None:
    sentences = ["one", "a much longer sentence than the first one", "two", "", "the end"]
    together = similarity.embed(sentences)
    for size in (1, 2, 5):
        np.testing.assert_allclose(similarity.embed(sentences, batch_size=size), together, atol=2e-6)
    np.testing.assert_allclose(similarity.embed("two"), together[2], atol=2e-6)


def test_a_source_sentence_is_compared_with_each(similarity: SentenceSimilarityPipeline) -> None:
    scores = similarity({"source_sentence": "A cat sits.", "sentences": ["A feline sits.", "Stocks fell."]})
    assert isinstance(scores, list) and len(scores) == 2
    assert scores[0] > 0.5 > scores[1]


def test_long_sentences_are_truncated_as_in_sentence_transformers(similarity: SentenceSimilarityPipeline) -> None:
    # max_seq_length is 256 in sentence_bert_config.json: 254 words between the two special tokens.
    at_limit, longer = similarity.embed(["word " * 254, "word " * 300])
    np.testing.assert_allclose(at_limit, longer, atol=1e-6)


def test_features_are_nested_lists_of_every_token(features: FeatureExtractionPipeline, minilm_path: Path) -> None:
    result = features("Hello, world!")
    tokenizer, model = AutoTokenizer.from_pretrained(minilm_path), AutoModel.from_pretrained(minilm_path)
    expected = model(**tokenizer("Hello, world!", return_tensors="np")).last_hidden_state
    assert isinstance(result[0][0][0], float)
    np.testing.assert_allclose(np.array(result), expected, atol=2e-6)


def test_features_of_several_texts_keep_their_order_and_length(features: FeatureExtractionPipeline) -> None:
    texts = ["a much longer text than the others, with more tokens", "short", "in between, perhaps"]
    arrays = features(texts, return_tensors=True)
    for text, array in zip(texts, arrays, strict=True):
        alone = features(text, return_tensors=True)
        assert array.shape == alone.shape
        np.testing.assert_allclose(array, alone, atol=5e-6)
    assert features([]) == []


def test_loaded_objects_replace_paths(minilm_path: Path, similarity: SentenceSimilarityPipeline) -> None:
    model = AutoModel.from_pretrained(minilm_path)
    own = pipeline("sentence-similarity", model, tokenizer=AutoTokenizer.from_pretrained(minilm_path))
    np.testing.assert_array_equal(own.embed("text"), similarity.embed("text"))
    assert isinstance(pipeline("feature-extraction", model), FeatureExtractionPipeline)


def test_unsupported_pooling_is_named(minilm_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    shutil.copytree(minilm_path, target)
    pooling = target / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps({"pooling_mode_median_tokens": True}))
    with pytest.raises(UnsupportedError, match="pooling_mode_median_tokens"):
        pipeline("sentence-similarity", target)
    pooling.write_text("{")
    with pytest.raises(ConfigError, match="1_Pooling"):
        pipeline("sentence-similarity", target)


def test_pooling_is_read_and_not_assumed(
    minilm_path: Path, tmp_path: Path, features: FeatureExtractionPipeline
) -> None:
    target = tmp_path / "model"
    shutil.copytree(minilm_path, target)
    (target / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    first = features("some text", return_tensors=True)[0, 0]
    embedded = pipeline("sentence-similarity", target).embed("some text")
    np.testing.assert_allclose(embedded, first / np.linalg.norm(first), atol=2e-6)


def test_inputs_that_are_not_texts_are_refused(
    features: FeatureExtractionPipeline, similarity: SentenceSimilarityPipeline
) -> None:
    for wrong in (None, 3, ["a", None], [["a"]], {"text": "a"}):
        with pytest.raises(InputError):
            features(wrong)  # type: ignore[arg-type]
    for task in (features, similarity.embed):
        with pytest.raises(InputError, match="surrogate"):
            task(["a", "b\ud800"])
    with pytest.raises(InputError, match="empty"):
        similarity([])
    with pytest.raises(InputError, match="embed"):
        similarity("one sentence")
    with pytest.raises(InputError, match="source_sentence"):
        similarity({"source": "a"})
    with pytest.raises(InputError, match="source_sentence"):
        similarity({"source": "a", 1: "b"})  # type: ignore[dict-item]
    with pytest.raises(InputError, match="batch_size"):
        features("a", batch_size=0)
    with pytest.raises(InputError, match="max_position_embeddings"):
        features("word " * 600)
    assert np.array(features("word " * 600, truncation=True)).shape == (1, 512, 384)


def test_an_unknown_task_is_a_key_error_too() -> None:
    with pytest.raises(KeyError) as caught:
        pipeline("no-such-task")
    assert str(caught.value).startswith("not supported: the task 'no-such-task'; expected one of: ")


def test_unknown_tasks_and_arguments_are_refused(minilm_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"text-to-audio.*feature-extraction"):
        pipeline("text-to-audio", model=minilm_path)
    with pytest.raises(UnsupportedError, match=r"BertForCausalLM.*GPT2LMHeadModel.*LlamaForCausalLM"):
        pipeline("text-generation", model=minilm_path)
    with pytest.raises(UnsupportedError, match="model="):
        pipeline("sentence-similarity")
    with pytest.raises(TypeError, match="batchsize"):
        pipeline("feature-extraction", minilm_path, batchsize=3)  # type: ignore[call-overload]


def test_rows_of_a_model_that_reads_padding_equal_single_rows(minilm_path: Path, tmp_path: Path) -> None:
    directory = tmp_path / "mobilebert"
    shutil.copytree(GOLDEN.parent / "encoders" / "mobilebert", directory)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        if (minilm_path / name).is_file():
            shutil.copy(minilm_path / name, directory / name)
    model = AutoModel.from_config(AutoConfig.from_pretrained(directory, vocab_size=30522), dtype="float32")
    features = pipeline("feature-extraction", model=model, tokenizer=AutoTokenizer.from_pretrained(directory))
    alone, together = features("a"), features(["a much longer sentence than the other", "a"])
    np.testing.assert_allclose(together[1], alone, atol=1e-6)
