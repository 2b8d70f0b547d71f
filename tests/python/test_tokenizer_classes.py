"""The tokenizer classes of families, and methods that version 4 of transformers has."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import trustformers
from trustformers import (
    AddedToken,
    AutoTokenizer,
    BertTokenizer,
    BertTokenizerFast,
    DistilBertTokenizer,
    ElectraTokenizer,
    GPT2Tokenizer,
    LlamaTokenizer,
    PreTrainedTokenizer,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaTokenizer,
    TokenizersBackend,
)
from trustformers.errors import ConfigError, InputError, IoError, TokenizerError, UnsupportedError
from trustformers.tokenizers import families

GOLDENS = Path(__file__).parents[1] / "goldens" / "tokenizers"
VOCABULARIES = GOLDENS / "vocabularies"


@pytest.fixture
def minilm(minilm_path: Path) -> Any:
    return AutoTokenizer.from_pretrained(minilm_path)


def repository(directory: Path, pipeline: str, name: str | None) -> Path:
    directory.mkdir(exist_ok=True)
    shutil.copy(GOLDENS / "repositories" / f"{pipeline}.json", directory / "tokenizer.json")
    (directory / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name} if name else {}))
    return directory


@pytest.mark.parametrize(
    ("pipeline", "stated", "expected"),
    [
        ("wordpiece", "BertTokenizerFast", "BertTokenizer"),
        ("wordpiece", "ElectraTokenizer", "BertTokenizer"),
        ("wordpiece", "DistilBertTokenizer", "DistilBertTokenizer"),
        ("wordpiece", None, "TokenizersBackend"),
        ("byte_level", "LongformerTokenizerFast", "RobertaTokenizer"),
        ("byte_level", "LlamaTokenizerFast", "TokenizersBackend"),
        ("metaspace", "LlamaTokenizerFast", "LlamaTokenizer"),
        ("unigram", "XLMRobertaTokenizerFast", "XLMRobertaTokenizer"),
        ("unigram", "PreTrainedTokenizerFast", "TokenizersBackend"),
        ("unigram", "UnheardTokenizer", "TokenizersBackend"),
    ],
)
def test_the_class_is_the_one_that_the_files_name(
    pipeline: str, stated: str | None, expected: str, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(repository(tmp_path, pipeline, stated))
    assert type(tokenizer).__name__ == expected
    assert isinstance(tokenizer, (PreTrainedTokenizerBase, PreTrainedTokenizerFast))
    assert not isinstance(tokenizer, PreTrainedTokenizer)
    tokenizer.save_pretrained(tmp_path / "saved")
    assert json.loads((tmp_path / "saved/tokenizer_config.json").read_text())["tokenizer_class"] == expected
    for again in (AutoTokenizer.from_pretrained(tmp_path / "saved"), pickle.loads(pickle.dumps(tokenizer))):
        assert type(again) is type(tokenizer)
        assert again("Hello world, hello")["input_ids"] == tokenizer("Hello world, hello")["input_ids"]


def test_names_with_fast_and_of_other_families_are_the_same_classes() -> None:
    assert BertTokenizerFast is BertTokenizer is ElectraTokenizer
    assert issubclass(DistilBertTokenizer, BertTokenizer) and issubclass(BertTokenizer, TokenizersBackend)
    assert PreTrainedTokenizerFast is TokenizersBackend
    assert BertTokenizer.model_input_names == ["input_ids", "token_type_ids", "attention_mask"]
    assert (LlamaTokenizer.padding_side, GPT2Tokenizer.padding_side) == ("left", "right")
    assert GPT2Tokenizer.vocab_files_names["merges_file"] == "merges.txt"
    assert families.modules()["models.bert.tokenization_bert_fast"]["BertTokenizerFast"] is BertTokenizer
    assert trustformers.models.LEDTokenizer is RobertaTokenizer
    with pytest.raises(AttributeError, match="UnheardTokenizer"):
        _ = getattr(trustformers, "Unheard" + "Tokenizer")


def test_a_class_reads_files_that_name_another(minilm_path: Path, tmp_path: Path) -> None:
    directory = repository(tmp_path, "byte_level", "GPT2Tokenizer")
    as_roberta = RobertaTokenizer.from_pretrained(directory)
    assert type(as_roberta) is RobertaTokenizer and as_roberta.cls_token == "<s>"
    assert type(PreTrainedTokenizerFast.from_pretrained(minilm_path)) is TokenizersBackend
    assert type(BertTokenizer.from_pretrained(minilm_path)) is BertTokenizer


def test_vocabulary_files_and_dicts_make_a_tokenizer(tmp_path: Path) -> None:
    words = VOCABULARIES / "wordpiece" / "vocab.txt"
    shutil.copy(words, tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')
    expected = AutoTokenizer.from_pretrained(tmp_path)
    vocab = {token: index for index, token in enumerate(words.read_text().split("\n")) if token}
    text = "The quick Tokens jump!"
    for tokenizer in (
        BertTokenizer(vocab_file=words),
        BertTokenizer(str(words), True),
        BertTokenizer(vocab=vocab),
    ):
        assert tokenizer(text, "a pair")["input_ids"] == expected(text, "a pair")["input_ids"]
    assert BertTokenizer(str(words), False).tokenize("The") != expected.tokenize("The")
    assert BertTokenizer(vocab_file=words, do_lower_case=False, pad_token="[MASK]").pad_token_id == 4
    words_file = GOLDENS / "repositories" / "wordpiece.json"
    from_file = BertTokenizer(tokenizer_file=words_file)
    generic = PreTrainedTokenizerFast(tokenizer_file=words_file)
    # The pipeline of the file, with the special tokens of the class.
    assert (
        from_file.tokenize(text)
        == generic.tokenize(text)
        != BertTokenizer.from_pretrained(repository(tmp_path / "named", "wordpiece", "BertTokenizer")).tokenize(text)
    )
    assert from_file("a", "a").tokens() == ["[CLS]", "a", "[SEP]", "a", "[SEP]"]
    folder = VOCABULARIES / "gpt2"
    gpt2 = GPT2Tokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    merges = (folder / "merges.txt").read_text().split("\n")[1:-1]
    again = GPT2Tokenizer(vocab=json.loads((folder / "vocab.json").read_text()), merges=merges)
    assert gpt2.encode(text) == again.encode(text) == GPT2Tokenizer.from_pretrained(folder).encode(text)
    llama = LlamaTokenizer(vocab_file=VOCABULARIES / "llama" / "tokenizer.model", add_bos_token=True)
    assert llama.add_bos_token and llama.tokenize(text, add_special_tokens=True)[0] == "<s>"


def test_vocabularies_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(IoError, match="none.txt"):
        BertTokenizer(tmp_path / "none.txt")
    (tmp_path / "mine.model").write_bytes(b"not a model")
    with pytest.raises(TokenizerError, match="mine.model"):
        LlamaTokenizer(tmp_path / "mine.model")
    with pytest.raises(InputError, match="merges"):
        GPT2Tokenizer({"a": 0})
    with pytest.raises(InputError, match="BertTokenizer needs"):
        BertTokenizer()
    with pytest.raises(InputError, match="vocab"):
        BertTokenizer(vocab=[3])  # type: ignore[list-item]
    with pytest.raises(UnsupportedError, match="NllbTokenizer"):
        trustformers.NllbTokenizer(VOCABULARIES / "xlm_roberta" / "sentencepiece.bpe.model")


# Without types, for wrong arguments.
Bert: Any = BertTokenizer
Gpt2: Any = GPT2Tokenizer
Generic: Any = PreTrainedTokenizerFast


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: Bert(vocab={"a": "x"}), "vocab: expected ids"),
        (lambda t: Bert(vocab={"a": -1}), "vocab.*-1"),
        (lambda t: Gpt2({"a": 0}, merges=3), "merges.*int 3"),
        (lambda t: Gpt2({"a": 0}, merges=[3]), "merges.*pairs"),
        (lambda t: Gpt2({"a": 0}, merges=[("q", "z")]), '"q"'),
        (lambda t: Bert(vocab_file=3), "vocab_file.*path"),
        (lambda t: Generic(tokenizer_file=3), "tokenizer_file.*path"),
        (lambda t: Bert(VOCABULARIES / "wordpiece" / "vocab.txt", do_lower_case="x"), "do_lower_case"),
        (lambda t: t.prepare_for_model("abc"), "ids: expected a list of ids"),
        (lambda t: t.prepare_for_model([1], ["a"]), "pair_ids"),
        (lambda t: t.build_inputs_with_special_tokens(None), "token_ids_0"),
        (lambda t: setattr(t, "model_input_names", []), "at least one"),
        (lambda t: setattr(t, "model_max_length", "x"), "model_max_length"),
        (lambda t: setattr(t, "add_bos_token", "x"), "add_bos_token"),
        (lambda t: setattr(t, "padding_side", None), "padding_side"),
        (lambda t: setattr(t, "backend_tokenizer", 3), "backend_tokenizer"),
        (lambda t: t("a", tokenizer_kwargs=3), "tokenizer_kwargs"),
        (lambda t: t.batch_encode_plus(3), "text"),
        (lambda t: t.save_vocabulary(None), "save_directory"),
        (lambda t: t.train_new_from_iterator(3, 10), "text_iterator"),
        (lambda t: t.train_new_from_iterator(["a"], -1), "vocab_size"),
        (lambda t: AutoTokenizer.from_pretrained(t.name_or_path, tokenizer_type="unheard"), "unheard"),
    ],
)
def test_wrong_arguments_are_named(minilm: Any, call: Any, message: str) -> None:
    with pytest.raises((InputError, TokenizerError, ConfigError), match=message):
        call(minilm)


class Mine(BertTokenizer):
    """A class with a constructor of its own, and defaults as transformers' classes state them."""

    padding_side = "left"

    def __init__(self, *args: Any, extra: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra = extra


def test_a_subclass_keeps_its_constructor_and_attributes(minilm_path: Path) -> None:
    loaded: Any = Mine.from_pretrained(minilm_path, extra=3)
    again = pickle.loads(pickle.dumps(loaded))
    assert type(again) is Mine and again.extra == loaded.extra == 3
    assert Mine.padding_side == "left" and BertTokenizer.padding_side == "right"
    assert Mine(VOCABULARIES / "wordpiece" / "vocab.txt").padding_side == "left"
    loaded.note = ["x"]
    twin = copy.deepcopy(loaded)
    assert twin.note == ["x"] and twin.note is not loaded.note
    assert copy.copy(loaded).encode("a") == loaded.encode("a")


def test_calls_do_not_change_pickles(minilm_path: Path, minilm: Any) -> None:
    before = pickle.dumps(minilm)
    minilm(["x y", "z"], padding=True, truncation=True, max_length=4, return_tensors="np")
    minilm("x " * 600)
    assert minilm.do_lower_case and minilm.model_input_names and minilm.decode([1037])
    assert pickle.dumps(minilm) == before == pickle.dumps(AutoTokenizer.from_pretrained(minilm_path))


def test_settings_can_be_changed(minilm: Any, tmp_path: Path) -> None:
    minilm.model_input_names.remove("token_type_ids")
    assert list(minilm("a")) == ["input_ids", "attention_mask"]
    minilm.clean_up_tokenization_spaces = False
    assert minilm.do_lower_case is True and minilm.add_prefix_space is False
    assert not hasattr(minilm, "keep_accents")
    minilm.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again.model_input_names == ["input_ids", "attention_mask"]
    assert again.clean_up_tokenization_spaces is False
    assert pickle.loads(pickle.dumps(minilm)).model_input_names == again.model_input_names
    whole, split = minilm.tokenize("[MASK]"), minilm.tokenize("[MASK]", split_special_tokens=True)
    assert whole == ["[MASK]"] and split == ["[", "mask", "]"]
    minilm.split_special_tokens = True
    assert minilm.tokenize("[MASK]") == split and minilm.split_special_tokens


def test_tokens_around_sequences_can_be_changed(tmp_path: Path) -> None:
    tokenizer: Any = GPT2Tokenizer.from_pretrained(VOCABULARIES / "gpt2")
    plain, end = tokenizer.encode("a b"), tokenizer.eos_token_id
    tokenizer.add_bos_token = True
    assert tokenizer.encode("a b") == [end, *plain]
    tokenizer.add_eos_token = True
    assert tokenizer("a b", "a b")["input_ids"] == [end, *plain, end] * 2
    assert tokenizer.num_special_tokens_to_add(pair=True) == 4
    again = pickle.loads(pickle.dumps(tokenizer))
    assert again.add_eos_token and again.encode("a b") == [end, *plain, end]


def test_rows_of_ids_equal_those_of_texts(minilm: Any) -> None:
    first, second = (minilm.encode(text, add_special_tokens=False) for text in ("one two three", "four"))
    both = minilm("one two three", "four", return_special_tokens_mask=True)
    assert minilm.build_inputs_with_special_tokens(first, second) == both["input_ids"]
    assert minilm.create_token_type_ids_from_sequences(first, second) == both["token_type_ids"]
    assert minilm.get_special_tokens_mask(first, second) == both["special_tokens_mask"]
    assert minilm.prepare_for_model(first, second, return_special_tokens_mask=True) == both
    short = minilm.prepare_for_model(
        first, second, truncation="only_first", max_length=6, return_overflowing_tokens=True
    )
    assert short["overflowing_tokens"] == first[2:] and short["num_truncated_tokens"] == 1
    assert short["input_ids"] == minilm("one two", "four")["input_ids"]
    padded = minilm.prepare_for_model(second, padding="max_length", max_length=5, return_tensors="np")
    assert padded["input_ids"].shape == (5,) and padded["attention_mask"].tolist() == [1, 1, 1, 0, 0]
    assert minilm.truncate_sequences([1, 2, 3, 4, 5], [6, 7, 8], 4) == ([1, 2], [6, 7], [])
    assert minilm.truncate_sequences([1, 2, 3, 4], None, 2, "longest_first", 1) == ([1, 2], None, [2, 3, 4])
    with pytest.raises(InputError, match="only_second"):
        minilm.truncate_sequences([1], None, 1, "only_second")
    with pytest.raises(InputError, match="most"):
        minilm.truncate_sequences([1], None, 1, "most")
    with pytest.raises(InputError, match="longest_first"):
        minilm.prepare_for_model([1], [2], truncation=True, return_overflowing_tokens=True)


def test_names_of_version_4_work(minilm: Any) -> None:
    texts = ["one two", "three"]
    assert minilm.encode_plus(*texts, max_length=4) == minilm(*texts, max_length=4)
    assert minilm.batch_encode_plus(texts, padding=True) == minilm(texts, padding=True)
    assert minilm.batch_encode_plus([("a", "b")]) == minilm([("a", "b")])
    with minilm.as_target_tokenizer() as same:
        assert same is minilm
    targets = minilm("one", text_target="two three", max_target_length=3)
    assert len(targets["labels"]) == 3
    minilm.additional_special_tokens = ["[x]"]
    minilm.add_tokens(["[x]"], special_tokens=True)
    assert minilm.additional_special_tokens == minilm.extra_special_tokens == ["[x]"]
    assert minilm.special_tokens_map_extended["additional_special_tokens"] == [
        AddedToken("[x]", normalized=False, special=True)
    ]
    assert len(minilm.all_special_tokens_extended) == 6 and minilm.sanitize_special_tokens() == 0
    assert minilm.clean_up_tokenization("do n't , stop") == "don't, stop"
    token = AddedToken("<a>", lstrip=True, normalized=True)
    assert minilm.convert_added_tokens(minilm.convert_added_tokens({"t": token}, save=True)) == {"t": token}


def test_arguments_of_calls_may_be_positional_or_unknown(minilm: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert minilm("a b", None, None, None, False)["input_ids"] == minilm("a b", add_special_tokens=False)["input_ids"]
    assert minilm("a", tokenizer_kwargs={"add_special_tokens": False}) == minilm("a", add_special_tokens=False)
    assert minilm.encode("a", return_unheard=True) == minilm.encode("a")
    assert "return_unheard" in caplog.text
    assert minilm.decode([1037], spaces_between_special_tokens=False) == "a"


def test_the_vocabulary_is_written_as_files(minilm: Any, tmp_path: Path) -> None:
    (file,) = minilm.save_vocabulary(tmp_path, "mine")
    assert Path(file).name == "mine-vocab.txt"
    assert BertTokenizer(file).encode("Some text") == minilm.encode("Some text")
    gpt2 = GPT2Tokenizer.from_pretrained(VOCABULARIES / "gpt2")
    assert GPT2Tokenizer(*gpt2.save_vocabulary(tmp_path)).encode("Some text") == gpt2.encode("Some text")
    with pytest.raises(UnsupportedError, match="Unigram"):
        AutoTokenizer.from_pretrained(GOLDENS / "unigram").save_vocabulary(tmp_path)
    paths = minilm.save_pretrained(tmp_path / "saved", legacy_format=True, filename_prefix="p")
    assert {Path(path).name for path in paths} >= {"p-tokenizer.json", "p-vocab.txt"}
    with pytest.raises(InputError, match="vocab.txt"):
        minilm.save_pretrained(tmp_path / "saved" / "p-vocab.txt")


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda t: t.push_to_hub("x"), "huggingface_hub"),
        (lambda t: t.save_pretrained("x", push_to_hub=True), "huggingface_hub"),
        (lambda t: t.save_pretrained("x", save_format="mistral"), "hf"),
        (lambda t: t.register_for_auto_class(), "the class itself"),
        (lambda t: t.set_truncation_and_padding(), "max_length"),
        (lambda t: t.parse_response("x"), "decode"),
        (lambda t: t.get_response_parser(), "parse the streamed text"),
        (lambda t: t.convert_to_native_format(), "from_pretrained"),
        (lambda t: t.save_chat_templates("x"), "save_pretrained"),
        (lambda t: AutoTokenizer.register(int, int), "the class itself"),
        (lambda t: PreTrainedTokenizer(), "tokenizer_object"),
        (lambda t: PreTrainedTokenizer.from_pretrained("x"), "AutoTokenizer"),
    ],
)
def test_what_is_not_supported_says_what_to_do(minilm: Any, call: Any, instead: str) -> None:
    with pytest.raises(UnsupportedError, match=f"not supported.*{instead}"):
        call(minilm)


