"""Pipelines as columns of datasets: results, types and errors."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray.exceptions import ActorDiedError, RayTaskError
from trustformers import AutoModel, get_num_threads, pipeline
from trustformers.errors import HubError, InputError, UnsupportedError
from trustformers.ray import PipelinePredictor, map_pipeline

pytestmark = pytest.mark.usefixtures("cluster")

GOLDENS = Path(__file__).parents[1] / "goldens"
BERT = GOLDENS / "encoders" / "bert"
LLAMA = GOLDENS / "decoders" / "llama"
T5 = GOLDENS / "seq2seq" / "t5"
WORDS = GOLDENS / "pipelines" / "tokenizer"
PROMPTS = GOLDENS / "text_generation" / "tokenizer"
TEXTS = ["the cat sat on the mat.", "hello", "", "and you, on the mat? " * 2, "a cat"]
# Ray keeps the actors of a failed execution as long as the log of a test has its exception.
SMALL: dict[str, Any] = {"num_cpus": 0.2}
GREEDY: dict[str, Any] = {"do_sample": False, "max_new_tokens": 6}


def rows(texts: list[Any], name: str = "text") -> Any:
    return ray.data.from_items([{"id": index, name: text} for index, text in enumerate(texts)])


def taken(dataset: Any) -> list[dict[str, Any]]:
    """All rows, in the order of their ids."""
    found: list[dict[str, Any]] = sorted(dataset.take_all(), key=lambda row: int(row["id"]))
    return found


def types(dataset: Any) -> dict[str, str]:
    schema = dataset.schema()
    return {name: str(kind) for name, kind in zip(schema.names, schema.types, strict=True)}


def close(found: Any, expected: Any) -> bool:
    """Whether scores equal those of another batch."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    return bool(found == pytest.approx(expected, abs=1e-5) if isinstance(expected, float) else found == expected)


def test_embeddings_are_float32_tensors_beside_the_columns(minilm_path: str) -> None:
    texts = TEXTS * 20
    embedded = map_pipeline(rows(texts), "sentence-similarity", minilm_path, concurrency=2, batch_size=16).materialize()
    assert types(embedded) == {
        "id": "int64",
        "text": "string",
        "embedding": "ArrowTensorTypeV2(shape=(384,), dtype=float)",
    }
    expected = pipeline("sentence-similarity", minilm_path).embed(texts)
    for row in taken(embedded):
        assert row["text"] == texts[row["id"]]
        assert row["embedding"].dtype == np.float32
        np.testing.assert_allclose(row["embedding"], expected[row["id"]], atol=1e-5)


def test_features_are_the_states_of_all_tokens(minilm_path: str) -> None:
    featured = map_pipeline(rows(TEXTS), "feature-extraction", minilm_path).materialize()
    assert types(featured)["features"] == "ArrowVariableShapedTensorType(ndim=2, dtype=float)"
    expected = pipeline("feature-extraction", minilm_path)(TEXTS, return_tensors="np")
    for row, states in zip(taken(featured), expected, strict=True):
        np.testing.assert_allclose(row["features"], states[0], atol=1e-5)


def of_labels(results: list[Any]) -> dict[str, list[Any]]:
    return {name: [result[name] for result in results] for name in results[0]}


def of_lists(results: list[Any]) -> dict[str, list[Any]]:
    names = {name for result in results for record in result for name in record}
    return {name: [[record[name] for record in result] for result in results] for name in names}


