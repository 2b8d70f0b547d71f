"""The steps of the pipelines for tasks: their results are those of a call, and an overridden one is used."""

import copy
import io
import json
import multiprocessing
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from safetensors.numpy import load_file, save_file
from trustformers import pipeline
from trustformers.errors import InputError, UnsupportedError
from trustformers.modeling_outputs import SequenceClassifierOutput
from trustformers.pipelines import (
    PIPELINE_REGISTRY,
    AggregationStrategy,
    ChunkPipeline,
    PipelineDataFormat,
    PipelineException,
    QuestionAnsweringPipeline,
    TextClassificationPipeline,
    TokenClassificationPipeline,
)
from trustformers.pipelines.pt_utils import KeyDataset, KeyPairDataset

GOLDENS = Path(__file__).parent.parent / "goldens"
BERT = GOLDENS / "encoders" / "bert"
LLAMA = GOLDENS / "decoders" / "llama"
NER = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}
LONG = "anna and john sat at home in paris " * 9


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tf.AutoTokenizer.from_pretrained(GOLDENS / "pipelines" / "tokenizer")


@pytest.fixture(scope="module")
def ner_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ner")
    entities = load_file(GOLDENS / "pipelines" / "entities.safetensors")
    save_file(load_file(BERT / "model.safetensors") | entities, path / "model.safetensors", metadata={"format": "pt"})
    (path / "config.json").write_text(json.dumps(json.loads((BERT / "config.json").read_text()) | {"id2label": NER}))
    return path


@pytest.fixture
def texts(tokenizer: Any) -> Any:
    return pipeline("text-classification", BERT, tokenizer=tokenizer)


def close(found: Any, expected: Any) -> bool:
    """Whether two results are equal but for rounding."""
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, abs=1e-5))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(close(found[key], value) for key, value in expected.items())
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(close, found, expected))
    return bool(found == expected)


def steps(pipe: Any, inputs: Any, **given: Any) -> Any:
    """The result of the steps of a pipeline, called one by one."""
    preprocess, forward, postprocess = pipe._sanitize_parameters(**given)
    encoded = pipe.preprocess(inputs, **preprocess)
    if isinstance(pipe, ChunkPipeline):
        assert isinstance(encoded, Iterator)
        return pipe.postprocess([pipe.forward(chunk, **forward) for chunk in encoded], **postprocess)
    return pipe.postprocess(pipe.forward(encoded, **forward), **postprocess)


@pytest.mark.parametrize(
    "given",
    [
        {"top_k": None},
        {"top_k": 2, "function_to_apply": "sigmoid"},
        {"top_k": 1, "function_to_apply": "none", "truncation": True, "max_length": 4},
    ],
)
@pytest.mark.parametrize("inputs", ["the cat sat", {"text": "the cat", "text_pair": "on the mat"}])
def test_steps_classify_texts(texts: Any, inputs: Any, given: dict[str, Any]) -> None:
    assert close(steps(texts, inputs, **given), texts(inputs, **given))
    assert close(steps(texts, inputs), texts([inputs])[0])


@pytest.mark.parametrize("strategy", list(AggregationStrategy))
def test_steps_classify_tokens(tokenizer: Any, ner_path: Path, strategy: AggregationStrategy) -> None:
    pipe = pipeline("ner", ner_path, tokenizer=tokenizer)
    assert isinstance(pipe, ChunkPipeline)
    for text in ("anna lives in paris", "john sat", "zzz unknownword anna", "", LONG):
        given: dict[str, Any] = {"aggregation_strategy": strategy, "ignore_labels": []}
        assert close(steps(pipe, text, **given), pipe(text, **given))
        if strategy is not AggregationStrategy.NONE:
            assert close(steps(pipe, text, stride=5, **given), pipe(text, stride=5, **given))
    words: dict[str, Any] = {"is_split_into_words": True, "delimiter": " – ", "aggregation_strategy": strategy}
    assert close([steps(pipe, ["anna", "paris"], **words)], pipe(["anna", "paris"], **words))


