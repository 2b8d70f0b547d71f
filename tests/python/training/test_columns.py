"""Columns that a model does not take are dropped, as transformers drops them."""

import logging
from pathlib import Path
from typing import Any

import pytest
from trustformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTextEncoding,
    BertForSequenceClassification,
)
from trustformers.errors import InputError
from trustformers.training.columns import (
    RemoveColumnsCollator,
    label_names_of,
    remove_unused_columns,
    signature_columns,
)

GOLDENS = Path(__file__).parents[2] / "goldens"
INPUTS = ["input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds"]


class Table:
    """The methods of a `datasets.Dataset` that are called."""

    def __init__(self, *column_names: str) -> None:
        self.column_names = list(column_names)

    def remove_columns(self, names: list[str]) -> "Table":
        return Table(*(name for name in self.column_names if name not in names))


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders" / "bert")


def test_a_head_takes_its_labels(model: Any) -> None:
    assert signature_columns(model) == [*INPUTS, "labels", "label", "label_ids"]
    assert label_names_of(model) == ["labels"]
    masked = AutoModelForMaskedLM.from_pretrained(GOLDENS / "encoders" / "bert")
    assert label_names_of(masked) == ["labels"]
    answering = AutoModelForQuestionAnswering.from_pretrained(GOLDENS / "encoders" / "bert")
    assert label_names_of(answering) == ["start_positions", "end_positions"]
    assert signature_columns(answering)[5:7] == ["start_positions", "end_positions"]
    assert label_names_of(AutoModel.from_pretrained(GOLDENS / "encoders" / "bert")) == []


def test_families_take_what_their_forward_takes() -> None:
    decoder = AutoModel.from_pretrained(GOLDENS / "decoders" / "llama")
    assert "token_type_ids" not in signature_columns(decoder)
    assert "token_type_ids" not in signature_columns(AutoModel.from_pretrained(GOLDENS / "encoders" / "distilbert"))
    assert "position_ids" not in signature_columns(AutoModel.from_pretrained(GOLDENS / "encoders" / "roformer"))
    assert "task_type_ids" in signature_columns(AutoModel.from_pretrained(GOLDENS / "encoders" / "ernie"))


def test_encoder_decoders_take_a_source_and_a_target() -> None:
    source, target = ["input_ids", "attention_mask", "inputs_embeds"], ["decoder_input_ids", "decoder_attention_mask"]
    t5 = AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "seq2seq" / "t5")
    taken = signature_columns(t5)
    assert taken == [*source, *target, "decoder_inputs_embeds", "labels", "label", "label_ids"]
    encoder = AutoModelForTextEncoding.from_pretrained(GOLDENS / "seq2seq" / "t5")
    assert signature_columns(encoder) == [*source, "label", "label_ids"]


def test_an_overridden_forward_adds_its_arguments() -> None:
    class Open(BertForSequenceClassification):
        def forward(self, *args: Any, weights: Any = None, **kwargs: Any) -> Any:
            return super().forward(*args, **kwargs)

    class Closed(BertForSequenceClassification):
        def forward(self, input_ids: Any, my_labels: Any = None) -> Any:  # type: ignore[override]
            return super().forward(input_ids)

    path = GOLDENS / "encoders" / "bert"
    assert signature_columns(Open.from_pretrained(path)) == ["weights", *INPUTS, "labels", "label", "label_ids"]
    closed = Closed.from_pretrained(path)
    assert signature_columns(closed) == ["input_ids", "my_labels", "label", "label_ids"]
    assert label_names_of(closed) == ["my_labels"]


def test_any_object_with_a_forward_has_columns(model: Any) -> None:
    class Module:
        def forward(self, pixels: Any, labels: Any = None, **kwargs: Any) -> None: ...

    class Adapter:
        def get_base_model(self) -> Any:
            return model

    assert signature_columns(Module()) == ["pixels", "labels", "label", "label_ids"]
    assert signature_columns(Adapter()) == signature_columns(model)


def test_label_names_are_kept(model: Any) -> None:
    assert signature_columns(model, ["scores"])[-1] == "scores"
    assert signature_columns(model, []) == [*INPUTS, "labels", "label", "label_ids"]


def test_unused_columns_of_tables_are_dropped(model: Any, caplog: pytest.LogCaptureFixture) -> None:
    columns = signature_columns(model)
    with caplog.at_level(logging.INFO, "trustformers"):
        table = remove_unused_columns(Table("text", "input_ids", "label", "id"), columns, model)
    assert table.column_names == ["input_ids", "label"]
    assert "BertForSequenceClassification does not take are left out: text, id" in caplog.text
    whole = Table("input_ids", "labels")
    assert remove_unused_columns(whole, columns, model) is whole


def test_a_table_without_a_column_for_the_model_is_an_error_that_lists_them(model: Any) -> None:
    columns = signature_columns(model)
    with pytest.raises(InputError, match=r"none of the columns of the training set, text, id; it takes input_ids"):
        remove_unused_columns(Table("text", "id"), columns, model)
    with pytest.raises(InputError, match=r"columns of the test set, text;"):
        RemoveColumnsCollator(list, columns, description="test")([{"text": "a"}])


def test_unused_keys_of_examples_are_dropped(model: Any, caplog: pytest.LogCaptureFixture) -> None:
    collator = RemoveColumnsCollator(
        list, signature_columns(model), logging.getLogger("trustformers"), "Bert", "training"
    )
    rows = [{"input_ids": [1], "text": "a", "label": 0}] * 2
    with caplog.at_level(logging.INFO, "trustformers"):
        assert collator(rows) == [{"input_ids": [1], "label": 0}] * 2
        collator(rows)
    assert caplog.text.count("left out: text") == 1
    assert collator([(1, 2)]) == [(1, 2)]
