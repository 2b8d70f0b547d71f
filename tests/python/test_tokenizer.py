"""The tokenizer: equality with the reference, errors, saving, pickling and threads."""

import copy
import json
import logging
import multiprocessing
import os
import pickle
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AddedToken, AutoTokenizer, BatchEncoding, PreTrainedTokenizerFast
from trustformers.errors import ConfigError, InputError, IoError, TokenizerError, UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens" / "tokenizers"
NAMES = ["minilm", "byte_level_bpe", "unigram"]


@pytest.fixture
def directories(minilm_path: Path) -> dict[str, Path]:
    return {"minilm": Path(minilm_path)} | {name: GOLDENS / name for name in NAMES[1:]}


@pytest.fixture
def minilm(minilm_path: Path) -> Any:
    return AutoTokenizer.from_pretrained(minilm_path)


def golden(name: str) -> Any:
    return json.loads((GOLDENS / f"{name}.json").read_text())


def digits(rows: list[list[int]]) -> list[str]:
    return ["".join(map(str, row)) for row in rows]


def edited(directory: Path, tmp_path: Path, **files: Any) -> Path:
    """A copy of a tokenizer's files with some replaced: `tokenizer_config={...}`; None removes one."""
    target = tmp_path / "edited"
    target.mkdir()
    for name in ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]:
        if (directory / name).exists():
            shutil.copy(directory / name, target / name)
    for name, value in files.items():
        file = target / f"{name}.json"
        if value is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(value if isinstance(value, str) else json.dumps(value))
    return target


def check_rows(tokenizer: Any, rows: list[Any]) -> None:
    for row in rows:
        found = tokenizer(
            *row["text"], return_offsets_mapping=True, return_special_tokens_mask=True, return_token_type_ids=True
        )
        tokens = row["tokens"].split() if isinstance(row["tokens"], str) else row["tokens"]
        ids = found["input_ids"]
        assert ids == row["input_ids"], row["text"]
        assert digits([found["token_type_ids"]]) == [row["token_type_ids"]], row["text"]
        assert digits([found["special_tokens_mask"]]) == [row["special_tokens_mask"]], row["text"]
        assert found["attention_mask"] == [1] * len(ids)
        assert [position for span in found["offset_mapping"] for position in span] == row["offsets"], row["text"]
        assert found.tokens() == tokens
        assert found.word_ids() == row["word_ids"]
        assert found.sequence_ids() == row["sequence_ids"]
        assert tokenizer(*row["text"], add_special_tokens=False)["input_ids"] == row["without_special_tokens"]
        assert tokenizer.convert_tokens_to_ids(tokenizer.convert_ids_to_tokens(ids)) == ids
        assert tokenizer.decode(ids) == row["decoded"]
        assert tokenizer.decode(ids, skip_special_tokens=True) == row["decoded_skipping"]
        cleaned = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=True)
        assert cleaned == row["decoded_cleaned"]


@pytest.mark.parametrize("name", NAMES)
def test_rows_equal_the_reference(name: str, directories: dict[str, Path]) -> None:
    check_rows(AutoTokenizer.from_pretrained(directories[name]), golden(name)["rows"])


@pytest.mark.parametrize("name", NAMES)
def test_padding_and_truncation_equal_the_reference(name: str, directories: dict[str, Path]) -> None:
    expected = golden(name)
    tokenizer = AutoTokenizer.from_pretrained(directories[name], **expected["settings"])
    firsts, seconds = zip(*expected["batch_pairs"], strict=True)
    for case in expected["batches"]:
        texts = (list(firsts), list(seconds)) if case["pairs"] else (expected["batch_texts"], None)
        if "error" in case:
            with pytest.raises(InputError, match="truncation"):
                tokenizer(*texts, **case["options"])
            continue
        if len({len(row) for row in case["input_ids"]}) == 1:
            array = tokenizer(*texts, return_tensors="np", **case["options"])["input_ids"]
            assert array.dtype == np.int64
            assert array.tolist() == case["input_ids"]
        found = tokenizer(*texts, return_token_type_ids=True, **case["options"])
        assert found["input_ids"] == case["input_ids"], case["options"]
        assert digits(found["token_type_ids"]) == case["token_type_ids"], case["options"]
        assert digits(found["attention_mask"]) == case["attention_mask"], case["options"]