@pytest.mark.parametrize(
    ("task", "options", "by_name", "kinds"),
    [
        ("text-classification", {}, of_labels, {"label": "string", "score": "double"}),
        (
            "sentiment-analysis",
            {"top_k": None},
            of_lists,
            {"label": "list<item: string>", "score": "list<item: double>"},
        ),
        (
            "ner",
            {},
            of_lists,
            {"entity": "list<item: string>", "score": "list<item: double>", "start": "list<item: int64>"},
        ),
        (
            "token-classification",
            {"aggregation_strategy": "simple"},
            of_lists,
            {"entity_group": "list<item: string>", "word": "list<item: string>", "end": "list<item: int64>"},
        ),
    ],
)
def test_results_of_classifiers(
    task: str,
    options: dict[str, Any],
    by_name: Callable[[list[Any]], dict[str, list[Any]]],
    kinds: dict[str, str],
) -> None:
    labeled = map_pipeline(rows(TEXTS), task, BERT, tokenizer=WORDS, **options).materialize()
    assert types(labeled) == {"id": "int64", "text": "string"} | types(labeled) | kinds
    results = pipeline(task, BERT, tokenizer=WORDS, **options)(TEXTS)
    columns = by_name(results)
    assert set(types(labeled)) == {"id", "text", *columns}
    for index, row in enumerate(taken(labeled)):
        for name, values in columns.items():
            assert close(row[name], values[index]), (name, row)


def test_texts_without_entities_have_typed_lists() -> None:
    found = map_pipeline(rows([""] * 3), "ner", BERT, tokenizer=WORDS, ignore_labels=["LABEL_0", "LABEL_1", "LABEL_2"])
    assert types(found) == {
        "id": "int64",
        "text": "string",
        "entity": "list<item: string>",
        "score": "list<item: double>",
        "index": "list<item: int64>",
        "word": "list<item: string>",
        "start": "list<item: int64>",
        "end": "list<item: int64>",
    }


def test_any_labels_best_first() -> None:
    texts = ["the cat", "hello, you"]
    given: dict[str, Any] = {"tokenizer": WORDS, "candidate_labels": ["food", "sport"]}
    labeled = map_pipeline(rows(texts), "zero-shot-classification", BERT, **given)
    results = pipeline("zero-shot-classification", BERT, **given)(texts)
    for row, result in zip(taken(labeled), results, strict=True):
        assert [*row] == ["id", "text", "labels", "scores"]
        assert row["labels"] == result["labels"]
        assert close(row["scores"], result["scores"])


def test_masks_have_lists_and_one_place() -> None:
    filled = map_pipeline(rows(["the [MASK] sat", "a [MASK]"]), "fill-mask", BERT, tokenizer=WORDS, top_k=2)
    results = pipeline("fill-mask", BERT, tokenizer=WORDS, top_k=2)(["the [MASK] sat", "a [MASK]"])
    for row, result in zip(taken(filled), results, strict=True):
        assert row["token"] == [record["token"] for record in result]
        assert row["sequence"] == [record["sequence"] for record in result]
    for size in (1, 2):
        best = map_pipeline(rows(["a [MASK]"] * 2), "fill-mask", BERT, tokenizer=WORDS, top_k=1, batch_size=size)
        assert types(best)["token"] == "list<item: int64>"
    two = map_pipeline(rows(["the [MASK] [MASK]"]), "fill-mask", BERT, tokenizer=WORDS)
    with pytest.raises(RayTaskError, match="row 0 of the batch has 2 masks"):
        two.take_all()


def test_a_question_has_two_columns() -> None:
    examples = [{"id": index, "ask": "a cat?", "passage": text} for index, text in enumerate(TEXTS[:2])]
    answered = map_pipeline(
        ray.data.from_items(examples),
        "question-answering",
        BERT,
        tokenizer=WORDS,
        column={"question": "ask", "context": "passage"},
        batch_size=1,
    )
    answer = pipeline("question-answering", BERT, tokenizer=WORDS)
    for row, text in zip(taken(answered), TEXTS, strict=False):
        expected = answer(question="a cat?", context=text)
        assert (row["answer"], row["start"]) == (expected["answer"], expected["start"])


