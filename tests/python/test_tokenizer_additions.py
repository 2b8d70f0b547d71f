"""Added tokens, and padding of encoded rows."""

import json
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AddedToken, AutoTokenizer, BatchEncoding, Tensor
from trustformers.errors import InputError

GOLDENS = Path(__file__).parents[1] / "goldens" / "tokenizers"
EXPECTED = json.loads((GOLDENS / "additions.json").read_text())


@pytest.fixture(params=list(EXPECTED))
def case(request: pytest.FixtureRequest, minilm_path: Path) -> Any:
    name = request.param
    return AutoTokenizer.from_pretrained(minilm_path if name == "minilm" else GOLDENS / name), EXPECTED[name]


@pytest.fixture
def minilm(minilm_path: Path) -> Any:
    return AutoTokenizer.from_pretrained(minilm_path)


def token(value: Any) -> Any:
    return AddedToken(**value) if isinstance(value, dict) else value


def check(tokenizer: Any, expected: Any, texts: list[str]) -> None:
    ids = tokenizer(texts)["input_ids"]
    assert ids == expected["input_ids"]
    assert len(tokenizer) == expected["len"]
    assert tokenizer.batch_decode(ids, skip_special_tokens=True) == expected["decoded"]
    assert tokenizer.get_added_vocab() == expected["added_vocab"]
    assert tokenizer.all_special_tokens == expected["all_special_tokens"]


def test_added_tokens_equal_the_reference(case: Any, tmp_path: Path) -> None:
    tokenizer, expected = case
    texts = expected["texts"]
    for step in expected["added"]:
        count = tokenizer.add_tokens([token(value) for value in step["tokens"]], special_tokens=step["special"])
        assert count == step["count"]
        check(tokenizer, step, texts)
    special = expected["special"]
    assert tokenizer.add_special_tokens(special["roles"]) == special["count"]
    check(tokenizer, special, texts)
    tokenizer.save_pretrained(tmp_path)
    for again in (AutoTokenizer.from_pretrained(tmp_path), pickle.loads(pickle.dumps(tokenizer))):
        check(again, special, texts)
        assert again.added_tokens_decoder == tokenizer.added_tokens_decoder
    count = tokenizer.add_special_tokens(special["more"], replace_extra_special_tokens=False)
    assert count == special["more_count"]
    assert tokenizer.extra_special_tokens == special["extra_special_tokens"]


def test_padding_afterwards_equals_the_reference(case: Any) -> None:
    tokenizer, expected = case
    for step in expected["padding"]:
        rows = json.loads(json.dumps(expected["rows"]))
        assert dict(tokenizer.pad(rows, **step["options"])) == step["padded"], step["options"]
        assert rows == expected["rows"]
    assert dict(tokenizer.pad({"input_ids": [5, 6]}, padding="max_length", max_length=4)) == expected["one"]


def test_one_token_or_several_may_be_added(minilm: Any) -> None:
    assert minilm.add_tokens("<one>") == 1
    assert minilm.add_tokens(AddedToken("<one>", lstrip=True)) == 1
    assert minilm.add_tokens(["<one>", "<two>"]) == 2
    assert minilm.add_tokens([]) == 0
    assert minilm.added_tokens_decoder[30523] == AddedToken("<two>", normalized=True)
    minilm.pad_token = AddedToken("<two>")
    assert minilm.pad_token_id == 30523
    minilm.extra_special_tokens = ["<one>"]
    assert minilm.extra_special_tokens_ids == [30522]
    assert minilm.get_special_tokens_mask([101, 30522, 5], already_has_special_tokens=True) == [1, 1, 0]


@pytest.mark.parametrize("tokens", [3, [3], [None], {"a": 1}, ["a\ud800"], [["a"]]])
def test_what_is_not_a_token_is_refused(minilm: Any, tokens: Any) -> None:
    with pytest.raises(InputError, match="new_tokens"):
        minilm.add_tokens(tokens)
    with pytest.raises(InputError, match="extra_special_tokens"):
        minilm.add_special_tokens({"extra_special_tokens": tokens})
    with pytest.raises(InputError, match="pad_token"):
        minilm.add_special_tokens({"pad_token": 3})
    assert len(minilm) == 30522


