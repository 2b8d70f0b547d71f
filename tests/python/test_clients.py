"""What libraries built on transformers need beside what scripts do."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers.data.data_collator import DataCollatorMixin
from trustformers.errors import HubError, UnsupportedError
from trustformers.modelcard import make_markdown_table
from trustformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
from trustformers.trainer_pt_utils import get_parameter_names
from trustformers.trainer_utils import default_compute_objective, has_length, number_of_arguments
from trustformers.utils import PushToHubMixin, copy_func, http_user_agent
from trustformers.utils.peft_utils import find_adapter_config_file

GOLDENS = Path(__file__).parents[1] / "goldens"
BERT, LLAMA = GOLDENS / "encoders/bert", GOLDENS / "decoders/llama"


def test_a_processor_of_text_is_the_tokenizer(minilm_path: Path, tmp_path: Path) -> None:
    tokenizer = tf.AutoProcessor.from_pretrained(minilm_path)
    assert isinstance(tokenizer, tf.PreTrainedTokenizerFast)
    (tmp_path / "preprocessor_config.json").write_text("{}")
    with pytest.raises(UnsupportedError, match="preprocessor_config.json, which prepares images or sounds"):
        tf.AutoProcessor.from_pretrained(tmp_path)
    with pytest.raises(HubError):
        tf.AutoProcessor.from_pretrained(tmp_path / "absent")


def test_refused_classes_are_bases_and_alternatives() -> None:
    class Processor(tf.ProcessorMixin):
        pass

    with pytest.raises(UnsupportedError, match="ProcessorMixin of transformers; "):
        Processor()
    assert not isinstance(tf.BertConfig(), (tf.LongT5Config, tf.WhisperConfig))
    with pytest.raises(UnsupportedError, match="LongT5Config of transformers; this family is not supported"):
        tf.LongT5Config()
    loaders: dict[str, Any] = {"speech": tf.AutoModelForSpeechSeq2Seq.from_pretrained, "": tf.AutoModel.from_pretrained}
    with pytest.raises(UnsupportedError, match="AutoModelForSpeechSeq2Seq of transformers"):
        loaders["speech"]("whisper-small")
    # A script of transformers has a table of the families that it generates with.
    classes: dict[str, Any] = {"gpt2": tf.GPT2LMHeadModel, "ctrl": tf.CTRLLMHeadModel, "xlnet": tf.XLNetLMHeadModel}
    for name, kind in {**classes, "xlm": tf.XLMTokenizer}.items():
        if name != "gpt2":
            with pytest.raises(UnsupportedError, match=f"{kind.__name__} of transformers; "):
                kind.from_pretrained("a/model")
    with pytest.raises(UnsupportedError, match="code from repositories is never run"):
        __import__("trustformers.dynamic_module_utils").dynamic_module_utils.get_class_from_dynamic_module("a.B", "c")


def test_own_configurations_are_added_without_effect() -> None:
    known = [*tf.CONFIG_MAPPING]
    tf.CONFIG_MAPPING.update({"own": tf.BertConfig})
    assert [*tf.CONFIG_MAPPING] == known and not MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES


def test_a_collator_of_ones_own_implements_one_type_of_tensors() -> None:
    class Collator(DataCollatorMixin):
        return_tensors = "np"

        def numpy_call(self, features: Any) -> Any:
            return np.array(features)

    assert Collator()([1, 2]).tolist() == [1, 2]


def test_items_of_a_list_of_ones_own_are_those_that_it_yields(minilm_path: Path) -> None:
    class Column(list[Any]):
        def __init__(self, rows: list[dict[str, str]]) -> None:
            self.rows = rows

        def __len__(self) -> int:
            return len(self.rows)

        def __iter__(self) -> Any:
            return (row["text"] for row in self.rows)

    pipe: Any = tf.pipeline("feature-extraction", model=str(minilm_path))
    assert pipe(Column([{"text": "one"}, {"text": "two"}])) == pipe(["one", "two"])


def test_stopping_criteria_of_a_pipeline_get_tensors() -> None:
    found: list[Any] = []

    def ends(input_ids: Any, scores: Any, **_kwargs: Any) -> bool:
        found.append((type(input_ids), input_ids[0].size(0)))
        return len(found) == 2

    model = tf.AutoModelForCausalLM.from_pretrained(LLAMA)
    tokenizer = tf.AutoTokenizer.from_pretrained(GOLDENS / "text_generation/tokenizer")
    pipe: Any = tf.pipeline("text-generation", model=model, tokenizer=tokenizer)
    pipe("Hello", max_new_tokens=6, do_sample=False, stopping_criteria=[ends])
    assert len(found) == 2 and found[1][1] == found[0][1] + 1
    assert all(kind is (sys.modules["torch"].Tensor if "torch" in sys.modules else tf.Tensor) for kind, _ in found)


def test_modules_have_the_dict_that_libraries_read() -> None:
    model: Any = tf.AutoModel.from_pretrained(BERT)
    assert [*model._modules] == [name for name, _ in model.named_children()] != []
    names = [name for name, _ in model.named_parameters()]
    assert sorted(get_parameter_names(model, [])) == sorted(names)
    kept = get_parameter_names(model, [], [r"bias$", r"layernorm"])
    assert sorted(kept) == sorted(name for name in names if "LayerNorm" not in name and not name.endswith("bias"))


def test_small_functions_do_what_they_say(tmp_path: Path) -> None:
    def function(a: int, *, b: int = 2) -> int:
        return a + b

    assert isinstance(function, FunctionType)
    copied: Any = copy_func(function)
    copied.__doc__ = "other"
    assert copied(1) == 3 and function.__doc__ is None
    assert http_user_agent({"task": "x"}).startswith("transformers/") and http_user_agent("a/1").endswith("; a/1")
    assert default_compute_objective({"eval_loss": 2.0, "epoch": 1.0, "eval_runtime": 3.0}) == 2.0
    assert default_compute_objective({"eval_loss": 2.0, "eval_f1": 0.5, "eval_accuracy": 0.25}) == 0.75
    assert number_of_arguments(partial(function, b=1)) == 1
    assert has_length([]) and not has_length(iter([]))
    table = make_markdown_table([{"loss": 0.123456, "step": 5}, {"loss": 0.5, "step": 10}])
    assert table.splitlines() == ["| loss   | step |", "|:------:|:----:|", "| 0.1235 | 5    |", "| 0.5    | 10   |"]
    assert find_adapter_config_file(tmp_path) is None
    (tmp_path / "adapter_config.json").write_text("{}")
    assert find_adapter_config_file(tmp_path) == str(tmp_path / "adapter_config.json")
    with pytest.raises(UnsupportedError, match="huggingface_hub.upload_folder"):
        PushToHubMixin().push_to_hub("a/b")


def test_arguments_of_calls_have_no_effect_on_loading(minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path, max_length=3, truncation=True, padding="max_length")
    assert tokenizer("one two three four") == tf.AutoTokenizer.from_pretrained(minilm_path)("one two three four")