@pytest.mark.parametrize(("options", "kind"), [({}, "string"), ({"return_full_text": False}, "string")])
def test_texts_are_continued_as_by_the_pipeline(options: dict[str, Any], kind: str) -> None:
    texts = [text or "hello" for text in TEXTS] * 30
    given: dict[str, Any] = {"tokenizer": PROMPTS, "dtype": "float32", **GREEDY, **options}
    continued = map_pipeline(
        rows(texts), "text-generation", LLAMA, concurrency=2, batch_size=100, **given
    ).materialize()
    assert types(continued)["generated_text"] == kind
    results = pipeline("text-generation", LLAMA, **given)(texts)
    assert [row["generated_text"] for row in taken(continued)] == [result[0]["generated_text"] for result in results]


def test_several_sequences_are_lists() -> None:
    given: dict[str, Any] = {"tokenizer": PROMPTS, "dtype": "float32", **GREEDY, "num_beams": 2}
    several = map_pipeline(rows(["hello", "a cat"]), "text-generation", LLAMA, num_return_sequences=2, **given)
    results = pipeline("text-generation", LLAMA, num_return_sequences=2, **given)(["hello", "a cat"])
    for row, result in zip(taken(several), results, strict=True):
        assert row["generated_text"] == [record["generated_text"] for record in result]


def test_chats_get_an_answer() -> None:
    chats = [[{"role": "user", "content": text}] for text in ("hello", "a cat?")]
    given: dict[str, Any] = {"tokenizer": PROMPTS, "dtype": "float32", "return_full_text": False, **GREEDY}
    answered = map_pipeline(rows(chats, "chat"), "text-generation", LLAMA, column="chat", **given)
    results = pipeline("text-generation", LLAMA, **given)(chats)
    assert [row["generated_text"] for row in taken(answered)] == [result[0]["generated_text"] for result in results]


def test_a_loaded_model_is_sent_to_the_actors(minilm_path: str) -> None:
    model = AutoModel.from_pretrained(minilm_path)
    embedded = taken(map_pipeline(rows(TEXTS), "sentence-similarity", model))
    expected = pipeline("sentence-similarity", minilm_path).embed(TEXTS)
    np.testing.assert_allclose(np.stack([row["embedding"] for row in embedded]), expected, atol=1e-5)


@pytest.mark.parametrize("batch_format", ["numpy", "pandas", "pyarrow"])
def test_map_batches_takes_the_class(minilm_path: str, batch_format: str) -> None:
    embedded = rows(TEXTS).map_batches(
        PipelinePredictor,
        fn_constructor_kwargs={"task": "sentence-similarity", "model": minilm_path},
        compute=ray.data.ActorPoolStrategy(size=1),
        batch_format=batch_format,
    )
    assert [(row["text"], row["embedding"].shape) for row in taken(embedded)] == [(text, (384,)) for text in TEXTS]


class Threads(PipelinePredictor):
    """The number of threads in place of results."""

    def __call__(self, batch: Any) -> Any:
        return batch.append_column("threads", [[get_num_threads()] * len(batch)])


@pytest.mark.parametrize(("num_cpus", "threads"), [(0.5, 1), (1, 1), (2, 2)])
def test_an_actor_has_as_many_threads_as_cpus(minilm_path: str, num_cpus: float, threads: int) -> None:
    counted = rows(TEXTS).map_batches(
        Threads,
        fn_constructor_kwargs={"task": "sentence-similarity", "model": minilm_path},
        compute=ray.data.ActorPoolStrategy(size=1),
        batch_format="pyarrow",
        num_cpus=num_cpus,
    )
    assert {row["threads"] for row in taken(counted)} == {min(threads, len(os.sched_getaffinity(0)))}


def test_an_empty_dataset_stays_empty(minilm_path: str) -> None:
    assert map_pipeline(ray.data.from_items([]), "sentence-similarity", minilm_path).take_all() == []
    assert map_pipeline(rows(TEXTS).limit(0), "sentence-similarity", minilm_path).take_all() == []


