"""Steps of pipelines, and of subclasses, beside transformers' on the same checkpoints. `make parity` runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from safetensors.numpy import load_file, save_file
from trustformers.pipelines import AggregationStrategy, ChunkPipeline

GOLDENS = Path(__file__).parents[1] / "goldens"
BERT = GOLDENS / "encoders" / "bert"
NER = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}
LONG = "anna and john sat at home in paris " * 9
CHAT = [{"role": "user", "content": "a cat?"}]
BOTH = (transformers, trustformers)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = tmp_path_factory.mktemp("ner")
    entities = load_file(GOLDENS / "pipelines" / "entities.safetensors")
    save_file(load_file(BERT / "model.safetensors") | entities, path / "model.safetensors", metadata={"format": "pt"})
    (path / "config.json").write_text(json.dumps(json.loads((BERT / "config.json").read_text()) | {"id2label": NER}))
    llama = str(GOLDENS / "decoders" / "llama")
    return {"token-classification": str(path), "text-generation": llama}


def made(library: Any, task: str, paths: dict[str, str], **given: Any) -> Any:
    room = "text_generation" if task == "text-generation" else "pipelines"
    tokenizer = library.AutoTokenizer.from_pretrained(str(GOLDENS / room / "tokenizer"))
    return library.pipeline(
        task, model=paths.get(task, str(BERT)), tokenizer=tokenizer, device=-1, dtype="float32", **given
    )


def cloned(values: dict[str, Any]) -> dict[str, Any]:
    """A copy, for transformers adds the words' offsets in place."""
    return {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in values.items()}


def steps(pipe: Any, inputs: Any, **given: Any) -> tuple[Any, Any, Any]:
    """What each step returns."""
    preprocess, forward, postprocess = pipe._sanitize_parameters(**given)
    encoded = pipe.preprocess(inputs, **preprocess)
    if isinstance(encoded, Iterator):
        chunks = [dict(chunk) for chunk in encoded]
        outputs = [pipe.forward(cloned(chunk), **forward) for chunk in chunks]
        return chunks, outputs, pipe.postprocess([cloned(output) for output in outputs], **postprocess)
    shown = dict(encoded)
    output = pipe.forward(encoded, **forward)
    return shown, output, pipe.postprocess(output, **postprocess)


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, torch.Tensor):
        if not isinstance(found, torch.Tensor) or found.dtype != expected.dtype or found.shape != expected.shape:
            return False
        return np.allclose(found.numpy(), expected.numpy(), atol=2e-5)
    if isinstance(expected, (float, np.floating)):
        return bool(found == pytest.approx(expected, abs=2e-5))
    if isinstance(expected, dict):
        if "attention_mask" in expected and "logits" in expected:
            # Logits of padding are not computed.
            seen = expected["attention_mask"].bool()
            one, two = ({**values, "logits": values["logits"][seen]} for values in (found, expected))
            return all(same(one[key], value) for key, value in two.items())
        return found.keys() == expected.keys() and all(same(found[key], value) for key, value in expected.items())
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(same, found, expected))
    if type(expected).__name__ == "Chat":
        return bool(found.messages == expected.messages)
    return bool(found == expected)


CALLS: list[tuple[str, Any, dict[str, Any]]] = [
    ("text-classification", "the cat sat", {}),
    ("text-classification", {"text": "the cat", "text_pair": "on the mat"}, {"top_k": None}),
    (
        "text-classification",
        "the cat sat on the mat",
        {"function_to_apply": "none", "max_length": 4, "truncation": True},
    ),
    ("text-classification", "the cat", {"padding": "max_length", "max_length": 9, "top_k": 2}),
    ("token-classification", "anna lives in paris", {}),
    ("token-classification", "zzz john lives", {"ignore_labels": []}),
    *[
        ("token-classification", text, {"aggregation_strategy": one, "ignore_labels": ["B-PER"], **more})
        for one in ("none", "simple", "first", "average", "max")
        for text, more in (("anna lives in paris", {}), (LONG, {} if one == "none" else {"stride": 5}))
    ],
    ("token-classification", ["anna", "lives"], {"is_split_into_words": True, "aggregation_strategy": "simple"}),
    ("fill-mask", "the cat [MASK] on the mat.", {}),
    ("fill-mask", "[MASK] lives in [MASK]!", {"top_k": 2}),
    ("fill-mask", "the [MASK] sat", {"targets": ["cat", "mat"], "tokenizer_kwargs": {"truncation": True}}),
    ("feature-extraction", "the cat sat", {}),
    ("feature-extraction", "the cat sat", {"return_tensors": True, "truncation": True}),
    ("zero-shot-classification", "the cat sat", {"candidate_labels": "food, sport"}),
    ("zero-shot-classification", LONG, {"candidate_labels": ["food", "sport"], "multi_label": True}),
    ("text-generation", "the cat sat", {}),
    ("text-generation", "the cat sat", {"return_full_text": False, "prefix": "and "}),
    ("text-generation", "the cat", {"num_beams": 2, "num_return_sequences": 2, "return_tensors": True}),
    ("text-generation", "the cat", {"return_dict_in_generate": True, "output_scores": True}),
]


