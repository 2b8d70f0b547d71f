"""Every recorded call of the reference's text generation, on the tiny decoders."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from trustformers import AutoTokenizer, GenerationConfig, pipeline
from trustformers.errors import TrustformersError

GOLDENS = Path(__file__).parent.parent / "goldens"
RESULTS = json.loads((GOLDENS / "text_generation" / "results.json").read_text())


def model_directory(call: dict[str, Any], directory: Path) -> Path:
    """The model of the call: the checkpoint with some configuration keys replaced."""
    base = GOLDENS / "decoders" / call["model"]
    shutil.copy(base / "model.safetensors", directory)
    config = json.loads((base / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(config | call["config"]))
    if call["generation_config"]:
        kept = {name: config[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
        (directory / "generation_config.json").write_text(json.dumps(kept | call["generation_config"]))
    return directory


def with_objects(arguments: dict[str, Any]) -> dict[str, Any]:
    config = arguments.get("generation_config")
    return arguments | ({"generation_config": GenerationConfig(**config)} if config else {})


def is_same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float):
        return isinstance(found, float) and math.isclose(found, expected, abs_tol=RESULTS["tolerance"])
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(is_same(found[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(is_same, found, expected))
    return type(found) is type(expected) and bool(found == expected)


@pytest.mark.parametrize("call", RESULTS["calls"], ids=range(len(RESULTS["calls"])))
def test_results_equal_the_reference(call: dict[str, Any], tmp_path: Path) -> None:
    ask = pipeline(
        "text-generation",
        model=str(model_directory(call, tmp_path)),
        tokenizer=AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer"),
        device="cpu",
        dtype="float32",
        **with_objects(call["options"]),
    )
    if "error" in call:
        with pytest.raises((TrustformersError, ValueError, TypeError)):
            ask(call["inputs"], **with_objects(call["arguments"]))
    else:
        found = ask(call["inputs"], **with_objects(call["arguments"]))
        assert is_same(found, call["outputs"]), f"{found} is not {call['outputs']}"
