"""Tokenizers of encoder-decoder families: small vocabularies as checkpoints have them, and what the reference reads.

Run in an environment with transformers 5.23.0, sentencepiece and protobuf, without sacremoses; the files land beside
this script.
"""

import contextlib
import copy
import json
import shutil
import sys
import tempfile
from pathlib import Path

import conversions
import transformers
from conversions import sentence_pieces
from tokenizers import AddedToken, Tokenizer
from transformers import AutoTokenizer
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES as M2M_CODES
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as MBART50_CODES
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB_CODES

HERE = Path(__file__).parent
ROOT = HERE / "encoder_decoders"
TEXTS = [
    "The quick tokens jump!",
    "Crème BRÛLÉE, cafe\u0301 ½ ﬁ",
    "  two  spaces\tand\nlines ",
    "日本語 😀 unseen 日",
    "a <mask> b <mask_1> c</s> <s>d <unk> <pad>",
    ">>fr<< The text",
    "The <extra_id_0> text <extra_id_1>.",
    "it's (not) don't... over_\nnew\n\nline '\nend",
    "__start__ The text __end__",
    "en_XX fra_Latn __en__ de_DE",
    "▁ under ▁text <x>",
    "",
    " ",
]
PAIRS = [["A text", "the other text"], ["alone", ""]]
SOURCES = ["The quick fox", "tokens", ""]
TARGETS = ["Der schnelle Fuchs", "der faule Hund, Hund", "12"]
HUB_T5 = {
    "extra_ids": 5,
    "additional_special_tokens": [f"<extra_id_{index}>" for index in range(5)],
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "model_max_length": 512,
    "name_or_path": "t5-small",
    "sp_model_kwargs": {},
}
TYPED = {"__type": "AddedToken", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False}
HUB_NLLB = {
    "src_lang": None,
    "tgt_lang": None,
    "tokenizer_class": "NllbTokenizer",
    "additional_special_tokens": NLLB_CODES,
    "mask_token": TYPED | {"content": "<mask>"},
    "model_max_length": 1024,
}
HUB_PEGASUS = {
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask_2>",
    "mask_token_sent": "<mask_1>",
    "model_max_length": 512,
}
HUB_MARIAN = {"target_lang": "de", "source_lang": "en"}
ROLES_MARIAN = {"special_tokens_map.json": {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}}

