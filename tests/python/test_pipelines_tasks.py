"""Inputs, options and errors of the pipelines with a head, on the tiny BERT checkpoint."""

import json
import logging
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustformers
from safetensors.numpy import load_file, save_file
from trustformers import (
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    FillMaskPipeline,
    PreTrainedTokenizerFast,
    QuestionAnsweringPipeline,
    TextClassificationPipeline,
    TokenClassificationPipeline,
    ZeroShotClassificationPipeline,
    pipeline,
)
from trustformers.errors import HubError, InputError, UnsupportedError

GOLDENS = Path(__file__).parent.parent / "goldens"
BERT = GOLDENS / "encoders" / "bert"
NER = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}
MASKED = "the cat [MASK] on the mat."
WRONG_TEXTS: tuple[object, ...] = (None, 3, 1.5, b"a", ["a", None], [3], [["a"]], {"a": "b"}, object())


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(GOLDENS / "pipelines" / "tokenizer")


@pytest.fixture(scope="module")
def ner_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ner")
    entities = load_file(GOLDENS / "pipelines" / "entities.safetensors")
    save_file(load_file(BERT / "model.safetensors") | entities, path / "model.safetensors", metadata={"format": "pt"})
    (path / "config.json").write_text(json.dumps(json.loads((BERT / "config.json").read_text()) | {"id2label": NER}))
    return path