def check_calls(tokenizer: Any, firsts: list[Any], seconds: tuple[list[Any], list[Any]], cases: list[Any]) -> None:
    wanted = {"return_token_type_ids": True, "return_special_tokens_mask": True, "return_offsets_mapping": True}
    for case in cases:
        texts = seconds if case["pairs"] else (firsts, None)
        if "error" in case:
            with pytest.raises(InputError, match=r"truncation|max_length|stride"):
                tokenizer(*texts, **wanted, **case["options"])
            continue
        found = tokenizer(*texts, **wanted, **case["options"])
        rows = range(len(case["input_ids"]))
        assert found["input_ids"] == case["input_ids"], case["options"]
        for key in ("token_type_ids", "attention_mask", "special_tokens_mask"):
            assert digits(found[key]) == case[key], (key, case["options"])
        assert [[position for span in row for position in span] for row in found["offset_mapping"]] == case["offsets"]
        assert [found.word_ids(row) for row in rows] == case["word_ids"]
        assert [found.sequence_ids(row) for row in rows] == case["sequence_ids"]
        assert found.get("overflow_to_sample_mapping") == case.get("overflow_to_sample_mapping")


@pytest.mark.parametrize("name", NAMES)
def test_overflowing_tokens_equal_the_reference(name: str, directories: dict[str, Path]) -> None:
    expected = golden("calls")[name]["overflowing"]
    tokenizer = AutoTokenizer.from_pretrained(directories[name])
    check_calls(tokenizer, expected["texts"], (expected["questions"], expected["texts"]), expected["cases"])


@pytest.mark.parametrize("name", NAMES)
def test_split_words_equal_the_reference(name: str, directories: dict[str, Path]) -> None:
    expected = golden("calls")[name]["split_words"]
    tokenizer = AutoTokenizer.from_pretrained(directories[name])
    check_calls(tokenizer, expected["words"], (expected["words"], expected["other_words"]), expected["cases"])


def test_one_text_overflows_into_rows(minilm: Any) -> None:
    options = {"truncation": True, "max_length": 4, "stride": 1, "return_overflowing_tokens": True}
    found = minilm("a b c d", return_tensors="np", padding=True, **options)
    assert found["input_ids"].shape == (3, 4)
    assert found["overflow_to_sample_mapping"].tolist() == [0, 0, 0]
    assert len(minilm("a", **options)["input_ids"]) == 1


def test_split_words_can_be_rows_batches_and_pairs(minilm: Any) -> None:
    alone = minilm(["hello", "worlds"], is_split_into_words=True)
    assert alone.tokens() == ["[CLS]", "hello", "worlds", "[SEP]"]
    assert minilm([["hello", "worlds"]], is_split_into_words=True)["input_ids"] == [alone["input_ids"]]
    pair = minilm(["a"], ["b", "c"], is_split_into_words=True)
    assert pair.sequence_ids() == [None, 0, None, 1, 1, None]
    assert minilm([(["a"], ["b", "c"])], is_split_into_words=True)["input_ids"] == [pair["input_ids"]]
    assert minilm([], is_split_into_words=True)["input_ids"] == [101, 102]


@pytest.mark.parametrize("words", ["text", [["a"], "b"], ["a", ["b"]], [["a", 3]], [[["a"]]], {"a": 1}, 5])
def test_inputs_that_are_not_words_are_refused(minilm: Any, words: Any) -> None:
    with pytest.raises(InputError, match="text"):
        minilm(words, is_split_into_words=True)
    with pytest.raises(InputError, match="text_pair"):
        minilm([["a"]], words, is_split_into_words=True)


@pytest.mark.parametrize("name", NAMES)
def test_properties_equal_the_reference(name: str, directories: dict[str, Path]) -> None:
    tokenizer = AutoTokenizer.from_pretrained(directories[name])
    expected = golden(name)["properties"]
    assert [tokenizer.num_special_tokens_to_add(pair) for pair in (False, True)] == expected.pop(
        "num_special_tokens_to_add"
    )
    assert len(tokenizer) == expected.pop("len")
    assert {key: getattr(tokenizer, key) for key in expected} == expected
    assert len(tokenizer.get_vocab()) == len(tokenizer)