# The vocabulary, model_type, tokenizer_config.json, arguments, and other files.
CASES = {
    "t5": ("t5", "t5", {}, {}, {}),
    "t5_hub": ("t5", "t5", HUB_T5, {}, {}),
    "t5_no_extra_ids": ("t5", "t5", {}, {"extra_ids": 0}, {}),
    "t5_legacy": ("t5", "t5", {"extra_ids": 2, "legacy": True}, {}, {}),
    "t5_not_legacy": ("t5", "t5", {"extra_ids": 2, "legacy": False}, {}, {}),
    "t5_more_tokens": ("t5", "t5", {"extra_ids": 2}, {"additional_special_tokens": ["<sep>"]}, {}),
    "mt5": ("t5", "mt5", {"extra_ids": 0, "tokenizer_class": "T5Tokenizer", "additional_special_tokens": None}, {}, {}),
    "switch": ("t5", "switch_transformers", {"extra_ids": 3}, {}, {}),
    "bart": ("byte_level", "bart", {"model_max_length": 1024}, {}, {}),
    "bart_prefix": ("byte_level", "bart", {"add_prefix_space": True, "tokenizer_class": "BartTokenizer"}, {}, {}),
    "mbart": ("fairseq", "mbart", {"tokenizer_class": "MBartTokenizer", "model_max_length": 1024}, {}, {}),
    "mbart_languages": ("fairseq", "mbart", {}, {"src_lang": "de_DE", "tgt_lang": "ro_RO"}, {}),
    "mbart_file": ("fairseq", "mbart", {"src_lang": "fr_XX", "tgt_lang": "de_DE"}, {}, {}),
    "mbart50": ("fairseq", "mbart", {"tokenizer_class": "MBart50Tokenizer"}, {}, {}),
    "mbart50_languages": (
        "fairseq",
        "mbart",
        {"tokenizer_class": "MBart50TokenizerFast", "src_lang": "de_DE"},
        {"tgt_lang": "gl_ES"},
        {},
    ),
    "mbart_listed": ("fairseq", "mbart", {"additional_special_tokens": ["de_DE", "<new>", "ro_RO"]}, {}, {}),
    "mbart50_listed": (
        "fairseq",
        "mbart",
        {"additional_special_tokens": MBART50_CODES, "language_codes": "ML50", "tokenizer_class": "MBart50Tokenizer"},
        {},
        {},
    ),
    "nllb_new_language": (
        "nllb_file",
        "m2m_100",
        {
            "additional_special_tokens": [*NLLB_CODES, "new_Latn"],
            "tgt_lang": "new_Latn",
            "tokenizer_class": "NllbTokenizer",
        },
        {},
        {},
    ),
    "nllb": ("nllb_file", "m2m_100", HUB_NLLB, {}, {}),
    "nllb_languages": ("nllb_file", "m2m_100", HUB_NLLB, {"src_lang": "deu_Latn", "tgt_lang": "fra_Latn"}, {}),
    "nllb_legacy": ("nllb_file", "m2m_100", HUB_NLLB, {"legacy_behaviour": True, "tgt_lang": "fra_Latn"}, {}),
    "nllb_moe": ("nllb_file", "nllb-moe", {"src_lang": "eng_Latn"}, {}, {}),
    "m2m_100": ("m2m_100", "m2m_100", {"model_max_length": 1024}, {"src_lang": "en", "tgt_lang": "fr"}, {}),
    "m2m_100_hub": (
        "m2m_100",
        "m2m_100",
        {"tgt_lang": "de", "tokenizer_class": "M2M100Tokenizer", "num_madeup_words": 8, "language_codes": "m2m100"},
        {},
        {"special_tokens_map.json": {"additional_special_tokens": [f"__{code}__" for code in M2M_CODES["m2m100"]]}},
    ),
    "m2m_100_default": ("m2m_100", "m2m_100", {"tokenizer_class": "M2M100Tokenizer"}, {}, {}),
    "m2m_100_unigram": ("m2m_100_unigram", "m2m_100", {"src_lang": "de"}, {}, {}),
    "m2m_100_wmt21": ("m2m_100", "m2m_100", {"language_codes": "wmt21", "src_lang": "de"}, {}, {}),
    "pegasus": ("pegasus", "pegasus", {}, {}, {}),
    "pegasus_hub": ("pegasus", "pegasus", HUB_PEGASUS, {}, {}),
    "pegasus_listed": (
        "pegasus",
        "pegasus",
        HUB_PEGASUS | {"additional_special_tokens": ["<mask_1>", *(f"<unk_{index}>" for index in range(2, 103))]},
        {},
        {},
    ),
    "pegasus_offset": ("pegasus", "pegasus", {"offset": 7}, {}, {}),
    "marian": ("marian", "marian", HUB_MARIAN, {}, ROLES_MARIAN),
    "marian_named": ("marian", "marian", {"tokenizer_class": "MarianTokenizer", "model_max_length": 99}, {}, {}),
    "marian_separate": ("marian_separate", "marian", {"separate_vocabs": True}, {}, {}),
    "marian_bpe": ("marian_bpe", "marian", {"clean_up_tokenization_spaces": True}, {}, {}),
    "blenderbot": ("byte_level", "blenderbot", {"model_max_length": 128}, {}, {}),
    "blenderbot_no_prefix": ("byte_level", "blenderbot", {"add_prefix_space": False}, {}, {}),
    "blenderbot_small": ("blenderbot_small", "blenderbot-small", {"model_max_length": 512}, {}, {}),
    "blenderbot_small_named": ("blenderbot_small", "", {"tokenizer_class": "BlenderbotSmallTokenizer"}, {}, {}),
}
# Cases whose tokenizer.json, as the reference saves it, is read too.
SAVED = ["t5_hub", "bart", "mbart_languages", "mbart50_languages", "nllb_legacy", "pegasus_hub", "blenderbot"]


