"""Tokenizers of encoder-decoder families: languages, target texts, two vocabularies, and what is saved."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustformers
from trustformers import (
    AutoTokenizer,
    BlenderbotSmallTokenizer,
    M2M100Tokenizer,
    MarianTokenizer,
    MBart50TokenizerFast,
    MBartTokenizer,
    NllbTokenizer,
    NllbTokenizerFast,
    PegasusTokenizer,
    T5Tokenizer,
    T5TokenizerFast,
)
from trustformers.errors import InputError, TokenizerError, UnsupportedError

ROOT = Path(__file__).parents[1] / "goldens" / "tokenizers"
GOLDEN = json.loads((ROOT / "encoder_decoders.json").read_text())
CASES: dict[str, Any] = GOLDEN["cases"]
SOURCES, TARGETS, TEXTS = (GOLDEN["texts"][name] for name in ("sources", "targets", "all"))
WITH_LANGUAGES = [name for name, case in CASES.items() if "translation" in case["expected"]["steps"]]
# Attributes that other code computes the same values from, or that the reference only keeps.
NOT_COMPARED = {"lang_code_to_id", "mask_token_sent", "supported_language_codes"}

Load = Callable[..., Any]


def lay(directory: Path, name: str) -> Path:
    case = CASES[name]
    shutil.copytree(ROOT / "encoder_decoders" / case["vocabulary"], directory)
    for file, value in case["files"].items():
        (directory / file).write_text(json.dumps(value))
    return directory


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(name: str, **kwargs: Any) -> Any:
        directory = tmp_path / name
        if not directory.exists():
            lay(directory, name)
        return AutoTokenizer.from_pretrained(directory, **{**CASES[name]["kwargs"], **kwargs})

    return loaded


def check_attributes(tokenizer: Any, expected: dict[str, Any]) -> None:
    for name in expected.keys() - NOT_COMPARED:
        assert getattr(tokenizer, name) == expected[name], name
    for code, index in expected.get("lang_code_to_id", {}).items():
        assert tokenizer.lang_code_to_id[code] == index


@pytest.mark.parametrize("name", CASES)
def test_calls_match_the_reference(name: str, load: Load) -> None:
    expected = CASES[name]["expected"]
    tokenizer = load(name)
    assert type(tokenizer).__name__ == expected["class"]
    assert (len(tokenizer), tokenizer.vocab_size) == (expected["len"], expected["vocab_size"])
    assert tokenizer.model_input_names == expected["model_input_names"]
    steps = expected["steps"]
    check_attributes(tokenizer, steps["attributes"])
    if hasattr(tokenizer, "lang_token_to_id") and tokenizer.tgt_lang is None:
        tokenizer.tgt_lang = "cs"
    both = tokenizer(SOURCES, text_target=TARGETS, padding=True)
    assert {key: both[key] for key in steps["both"]} == steps["both"]
    assert tokenizer(text_target=TARGETS, max_length=4, truncation=True)["input_ids"] == steps["targets"]
    short = tokenizer(TEXTS, max_length=5, truncation=True, padding="max_length")
    assert short["input_ids"] == steps["short"]
    for row in expected["rows"][:5]:
        assert tokenizer(*row["text"])["input_ids"] == row["input_ids"]
        assert tokenizer.convert_ids_to_tokens(row["input_ids"]) == row["tokens"]
        assert tokenizer.decode(row["input_ids"], skip_special_tokens=True) == row["decoded_skipping"]


@pytest.mark.parametrize("name", WITH_LANGUAGES)
def test_languages_match_the_reference(name: str, load: Load) -> None:
    steps = CASES[name]["expected"]["steps"]
    tokenizer = load(name)
    if hasattr(tokenizer, "lang_token_to_id") and tokenizer.tgt_lang is None:
        tokenizer.tgt_lang = "cs"
    before = tokenizer.tgt_lang
    translation = steps["translation"]
    languages = {"src_lang": translation["src_lang"], "tgt_lang": translation["tgt_lang"]}
    inputs = tokenizer._build_translation_inputs(SOURCES, return_tensors=None, padding=True, **languages)
    assert dict(inputs) == translation["inputs"]
    # The reference also keeps the source language as the target language of a call without one.
    check_attributes(tokenizer, {**steps["after_translation"], "tgt_lang": before})
    tokenizer.src_lang, tokenizer.tgt_lang = languages["tgt_lang"], languages["src_lang"]
    row = steps["after_setting"]["row"]
    assert tokenizer(*row["text"])["input_ids"] == row["input_ids"]
    check_attributes(tokenizer, steps["after_setting"]["attributes"])
    both = tokenizer(SOURCES[0], text_target=TARGETS[0])
    assert {key: both[key] for key in steps["set_both"]} == steps["set_both"]
    assert tokenizer("A text", "the other text")["input_ids"] == steps["pair"]


@pytest.mark.parametrize("name", CASES)
def test_saved_and_pickled_tokenizers_are_the_same(name: str, load: Load, tmp_path: Path) -> None:
    tokenizer = load(name)
    paths = tokenizer.save_pretrained(tmp_path / "saved")
    assert all(Path(path).is_file() for path in paths)
    for again in (
        AutoTokenizer.from_pretrained(tmp_path / "saved"),
        pickle.loads(pickle.dumps(tokenizer)),
        copy.deepcopy(tokenizer),
    ):
        assert type(again) is type(tokenizer)
        assert again(TEXTS)["input_ids"] == tokenizer(TEXTS)["input_ids"]
        if not hasattr(again, "lang_token_to_id") or again.tgt_lang is not None:
            assert again(text_target=TARGETS)["input_ids"] == tokenizer(text_target=TARGETS)["input_ids"]


def test_a_saved_marian_has_the_files_that_it_was_read_from(load: Load, tmp_path: Path) -> None:
    for name in ("marian", "marian_separate", "m2m_100"):
        tokenizer = load(name)
        saved = tmp_path / f"saved_{name}"
        tokenizer.save_pretrained(saved)
        assert not {"tokenizer.json", "target_tokenizer.json"} & {file.name for file in saved.iterdir()}
        for file in (tmp_path / name).iterdir():
            if file.suffix in (".spm", ".model"):
                assert (saved / file.name).read_bytes() == file.read_bytes()
            elif file.name.endswith("vocab.json"):
                assert json.loads((saved / file.name).read_text()) == json.loads(file.read_text())
        written = tokenizer.save_vocabulary(tmp_path / f"vocabulary_{name}", "my")
        assert {Path(path).name for path in written} >= {"my-vocab.json"}


def test_classes_are_built_from_their_files(load: Load, tmp_path: Path) -> None:
    def same(tokenizer: Any, name: str) -> None:
        assert tokenizer(TEXTS)["input_ids"] == load(name)(TEXTS)["input_ids"]

    expected = {name: load(name) for name in ("marian_named", "m2m_100_default", "blenderbot_small", "mbart")}
    assert [type(tokenizer) for tokenizer in expected.values()] == [
        MarianTokenizer,
        M2M100Tokenizer,
        BlenderbotSmallTokenizer,
        MBartTokenizer,
    ]
    files = tmp_path / "marian_named"
    spms = (files / "source.spm", files / "target.spm")
    same(MarianTokenizer(*spms, files / "vocab.json"), "marian_named")
    same(
        MarianTokenizer(source_spm=str(spms[0]), target_spm=str(spms[1]), vocab=str(files / "vocab.json")),
        "marian_named",
    )
    files = tmp_path / "m2m_100_default"
    pieces = files / "sentencepiece.bpe.model"
    same(M2M100Tokenizer(files / "vocab.json", pieces), "m2m_100_default")
    german = M2M100Tokenizer(vocab_file=files / "vocab.json", spm_file=pieces, src_lang="de", tgt_lang="fr")
    assert german.convert_ids_to_tokens(german("The")["input_ids"])[0] == "__de__"
    files = tmp_path / "blenderbot_small"
    same(BlenderbotSmallTokenizer(files / "vocab.json", files / "merges.txt"), "blenderbot_small")
    same(MBartTokenizer(tmp_path / "mbart" / "sentencepiece.bpe.model"), "mbart")
    with pytest.raises(TokenizerError, match=r"target\.spm"):
        MarianTokenizer(source_spm=spms[0], vocab=spms[0].parent / "vocab.json")
    with pytest.raises(InputError, match="vocab_file: missing"):
        M2M100Tokenizer()


def test_an_unknown_language_is_refused_with_the_known_ones(load: Load) -> None:
    for name, known in (("mbart", "de_DE"), ("mbart50", "gl_ES"), ("nllb", "fra_Latn"), ("m2m_100", "el")):
        tokenizer = load(name)
        for refuse in (
            lambda of=tokenizer: setattr(of, "src_lang", "xx"),
            lambda of=tokenizer: setattr(of, "tgt_lang", "xx"),
            lambda of=tokenizer: of.get_lang_id("xx"),
            lambda of=tokenizer: of.get_lang_token("xx"),
            lambda of=tokenizer: of.set_src_lang_special_tokens("xx"),
            lambda of=tokenizer: of._build_translation_inputs("a", src_lang=of.src_lang, tgt_lang="xx"),
            lambda of=name: load(of, src_lang="xx"),
        ):
            with pytest.raises(InputError, match=f'"xx" is not one of .*{known}'):
                refuse()
        with pytest.raises(InputError, match="tgt_lang: missing"):
            tokenizer._build_translation_inputs("a", src_lang=tokenizer.src_lang)
        with pytest.raises(InputError, match=r"src_lang: expected the code"):
            tokenizer.src_lang = 3
    with pytest.raises(InputError, match="tgt_lang.*not set"):
        load("m2m_100_default")("a", text_target="b")


def test_calls_leave_languages_as_they_are(load: Load) -> None:
    tokenizer = load("nllb_languages")
    expected = tokenizer("text")["input_ids"]
    tokenizer("text", text_target="text")
    assert (tokenizer.src_lang, tokenizer.tgt_lang) == ("deu_Latn", "fra_Latn")
    tokenizer.set_tgt_lang_special_tokens("fra_Latn")
    assert tokenizer.prefix_tokens == [tokenizer.get_lang_id("fra_Latn")]
    assert tokenizer("text")["input_ids"] == expected
    twin = copy.copy(tokenizer)
    twin.src_lang = "eng_Latn"
    assert tokenizer.src_lang == "deu_Latn" and tokenizer("text")["input_ids"] == expected


def test_a_call_may_name_its_languages(load: Load) -> None:
    tokenizer = load("nllb_languages")
    found = tokenizer("text", text_target="text", src_lang="fra_Latn", tgt_lang="ron_Latn")
    assert found["input_ids"][0] == tokenizer.get_lang_id("fra_Latn")
    assert found["labels"][0] == tokenizer.get_lang_id("ron_Latn")
    assert (tokenizer.src_lang, tokenizer.tgt_lang) == ("deu_Latn", "fra_Latn")
    with pytest.raises(InputError, match='src_lang: "xx" is not one of'):
        tokenizer("text", src_lang="xx")


def test_prepare_seq2seq_batch_sets_both_languages(load: Load) -> None:
    tokenizer = load("mbart")
    batch = tokenizer.prepare_seq2seq_batch(SOURCES, "de_DE", TARGETS, "fr_XX")
    assert (tokenizer.src_lang, tokenizer.tgt_lang) == ("de_DE", "fr_XX")
    expected = tokenizer(SOURCES, text_target=TARGETS, padding=True)
    assert batch["input_ids"] == expected["input_ids"] and batch["labels"] == expected["labels"]


def test_as_target_tokenizer_is_refused_with_what_to_use(load: Load) -> None:
    for name in ("marian", "mbart", "m2m_100"):
        with pytest.raises(UnsupportedError, match="text_target="):
            load(name).as_target_tokenizer()


def test_what_the_package_tokenizers_cannot_express_is_refused(load: Load) -> None:
    tokenizer = load("marian")
    with pytest.raises(UnsupportedError, match=r"backend_tokenizer of a MarianTokenizer.*vocab\.json"):
        _ = tokenizer.backend_tokenizer
    with pytest.raises(UnsupportedError, match="train_new_from_iterator of a MarianTokenizer"):
        tokenizer.train_new_from_iterator(["a"], 10)


def test_t5_has_its_sentinels(load: Load) -> None:
    tokenizer = load("t5_hub")
    assert tokenizer.get_sentinel_tokens() == [f"<extra_id_{index}>" for index in range(5)]
    assert tokenizer.get_sentinel_token_ids() == [89, 88, 87, 86, 85]
    assert tokenizer.extra_ids == 5
    assert load("t5_more_tokens").get_sentinel_tokens() == []


def test_marian_knows_its_vocabularies(load: Load) -> None:
    tokenizer = load("marian")
    assert tokenizer.supported_language_codes == [">>fr<<"]
    assert tokenizer.remove_language_code(">>fr<< The text") == ([">>fr<<"], " The text")
    assert (tokenizer.source_lang, tokenizer.target_lang, tokenizer.model_max_length) == ("en", "de", 512)
    separate = load("marian_separate")
    assert separate.separate_vocabs and separate.supported_language_codes == []
    assert separate.get_tgt_vocab() != separate.get_src_vocab()
    added = separate.add_tokens(["<new>"], special_tokens=True)
    assert added == 1 and separate(text_target="<new>")["input_ids"][0] == len(separate) - 1


def test_names_and_modules_are_those_of_transformers() -> None:
    assert T5TokenizerFast is T5Tokenizer and NllbTokenizerFast is NllbTokenizer
    assert trustformers.BartTokenizer is trustformers.RobertaTokenizer
    from trustformers.models.m2m_100.tokenization_m2m_100 import M2M100Tokenizer as M2M100
    from trustformers.models.marian import MarianTokenizer as FromPackage
    from trustformers.models.marian.tokenization_marian import MarianTokenizer as Marian
    from trustformers.models.mbart50 import MBart50Tokenizer
    from trustformers.models.pegasus.tokenization_pegasus import PegasusTokenizer as Pegasus

    assert Marian is FromPackage is MarianTokenizer and M2M100 is M2M100Tokenizer
    assert Pegasus is PegasusTokenizer and MBart50TokenizerFast is MBart50Tokenizer
    assert MarianTokenizer.vocab_files_names["source_spm"] == "source.spm"
    assert M2M100Tokenizer.vocab_files_names["spm_file"] == "sentencepiece.bpe.model"
