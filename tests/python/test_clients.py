"""What libraries built on transformers need beside what scripts do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import trustformers as tf
from trustformers.tokenizers.collators import DataCollatorMixin

GOLDENS = Path(__file__).parents[1] / "goldens"
BERT, LLAMA = GOLDENS / "encoders/bert", GOLDENS / "decoders/llama"


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


def test_arguments_of_calls_have_no_effect_on_loading(minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path, max_length=3, truncation=True, padding="max_length")
    assert tokenizer("one two three four") == tf.AutoTokenizer.from_pretrained(minilm_path)("one two three four")
