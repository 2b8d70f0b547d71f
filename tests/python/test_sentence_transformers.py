"""Repositories of sentence-transformers: embeddings, similarities and scores equal sentence-transformers 6.2."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from trustformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, pipeline
from trustformers.cli import main
from trustformers.errors import ConfigError, InputError, UnsupportedError, WeightsError

GOLDEN = Path(__file__).parent.parent / "goldens" / "sentence_transformers"
MANIFEST = json.loads((GOLDEN / "manifest.json").read_text())
EXPECTED = load_file(GOLDEN / "expected.safetensors")
SENTENCES, DOCUMENTS, TOLERANCE = MANIFEST["sentences"], MANIFEST["documents"], MANIFEST["tolerance"]
OF_EMBEDDINGS = {case["repository"] for case in MANIFEST["embeddings"]}
OF_RANKINGS = {case["repository"] for case in MANIFEST["rankings"]}


def assemble(name: str, target: Path) -> Path:
    stored = MANIFEST["repositories"][name]
    shutil.copytree(GOLDEN / "models" / stored["base"], target / stored["folder"], dirs_exist_ok=True)
    written = dict(stored["files"])
    if stored["config"]:
        written["config.json"] = stored["config"]
    for path, content in written.items():
        write(target / path, content)
    for path, weights in stored["tensors"].items():
        shutil.copy(GOLDEN / "weights" / weights, target / path)
    return target


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    known = json.loads(file.read_text()) if file.exists() and isinstance(content, dict) else {}
    file.write_text(json.dumps({**known, **content} if isinstance(content, dict) else content))


@pytest.mark.parametrize("name", sorted(OF_EMBEDDINGS))
def test_vectors_and_similarities_equal_the_reference(name: str, tmp_path: Path) -> None:
    similarity = pipeline("sentence-similarity", assemble(name, tmp_path / name))
    for case in (case for case in MANIFEST["embeddings"] if case["repository"] == name):
        for batch_size in (1, 5):
            found = similarity(SENTENCES, batch_size=batch_size, **case["call"])
            expected, compared = EXPECTED[case["key"]], EXPECTED[f"{case['key']}.similarity"]
            # The maximum over no tokens is minus infinity, and its cosine is NaN.
            np.testing.assert_allclose(found.embeddings, expected, rtol=0, atol=TOLERANCE, err_msg=str(case["call"]))
            np.testing.assert_allclose(found.similarity, compared, rtol=0, atol=10 * TOLERANCE)


def test_weights_of_modules_may_be_pickled(tmp_path: Path) -> None:
    directory = assemble("dense", tmp_path / "dense")
    (directory / "2_Dense" / "model.safetensors").unlink()
    shutil.copy(GOLDEN / "weights" / "dense-2_Dense.bin", directory / "2_Dense" / "pytorch_model.bin")
    found = pipeline("sentence-similarity", directory).embed(SENTENCES)
    case = next(case for case in MANIFEST["embeddings"] if case["repository"] == "dense" and not case["call"])
    np.testing.assert_allclose(found, EXPECTED[case["key"]], rtol=0, atol=TOLERANCE)


def test_the_real_model_equals_the_reference(minilm_path: Path) -> None:
    found = pipeline("sentence-similarity", minilm_path)(MANIFEST["minilm_sentences"])
    np.testing.assert_allclose(found.embeddings, EXPECTED["minilm"], atol=2e-6)
    np.testing.assert_allclose(found.similarity, EXPECTED["minilm.similarity"], atol=5e-6)


@pytest.mark.parametrize("name", sorted(OF_RANKINGS))
def test_scores_and_ranks_equal_the_reference(name: str, tmp_path: Path) -> None:
    ranking = pipeline("text-ranking", assemble(name, tmp_path / name))
    pairs = [(SENTENCES[2], document) for document in DOCUMENTS]
    for case in (case for case in MANIFEST["rankings"] if case["repository"] == name):
        for batch_size in (1, 3):
            scores = ranking.predict(pairs, batch_size=batch_size, **case["call"])
            difference = np.abs(scores - EXPECTED[case["key"]]).max()
            print(f"{name} {case['call']}: {difference:.1e}")
            assert scores.shape == EXPECTED[case["key"]].shape and difference <= TOLERANCE, case["call"]
        if "order" in case:
            ranked = ranking({"query": SENTENCES[2], "texts": DOCUMENTS}, return_texts=True, **case["call"])
            assert [result["index"] for result in ranked] == case["order"]
            assert [result["text"] for result in ranked] == [DOCUMENTS[index] for index in case["order"]]
            assert [result["score"] for result in ranked] == pytest.approx(scores[case["order"]])
            best = ranking(SENTENCES[2], DOCUMENTS, top_k=1, **case["call"])
            assert [*best[0]] == ["index", "score"] and len(best) == 1


def test_a_model_of_several_labels_does_not_rank(tmp_path: Path) -> None:
    ranking = pipeline("text-ranking", assemble("three_labels", tmp_path / "model"))
    with pytest.raises(InputError, match="3 labels"):
        ranking("query", ["text"])
    assert ranking("query", []) == []
    with pytest.raises(InputError, match="row 1"):
        ranking.predict([("a", "b"), ("a",)])


def test_the_settings_of_a_repository_are_properties(tmp_path: Path) -> None:
    similarity = pipeline("sentence-similarity", assemble("prompts", tmp_path / "prompts"))
    assert similarity.prompts["query"] == "Find this: " and similarity.default_prompt_name == "other"
    assert similarity.similarity_fn_name == "cosine" and similarity.max_seq_length == 40
    shorter = pipeline("sentence-similarity", assemble("shorter", tmp_path / "shorter"))
    assert shorter.max_seq_length == 9 and shorter.default_prompt_name is None
    assert shorter.prompts == {"document": "", "query": ""}


def test_a_prompt_of_the_pipeline_is_that_of_its_calls(tmp_path: Path) -> None:
    directory = assemble("prompts", tmp_path / "model")
    asked = pipeline("sentence-similarity", directory, prompt_name="query", truncate_dim=4)
    plain = pipeline("sentence-similarity", directory)
    np.testing.assert_array_equal(asked.embed("x"), plain.embed("x", prompt_name="query", truncate_dim=4))
    np.testing.assert_array_equal(asked.embed("x", prompt=""), plain.embed("x", prompt="", truncate_dim=4))


def test_a_source_sentence_is_compared_by_the_function_of_the_model(tmp_path: Path) -> None:
    similarity = pipeline("sentence-similarity", assemble("dot", tmp_path / "model"))
    scores = similarity({"source_sentence": SENTENCES[0], "sentences": SENTENCES[1:]})
    np.testing.assert_allclose(scores, EXPECTED["dot.0.similarity"][0, 1:], atol=2e-4)


@pytest.mark.parametrize(
    ("changes", "error", "names"),
    [
        ({"modules.json": [{"type": "mine.Transformer", "path": ""}]}, UnsupportedError, "mine.Transformer"),
        (
            {"modules.json": [{"type": "sentence_transformers.models.StaticEmbedding", "path": ""}]},
            UnsupportedError,
            "StaticEmbedding",
        ),
        (
            {
                "modules.json": [
                    {"type": "sentence_transformers.models.Transformer", "path": ""},
                    {"type": "sentence_transformers.sparse_encoder.models.SpladePooling", "path": "1_SpladePooling"},
                ]
            },
            UnsupportedError,
            "SpladePooling of a SparseEncoder",
        ),
        (
            {
                "modules.json": [
                    {"type": "sentence_transformers.models.Transformer", "path": ""},
                    {"type": "sentence_transformers.models.LSTM", "path": "1_LSTM"},
                ]
            },
            UnsupportedError,
            "module LSTM",
        ),
        ({"modules.json": [{"type": "sentence_transformers.models.Transformer", "path": "../x"}]}, ConfigError, "../x"),
        ({"modules.json": [{"path": ""}]}, ConfigError, '"type"'),
        ({"modules.json": "x"}, ConfigError, "list of modules"),
        ({"1_Pooling/config.json": {"pooling_mode_median_tokens": True}}, UnsupportedError, "median"),
        ({"2_Dense/config.json": {"activation_function": "mine.Swish"}}, UnsupportedError, "mine.Swish"),
        ({"2_Dense/config.json": {"activation_function": "torch.nn.GLU"}}, UnsupportedError, "torch.nn.GLU"),
        ({"2_Dense/config.json": {"in_features": 21}}, WeightsError, "linear.weight"),
        ({"2_Dense/config.json": {"out_features": "12"}}, ConfigError, "out_features"),
        ({"2_Dense/config.json": {"use_residual": True}}, WeightsError, "residual.weight"),
        ({"2_Dense/config.json": {"module_input_name": "words"}}, ConfigError, "words"),
        ({"config_sentence_transformers.json": {"default_prompt_name": "none"}}, ConfigError, "default_prompt_name"),
        ({"config_sentence_transformers.json": {"prompts": ["a"]}}, ConfigError, "prompts"),
        ({"config_sentence_transformers.json": {"model_type": "SparseEncoder"}}, UnsupportedError, "SparseEncoder"),
        ({"config_sentence_transformers.json": {"truncate_dim": 0}}, ConfigError, "truncate_dim"),
        ({"sentence_bert_config.json": {"max_seq_length": "long"}}, ConfigError, "max_seq_length"),
        ({"sentence_bert_config.json": {"processing_kwargs": {"text": {}}}}, UnsupportedError, "processing_kwargs"),
        ({"sentence_bert_config.json": {"modality_config": {"message": {}}}}, UnsupportedError, "modality_config"),
        (
            {"sentence_bert_config.json": {"modality_config": {"text": {"method": "get_text_features"}}}},
            UnsupportedError,
            "get_text_features",
        ),
    ],
)
def test_unsupported_settings_of_a_repository_are_named(
    changes: dict[str, Any], error: type[Exception], names: str, tmp_path: Path
) -> None:
    directory = assemble("dense", tmp_path / "model")
    for path, content in changes.items():
        write(directory / path, content)
    with pytest.raises(error, match=names.replace(".", r"\.")):
        pipeline("sentence-similarity", directory)


def test_missing_weights_of_a_module_are_named(tmp_path: Path) -> None:
    directory = assemble("dense", tmp_path / "model")
    save_file({"linear.weight": np.zeros((12, 20), np.float32)}, directory / "2_Dense" / "model.safetensors")
    with pytest.raises(WeightsError, match="linear.bias"):
        pipeline("sentence-similarity", directory)
    (directory / "2_Dense" / "model.safetensors").unlink()
    with pytest.raises(WeightsError, match="2_Dense"):
        pipeline("sentence-similarity", directory)
    (directory / "2_Dense" / "config.json").unlink()
    with pytest.raises(ConfigError, match="2_Dense"):
        pipeline("sentence-similarity", directory)


def test_modules_that_do_not_fit_the_model_are_refused(tmp_path: Path) -> None:
    directory = assemble("dense", tmp_path / "model")
    modules = json.loads((directory / "modules.json").read_text())
    write(directory / "modules.json", [modules[0], modules[2]])
    with pytest.raises(ConfigError, match="sentence_embedding"):
        pipeline("sentence-similarity", directory).embed("x")
    write(directory / "modules.json", [*modules, {**modules[2], "path": modules[2]["path"]}])
    with pytest.raises(ConfigError, match="width 20, found 12"):
        pipeline("sentence-similarity", directory).embed("x")


def test_invalid_calls_are_refused(tmp_path: Path) -> None:
    similarity = pipeline("sentence-similarity", assemble("mean", tmp_path / "model"))
    calls: list[tuple[dict[str, Any], str]] = [
        ({"prompt_name": "none"}, "prompt_name"),
        ({"task": "reply"}, "task"),
        ({"truncate_dim": 0}, "truncate_dim"),
        ({"prompt": 1}, "prompt"),
        ({"normalize_embeddings": "yes"}, "normalize_embeddings"),
    ]
    for call, names in calls:
        with pytest.raises(InputError, match=names):
            similarity.embed("x", **call)
    with pytest.raises(InputError, match="width"):
        similarity.similarity(np.zeros((1, 2)), np.zeros((1, 3)))


def test_a_chat_template_without_modules_is_refused(tmp_path: Path) -> None:
    directory = assemble("causal_without_modules", tmp_path / "model")
    write(directory / "tokenizer_config.json", {"chat_template": "{{ messages }}"})
    with pytest.raises(UnsupportedError, match="chat template"):
        pipeline("sentence-similarity", directory)


def test_a_causal_reranker_is_refused_by_name(tmp_path: Path) -> None:
    directory = assemble("causal_without_modules", tmp_path / "model")
    with pytest.raises(UnsupportedError, match="causal language model as a reranker"):
        pipeline("text-ranking", directory)


def test_a_bidirectional_decoder_neither_caches_nor_generates(tmp_path: Path) -> None:
    directory = assemble("gemma", tmp_path / "model")
    tokenizer, model = AutoTokenizer.from_pretrained(directory), AutoModel.from_pretrained(directory)
    inputs = tokenizer(SENTENCES[:2], padding=True, return_tensors="np")
    assert model(**inputs).past_key_values is None
    with pytest.raises(UnsupportedError, match="past_key_values"):
        model(**inputs, use_cache=True)
    with pytest.raises(UnsupportedError, match="bidirectional attention"):
        AutoModelForCausalLM.from_pretrained(directory).generate(**inputs, max_new_tokens=1)


def test_the_command_takes_a_prompt_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = assemble("prompts", tmp_path / "model")
    options = ["--prompt-name", "query", "--truncate-dim", "5", "--normalize"]
    assert main(["embed", "--json", "--model", str(directory), *options, *SENTENCES[:2]]) == 0
    found = json.loads(capsys.readouterr().out)["embeddings"]
    asked: dict[str, Any] = {"prompt_name": "query", "truncate_dim": 5, "normalize_embeddings": True}
    expected = pipeline("sentence-similarity", directory).embed(SENTENCES[:2], **asked)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert main(["embed", "--model", str(directory), "--prompt-name", "none", *SENTENCES[:2]]) == 1
    assert "prompt_name" in capsys.readouterr().err