def test_wrong_arguments_are_refused_before_actors_start(minilm_path: str, tmp_path: Path) -> None:
    dataset = rows(TEXTS)
    with pytest.raises(InputError, match=r"column: 'texts' is not a column of the dataset, which has id, text"):
        map_pipeline(dataset, "sentence-similarity", minilm_path, column="texts")
    with pytest.raises(UnsupportedError, match="not supported: the task 'embed'; expected one of"):
        map_pipeline(dataset, "embed", minilm_path)
    with pytest.raises(HubError, match=re.escape(os.fspath(tmp_path / "absent"))):
        map_pipeline(dataset, "sentence-similarity", tmp_path / "absent")
    with pytest.raises(InputError, match="results have a column 'label', and so has the dataset; pass output_prefix="):
        map_pipeline(rows(TEXTS, "label"), "text-classification", BERT, column="label")
    with pytest.raises(InputError, match=r"dataset: expected a ray.data.Dataset, found a list of str"):
        map_pipeline(TEXTS, "sentence-similarity", minilm_path)
    for wrong, message in ((0, "at least 1"), (1.5, "an int"), ((2, 1), "smaller number first"), ((1,), "or two")):
        with pytest.raises(InputError, match=f"concurrency: .*{message}"):
            map_pipeline(dataset, "sentence-similarity", minilm_path, concurrency=wrong)  # type: ignore[arg-type]
    others: dict[str, tuple[Any, str]] = {
        "num_cpus": (1.5, "num_cpus: expected a number below 1 or a whole number of CPUs, found 1.5"),
        "num_gpus": (1, "num_gpus: 1 times 1 GPUs are more than the 0 of the cluster"),
        "column": (["text"], "column: expected a name, or a mapping of keys of inputs to names, found a list of str"),
        "output_prefix": (None, "output_prefix: expected a str, found None"),
        "model": (3, "model: expected a path, a repository's name or a loaded model, found int 3"),
    }
    for name, (value, message) in others.items():
        with pytest.raises(InputError, match=message):
            map_pipeline(dataset, "sentence-similarity", **{"model": minilm_path, name: value})
    with pytest.raises(InputError, match="batch_size: expected at least 1, found 0"):
        map_pipeline(dataset, "sentence-similarity", minilm_path, batch_size=0)


def test_a_prefix_keeps_columns_apart() -> None:
    labeled = map_pipeline(
        rows(TEXTS, "label"), "text-classification", BERT, tokenizer=WORDS, column="label", output_prefix="predicted_"
    )
    assert [*types(labeled)] == ["id", "label", "predicted_label", "predicted_score"]


def test_errors_of_rows_keep_type_and_message(minilm_path: str) -> None:
    unknown = rows(TEXTS).map(lambda row: {"id": row["id"], "body": row["text"]})
    with pytest.raises(
        RayTaskError, match=r"InputError: column: 'text' is not a column of the dataset, which has id, b"
    ):
        map_pipeline(unknown, "sentence-similarity", minilm_path, **SMALL).take_all()
    with pytest.raises(RayTaskError, match=r"InputError: column 'text': null in row 1 of a batch"):
        map_pipeline(rows(["a", None]), "sentence-similarity", minilm_path, **SMALL).take_all()
    with pytest.raises(RayTaskError, match=r"InputError: column 'id': .*expected str in row 0, found int 0"):
        map_pipeline(rows(TEXTS), "sentence-similarity", minilm_path, column="id", **SMALL).take_all()
    with pytest.raises(RayTaskError, match=r"InputError: column 'text': .*truncation"):
        map_pipeline(rows(["a cat " * 600]), "feature-extraction", minilm_path, **SMALL).take_all()


def test_errors_of_loading_keep_type_and_message(minilm_path: str) -> None:
    with pytest.raises(
        ActorDiedError, match="TypeError: the sentence-similarity pipeline got unexpected keyword arguments: top_kk"
    ):
        map_pipeline(rows(TEXTS), "sentence-similarity", minilm_path, top_kk=3, **SMALL).take_all()
    with pytest.raises(ActorDiedError, match="UnsupportedError: not supported: BertForCausalLM"):
        map_pipeline(rows(TEXTS), "text-generation", minilm_path, **SMALL).take_all()