def test_steps_fill_masks(tokenizer: Any) -> None:
    pipe = pipeline("fill-mask", BERT, tokenizer=tokenizer)
    for text in ("the cat [MASK] on the mat.", "[MASK] lives in [MASK]!"):
        for given in ({}, {"top_k": 2}, {"targets": ["cat", "sat", "mat"], "top_k": 9}):
            assert close(steps(pipe, text, **given), pipe(text, **given))
    with pytest.raises(PipelineException, match="no mask_token") as caught:
        pipe.preprocess("no mask")
    assert caught.value.task == "fill-mask"
    with pytest.raises(PipelineException, match="no mask_token"):
        pipe("no mask")
    words = tf.AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer")
    with pytest.raises(PipelineException, match="tokenizer: has no mask_token"):
        pipeline("fill-mask", BERT, tokenizer=words)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.task, again.model, str(again)) == ("fill-mask", caught.value.model, str(caught.value))


def test_steps_answer_questions(tokenizer: Any) -> None:
    pipe = pipeline("question-answering", BERT, tokenizer=tokenizer)
    for context in ("anna lives in rome", LONG, "rome"):
        example = {"question": "who?", "context": context}
        for given in ({}, {"top_k": 3}, {"handle_impossible_answer": True, "top_k": 2}, {"align_to_words": False}):
            assert close(steps(pipe, example, **given), pipe(example, **given))
        short: dict[str, Any] = {"max_seq_len": 12, "doc_stride": 3, "max_answer_len": 4}
        assert close(steps(pipe, example, **short), pipe(example, **short))


def test_steps_classify_by_any_labels(tokenizer: Any) -> None:
    pipe: Any = pipeline("zero-shot-classification", BERT, tokenizer=tokenizer)
    for given in ({}, {"multi_label": True}, {"hypothesis_template": "it is {}"}):
        options = {"candidate_labels": "food, sport,cat", **given}
        assert close(steps(pipe, "the cat sat", **options), pipe("the cat sat", **options))
    assert close(steps(pipe, LONG, candidate_labels=["cat"]), pipe(LONG, ["cat"]))


def test_steps_extract_features(tokenizer: Any) -> None:
    pipe = pipeline("feature-extraction", BERT, tokenizer=tokenizer)
    assert close(steps(pipe, "the cat sat"), pipe("the cat sat"))
    padded = pipe("the cat", tokenize_kwargs={"padding": "max_length", "max_length": 9})
    assert np.array(padded).shape == (1, 9, len(padded[0][0]))
    assert close(pipe("the cat sat", padding=True), pipe("the cat sat"))


def test_steps_compare_sentences_and_rank_texts(tokenizer: Any) -> None:
    pair = {"source_sentence": "a cat", "sentences": ["the cat", "paris"]}
    similarity = pipeline("sentence-similarity", BERT, tokenizer=tokenizer)
    assert close(steps(similarity, pair), similarity(pair))
    one = tf.AutoModelForSequenceClassification.from_pretrained(BERT, num_labels=1, ignore_mismatched_sizes=True)
    ranking = pipeline("text-ranking", one, tokenizer=tokenizer)
    given = {"query": "who?", "texts": ["anna", "paris", "john"]}
    assert close(steps(ranking, given, top_k=2, return_texts=True), ranking(given, top_k=2, return_texts=True))


def test_steps_continue_texts() -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer")
    pipe = pipeline("text-generation", LLAMA, tokenizer=tokenizer, max_new_tokens=4, do_sample=False)
    chat = [{"role": "user", "content": "the cat"}]
    for inputs in ("the cat sat", chat):
        for given in ({}, {"return_full_text": False}, {"prefix": "on the mat "}, {"return_tensors": True}):
            assert steps(pipe, inputs, **given) == pipe(inputs, **given)
    beams: dict[str, Any] = {"num_beams": 2, "num_return_sequences": 2}
    assert steps(pipe, "the cat", **beams) == pipe("the cat", **beams)


def test_values_between_steps_are_those_of_transformers(texts: Any) -> None:
    encoded = texts.preprocess("the cat sat")
    assert isinstance(encoded, tf.BatchEncoding) and isinstance(encoded["input_ids"], tf.Tensor)
    output = texts.forward(encoded)
    assert isinstance(output, SequenceClassifierOutput) and isinstance(output.logits, tf.Tensor)
    assert set(texts.postprocess(output)) == {"label", "score"}