def test_roles_and_ids_that_do_not_exist_are_named(minilm: Any) -> None:
    with pytest.raises(InputError, match="pad_tokens"):
        minilm.add_special_tokens({"pad_tokens": "<p>"})
    with pytest.raises(InputError, match="99999"):
        minilm.pad_token_id = 99999
    with pytest.raises(InputError, match="-1"):
        minilm.pad_token_id = -1
    with pytest.raises(InputError, match="token_ids_1"):
        minilm.get_special_tokens_mask([101], [102], already_has_special_tokens=True)
    assert minilm.get_special_tokens_mask([7, 8], [9]) == [1, 0, 0, 1, 0, 1]


def test_examples_and_arrays_are_padded(minilm: Any) -> None:
    examples = [minilm("a b c"), minilm("d")]
    together = minilm.pad(examples, return_tensors="np")
    assert isinstance(together, BatchEncoding)
    assert together["input_ids"].tolist() == minilm(["a b c", "d"], padding=True)["input_ids"]
    arrays = minilm.pad({"input_ids": [np.array([1, 2]), np.array([3])]})
    assert arrays["input_ids"].tolist() == [[1, 2], [3, 0]]
    assert arrays["attention_mask"].dtype == np.int64
    assert dict(minilm.pad({"input_ids": []})) == {"input_ids": []}


@pytest.mark.parametrize(
    ("inputs", "options", "message"),
    [
        (3, {}, "encoded_inputs"),
        ({"labels": [[1]]}, {}, "input_ids"),
        ({"input_ids": [[1], 2]}, {}, "row 1"),
        ({"input_ids": [[1], [2]], "labels": [[1]]}, {}, "labels"),
        ([{"input_ids": [1]}, {"labels": [1]}], {}, "example 1"),
        ({"input_ids": [[1]]}, {"padding": "most"}, "most"),
        ({"input_ids": [[1]]}, {"padding_side": "up"}, "padding_side"),
        ({"input_ids": [[1]]}, {"pad_to_multiple_of": 0}, "pad_to_multiple_of"),
        ({"input_ids": [[1]]}, {"padding": "max_length", "max_length": 2**40}, "padding"),
        ({"input_ids": [[1], [2, 3]]}, {"padding": False, "return_tensors": "np"}, "return_tensors"),
        ({"input_ids": [[1]]}, {"return_tensors": "xy"}, "return_tensors"),
    ],
)
def test_inputs_that_cannot_be_padded_are_named(minilm: Any, inputs: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        minilm.pad(inputs, **options)


def test_a_batch_converts_to_arrays_later(minilm: Any) -> None:
    batch = minilm(["a", "b"])
    assert batch.convert_to_tensors("np") is batch
    assert batch["input_ids"].shape == (2, 3)
    assert BatchEncoding({"input_ids": [1, 2]}, tensor_type="np", prepend_batch_axis=True)["input_ids"].shape == (1, 2)
    assert BatchEncoding({"input_ids": [[1], [2]]})[0:1] == {"input_ids": [[1]]}
    assert BatchEncoding({}, n_sequences=2).n_sequences == 2
    with pytest.raises(InputError, match="input_ids"):
        minilm(["a", "b c"]).convert_to_tensors("np")


def test_torch_is_imported_only_for_its_tensors(minilm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert isinstance(minilm("a", return_tensors="pt")["input_ids"], Tensor)
    stand_in: Any = types.ModuleType("torch")
    stand_in.is_tensor = lambda value: False
    stand_in.from_numpy = lambda array: ("tensor", array.tolist())
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    assert minilm("a", return_tensors="pt")["input_ids"] == ("tensor", [[101, 1037, 102]])