def test_the_attributes_of_a_tokenizer_pickle_as_before_its_calls(directories: dict[str, Path]) -> None:
    # As datasets does, which finds the cache of a mapped function by it.
    tokenizer = AutoTokenizer.from_pretrained(directories["minilm"])
    before = pickle.dumps(vars(tokenizer))
    tokenizer(["one", "two or more"], padding=True, truncation=True, max_length=4)
    tokenizer("one</s>", split_special_tokens=True)
    assert tokenizer.model_input_names and tokenizer.init_kwargs
    assert pickle.dumps(vars(tokenizer)) == before
    assert pickle.dumps(vars(AutoTokenizer.from_pretrained(directories["minilm"]))) == before
    tokenizer.padding_side = "left"
    assert pickle.dumps(vars(tokenizer)) != before


@pytest.mark.parametrize("name", NAMES)
def test_saved_and_pickled_tokenizers_stay_the_same(name: str, directories: dict[str, Path], tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(directories[name], **golden(name)["settings"])
    tokenizer.padding_side = "left"
    paths = tokenizer.save_pretrained(tmp_path / "saved")
    assert {Path(path).name for path in paths} >= {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}
    again = AutoTokenizer.from_pretrained(tmp_path / "saved")
    for other in (again, pickle.loads(pickle.dumps(tokenizer)), copy.deepcopy(tokenizer)):
        check_rows(other, golden(name)["rows"])
        assert other.padding_side == "left"
        assert other.model_max_length == tokenizer.model_max_length == 16
        assert other.special_tokens_map == tokenizer.special_tokens_map
        assert other.all_special_ids == tokenizer.all_special_ids
        assert other.model_input_names == tokenizer.model_input_names


def test_arrays_are_two_dimensional_for_one_text(minilm: Any) -> None:
    found = minilm("a b c", return_tensors="np", return_offsets_mapping=True, return_length=True)
    assert list(found) == ["input_ids", "token_type_ids", "attention_mask", "offset_mapping", "length"]
    assert found["input_ids"].tolist() == [[101, 1037, 1038, 1039, 102]]
    assert found["offset_mapping"].shape == (1, 5, 2)
    assert found["length"].tolist() == [5]
    assert all(value.dtype == np.int64 for value in found.values())


def test_an_empty_batch_has_no_rows(minilm: Any) -> None:
    assert minilm([])["input_ids"] == []
    assert minilm([], padding=True, return_tensors="np")["attention_mask"].shape == (0, 0)


def test_rows_of_different_length_do_not_make_an_array(minilm: Any) -> None:
    with pytest.raises(InputError, match="padding=True"):
        minilm(["a b c", "d"], return_tensors="np")


@pytest.mark.parametrize("kind", ["jax", "tf"])
def test_tensors_of_other_libraries_are_refused_by_name(minilm: Any, kind: str) -> None:
    with pytest.raises(UnsupportedError, match=kind):
        minilm("a", return_tensors=kind)


@pytest.mark.parametrize(
    "text", [None, 3, 2.5, b"bytes", [1, 2], ["a", None], [["a", 1]], [("a", "b", "c")], {"a": 1}, ["a", ("b", "c")]]
)
def test_inputs_that_are_not_text_are_refused(minilm: Any, text: Any) -> None:
    with pytest.raises(InputError, match="text"):
        minilm(text)


@pytest.mark.parametrize("pair", [3, ["a", "b"], "one text for a batch"])
def test_a_second_sequence_fits_the_first(minilm: Any, pair: Any) -> None:
    with pytest.raises(InputError, match="text_pair"):
        minilm(["a"], pair)


def test_lone_surrogates_are_refused(minilm: Any) -> None:
    with pytest.raises(InputError, match="surrogate"):
        minilm("a\ud800b")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": "longset"}, "longset"),
        ({"padding": None}, "padding"),
        ({"truncation": "first"}, "first"),
        ({"max_length": -1}, "max_length"),
        ({"max_length": "8"}, "max_length"),
        ({"max_length": 10**30}, "size"),
        ({"max_length": 1, "truncation": True}, "2 special tokens"),
        ({"padding_side": "up", "padding": True}, "up"),
        ({"padding": True, "pad_to_multiple_of": 0}, "pad_to_multiple_of"),
        ({"padding": True, "truncation": True, "max_length": 6, "pad_to_multiple_of": 4}, "not a multiple of 4"),
        ({"truncation": "only_second", "max_length": 3}, "[Ss]econd"),
        ({"truncation": True, "max_length": 4, "stride": 2, "return_overflowing_tokens": True}, "stride"),
        ({"truncation": True, "max_length": 4, "stride": 2}, "stride"),
        ({"truncation": True, "max_length": 100, "stride": 99}, "stride"),
        ({"stride": -1}, "stride"),
        ({"is_split_into_words": 1}, "is_split_into_words"),
        ({"return_overflowing_tokens": None}, "return_overflowing_tokens"),
    ],
)
def test_invalid_options_are_refused(minilm: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        minilm(["one two three four"], **options)


def test_truncation_keeps_special_tokens_at_the_smallest_length(minilm: Any) -> None:
    assert minilm("one two", truncation=True, max_length=2).tokens() == ["[CLS]", "[SEP]"]
    assert minilm("one", "two", truncation=True, max_length=3).tokens() == ["[CLS]", "[SEP]", "[SEP]"]


def test_pairs_come_as_two_lists_or_as_a_list_of_pairs(minilm: Any) -> None:
    two_lists = minilm(["a", "c"], ["b", "d"])
    assert minilm([("a", "b"), ("c", "d")]) == two_lists
    assert minilm("a", "")["input_ids"] == minilm("a")["input_ids"]


def test_padding_needs_a_pad_token(directories: dict[str, Path], tmp_path: Path) -> None:
    directory = edited(directories["unigram"], tmp_path, tokenizer_config={"eos_token": "</s>"})
    tokenizer = AutoTokenizer.from_pretrained(directory)
    with pytest.raises(InputError, match="pad_token"):
        tokenizer(["a", "b c"], padding=True)
    tokenizer.pad_token = tokenizer.eos_token
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 1
    assert tokenizer(["a", "the text"], padding=True)["input_ids"][0][-1] == 1


def test_ids_outside_the_vocabulary_are_skipped(minilm: Any) -> None:
    assert minilm.decode([7592, 999_999]) == "hello"
    assert minilm.convert_ids_to_tokens([7592, 999_999]) == ["hello", None]
    for call in (minilm.decode, minilm.convert_ids_to_tokens):
        with pytest.raises(InputError, match="-100"):
            call([7592, -100])
        with pytest.raises(InputError, match="str"):
            call(["hello"])
    with pytest.raises(InputError, match="99999999999"):
        minilm.decode(99999999999)


def test_decoding_takes_ids_lists_and_arrays(minilm: Any) -> None:
    assert minilm.decode(7592) == minilm.decode([7592]) == minilm.decode(np.array([7592])) == "hello"
    assert minilm.batch_decode(np.array([[7592], [2088]])) == ["hello", "world"]
    assert minilm.decode([[7592], [2088]]) == ["hello", "world"]
    assert minilm.batch_decode([7592, 2088]) == ["hello world"]
    assert minilm.decode([]) == ""
    assert minilm.batch_decode([]) == [""]


def test_tokens_and_ids_convert_into_each_other(minilm: Any) -> None:
    assert minilm.tokenize("Unbelievable hello") == ["unbelievable", "hello"]
    assert minilm.tokenize("hello", "there", add_special_tokens=True) == ["[CLS]", "hello", "[SEP]", "there", "[SEP]"]
    assert minilm.convert_tokens_to_ids("hello") == 7592
    assert minilm.convert_tokens_to_ids(["hello", "no such token"]) == [7592, 100]
    assert minilm.convert_ids_to_tokens([101, 7592], skip_special_tokens=True) == ["hello"]
    assert minilm.convert_tokens_to_string(["hello", "##s", "."]) == "hellos."
    assert minilm.encode("hello") == [101, 7592, 102]
    assert minilm.encode(["hello"], return_tensors="np").tolist() == [[101, 7592, 102]]


def test_a_batch_is_a_mapping_with_attributes_and_encodings(minilm: Any) -> None:
    batch: BatchEncoding = minilm(["hello world", "a"], padding=True)
    assert issubclass(type(batch), Mapping)
    assert dict(**batch) == batch.data
    assert batch.input_ids == batch["input_ids"]
    assert batch.to("cpu") is batch
    assert batch[0].tokens == ["[CLS]", "hello", "world", "[SEP]"]
    assert batch[-1].word_ids == [None, 0, None, None]
    assert batch.encodings is not None
    assert [len(row) for row in batch.encodings] == [4, 4]
    assert batch.char_to_token(0, 6) == 2
    assert batch.token_to_chars(0, 2) == (6, 11)
    assert batch.word_to_tokens(0, 1) == (2, 3)
    with pytest.raises(AttributeError, match="labels"):
        _ = batch.labels
    with pytest.raises(KeyError):
        _ = batch["labels"]
    with pytest.raises(IndexError, match="2"):
        _ = batch[2]
    again = pickle.loads(pickle.dumps(batch))
    assert again == batch
    assert again.tokens(0) == batch.tokens(0)
    assert BatchEncoding({"input_ids": [1]}).encodings is None
    assert copy.deepcopy(batch).word_ids(0) == batch.word_ids(0)


def test_saved_padding_and_truncation_are_not_applied(minilm: Any, minilm_path: Path) -> None:
    settings = json.loads((Path(minilm_path) / "tokenizer.json").read_text())
    assert settings["truncation"]["max_length"] == 128
    assert settings["padding"]["strategy"] == {"Fixed": 128}
    assert len(minilm("a")["input_ids"]) == 3
    assert len(minilm("a " * 200)["input_ids"]) == 202


def test_arguments_override_the_files(minilm_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(
        minilm_path, padding_side="left", truncation_side="left", model_max_length=4, do_lower_case=False
    )
    assert tokenizer.tokenize("Hello") == ["[UNK]"]
    assert tokenizer("a b c d", truncation=True).tokens() == ["[CLS]", "c", "d", "[SEP]"]
    assert tokenizer(["a", "b c"], padding=True)["input_ids"][0][0] == tokenizer.pad_token_id


def test_unknown_arguments_are_named(minilm_path: Path) -> None:
    with pytest.raises(TypeError, match="padding_size"):
        AutoTokenizer.from_pretrained(minilm_path, padding_size="left")
    with pytest.raises(InputError, match="AddedToken"):
        AutoTokenizer.from_pretrained(minilm_path, cls_token=object())


def test_class_settings_override_the_files(tmp_path: Path, minilm_path: Path) -> None:
    bases = GOLDENS / "repositories"
    (tmp_path / "tokenizer.json").write_text((bases / "byte_level.json").read_text())
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}')
    plain = AutoTokenizer.from_pretrained(tmp_path)
    prefixed = AutoTokenizer.from_pretrained(tmp_path, add_prefix_space=True, use_fast=False)
    assert prefixed.encode("hello") == plain.encode(" hello") != plain.encode("hello")
    # The template of the file adds <s>; the argument overrides it.
    around = AutoTokenizer.from_pretrained(tmp_path, bos_token="<pad>", add_bos_token=True, add_eos_token=True)
    assert around("hello").tokens() == ["<pad>", *plain.tokenize("hello"), "<|endoftext|>"]
    mask = AddedToken("<new>", lstrip=True, special=True)
    named = AutoTokenizer.from_pretrained(tmp_path, mask_token=mask, image_token="<img>")
    assert named.mask_token_id == len(plain)
    assert named.encode("hello  <new>") == [*plain.encode("hello"), named.mask_token_id]
    assert named.special_tokens_map["image_token"] == "<img>"
    again = pickle.loads(pickle.dumps(prefixed))
    assert again.encode("hello") == prefixed.encode("hello")
    with pytest.raises(ConfigError, match="add_prefix_space"):
        AutoTokenizer.from_pretrained(tmp_path, add_prefix_space="yes")
    cased = AutoTokenizer.from_pretrained(minilm_path, do_lower_case=False)
    assert cased.tokenize("Hello") == ["[UNK]"]


def test_a_tokenizer_is_made_of_a_single_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    shutil.copy(GOLDENS / "repositories" / "wordpiece.json", file)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=file, pad_token="[PAD]", padding_side="left", model_max_length=3)
    assert tokenizer(["hello", "hello world"], padding=True)["input_ids"][0][0] == tokenizer.pad_token_id
    assert len(tokenizer("hello hello hello", truncation=True)["input_ids"]) == 3
    assert tokenizer.unk_token is None and tokenizer.tokenize("Hello") == ["Hello"]

    class Tokenizer:
        def to_str(self) -> str:
            return file.read_text()

    assert PreTrainedTokenizerFast(tokenizer_object=Tokenizer()).encode("hello") == tokenizer.encode("hello")
    file.write_text("\ufeff" + file.read_text())
    assert PreTrainedTokenizerFast(tokenizer_file=str(file)).encode("hello") == tokenizer.encode("hello")
    file.write_text('{"model": {"type": "Unheard"}}')
    wrong: list[tuple[Any, Any, str]] = [
        ({"tokenizer_file": file}, UnsupportedError, "mine.json.*Unheard"),
        ({"tokenizer_file": tmp_path / "none.json"}, IoError, "none.json"),
        ({"tokenizer_object": 3}, InputError, "tokenizer_object.*int"),
        ({}, InputError, "tokenizer_file"),
        ({"tokenizer_file": file, "unheard": True}, TypeError, "unheard"),
    ]
    for given, kind, named in wrong:
        with pytest.raises(kind, match=named):
            PreTrainedTokenizerFast(**given)