@pytest.fixture(scope="module")
def texts(tokenizer: PreTrainedTokenizerFast) -> TextClassificationPipeline:
    return pipeline("text-classification", BERT, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def tokens(tokenizer: PreTrainedTokenizerFast, ner_path: Path) -> TokenClassificationPipeline:
    return pipeline("ner", ner_path, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def masks(tokenizer: PreTrainedTokenizerFast) -> FillMaskPipeline:
    return pipeline("fill-mask", BERT, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def questions(tokenizer: PreTrainedTokenizerFast) -> QuestionAnsweringPipeline:
    return pipeline("question-answering", BERT, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def any_labels(tokenizer: PreTrainedTokenizerFast) -> ZeroShotClassificationPipeline:
    return pipeline("zero-shot-classification", BERT, tokenizer=tokenizer, candidate_labels=["food", "sport"])


def close(found: Any, expected: Any) -> bool:
    """Whether scores equal those of another batch."""
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, abs=1e-5))
    if isinstance(expected, dict):
        return all(close(found[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    return bool(found == expected)


def test_results_of_a_generator_are_yielded_one_by_one(texts: TextClassificationPipeline) -> None:
    asked: list[int] = []

    def source() -> Iterator[str]:
        for number in range(5):
            asked.append(number)
            yield "the cat sat " * (number % 3)

    expected = texts(list(source()))
    asked.clear()
    stream = texts(source())
    assert isinstance(stream, Iterator) and not asked
    assert close(next(stream), expected[0]) and asked == [0]
    assert close(list(stream), expected[1:])
    asked.clear()
    stream = texts(source(), batch_size=3)
    assert close(next(stream), expected[0]) and asked == [0, 1, 2]
    assert close(list(stream), expected[1:])


def test_every_task_streams(
    tokens: TokenClassificationPipeline,
    masks: FillMaskPipeline,
    questions: QuestionAnsweringPipeline,
    any_labels: ZeroShotClassificationPipeline,
) -> None:
    sentences = ["anna lives in paris", "john"]
    assert close(list(tokens(iter(sentences))), tokens(sentences))
    masked = [MASKED, "[MASK] lives in [MASK]!"]
    assert close(list(masks(iter(masked), batch_size=2)), masks(masked))
    examples = [{"question": "who?", "context": text} for text in sentences]
    assert close(list(questions(iter(examples))), questions(examples))
    assert close(list(any_labels(iter(sentences))), any_labels(sentences))


def test_a_dataset_streams(texts: TextClassificationPipeline) -> None:
    class Dataset:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> str:
            return ["anna", "the cat sat", ""][index]

    stream: Any = texts(Dataset())  # type: ignore[call-overload]
    assert isinstance(stream, Iterator)
    assert close(list(stream), texts(["anna", "the cat sat", ""]))


def test_results_do_not_depend_on_the_batch(
    texts: TextClassificationPipeline, tokens: TokenClassificationPipeline, masks: FillMaskPipeline
) -> None:
    inputs = ["the cat sat on the mat " * 3, "", "anna", "john lives in rome", "she ran home"]
    for task, given in ((texts, inputs), (tokens, inputs), (masks, [f"{text[:40]} [MASK]" for text in inputs])):
        alone: list[Any] = [task(text) for text in given]
        alone = [result[0] for result in alone] if task is texts else alone
        for batch_size in (None, 1, 2, 99):
            assert close(task(given, batch_size=batch_size, num_workers=2), alone), (task, batch_size)
        assert close(task(tuple(given)), alone)


def test_long_inputs_show_their_progress_and_keep_their_order(
    texts: TextClassificationPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [("cat " * (number % 7)).strip() for number in range(2500)]
    monkeypatch.setitem(sys.modules, "tqdm", None)
    without = texts(inputs)
    seen: list[Any] = []

    class Bar:
        def __init__(self, **given: Any) -> None:
            seen.append(given["total"])

        def update(self, count: int) -> None:
            seen.append(count)

        def close(self) -> None:
            seen.append("closed")

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    assert close(texts(inputs), without)
    assert seen == [2500, 1024, 1024, 452, "closed"]
    assert texts(inputs[:10]) and seen[-1] == "closed" and len(seen) == 5
    trustformers.logging.disable_progress_bar()
    try:
        assert texts(inputs) and len(seen) == 5
    finally:
        trustformers.logging.enable_progress_bar()
    expected: Any = texts(inputs[:7])
    assert all(close(result, expected[number % 7]) for number, result in enumerate(without))


def test_a_long_list_of_labels_is_batched(
    any_labels: ZeroShotClassificationPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []

    class Engine:
        def run(self, texts: list[str], hypotheses: list[str], **_given: Any) -> list[list[tuple[int, float]]]:
            rows.append(len(texts) * len(hypotheses))
            return [[(0, 1.0)] for _ in texts]

    monkeypatch.setattr(type(any_labels), "_native", Engine())
    labels = [str(number) for number in range(100)]
    results = any_labels([f"text {number}" for number in range(250)], labels)
    assert [result["sequence"] for result in results] == [f"text {number}" for number in range(250)]
    assert max(rows) == 1000 and sum(rows) == 25000


def test_options_of_the_pipeline_are_defaults_of_its_calls(tokenizer: PreTrainedTokenizerFast, ner_path: Path) -> None:
    made = pipeline("sentiment-analysis", BERT, tokenizer=tokenizer, top_k=2, function_to_apply="sigmoid", batch_size=4)
    other = pipeline("text-classification", BERT, tokenizer=tokenizer)
    assert close(made(["a", "b"]), other(["a", "b"], top_k=2, function_to_apply="sigmoid"))
    assert close(made(["a"], function_to_apply="none"), other(["a"], top_k=2, function_to_apply="none"))
    # As in transformers, where only `top_k` of the call puts one text's result into a list.
    assert close(made("a"), [other("a", top_k=2, function_to_apply="sigmoid")])
    simple = pipeline("ner", ner_path, tokenizer=tokenizer, aggregation_strategy="simple", ignore_labels=[])
    plain = pipeline("token-classification", ner_path, tokenizer=tokenizer)
    assert close(simple("anna"), plain("anna", aggregation_strategy="simple", ignore_labels=[]))


def test_pipeline_classes_take_a_model_and_a_tokenizer(tokenizer: PreTrainedTokenizerFast) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(BERT)
    made = TextClassificationPipeline(model=model, tokenizer=tokenizer, top_k=None)
    assert close(made(["a"]), pipeline("text-classification", model, tokenizer=tokenizer)(["a"], top_k=None))
    assert made.task == "text-classification" and made.model is model and made.tokenizer is tokenizer
    with pytest.raises(InputError, match="model"):
        TextClassificationPipeline("path", tokenizer)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="tokenizer"):
        TextClassificationPipeline(model, "path")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="task"):
        TextClassificationPipeline(model, tokenizer, task="ner")


def test_the_task_follows_from_the_model(tokenizer: PreTrainedTokenizerFast) -> None:
    model = AutoModelForQuestionAnswering.from_pretrained(BERT)
    assert isinstance(pipeline(model=model, tokenizer=tokenizer), QuestionAnsweringPipeline)
    with pytest.raises(InputError, match="task"):
        pipeline(model=BERT, tokenizer=tokenizer)
    with pytest.raises(InputError, match="a task or a model"):
        pipeline()


def test_a_model_without_the_head_is_refused_with_the_classes_that_have_it(tokenizer: PreTrainedTokenizerFast) -> None:
    base = AutoModel.from_pretrained(BERT)
    heads = {
        "text-classification": "ForSequenceClassification",
        "zero-shot-classification": "ForSequenceClassification",
        "token-classification": "ForTokenClassification",
        "fill-mask": "ForMaskedLM",
        "question-answering": "ForQuestionAnswering",
    }
    for task, suffix in heads.items():
        with pytest.raises(InputError, match=rf"{task}.*AutoModel{suffix}.*Bert{suffix}.*Roberta{suffix}") as caught:
            pipeline(task, base, tokenizer=tokenizer)
        names = str(caught.value).rpartition("the classes are ")[2].split(", ")
        assert len(names) > 5 and all(hasattr(trustformers, name) for name in names)
    headed = AutoModelForQuestionAnswering.from_pretrained(BERT)
    for task in ("feature-extraction", "sentence-similarity"):
        with pytest.raises(InputError, match=rf"{task}.*AutoModel,.*BertModel"):
            pipeline(task, headed, tokenizer=tokenizer)


def test_inputs_that_are_not_texts_are_refused(
    texts: TextClassificationPipeline,
    tokens: TokenClassificationPipeline,
    masks: FillMaskPipeline,
    any_labels: ZeroShotClassificationPipeline,
) -> None:
    tasks: list[Any] = [texts, tokens, masks, any_labels]
    for task in tasks:
        for wrong in WRONG_TEXTS:
            with pytest.raises(InputError, match=r"inputs|sequences|text"):
                task(wrong)
        with pytest.raises(InputError, match="surrogate"):
            task(f"{MASKED}\ud800")
        with pytest.raises(InputError, match="batch_size"):
            task("a", batch_size=0)
        with pytest.raises(InputError, match="batch_size"):
            task("a", batch_size=10**30)
        with pytest.raises(InputError, match="num_workers"):
            task("a", num_workers=-1)
        with pytest.raises(TypeError, match="batchsize"):
            task("a", batchsize=3)
    assert texts([]) == [] and masks([]) == [] and any_labels([]) == []
    with pytest.raises(InputError, match="empty"):
        tokens([])
    assert tokens("") == []
    with pytest.raises(InputError, match="empty"):
        any_labels("")
    with pytest.raises(InputError, match="mask_token"):
        masks("")
    with pytest.raises(InputError, match="max_position_embeddings"):
        texts("the cat " * 30)


def test_invalid_options_are_refused(
    texts: TextClassificationPipeline,
    tokens: TokenClassificationPipeline,
    masks: FillMaskPipeline,
    questions: QuestionAnsweringPipeline,
    any_labels: ZeroShotClassificationPipeline,
) -> None:
    def ask(**given: Any) -> Any:
        return questions(question="who?", context="anna", **given)

    wrong: list[tuple[Callable[..., Any], str, list[Any]]] = [
        (lambda **given: texts("a", **given), "top_k", [-1, "all", True, 1.5, 10**30]),
        (lambda **given: texts("a", **given), "function_to_apply", ["tanh", 3]),
        (lambda **given: texts("a", **given), "truncation", ["middle", 3]),
        (lambda **given: texts("a", **given), "max_length", [-1, "a", 10**30]),
        (lambda **given: texts("a", **given), "padding", ["left", 3]),
        (lambda **given: tokens("a", **given), "aggregation_strategy", ["mean", 3]),
        (lambda **given: tokens("a", **given), "ignore_labels", [3, [3]]),
        (lambda **given: tokens("a", **given), "stride", [-1, 23, 99, "a"]),
        (lambda **given: tokens(["a"], is_split_into_words=True, **given), "delimiter", [3]),
        (lambda **given: masks(MASKED, **given), "top_k", [-1, 132, "a"]),
        (lambda **given: masks(MASKED, **given), "targets", [3, [], [""], [3]]),
        (lambda **given: masks(MASKED, **given), "tokenizer_kwargs", [3]),
        (ask, "top_k", [0, -1, "a"]),
        (ask, "max_answer_len", [0, -1]),
        (ask, "max_seq_len", [0, 2, 4]),
        (ask, "doc_stride", [-1, 99]),
        (ask, "max_question_len", [0, "a"]),
        (ask, "handle_impossible_answer", [1]),
        (ask, "align_to_words", ["yes"]),
        (lambda **given: any_labels("a", **given), "candidate_labels", [3, [], "", " , ", [3]]),
        (lambda **given: any_labels("a", **given), "hypothesis_template", [3, "", "{} {}", "{x}", "{", "{0.x}"]),
        (lambda **given: any_labels("a", **given), "multi_label", ["no"]),
    ]
    for call, name, values in wrong:
        for value in values:
            with pytest.raises(InputError, match=f"^{name}"):
                call(**{name: value})
    with pytest.raises(InputError, match="offset_mapping"):
        tokens(["a", "b"], offset_mapping=[(0, 1)])
    with pytest.raises(TypeError, match="strides"):
        masks(MASKED, tokenizer_kwargs={"strides": 3})


def test_invalid_questions_are_refused(questions: QuestionAnsweringPipeline) -> None:
    for wrong in (None, 3, "who?", ["who?"], [None], {"question": "who?"}, {"question": "a", "context": "b", "id": 3}):
        with pytest.raises(InputError, match="question"):
            questions(wrong)
    for question, context, name in (
        ("who?", None, "context"),
        (None, "anna", "question"),
        ("", "anna", "question"),
        ("who?", "", "context"),
        (["who?", "where?"], ["anna"], "context"),
        (["who?"], [None], "context"),
        ("who?", ["anna"], "context"),
        ("who?", "\ud800", "surrogate"),
    ):
        with pytest.raises(InputError, match=name):
            questions(question=question, context=context)  # type: ignore[arg-type]
    assert questions([]) == [] and questions(question=[], context="anna") == []


def test_a_context_without_an_answer_gives_an_empty_one(questions: QuestionAnsweringPipeline) -> None:
    # The answers of transformers 4.57.6 with the same checkpoint.
    nothing = {"score": 0.0, "start": 0, "end": 0, "answer": ""}
    assert questions(question="Who?", context="   ") == nothing
    assert questions(question="Who?", context="   ", top_k=3) == nothing
    sure = questions(question="Who?", context="   ", handle_impossible_answer=True)
    assert sure == {**nothing, "score": 1.0}
    found = questions(question="Who?", context="rome", top_k=3)
    assert [answer["answer"] for answer in found] == ["rome", ""]
    found = questions(question="Who?", context="rome", top_k=3, handle_impossible_answer=True)
    assert [round(answer["score"], 4) for answer in found] == [0.2626, 0.2339, 0.0]


def test_questions_have_every_form_of_transformers(questions: QuestionAnsweringPipeline) -> None:
    example = {"question": "who?", "context": "anna lives in rome"}
    expected = questions(question="who?", context="anna lives in rome")
    assert questions(example) == questions([example]) == questions("who?", "anna lives in rome") == expected
    assert questions(question=["who?"], context=["anna lives in rome"]) == expected
    assert close(questions([example, example]), [expected, expected])
    assert close(questions(example, example), [expected, expected])


def test_targets_outside_the_vocabulary_are_replaced_with_a_warning(
    masks: FillMaskPipeline, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "trustformers"):
        found = masks(MASKED, targets=["trains", "cat", ""])
    assert sorted(filling["token_str"] for filling in found) == ["cat", "train"]
    assert "'trains'" in caplog.text and "'train'" in caplog.text and "ignored" in caplog.text


def test_offsets_of_words_count_in_the_joined_text(tokens: TokenClassificationPipeline) -> None:
    rows = [["Zürich", "Anna"], ["John"]]
    found = tokens(rows, is_split_into_words=True, delimiter=" – ", ignore_labels=[])
    assert [len(entities) > 0 for entities in found] == [True, True]
    anna = found[0][-1]
    assert "Zürich – Anna"[anna["start"] : anna["end"]] == "Anna"
    assert close(tokens(rows[1], is_split_into_words=True, ignore_labels=[]), [found[1]])


def test_stride_finds_entities_that_truncation_loses(tokens: TokenClassificationPipeline) -> None:
    text = "anna and john sat at home in paris " * 9
    cut = tokens(text, aggregation_strategy="simple")
    whole = tokens(text, aggregation_strategy="simple", stride=5)
    assert max(entity["end"] for entity in cut) < 120 < 250 < max(entity["end"] for entity in whole)
    starts = [entity["start"] for entity in whole]
    assert starts == sorted(set(starts))


def test_the_default_model_is_that_of_transformers(tmp_path: Path) -> None:
    defaults = {
        "feature-extraction": "distilbert/distilbert-base-cased.*6ea8117",
        "text-classification": "distilbert/distilbert-base-uncased-finetuned-sst-2-english.*714eb0f",
        "sentiment-analysis": "distilbert/distilbert-base-uncased-finetuned-sst-2-english.*714eb0f",
        "ner": "dbmdz/bert-large-cased-finetuned-conll03-english.*4c53496",
        "fill-mask": "distilbert/distilroberta-base.*fb53ab8",
        "question-answering": "distilbert/distilbert-base-cased-distilled-squad.*564e9b5",
        "text-generation": "HuggingFaceTB/SmolLM3-3B.*a07cc9a",
        "zero-shot-classification": "facebook/bart-large-mnli.*d7645e1",
    }
    for task, name in defaults.items():
        with pytest.raises(HubError, match=name):
            pipeline(task, cache_dir=tmp_path, local_files_only=True)
    with pytest.raises(InputError, match="tokenizer"):
        pipeline("fill-mask", tokenizer=tmp_path)


def test_loading_arguments_reach_the_model(tokenizer: PreTrainedTokenizerFast) -> None:
    labels = {"id2label": {0: "x", 1: "y", 2: "z"}}
    made = pipeline("text-classification", BERT, tokenizer=tokenizer, model_kwargs=labels, device=-1, dtype="bfloat16")
    assert str(made.device) == "cpu" and made.dtype == "bfloat16"
    assert made("a")[0]["label"] in "xyz"
    again = pipeline("text-classification", made.model, tokenizer=tokenizer, device="cpu", dtype="bfloat16")
    assert again("a") == made("a")
    wrong_here: list[dict[str, Any]] = [
        {"device": "cuda:0"},
        {"config": "path"},
    ]
    for wrong in wrong_here:
        with pytest.raises((InputError, UnsupportedError)):
            pipeline("text-classification", made.model, tokenizer=tokenizer, **wrong)
    for model in (3, ["a"]):
        with pytest.raises(InputError, match="model"):
            pipeline("text-classification", model, tokenizer=tokenizer)  # type: ignore[call-overload]
    without_effect: dict[str, Any] = {"feature_extractor": None, "use_fast": True, "trust_remote_code": False}
    assert pipeline("text-classification", made.model, tokenizer=tokenizer, **without_effect)("a") == made("a")
    with pytest.raises(UnsupportedError, match="image_processor"):
        pipeline("text-classification", BERT, tokenizer=tokenizer, image_processor="path")  # type: ignore[call-overload]
    with pytest.raises(InputError, match="config"):
        pipeline("text-classification", BERT, tokenizer)


def test_a_random_model_reads_no_files(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "modules.json").write_text("{")
    monkeypatch.chdir(tmp_path)
    model = AutoModel.from_config(AutoModel.from_pretrained(BERT).config)
    assert pipeline("sentence-similarity", model, tokenizer=tokenizer)(["a", "b"]).similarity.shape == (2, 2)
    with pytest.raises(InputError, match="tokenizer"):
        pipeline("sentence-similarity", model)


def test_bfloat16_scores_are_close_to_float32(tokenizer: PreTrainedTokenizerFast) -> None:
    exact = pipeline("text-classification", BERT, tokenizer=tokenizer)("the cat sat", top_k=None)
    rounded = pipeline("text-classification", BERT, tokenizer=tokenizer, dtype="bfloat16")("the cat sat", top_k=None)
    assert [score["label"] for score in rounded] == [score["label"] for score in exact]
    for one, other in zip(rounded, exact, strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=0.02)