@pytest.mark.parametrize(("task", "inputs", "given"), CALLS)
def test_values_between_steps_equal_the_reference(
    task: str, inputs: Any, given: dict[str, Any], paths: dict[str, str]
) -> None:
    fixed: dict[str, Any] = {"max_new_tokens": 4, "do_sample": False} if task == "text-generation" else {}
    if task == "token-classification":
        # The steps of transformers need it.
        given = {"is_split_into_words": False, **given}
    other, own = (made(library, task, paths, **fixed) for library in BOTH)
    expected, found = steps(other, inputs, **given), steps(own, inputs, **given)
    for name, one, two in zip(("preprocess", "forward", "postprocess"), found, expected, strict=True):
        if name == "preprocess":
            assert same(one, two), (name, one, two)
        elif name == "forward" and isinstance(two, dict):
            for key, value in two.items():
                assert same(one[key], value), (name, key, one[key], value)
        else:
            assert same(one, two), (name, one, two)
    assert same(own(inputs, **given), other(inputs, **given))


@pytest.mark.parametrize("task", ["text-classification", "feature-extraction", "fill-mask", "text-generation"])
def test_parameters_of_the_steps_equal_the_reference(task: str, paths: dict[str, str]) -> None:
    given: dict[str, dict[str, Any]] = {
        "text-classification": {"top_k": 3, "function_to_apply": "softmax", "truncation": True},
        "feature-extraction": {"truncation": True, "return_tensors": True},
        "fill-mask": {"top_k": 3, "targets": ["cat"], "tokenizer_kwargs": {"truncation": True}},
        "text-generation": {"max_new_tokens": 3, "return_full_text": True, "truncation": True, "top_k": 3},
    }
    expected, found = (made(library, task, paths)._sanitize_parameters(**given[task]) for library in BOTH)
    for one, two in zip(found, expected, strict=True):
        assert [str(key) for key in one] == [str(key) for key in two]


def classes(library: Any) -> dict[str, type]:
    pipelines = library.pipelines

    class Texts(library.TextClassificationPipeline):  # type: ignore[name-defined,misc]
        def postprocess(self, model_outputs: Any, **kwargs: Any) -> Any:
            best = super().postprocess(model_outputs, **kwargs)
            return best["label"], model_outputs["logits"].softmax(dim=-1).max().item()

    class Tokens(library.TokenClassificationPipeline):  # type: ignore[name-defined,misc]
        def postprocess(self, all_outputs: Any, **_kwargs: Any) -> Any:
            found = super().postprocess(all_outputs, aggregation_strategy=pipelines.AggregationStrategy.SIMPLE)
            return np.unique([entity["word"].strip() for entity in found]).tolist()

    class Tags(library.TokenClassificationPipeline):  # type: ignore[name-defined,misc]
        def get_tag(self, entity_name: str) -> tuple[str, str]:
            return "I", super().get_tag(entity_name)[1][:1]

    class Features(library.FeatureExtractionPipeline):  # type: ignore[name-defined,misc]
        def _forward(self, model_inputs: Any) -> Any:
            output = super()._forward(model_inputs)
            return {"pooled": output.last_hidden_state.mean(dim=1), "mask": model_inputs["attention_mask"]}

        def postprocess(self, model_outputs: Any, **_kwargs: Any) -> Any:
            return torch.nn.functional.normalize(model_outputs["pooled"], dim=-1)[0].numpy().tolist()

    class Words(library.TextGenerationPipeline):  # type: ignore[name-defined,misc]
        def postprocess(self, model_outputs: Any, **kwargs: Any) -> Any:
            return [record["generated_text"].split() for record in super().postprocess(model_outputs, **kwargs)]

    return {
        "text-classification": Texts,
        "token-classification": Tokens,
        "ner": Tags,
        "feature-extraction": Features,
        "text-generation": Words,
    }


@pytest.mark.parametrize(
    "task", ["text-classification", "token-classification", "ner", "feature-extraction", "text-generation"]
)
@pytest.mark.parametrize("batch_size", [1, 2])
def test_subclasses_equal_the_reference(task: str, batch_size: int, paths: dict[str, str]) -> None:
    paths = {**paths, "ner": paths["token-classification"]}
    fixed: dict[str, Any] = {"max_new_tokens": 4, "do_sample": False} if task == "text-generation" else {}
    if task == "ner":
        fixed = {"aggregation_strategy": "simple", "ignore_labels": []}
    inputs = ["anna lives in paris", "the cat sat on the mat"]
    if task == "feature-extraction" and batch_size > 1:
        inputs = inputs[:1] * 2
    results = []
    for library in BOTH:
        pipe = made(library, task, paths, pipeline_class=classes(library)[task], **fixed)
        results.append([pipe(inputs[0]), pipe(inputs, batch_size=batch_size), list(pipe(text for text in inputs))])
    assert same(results[1], results[0]), results


def test_questions_pass_through_their_steps(paths: dict[str, str]) -> None:
    pipe = made(trustformers, "question-answering", paths)
    for given in ({}, {"top_k": 3}, {"max_seq_len": 12, "doc_stride": 3}):
        example = {"question": "who?", "context": LONG}
        chunks, outputs, found = steps(pipe, example, **given)
        assert isinstance(chunks[0]["input_ids"], torch.Tensor) and isinstance(outputs[0]["start"], torch.Tensor)
        assert same(found, pipe(example, **given))


def test_classes_of_chunks_are_those_of_the_reference(paths: dict[str, str]) -> None:
    from transformers.pipelines import base

    for task in ("text-classification", "token-classification", "zero-shot-classification", "fill-mask"):
        other, own = (made(library, task, paths) for library in BOTH)
        assert isinstance(own, ChunkPipeline) == isinstance(other, base.ChunkPipeline)
        for name in ("task", "binary_output", "call_count", "feature_extractor", "image_processor"):
            assert getattr(own, name) == getattr(other, name), name
    assert [one.value for one in AggregationStrategy] == ["none", "simple", "first", "average", "max"]