def test_targets_become_labels(minilm: Any) -> None:
    texts, targets = ["a b", "c"], ["d", "e f g"]
    found = minilm(texts, text_target=targets, padding=True, return_tensors="np")
    for key, value in minilm(texts, padding=True, return_tensors="np").items():
        np.testing.assert_array_equal(found[key], value)
    np.testing.assert_array_equal(found["labels"], minilm(targets, padding=True, return_tensors="np")["input_ids"])
    assert minilm(text_target="d e") == minilm("d e")
    pairs = minilm("a", "b", "c", "d", max_length=4, truncation=True)
    assert pairs["labels"] == minilm("c", "d", max_length=4, truncation=True)["input_ids"]
    with pytest.raises(InputError, match="text"):
        minilm()


def test_special_tokens_map_overrides_the_configuration(minilm_path: Path, tmp_path: Path) -> None:
    token = {"content": "[X]", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}
    directory = edited(
        Path(minilm_path),
        tmp_path,
        tokenizer_config={"tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "[CLS]", "eos_token": "</e>"},
        special_tokens_map={"cls_token": token, "additional_special_tokens": ["<a>"]},
    )
    tokenizer = AutoTokenizer.from_pretrained(directory)
    assert tokenizer.special_tokens_map == {"eos_token": "</e>", "pad_token": "[PAD]", "cls_token": "[X]"}
    assert tokenizer.extra_special_tokens == ["<a>"]
    assert tokenizer.convert_tokens_to_ids(["</e>", "[X]", "<a>"]) == [30522, 30523, 30524]
    assert tokenizer.tokenize("a [X]<a> b") == ["a", " [X]", "<a>", "b"]
    assert tokenizer.model_input_names == ["input_ids", "attention_mask"]
    assert tokenizer.model_max_length == int(1e30)


def test_a_long_sequence_gives_one_warning(minilm: Any, caplog: pytest.LogCaptureFixture) -> None:
    minilm.model_max_length = 4
    with caplog.at_level(logging.WARNING, logger="trustformers"):
        minilm("a b c d e", truncation=True)
        assert not caplog.records
        minilm("a b c d e")
        minilm("a b c d e")
    assert len(caplog.records) == 1
    assert "7 tokens" in caplog.text


def test_concurrent_calls_keep_their_own_settings(minilm: Any) -> None:
    def encode(length: int) -> set[int]:
        options = {"padding": "max_length", "truncation": True, "max_length": length}
        return {len(row) for _ in range(20) for row in minilm(["a b c d e f g h", "a"] * 4, **options)["input_ids"]}

    with ThreadPoolExecutor(8) as threads:
        lengths = [3, 5, 7, 9, 11, 13] * 4
        assert list(threads.map(encode, lengths)) == [{length} for length in lengths]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_encodes(minilm: Any) -> None:
    texts = ["a b", "c"] * 8
    expected = minilm(texts, padding=True)["input_ids"]
    context = multiprocessing.get_context("fork")
    found = context.SimpleQueue()
    child = context.Process(target=lambda: found.put(minilm(texts, padding=True)["input_ids"]))
    child.start()
    child.join(timeout=20)
    is_stuck = child.is_alive()
    child.kill()
    assert not is_stuck
    assert found.get() == expected


@pytest.mark.parametrize("name", ["tokenizer", "tokenizer_config", "special_tokens_map"])
def test_a_damaged_file_is_named(minilm_path: Path, tmp_path: Path, name: str) -> None:
    directory = edited(Path(minilm_path), tmp_path, **{name: '{"cut": '})
    with pytest.raises((ConfigError, TokenizerError), match=f"{name}.json"):
        AutoTokenizer.from_pretrained(directory)


def test_a_wrong_value_names_its_key(minilm_path: Path, tmp_path: Path) -> None:
    directory = edited(Path(minilm_path), tmp_path, tokenizer_config={"padding_side": "top"})
    with pytest.raises(ConfigError, match=r'padding_side.*"top"'):
        AutoTokenizer.from_pretrained(directory)


def test_a_directory_without_a_tokenizer_lists_the_expected_files(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="tokenizer.json"):
        AutoTokenizer.from_pretrained(tmp_path)
    (tmp_path / "vocab.json").write_text("{}")
    with pytest.raises(UnsupportedError, match=r"vocab\.json.*tokenizer_class"):
        AutoTokenizer.from_pretrained(tmp_path)
    with pytest.raises((IoError, OSError), match="absent"):
        AutoTokenizer.from_pretrained(tmp_path / "absent")


FAMILIES = json.loads((GOLDENS / "conversions.json").read_text())


@pytest.mark.parametrize("family", FAMILIES)
def test_vocabulary_files_are_read_as_the_reference_does(family: str, tmp_path: Path) -> None:
    expected = FAMILIES[family]
    directory = tmp_path / family
    shutil.copytree(GOLDENS / "vocabularies" / expected["vocabulary"], directory)
    (directory / "config.json").write_text(json.dumps(expected["config"]))
    (directory / "tokenizer_config.json").write_text(json.dumps(expected["tokenizer_config"]))
    tokenizer = AutoTokenizer.from_pretrained(directory)
    assert len(tokenizer) == expected["len"]
    for row in expected["rows"]:
        assert tokenizer(*row["text"])["input_ids"] == row["input_ids"]
        assert tokenizer.decode(row["input_ids"]) == row["decoded"]
    tokenizer.save_pretrained(tmp_path / "saved")
    again = AutoTokenizer.from_pretrained(tmp_path / "saved")
    # The reference adds RemBERT's [CLS] and [SEP] only with a tokenizer.json.
    assert again(*row["text"])["input_ids"] == row["input_ids"] or family.startswith("rembert")
    assert again.special_tokens_map == expected["special_tokens_map"]


def test_a_vocabulary_alone_is_a_bert_tokenizer(tmp_path: Path) -> None:
    shutil.copy(GOLDENS / "vocabularies" / "wordpiece" / "vocab.txt", tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path)("The text").tokens() == ["[CLS]", "the", "text", "[SEP]"]


@pytest.mark.parametrize(
    "options",
    [
        {"padding": "max_length", "max_length": 2**62},
        {"padding": True, "pad_to_multiple_of": 2**60},
        {"padding": "max_length", "max_length": 2**40},
    ],
)
def test_padding_beyond_memory_is_refused(minilm: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="padding"):
        minilm(["a b", "c"], **options)
    assert minilm(["a"])["input_ids"] == [[101, 1037, 102]]


@pytest.mark.parametrize("decoder", ['{"type": "WordPiece", 1: 2}', '{"type": "WordPiece", "prefix": 3}', "7"])
def test_a_damaged_section_names_the_file(minilm_path: Any, tmp_path: Path, decoder: str) -> None:
    text = (Path(minilm_path) / "tokenizer.json").read_text()
    start = text.index('"decoder"')
    end = text.index('"model"', start)
    (tmp_path / "tokenizer.json").write_text(f'{text[:start]}"decoder": {decoder}, {text[end:]}')
    with pytest.raises(TokenizerError, match=r"tokenizer\.json"):
        AutoTokenizer.from_pretrained(tmp_path)