def test_a_registered_class_is_that_of_files_that_name_it(minilm: Any, tmp_path: Path) -> None:
    class OwnTokenizer(trustformers.BertTokenizerFast):
        pass

    AutoTokenizer.register(trustformers.BertConfig, fast_tokenizer_class=OwnTokenizer)
    minilm.save_pretrained(tmp_path)
    file = tmp_path / "tokenizer_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "tokenizer_class": "OwnTokenizer"}))
    assert type(AutoTokenizer.from_pretrained(tmp_path)) is OwnTokenizer
    with pytest.raises(InputError, match="tokenizer_class: missing"):
        AutoTokenizer.register(trustformers.BertConfig)


def test_the_package_tokenizers_is_named_where_it_is_needed(minilm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UnsupportedError, match="backend_tokenizer.*pip install tokenizers"):
        _ = minilm.backend_tokenizer
    with pytest.raises(UnsupportedError, match="train_new_from_iterator.*pip install tokenizers"):
        minilm.train_new_from_iterator(["a"], 10)


def test_a_message_has_the_ids_that_it_adds(tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(GOLDENS.parent / "text_generation" / "tokenizer")
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    whole = tokenizer.apply_chat_template(chat, return_dict=False)
    first = tokenizer.encode_message_with_chat_template(chat[0])
    assert first + tokenizer.encode_message_with_chat_template(chat[1], chat[:1]) == whole
    with pytest.raises(InputError, match="add_generation_prompt"):
        tokenizer.encode_message_with_chat_template(chat[0], add_generation_prompt=True)


def test_the_processor_of_a_model_of_text_is_its_tokenizer(minilm_path: Path) -> None:
    found = trustformers.AutoProcessor.from_pretrained(minilm_path)
    assert type(found) is type(trustformers.AutoTokenizer.from_pretrained(minilm_path))
    with pytest.raises(OSError, match="AutoProcessor has no instances"):
        trustformers.AutoProcessor()
