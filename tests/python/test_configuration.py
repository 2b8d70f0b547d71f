"""Unknown keys of `config.json`, nulls, and unsupported values."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AutoConfig, AutoModel, AutoModelForCausalLM, pipeline
from trustformers.cli import main
from trustformers.errors import ConfigError

IDS = np.array([[5, 6, 7]])
UNKNOWN: dict[str, Any] = {"unsloth_version": "2025.3", "pruned_heads": {}, "xla_device": None}


def edit(directory: Path, **keys: Any) -> Path:
    file = directory / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | keys))
    return directory


def test_unknown_keys_are_kept_saved_and_listed(
    bert_copy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = AutoModel.from_pretrained(bert_copy)(IDS).last_hidden_state
    edit(bert_copy, **UNKNOWN)
    with caplog.at_level("DEBUG", logger="trustformers"):
        loaded: Any = AutoModel.from_pretrained(bert_copy, output_loading_info=True)
    model, info = loaded
    assert info["unknown_config_keys"] == sorted(UNKNOWN)
    assert [record.levelname for record in caplog.records if "unsloth_version" in record.message] == ["DEBUG"]
    assert {key: getattr(model.config, key) for key in UNKNOWN} == UNKNOWN
    np.testing.assert_array_equal(model(IDS).last_hidden_state, expected)
    model.save_pretrained(tmp_path / "saved")
    saved = json.loads((tmp_path / "saved" / "config.json").read_text())
    assert {key: saved.get(key, "absent") for key in UNKNOWN} == UNKNOWN
    assert UNKNOWN.items() <= AutoConfig.from_pretrained(tmp_path / "saved").to_dict().items()


def test_unknown_keys_are_an_error_with_strict_config(bert_copy: Path) -> None:
    edit(bert_copy, **UNKNOWN)
    with pytest.raises(ConfigError, match=r"config.json: unknown keys: .*pruned_heads.*unsloth_version"):
        AutoModel.from_pretrained(bert_copy, strict_config=True)
    with pytest.raises(ConfigError, match="unsloth_version"):
        pipeline("feature-extraction", bert_copy, model_kwargs={"strict_config": True})
    program = f"import trustformers; trustformers.AutoModel.from_pretrained({str(bert_copy)!r})"
    for value, status in (("1", 1), ("0", 0)):
        environment = {**os.environ, "TRUSTFORMERS_STRICT_CONFIG": value}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, "unsloth_version" in done.stderr) == (status, bool(status)), done.stderr


def test_env_lists_unknown_keys_of_a_model(bert_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--verbose", "--model", str(bert_copy)]) == 0
    assert "unknown config keys  none" in capsys.readouterr().out
    assert main(["env", "--model", str(edit(bert_copy, **UNKNOWN))]) == 0
    assert "unknown config keys  pruned_heads, unsloth_version, xla_device" in capsys.readouterr().out


def test_env_verbose_prints_settings_without_tokens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRUSTFORMERS_STRICT_CONFIG", "0")
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert main(["env", "--verbose"]) == 0
    printed = capsys.readouterr().out
    assert "TRUSTFORMERS_STRICT_CONFIG 0" in printed and "secret" not in printed


def test_null_is_not_an_error(bert_copy: Path) -> None:
    expected = AutoModel.from_pretrained(bert_copy)(IDS).last_hidden_state
    nulls = (
        "is_decoder",
        "add_cross_attention",
        "chunk_size_feed_forward",
        "tie_word_embeddings",
        "quantization_config",
    )
    edit(bert_copy, **dict.fromkeys(nulls))
    np.testing.assert_array_equal(AutoModel.from_pretrained(bert_copy)(IDS).last_hidden_state, expected)


@pytest.mark.parametrize(("key", "value"), [("is_decoder", True), ("hidden_size", "40"), ("hidden_act", 3)])
def test_unsupported_values_of_keys_are_refused_by_name(bert_copy: Path, key: str, value: Any) -> None:
    edit(bert_copy, **{key: value})
    with pytest.raises(ConfigError, match=rf'config.json: key "{key}" is {json.dumps(value)}'):
        AutoModel.from_pretrained(bert_copy)


def test_strict_config_of_configurations_lists_unknown_keys(
    bert_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(bert_copy, **UNKNOWN)
    assert AutoConfig.from_pretrained(bert_copy).unsloth_version == "2025.3"
    with pytest.raises(ConfigError, match=r"config\.json.*unsloth_version"):
        AutoConfig.from_pretrained(bert_copy, strict_config=True)
    monkeypatch.setenv("TRUSTFORMERS_STRICT_CONFIG", "1")
    with pytest.raises(ConfigError, match="unsloth_version"):
        AutoConfig.from_pretrained(bert_copy)
    assert main(["env", "--model", str(bert_copy)]) == 0
    assert "unsloth_version" in capsys.readouterr().out


def test_early_names_of_longrope_are_read(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "goldens" / "decoders" / "phi3"
    factors = {name: [1.5] * 5 for name in ("short_factor", "long_factor")}

    def logits(kind: str) -> Any:
        path = tmp_path / kind
        shutil.copytree(golden, path)
        stated = {"rope_parameters": None, "rope_scaling": {"type": kind, **factors}, "rope_theta": 1000.0}
        return AutoModelForCausalLM.from_pretrained(edit(path, **stated), dtype="float32")(IDS).logits

    expected = logits("longrope")
    np.testing.assert_array_equal(logits("su"), expected)
    np.testing.assert_array_equal(logits("yarn"), expected)
    plain = AutoModelForCausalLM.from_pretrained(golden, dtype="float32")(IDS).logits
    assert np.abs(expected - plain).max() > 1e-4


@pytest.mark.parametrize("key", ["rope_type", "type"])
def test_a_saved_configuration_keeps_its_rotary_scaling(tmp_path: Path, key: str) -> None:
    path = tmp_path / "model"
    shutil.copytree(Path(__file__).parents[1] / "goldens" / "decoders" / "llama", path)
    scaling = {key: "yarn", "factor": 4.0, "original_max_position_embeddings": 8}
    edit(path, rope_parameters=None, rope_scaling=scaling, rope_theta=1000.0)
    expected = AutoModelForCausalLM.from_pretrained(path, dtype="float32")(IDS).logits
    config = AutoConfig.from_pretrained(path)
    assert config.rope_parameters["rope_type"] == "yarn"
    config.save_pretrained(path)
    np.testing.assert_array_equal(AutoModelForCausalLM.from_pretrained(path, dtype="float32")(IDS).logits, expected)
