"""The modules that an adapter is added to, beside those of PEFT."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import peft
import pytest
import transformers
import trustformers
from peft.tuners.lora import LoraLayer
from trustformers.peft.config import lora_config
from trustformers.peft.targets import matched_modules, resolve_targets

GOLDENS = Path(__file__).parent.parent / "goldens"
SEQUENCE = "AutoModelForSequenceClassification"
MODELS = [
    *(("encoders/bert", head) for head in ("AutoModel", SEQUENCE, "AutoModelForMaskedLM")),
    *(("encoders/distilbert", head) for head in (SEQUENCE, "AutoModelForTokenClassification")),
    ("encoders/roberta", SEQUENCE),
    *((f"decoders/{name}", head) for name in ("gpt2", "llama", "qwen2") for head in ("AutoModelForCausalLM", SEQUENCE)),
]
TABLES = ["word_embeddings", "wte", "embed_tokens"]
CONFIGS: dict[str, dict[str, Any]] = {
    "default": {},
    "all-linear": {"target_modules": "all-linear"},
    "names": {"target_modules": ["query", "q_lin", "c_attn", "q_proj", "o_proj", *TABLES]},
    "regular expression": {"target_modules": r".*\.1\..*(query|q_lin|c_proj|down_proj)"},
    "layers": {
        "target_modules": ["query", "q_lin", "c_attn", "c_proj", "q_proj", "dense"],
        "layers_to_transform": [1],
    },
    "pattern of layers": {
        "target_modules": ["query", "q_lin", "c_attn", "q_proj"],
        "layers_to_transform": 1,
        "layers_pattern": ["layer", "h", "layers"],
    },
    "excluded": {"target_modules": "all-linear", "exclude_modules": ["dense", "lin1", "c_proj", "o_proj"]},
    "saved": {"target_modules": "all-linear", "modules_to_save": ["layer.0", "h.0", "layers.0"]},
}


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize(("checkpoint", "head"), MODELS)
def test_matched_modules_are_those_of_peft(checkpoint: str, head: str, name: str) -> None:
    task = {SEQUENCE: "SEQ_CLS", "AutoModelForTokenClassification": "TOKEN_CLS"}.get(head)
    config = peft.LoraConfig(task_type=task, **copy.deepcopy(CONFIGS[name]))
    ours = getattr(trustformers, head).from_pretrained(GOLDENS / checkpoint)
    if task is not None:
        config.modules_to_save = [*(config.modules_to_save or []), "classifier", "score"]
    own = lora_config(config)
    reference = getattr(transformers, head).from_pretrained(GOLDENS / checkpoint)
    if name == "default" and "distilbert" in checkpoint:
        with pytest.raises(ValueError, match="target_modules"):
            peft.get_peft_model(reference, config)
        with pytest.raises(ValueError, match=r"target_modules: .*distilbert.*q_lin"):
            resolve_targets(own, ours)
        return
    resolve_targets(own, ours)
    found = matched_modules(own, ours)
    if name in ("all-linear", "excluded", "saved") and "distilbert" in checkpoint and head == SEQUENCE:
        # The names of modules_to_save are ends of names, so "classifier" is "pre_classifier" too.
        with pytest.raises(TypeError, match="modules_to_save cannot be applied"):
            peft.get_peft_model(reference, config)
        assert found and not {"classifier", "pre_classifier"} & {*found}
        return
    adapted = peft.get_peft_model(reference, config).base_model.model
    expected = [path for path, module in adapted.named_modules() if isinstance(module, LoraLayer)]
    assert sorted(found) == sorted(expected)