def test_an_overridden_step_is_used(tokenizer: Any, texts: Any) -> None:
    class Upper(TextClassificationPipeline):
        def _sanitize_parameters(self, loud: bool | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
            preprocess, forward, postprocess = super()._sanitize_parameters(**kwargs)
            return preprocess, forward, postprocess if loud is None else {**postprocess, "loud": loud}

        def postprocess(self, model_outputs: Any, loud: bool = False, **kwargs: Any) -> Any:  # type: ignore[override]
            result = super().postprocess(model_outputs, **kwargs)
            return str(result["label"]).upper() + "!" * loud

    pipe: Any = Upper(model=texts.model, tokenizer=tokenizer)
    label = texts("the cat")[0]["label"].upper()
    assert pipe("the cat") == [label] and pipe("the cat", loud=True) == [f"{label}!"]
    assert pipe(["the cat", "anna lives in paris"], batch_size=2)[0] == label
    assert list(pipe(iter(["the cat"]))) == [label]
    loud = pipeline("text-classification", BERT, tokenizer=tokenizer, pipeline_class=Upper, loud=True)
    assert isinstance(loud, Upper) and loud(["the cat"]) == [f"{label}!"]


def test_a_step_set_on_an_instance_is_used(texts: Any) -> None:
    texts.postprocess = lambda outputs: outputs.logits.shape[-1]
    assert texts(["a", "b"]) == [texts.model.num_labels] * 2
    del texts.postprocess
    assert "label" in texts("a")[0]


def test_batches_of_steps_equal_single_rows(tokenizer: Any, ner_path: Path, texts: Any) -> None:
    class Same(TextClassificationPipeline):
        def preprocess(self, inputs: Any, **kwargs: Any) -> Any:
            return super().preprocess(inputs, **kwargs)

    class SameTokens(TokenClassificationPipeline):
        def get_tag(self, entity_name: str) -> tuple[str, str]:
            return super().get_tag(entity_name)

    inputs = ["the cat sat on the mat", "a", "anna lives in paris", ""]
    same = Same(model=texts.model, tokenizer=tokenizer)

    class SameQuestions(QuestionAnsweringPipeline):
        def get_answer(self, answers: Any, target: str) -> Any:
            return super().get_answer(answers, target)

    asked: Any = pipeline("question-answering", BERT, tokenizer=tokenizer)
    again = SameQuestions(model=asked.model, tokenizer=tokenizer, max_seq_len=14, doc_stride=3)
    questions = [{"question": "who?", "context": text} for text in (LONG, "rome", "anna lives in paris")]
    for batch_size in (1, 2, 5):
        found = again(questions, batch_size=batch_size, top_k=2)
        assert close(found, asked(questions, top_k=2, max_seq_len=14, doc_stride=3))
    tokens: Any = pipeline("ner", ner_path, tokenizer=tokenizer)
    others: Any = SameTokens(model=tokens.model, tokenizer=tokenizer)
    for batch_size in (1, 2, 3):
        assert close(same(inputs, batch_size=batch_size), texts(inputs))
        for given in ({}, {"aggregation_strategy": "simple", "stride": 3}):
            found = others([*inputs, LONG], batch_size=batch_size, **given)
            assert close(found, tokens([*inputs, LONG], **given))


def test_a_tokenizer_or_a_model_that_overrides_its_call_is_used(tokenizer: Any, texts: Any) -> None:
    class Cats(tf.PreTrainedTokenizerFast):
        def __call__(self, text: Any = None, *args: Any, **kwargs: Any) -> Any:
            return super().__call__("cat", **kwargs)

    pipe = TextClassificationPipeline(
        model=texts.model, tokenizer=Cats.from_pretrained(GOLDENS / "pipelines" / "tokenizer")
    )
    assert close(pipe("anna lives in paris"), texts("cat"))

    class Zero(type(texts.model)):  # type: ignore[misc]
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            output = super().forward(*args, **kwargs)
            output["logits"] = output.logits * 0
            return output

    zero = TextClassificationPipeline(model=Zero.from_pretrained(BERT), tokenizer=tokenizer)
    assert close([entry["score"] for entry in zero("a", top_k=None)], [1 / 3] * 3)


def test_a_hook_of_entities_is_used(tokenizer: Any, ner_path: Path) -> None:
    class Keyphrases(TokenClassificationPipeline):
        def postprocess(self, all_outputs: Any, **_kwargs: Any) -> Any:  # type: ignore[override]
            found = super().postprocess(all_outputs, aggregation_strategy=AggregationStrategy.FIRST)
            return np.unique([entity["word"].strip() for entity in found])

    pipe = Keyphrases(model=tf.AutoModelForTokenClassification.from_pretrained(ner_path), tokenizer=tokenizer)
    plain = pipeline("ner", ner_path, tokenizer=tokenizer, aggregation_strategy="first")
    expected = sorted({entity["word"] for entity in plain("anna lives in paris")})
    assert list(pipe("anna lives in paris")) == expected


def test_replaced_parts_are_used_by_the_next_call(tokenizer: Any) -> None:
    pipe = pipeline("text-classification", BERT, tokenizer=tokenizer)
    before = pipe("the cat")
    model = tf.AutoModelForSequenceClassification.from_pretrained(BERT, id2label={0: "x", 1: "y", 2: "z"})
    pipe.model = model
    assert pipe("the cat")[0]["label"] in "xyz" and pipe("the cat")[0]["score"] == before[0]["score"]
    own = copy.deepcopy(tokenizer)
    pipe.tokenizer = own
    with pytest.raises(InputError, match="max_position_embeddings"):
        pipe("the cat " * 30)
    own.model_max_length = 8
    assert close(pipe("the cat " * 30, truncation=True), pipe("the cat " * 3))
    pipe.device = "cpu"
    assert pipe.device == "cpu" and pipe.model is model


def test_an_edited_configuration_is_used_by_the_next_call(tokenizer: Any, ner_path: Path) -> None:
    texts: Any = pipeline("text-classification", BERT, tokenizer=(GOLDENS / "pipelines" / "tokenizer", {}))
    before = texts(["the cat", "anna"])
    names = {index: f"label {index}" for index in texts.model.config.id2label}
    texts.model.config.id2label = names
    assert {one["label"] for one in texts("the cat", top_k=None)} == set(names.values())
    assert close([one["score"] for one in texts(["the cat", "anna"])], [one["score"] for one in before])
    texts.model.config.problem_type = "multi_label_classification"
    assert close(texts("the cat", top_k=None), texts("the cat", top_k=None, function_to_apply="sigmoid"))
    ner: Any = pipeline("ner", ner_path, tokenizer=tokenizer)
    ner.model.config.id2label = {**ner.model.config.id2label, 1: "B-NAME", 2: "I-NAME"}
    assert {one["entity"] for one in ner("anna")} & {"B-NAME", "I-NAME"}
    zero: Any = pipeline("zero-shot-classification", BERT, tokenizer=tokenizer, candidate_labels=["a", "cat"])
    scores = zero("the cat")["scores"]
    zero.model.config.id2label = {0: "ENTAILMENT", 1: "neutral", 2: "contradiction"}
    zero.model.config.label2id = {label: index for index, label in zero.model.config.id2label.items()}
    assert zero.entailment_id == 0 and zero("the cat")["scores"] != scores


def test_registered_tasks_are_made_by_name(texts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pairs(tf.Pipeline):
        def _sanitize_parameters(self, second_text: str | None = None) -> Any:
            return {} if second_text is None else {"second_text": second_text}, {}, {}

        def preprocess(self, text: str, second_text: str | None = None) -> Any:
            return self.tokenizer(text, second_text, return_tensors="tf_rs")

        def _forward(self, model_inputs: Any) -> Any:
            return self.model(**model_inputs)

        def postprocess(self, model_outputs: Any) -> Any:
            return model_outputs.logits[0].softmax(-1).tolist()

    monkeypatch.setattr(PIPELINE_REGISTRY, "supported_tasks", {**PIPELINE_REGISTRY.supported_tasks})
    with pytest.raises(KeyError, match="pair-classification"):
        PIPELINE_REGISTRY.check_task("pair-classification")
    PIPELINE_REGISTRY.register_pipeline(
        "pair-classification",
        pipeline_class=Pairs,
        pt_model=tf.AutoModelForSequenceClassification,
        default={"pt": ("nobody/nothing", "main")},
        type="text",
    )
    assert PIPELINE_REGISTRY.check_task("pair-classification")[1]["impl"] is Pairs
    assert "pair-classification" in PIPELINE_REGISTRY.get_supported_tasks()
    assert PIPELINE_REGISTRY.to_dict()["pair-classification"]["default"] == {
        "model": {"pt": ("nobody/nothing", "main")}
    }
    assert PIPELINE_REGISTRY.check_task("ner")[0] == "token-classification"
    entry = PIPELINE_REGISTRY.check_task("pair-classification")[1]
    assert tf.pipelines.get_default_model_and_revision(entry) == ("nobody/nothing", "main")
    assert tf.pipelines.get_task(texts.model) == "text-classification"


def test_a_class_of_ones_own_is_made_by_pipeline(tokenizer: Any) -> None:
    class Shapes(tf.Pipeline):
        def _sanitize_parameters(self, **kwargs: Any) -> Any:
            return {}, {}, {}

        def preprocess(self, text: str) -> Any:
            return self.tokenizer(text, return_tensors="tf_rs")

        def _forward(self, model_inputs: Any) -> Any:
            return self.model(**model_inputs)

        def postprocess(self, model_outputs: Any) -> Any:
            return tuple(model_outputs.logits.shape)

    PIPELINE_REGISTRY.register_pipeline("shapes", Shapes, pt_model=(tf.AutoModel, tf.AutoModelForMaskedLM))
    try:
        made = pipeline("shapes", model=str(BERT), tokenizer=tokenizer)
        assert type(made) is Shapes and made.task == "shapes"
        assert type(made.model).__name__ == "BertModel"
        made = pipeline("fill-mask", BERT, tokenizer=tokenizer, pipeline_class=Shapes)
        assert made("the cat") == (1, 4, made.model.config.vocab_size)
    finally:
        del PIPELINE_REGISTRY.supported_tasks["shapes"]
    with pytest.raises(UnsupportedError, match="shapes"):
        pipeline("shapes", model=BERT)


def test_datasets_stream_with_their_length(texts: Any) -> None:
    rows = [{"a": "the cat", "b": "anna"}, {"a": "paris", "b": "john"}]
    found: Any = texts(KeyDataset(rows, "a"))
    assert len(found) == 2 and close(list(found), texts(["the cat", "paris"]))
    pairs: Any = texts(KeyPairDataset(rows, "a", "b"), batch_size=2)
    assert close(list(pairs), texts([{"text": row["a"], "text_pair": row["b"]} for row in rows]))
    with pytest.raises(TypeError):
        len(texts(row["a"] for row in rows))


def test_attributes_are_those_of_transformers(texts: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    assert (texts.framework, texts.task, texts.call_count) == ("pt", "text-classification", 0)
    assert texts.feature_extractor is None and texts.image_processor is None and texts.binary_output is False
    texts("a")
    assert texts.call_count == 1
    moved = texts.ensure_tensor_on_device(ids=tf.Tensor([1, 2]), names=["a"], nested=[{"x": tf.Tensor([1])}])
    assert isinstance(moved["ids"], tf.Tensor) and moved["names"] == ["a"]
    with texts.device_placement():
        assert close(texts.transform(["a"]), texts.predict(["a"]))
    with caplog.at_level("ERROR", "trustformers"):
        texts.check_model_type({"bert": ("BertForSequenceClassification",)})
        assert not caplog.text
        texts.check_model_type(["GPT2LMHeadModel"])
        assert "BertForSequenceClassification" in caplog.text
    texts.save_pretrained(tmp_path)
    assert close(pipeline("text-classification", tmp_path)("a"), texts("a"))
    with pytest.raises(UnsupportedError, match="upload_folder"):
        texts.push_to_hub("name")


def test_arguments_of_old_versions_are_known(
    texts: Any, tokenizer: Any, ner_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", "trustformers"):
        assert texts("the cat", return_all_scores=True) == texts("the cat")
    assert "top_k=None" in caplog.text
    ner = pipeline("ner", ner_path, tokenizer=tokenizer)
    assert close(ner("anna", grouped_entities=True), ner("anna", aggregation_strategy="simple"))
    both = ner("anna", grouped_entities=True, ignore_subwords=True)
    assert close(both, ner("anna", aggregation_strategy="first"))


def test_offsets_of_the_caller_replace_the_tokenizers(tokenizer: Any, ner_path: Path) -> None:
    ner = pipeline("ner", ner_path, tokenizer=tokenizer, ignore_labels=[])
    plain = ner("anna")
    offsets = [(0, 0)] * 9
    moved = ner("anna", offset_mapping=[(7, 9) for _ in offsets])
    assert [entity["start"] for entity in moved] == [7] * len(plain)


def test_copies_and_pickles_give_the_same_results(texts: Any, tokenizer: Any, ner_path: Path) -> None:
    tokens = pipeline("ner", ner_path, tokenizer=tokenizer, aggregation_strategy="simple")
    for pipe, text in ((texts, "the cat"), (tokens, "anna lives in paris")):
        for other in (copy.copy(pipe), copy.deepcopy(pipe), pickle.loads(pickle.dumps(pipe))):
            assert close(other(text), pipe(text)) and other.task == pipe.task


def _classified(text: str) -> Any:
    return _POOL[0](text)


_POOL: list[Any] = []


def _receive(pipe: Any) -> None:
    _POOL.append(pipe)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes_give_the_same_results(texts: Any, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"the system cannot {method}")
    expected = texts(["the cat", "anna"])
    with multiprocessing.get_context(method).Pool(2, _receive, (texts,)) as pool:
        found = pool.map_async(_classified, ["the cat", "anna"]).get(120)
    assert close([row[0] for row in found], expected)


def test_loading_arguments_of_a_loaded_model_have_no_effect(
    texts: Any, tokenizer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    given: dict[str, Any] = {"dtype": "bfloat16", "device_map": {"": "cpu"}, "model_kwargs": {"num_labels": 9}}
    with caplog.at_level("WARNING", "trustformers"):
        made = pipeline("sentiment-analysis", texts.model, tokenizer=tokenizer, **given)
    assert made("a") == texts("a") and made.task == "sentiment-analysis" and made.model is texts.model
    assert "bfloat16" in caplog.text and "num_labels" in caplog.text
    with pytest.raises(UnsupportedError, match="device_map"):
        pipeline("ner", BERT, tokenizer=tokenizer, device_map={"a": "cpu", "b": "cuda:0"})


def test_files_of_inputs_and_results_are_read_and_written(
    texts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('a,b\nthe cat,"on, the mat"\nanna,john\n', encoding="utf-8")
    rows = PipelineDataFormat.from_str("csv", str(target), str(source), "text=a,text_pair=b")
    inputs = list(rows)
    assert inputs[0] == {"text": "the cat", "text_pair": "on, the mat"}
    results = [{"label": one["label"]} for one in texts(inputs)]
    rows.save(results)
    assert list(PipelineDataFormat.from_str("csv", None, str(target), "label")) == [one["label"] for one in results]
    with pytest.raises(OSError, match="overwrite"):
        PipelineDataFormat.from_str("csv", str(target), str(source), "a")
    stored = tmp_path / "out.json"
    stored.write_text(json.dumps([{"a": "x"}]))
    entries = PipelineDataFormat.from_str("json", str(stored), str(stored), "a", overwrite=True)
    assert list(entries) == ["x"] and Path(entries.save_binary(results)).suffix == ".pickle"
    entries.save(results)
    assert json.loads(stored.read_text()) == results
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo\tthree\n"))
    assert list(PipelineDataFormat.from_str("pipe", None, None, None)) == ["one", ("two", "three")]
    with pytest.raises(KeyError, match="xml"):
        PipelineDataFormat.from_str("xml", None, None, None)
