"""Every recorded call of the reference's pipelines, on the tiny BERT checkpoint and its heads."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file, save_file
from trustformers import AutoTokenizer, PreTrainedTokenizerFast, pipeline
from trustformers.errors import TrustformersError

GOLDENS = Path(__file__).parent.parent / "goldens"


def recorded() -> list[Any]:
    calls = []
    for name in ("results", "question_answering"):
        file = json.loads((GOLDENS / "pipelines" / f"{name}.json").read_text())
        for number, call in enumerate(file["calls"]):
            call["tolerance"] = file["tolerance"]
            calls.append(pytest.param(call, id=f"{call['task']}-{number}"))
    return calls


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(GOLDENS / "pipelines" / "tokenizer")


def model_directory(call: dict[str, Any], directory: Path) -> Path:
    """The model of the call: a base checkpoint with some tensors and keys replaced."""
    base = GOLDENS / call["model"]
    tensors = load_file(base / "model.safetensors")
    if call["weights"]:
        tensors |= load_file(GOLDENS / call["weights"])
    save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text()) | call["config"]
    (directory / "config.json").write_text(json.dumps(config))
    return directory


def assert_same(found: Any, expected: Any, tolerance: float, place: str = "") -> None:
    if isinstance(expected, float):
        assert isinstance(found, float), f"{place}: {found!r}"
        assert math.isclose(found, expected, rel_tol=0, abs_tol=tolerance), f"{place}: {found} is not {expected}"
    elif isinstance(expected, dict):
        assert list(found) == list(expected), place
        for key, value in expected.items():
            assert_same(found[key], value, tolerance, f"{place}.{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list), f"{place}: {found!r}"
        assert len(found) == len(expected), f"{place}: {found}"
        for index, value in enumerate(expected):
            assert_same(found[index], value, tolerance, f"{place}[{index}]")
    else:
        assert type(found) is type(expected) and found == expected, f"{place}: {found!r} is not {expected!r}"


@pytest.mark.parametrize("call", recorded())
def test_results_equal_the_reference(call: dict[str, Any], tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    task = pipeline(call["task"], model=model_directory(call, tmp_path), tokenizer=tokenizer, device="cpu")
    arguments = dict(call["arguments"])
    if call["task"] == "feature-extraction" and "tokenize_kwargs" in arguments:
        # The reference adds an argument of its own to the mapping.
        arguments["tokenize_kwargs"] = {
            name: value for name, value in arguments["tokenize_kwargs"].items() if name not in arguments
        }
    args = []
    if call["task"] == "question-answering":
        arguments |= call["inputs"]
    else:
        args.append(call["inputs"])
    if "error" in call:
        with pytest.raises((TrustformersError, ValueError, TypeError)):
            task(*args, **arguments)
    else:
        assert_same(task(*args, **arguments), call["outputs"], call["tolerance"])
