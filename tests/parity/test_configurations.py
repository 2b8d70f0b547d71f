"""Configurations of every family against those of transformers: attributes, dicts and saved files."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import transformers
from trustformers import AutoConfig
from trustformers.models.mappings import CONFIG_MAPPING

GOLDENS = Path(__file__).parents[1] / "goldens"
DIRECTORIES = sorted(file.parent for kind in ("encoders", "decoders") for file in GOLDENS.glob(f"{kind}/*/config.json"))
KEYS: list[dict[str, Any]] = [
    {},
    {"num_hidden_layers": 4, "num_labels": 5},
    {"hidden_size": 256, "num_attention_heads": 4, "id2label": {"0": "a", "1": "b", "2": "c"}},
    {"eos_token_id": None, "bos_token_id": 7, "foo": [1, 2], "torch_dtype": "float16"},
    {"rope_theta": 5e5, "partial_rotary_factor": 0.25},
    {"rope_scaling": {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}},
    {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 2, "num_hidden_layers": 4},
    {"max_length": 30, "do_sample": True, "use_cache": False, "output_attentions": True, "is_decoder": True},
    {"attn_implementation": "eager", "name_or_path": "x/y", "architectures": ["Foo"], "problem_type": "regression"},
]


def plain(value: Any) -> Any:
    return json.loads(
        json.dumps(value, default=lambda one: sorted(one) if isinstance(one, (set, frozenset)) else str(one))
    )


def attributes(config: Any) -> dict[str, Any]:
    return plain({name: getattr(config, name) for name in config})


@pytest.mark.parametrize("model_type", CONFIG_MAPPING)
def test_keys_and_values_equal(model_type: str) -> None:
    ours, theirs = CONFIG_MAPPING[model_type], transformers.CONFIG_MAPPING[model_type]
    assert ours.attribute_map == theirs.attribute_map
    for name in ("keys_to_ignore_at_inference", "default_theta", "model_type", "base_config_key"):
        assert getattr(ours, name, "absent") == getattr(theirs, name, "absent"), name
    for name in (name for name in theirs() if not name.startswith("_")):
        assert getattr(ours, name, "absent") == getattr(theirs, name, "absent"), name
    for keys in KEYS:
        # The decoder of transformers' T5 has the default number of layers then.
        if model_type in {"t5", "mt5", "umt5"} and "num_hidden_layers" in keys:
            continue
        try:
            expected = theirs(**copy.deepcopy(keys))
        except Exception:  # noqa: BLE001  # combinations that transformers refuses, which loading refuses here
            continue
        found = ours(**copy.deepcopy(keys))
        assert attributes(found) == attributes(expected), keys
        assert plain(found.to_dict()) == plain(expected.to_dict()), keys
        assert found.to_json_string() == expected.to_json_string(), keys
        assert found == ours(**copy.deepcopy(keys)) == copy.deepcopy(found)


@pytest.mark.parametrize("path", DIRECTORIES, ids=lambda path: path.name)
def test_loaded_and_saved_files_equal(path: Path, tmp_path: Path) -> None:
    for name, auto in (("ours", AutoConfig), ("theirs", transformers.AutoConfig)):
        auto.from_pretrained(path).save_pretrained(tmp_path / name)
    files = [(tmp_path / name / "config.json").read_text() for name in ("ours", "theirs")]
    assert files[0] == files[1]
    assert attributes(AutoConfig.from_pretrained(path)) == attributes(transformers.AutoConfig.from_pretrained(path))