def looked_up(file, model, special, dropped, more):
    """A vocab.json of a SentencePiece model's pieces in another order, without some and with others."""
    processor = conversions.sentencepiece.SentencePieceProcessor(model_file=str(model))
    pieces = [processor.id_to_piece(index) for index in range(3, processor.get_piece_size())]
    pieces = [piece for index, piece in enumerate(pieces[::-1]) if index % dropped]
    vocab = {piece: index for index, piece in enumerate(dict.fromkeys([*special, *pieces, *more]))}
    file.write_text(json.dumps(vocab, ensure_ascii=False, separators=(",", ":")))


def continued(directory):
    """The vocabulary and merges of pieces whose ends are unmarked and whose other pieces end in @@."""
    merges, vocab = [], {"__null__": 0, "__start__": 0, "__end__": 0, "__unk__": 0, "__newln__": 0}
    words = sorted({word.strip(".,;").lower() for text in conversions.CORPUS for word in text.split()})
    for word in [*words, "__newln__", "dx"]:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            if tuple(pieces[:2]) not in merges:
                merges.append(tuple(pieces[:2]))
            pieces = [pieces[0] + pieces[1], *pieces[2:]]
    for piece in dict.fromkeys(piece for merge in merges for piece in (*merge, "".join(merge))):
        vocab[piece.removesuffix("</w>") if piece.endswith("</w>") else f"{piece}@@"] = 0
    vocab |= dict.fromkeys([".", ",", "!", "'", "a", "日"], 0)
    # Rare pieces are not in the vocabulary.
    vocab = [token for index, token in enumerate(vocab) if index < 5 or index % 11]
    text = json.dumps({token: index for index, token in enumerate(vocab)}, ensure_ascii=False, separators=(",", ":"))
    (directory / "vocab.json").write_text(text)
    (directory / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(merge) + "\n" for merge in merges))


