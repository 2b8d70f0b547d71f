"""`Trainer` with models that have adapters: checkpoints, resuming, quantized bases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import losses, rows, tokens, trainer
from trustformers.errors import InputError
from trustformers.peft import LoraConfig, PeftModel, get_peft_model

GOLDENS = Path(__file__).parents[2] / "goldens"


def language_model(**options: Any) -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", **{"dtype": "float32", **options})


def adapted(**options: Any) -> Any:
    tf.set_seed(0)
    config = LoraConfig(r=4, lora_dropout=0.1, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(language_model(**options), config)


def values(model: Any) -> dict[str, Any]:
    return {name: parameter.detach().numpy().copy() for name, parameter in model.named_parameters()}


SETTINGS: dict[str, Any] = {
    "max_steps": 8,
    "save_strategy": "steps",
    "save_steps": 4,
    "learning_rate": 1e-2,
    "logging_steps": 1,
}


def test_training_resumes_from_a_checkpoint_of_an_adapter(tmp_path: Path) -> None:
    whole = trainer(tmp_path, adapted(), data=tokens(), **SETTINGS)
    whole.train()
    checkpoint = tmp_path / "checkpoint-4"
    names = {path.name for path in checkpoint.iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "trainer_state.json"} <= names
    assert "model.safetensors" not in names
    resumed = trainer(tmp_path, adapted(), data=tokens(), **SETTINGS)
    resumed.train(resume_from_checkpoint=str(checkpoint))
    assert losses(resumed) == losses(whole)
    for name, value in values(whole.model).items():
        np.testing.assert_array_equal(values(resumed.model)[name], value, err_msg=name)


@pytest.mark.parametrize("options", [{"load_in_8bit": True}, {"load_in_4bit": True}])
def test_a_quantized_base_is_trained_through_its_adapter(options: dict[str, Any], tmp_path: Path) -> None:
    model = adapted(**options)
    own = trainer(tmp_path, model, data=tokens(), **{**SETTINGS, "max_steps": 20, "save_strategy": "no"})
    own.train()
    found = losses(own)
    assert found[-1] < found[0] - 0.2
    own.save_model(str(tmp_path / "saved"))
    again = PeftModel.from_pretrained(language_model(**options), tmp_path / "saved")
    ids = np.array([[5, 6, 7, 8]])
    np.testing.assert_array_equal(again(ids).logits, model.eval()(ids).logits)


def test_the_best_adapter_is_loaded_at_the_end(tmp_path: Path) -> None:
    settings = {"eval_strategy": "steps", "eval_steps": 4, "load_best_model_at_end": True, "max_steps": 12}
    own = trainer(
        tmp_path, adapted(), data=tokens(), eval_dataset=tokens(), **{**SETTINGS, "learning_rate": 0.5, **settings}
    )
    own.train()
    best = own.state.best_model_checkpoint
    assert own.evaluate()["eval_loss"] == pytest.approx(own.state.best_metric, rel=1e-5)
    again = PeftModel.from_pretrained(language_model(), best)
    for name, value in values(again).items():
        np.testing.assert_array_equal(values(own.model)[name], value, err_msg=name)


def test_a_checkpoint_without_an_adapter_is_refused(tmp_path: Path) -> None:
    own = trainer(tmp_path, adapted(), data=tokens(), **SETTINGS)
    own.train()
    (tmp_path / "checkpoint-4/adapter_model.safetensors").unlink()
    with pytest.raises(InputError, match=r"checkpoint-4 has no adapter_model\.safetensors"):
        own.train(resume_from_checkpoint=str(tmp_path / "checkpoint-4"))


def test_labels_of_a_classifier_with_an_adapter_are_checked(tmp_path: Path) -> None:
    base = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert")
    model = get_peft_model(base, LoraConfig(task_type="SEQ_CLS"))
    data = rows()
    data[3]["labels"] = 9
    with pytest.raises(InputError, match="example 3 is 9, expected a class from 0 to 2"):
        trainer(tmp_path, model, data=data).train()


def test_an_adapter_that_was_loaded_for_inference_says_how_it_is_trained(tmp_path: Path) -> None:
    adapted().save_pretrained(tmp_path / "saved")
    model = PeftModel.from_pretrained(language_model(), tmp_path / "saved")
    with pytest.raises(InputError, match="no parameter requires a gradient; load its adapter with is_trainable=True"):
        trainer(tmp_path, model, data=tokens(), **SETTINGS).train()


def test_adapters_that_are_disabled_are_named_before_the_first_step(tmp_path: Path) -> None:
    own = language_model()
    own.add_adapter(LoraConfig(r=4, target_modules="all-linear"), "first")
    own.disable_adapters()
    with pytest.raises(InputError, match=r"its adapters first are disabled.*; call model.enable_adapters\(\) first"):
        trainer(tmp_path, own, data=tokens(), max_steps=1).train()
    own.enable_adapters()
    assert trainer(tmp_path, own, data=tokens(), max_steps=1).train().global_step == 1
    wrapped = adapted()
    with (
        wrapped.disable_adapter(),
        pytest.raises(InputError, match=r"its adapters default are disabled.*base_model.enable_adapter_layers\(\)"),
    ):
        trainer(tmp_path, wrapped, data=tokens(), max_steps=1).train()


def test_weights_beside_disabled_adapters_are_trained(tmp_path: Path) -> None:
    own = language_model()
    own.add_adapter(LoraConfig(r=4, target_modules="all-linear"))
    own.disable_adapters()
    own.lm_head.weight.requires_grad_(True)
    before = own.lm_head.weight.detach().numpy().copy()
    trainer(tmp_path, own, data=tokens(), max_steps=1, learning_rate=0.1).train()
    assert np.abs(own.lm_head.weight.detach().numpy() - before).max() > 0.01