def write_vocabularies(root):
    rules = root / "rules.tsv"
    for name in {vocabulary for vocabulary, *_ in CASES.values()} - {"nllb_file"} | {"nllb"}:
        (root / name).mkdir()
    rules.write_text("FB01\t66 69\nBD\t31 2F 32\n9\t20\nA\t20\n")
    rule = {"normalization_rule_name": "", "normalization_rule_tsv": str(rules)}
    bpe = {"model_type": "bpe", "vocab_size": 130}
    conversions.byte_level(root / "byte_level", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    sentence_pieces(root / "t5" / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, **rule)
    sentence_pieces(root / "pegasus" / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, **rule)
    sentence_pieces(root / "fairseq" / "sentencepiece.bpe.model", **rule)
    sentence_pieces(root / "nllb" / "sentencepiece.bpe.model", **rule, **bpe)
    fairseq = ["<s>", "<pad>", "</s>", "<unk>"]
    for name, options in [("m2m_100", bpe), ("m2m_100_unigram", {})]:
        sentence_pieces(root / name / "sentencepiece.bpe.model", **rule, **options)
        looked_up(root / name / "vocab.json", root / name / "sentencepiece.bpe.model", fairseq, 9, ["日", "語 "])
    for name, options in [("marian", {}), ("marian_separate", {}), ("marian_bpe", bpe)]:
        for side, size in [("source", 110), ("target", 90)]:
            sentence_pieces(root / name / f"{side}.model", **rule, **({"vocab_size": size} | options))
            (root / name / f"{side}.model").rename(root / name / f"{side}.spm")
        source, target = root / name / "source.spm", root / name / "target.spm"
        looked_up(root / name / "vocab.json", source, ["</s>", "<unk>", ">>fr<<"], 9, ["日", "ab", "<pad>"])
        if name == "marian_separate":
            looked_up(root / name / "target_vocab.json", target, ["<unk>", "</s>"], 7, ["語", "<pad>"])
    continued(root / "blenderbot_small")
    rules.unlink()
    nllb_file(root)


def nllb_file(root):
    """A tokenizer.json as NLLB's checkpoints have it: the codes of languages follow the pieces, <mask> is last.

    The reference does not add the codes to what it reads from sentencepiece.bpe.model alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(root / "nllb" / "sentencepiece.bpe.model", folder)
        Path(folder, "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "NllbTokenizer"}))
        state = json.loads(AutoTokenizer.from_pretrained(folder).backend_tokenizer.to_str())
    state["added_tokens"] = state["added_tokens"][:4]
    state["post_processor"] = None
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.add_special_tokens([AddedToken(code, normalized=False) for code in NLLB_CODES])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=True)])
    text = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)
    (root / "nllb_file").mkdir()
    (root / "nllb_file" / "tokenizer.json").write_text(text + "\n")


def digits(values):
    return "".join(map(str, values))


def row(tokenizer, text):
    options = {"return_special_tokens_mask": True, "return_token_type_ids": True}
    if tokenizer.is_fast:
        options["return_offsets_mapping"] = True
    found = tokenizer(*text, **options)
    ids = found["input_ids"]
    entry = {
        "text": text,
        "input_ids": ids,
        "plain": tokenizer(*text, add_special_tokens=False)["input_ids"],
        "tokens": tokenizer.convert_ids_to_tokens(ids),
        "decoded": tokenizer.decode(ids),
        "decoded_skipping": tokenizer.decode(ids, skip_special_tokens=True),
        "decoded_cleaned": tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=True),
    }
    if len(text) == 1:
        entry["tokenized"] = tokenizer.tokenize(*text)
    if tokenizer.is_fast:
        entry["offsets"] = [end for span in found["offset_mapping"] for end in span]
        entry["token_type_ids"] = digits(found["token_type_ids"])
        entry["special_tokens_mask"] = digits(found["special_tokens_mask"])
        entry["word_ids"] = found.word_ids()
    return entry


def attributes(tokenizer):
    names = ["src_lang", "tgt_lang", "cur_lang_code", "cur_lang_code_id", "cur_lang_id", "prefix_tokens"]
    names += ["suffix_tokens", "lang_code_to_id", "lang_code_to_token", "lang_token_to_id", "fairseq_offset"]
    names += ["fairseq_tokens_to_ids", "legacy_behaviour", "source_lang", "target_lang", "separate_vocabs"]
    names += ["supported_language_codes", "offset", "mask_token_sent", "num_madeup_words", "language_codes"]
    return {name: getattr(tokenizer, name) for name in names if hasattr(tokenizer, name)}


def steps(tokenizer):
    """What attributes, target texts and pairs of languages give, in this order."""
    found = {"attributes": attributes(tokenizer)}
    if hasattr(tokenizer, "lang_code_to_token") and tokenizer.tgt_lang is None:
        tokenizer.tgt_lang = "cs"
    both = tokenizer(SOURCES, text_target=TARGETS, padding=True)
    found["both"] = {name: both[name] for name in ("input_ids", "attention_mask", "labels")}
    alone = tokenizer(text_target=TARGETS, max_length=4, truncation=True)
    found["targets"] = alone["input_ids"]
    found["short"] = tokenizer(TEXTS, max_length=5, truncation=True, padding="max_length")["input_ids"]
    if hasattr(tokenizer, "_build_translation_inputs"):
        codes = getattr(tokenizer, "lang_code_to_id", {})
        source, target = (
            ("de_DE", "fr_XX")
            if "de_DE" in codes
            else ("de", "cs")
            if "de" in codes
            else (
                "deu_Latn",
                "fra_Latn",
            )
        )
        inputs = tokenizer._build_translation_inputs(
            SOURCES, return_tensors=None, src_lang=source, tgt_lang=target, padding=True
        )
        found["translation"] = {"src_lang": source, "tgt_lang": target, "inputs": dict(inputs)}
        found["after_translation"] = attributes(tokenizer)
        tokenizer.src_lang, tokenizer.tgt_lang = target, source
        found["after_setting"] = {"row": row(tokenizer, [SOURCES[0]]), "attributes": attributes(tokenizer)}
        both = tokenizer(SOURCES[0], text_target=TARGETS[0])
        found["set_both"] = {name: both[name] for name in ("input_ids", "labels")}
        found["pair"] = tokenizer("A text", "the other text")["input_ids"]
        found["built"] = tokenizer.build_inputs_with_special_tokens([5, 6]) if not tokenizer.is_fast else None
    if hasattr(tokenizer, "spm_source"):
        ids = alone["input_ids"]
        found["decoded_sides"] = [
            [tokenizer.decode(line, use_source_tokenizer=side) for line in ids] for side in (True, False)
        ]
    found["beyond"] = None
    with contextlib.suppress(Exception):
        found["beyond"] = tokenizer.decode([5, 6, len(tokenizer) + 900])
    return found


def read(tokenizer):
    return {
        "class": type(tokenizer).__name__,
        "len": len(tokenizer),
        "vocab_size": tokenizer.vocab_size,
        "special_tokens_map": {
            name: str(value) for name, value in tokenizer.special_tokens_map.items() if isinstance(value, str)
        },
        "extra_special_tokens": [str(token) for token in tokenizer.extra_special_tokens],
        "all_special_ids": tokenizer.all_special_ids,
        "added_vocab": tokenizer.get_added_vocab(),
        "model_input_names": tokenizer.model_input_names,
        "padding_side": tokenizer.padding_side,
        "model_max_length": min(tokenizer.model_max_length, 10**9),
        "rows": [row(tokenizer, text) for text in [[text] for text in TEXTS] + PAIRS],
        "steps": steps(tokenizer),
    }


def lay(directory, name):
    vocabulary, model_type, settings, _, files = CASES[name]
    shutil.copytree(ROOT / vocabulary, directory)
    files = {"config.json": {"model_type": model_type} if model_type else {}, "tokenizer_config.json": settings} | files
    for file, value in files.items():
        (directory / file).write_text(json.dumps(value))
    return files


def main():
    found = {}
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir()
    # The models name their sources: by paths that are the same everywhere.
    with contextlib.chdir(ROOT):
        write_vocabularies(Path())
    (ROOT / "saved").mkdir()
    with tempfile.TemporaryDirectory() as folder:
        for name, (vocabulary, _, _, arguments, _) in CASES.items():
            directory = Path(folder) / name
            files = lay(directory, name)
            tokenizer = AutoTokenizer.from_pretrained(directory, **copy.deepcopy(arguments))
            case = {"vocabulary": vocabulary, "files": files, "kwargs": arguments}
            if name in SAVED:
                tokenizer.save_pretrained(Path(folder) / f"saved_{name}")
            found[name] = case | {"expected": read(tokenizer)}
        for name in SAVED:
            directory = Path(folder) / f"saved_{name}"
            text = json.dumps(json.loads((directory / "tokenizer.json").read_text()), ensure_ascii=False)
            (ROOT / "saved" / name).mkdir()
            (ROOT / "saved" / name / "tokenizer.json").write_text(text + "\n")
            settings = json.loads((directory / "tokenizer_config.json").read_text())
            shutil.copy(Path(folder) / name / "config.json", directory)
            files = {"config.json": json.loads((directory / "config.json").read_text())}
            case = {"vocabulary": f"saved/{name}", "files": files | {"tokenizer_config.json": settings}, "kwargs": {}}
            found[f"saved_{name}"] = case | {"expected": read(AutoTokenizer.from_pretrained(directory))}
    golden = {
        "reference": {"transformers": transformers.__version__},
        "texts": {"sources": SOURCES, "targets": TARGETS, "all": TEXTS},
        "cases": found,
    }
    text = json.dumps(golden, ensure_ascii=False, separators=(",", ":"))
    (HERE / "encoder_decoders.json").write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
