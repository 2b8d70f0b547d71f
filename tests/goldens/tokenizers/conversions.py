"""Directories without a tokenizer.json, as checkpoints of each family had them, and what the reference reads."""

import contextlib
import json
import shutil
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer

CORPUS = [
    "The quick brown fox jumps over the lazy dog, again and again.",
    "Der schnelle braune Fuchs springt über den faulen Hund.",
    "A tokenizer splits text into tokens; tokens become ids.",
    "The tokens of a text are the text, and the text is in the tokens.",
    "Padding is added on the left or on the right side, 12, 34, 567.",
    "Crème brûlée à la façon d'Élodie, naïve.",
]
TEXTS = [
    "The quick tokens jump!",
    "Crème BRÛLÉE, cafe\u0301 ½ ﬁ",
    "  two  spaces\tand\nlines ",
    "日本語 😀 unseen",
    "a <mask> b [MASK] c</s> <s>d",
    "``quoted'' \"text\" 12,34",
    "",
    " ",
]
PAIRS = [["A text", "the other text"], ["", "alone"]]

WORDPIECE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FAMILIES = {
    "bert": ("wordpiece", {"model_type": "bert"}, {}),
    "bert_cased": ("wordpiece", {"model_type": "bert"}, {"do_lower_case": False, "tokenize_chinese_chars": False}),
    "distilbert": ("wordpiece", {"model_type": "distilbert"}, {"do_lower_case": True, "model_max_length": 512}),
    "electra": ("wordpiece", {"model_type": "electra"}, {"strip_accents": False}),
    "mpnet": ("mpnet", {"model_type": "mpnet"}, {"do_lower_case": True}),
    "ernie": ("wordpiece", {"model_type": "ernie"}, {}),
    "mobilebert": ("wordpiece", {"model_type": "mobilebert"}, {}),
    "squeezebert": ("wordpiece", {"model_type": "squeezebert"}, {"tokenizer_class": "SqueezeBertTokenizer"}),
    "data2vec_text": ("byte_level", {"model_type": "data2vec-text"}, {}),
    "roberta": ("byte_level", {"model_type": "roberta"}, {}),
    "roberta_prefix": ("byte_level", {"model_type": "roberta"}, {"add_prefix_space": True, "trim_offsets": False}),
    "deberta": ("deberta", {"model_type": "deberta"}, {}),
    "gpt2": ("gpt2", {"model_type": "gpt2"}, {"add_prefix_space": True}),
    "qwen2": ("gpt2", {"model_type": "qwen3"}, {"tokenizer_class": "Qwen2Tokenizer"}),
    "xlm_roberta": ("xlm_roberta", {"model_type": "xlm-roberta"}, {"tokenizer_class": "XLMRobertaTokenizer"}),
    "rembert": ("rembert", {"model_type": "rembert"}, {}),
    "rembert_lower": (
        "rembert",
        {"model_type": "rembert"},
        {"do_lower_case": True, "keep_accents": False, "tokenizer_class": "RemBertTokenizer"},
    ),
    "camembert": ("camembert", {"model_type": "camembert"}, {}),
    "albert": ("albert", {"model_type": "albert"}, {}),
    "albert_cased": ("albert", {"model_type": "albert"}, {"do_lower_case": False, "keep_accents": True}),
    "deberta_v2": ("deberta_v2", {"model_type": "deberta-v2"}, {"do_lower_case": False}),
    "deberta_v2_punct": ("deberta_v2", {"model_type": "deberta-v2"}, {"do_lower_case": True, "split_by_punct": True}),
    "t5": ("t5", {"model_type": "t5"}, {"extra_ids": 3}),
    "llama": ("llama", {"model_type": "llama"}, {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}),
    "llama_legacy": (
        "llama",
        {"model_type": "llama"},
        {"tokenizer_class": "LlamaTokenizer", "legacy": True, "add_eos_token": True},
    ),
    "gemma": ("gemma", {"model_type": "gemma"}, {"tokenizer_class": "GemmaTokenizer", "add_bos_token": True}),
    "generic_unigram": ("generic_unigram", {}, {"tokenizer_class": "PreTrainedTokenizerFast"}),
    "generic_bpe": ("llama", {}, {"tokenizer_class": "PreTrainedTokenizerFast"}),
}


def wordpiece(directory, special):
    # Trained vocabularies differ from run to run; this one is listed.
    words = [word.strip(".,;") for text in [*CORPUS, CORPUS[0].lower(), CORPUS[3].lower()] for word in text.split()]
    characters = sorted({character for text in CORPUS for character in text + text.lower() if character != " "})
    starts = sorted({word[:length] for word in words for length in (3, len(word))})
    ends = sorted({f"##{word[-length:]}" for word in words for length in (2, 3) if len(word) > length})
    pieces = [*special, *characters, *(f"##{character}" for character in characters), *starts, *ends]
    (directory / "vocab.txt").write_text("".join(f"{piece}\n" for piece in dict.fromkeys(pieces)))


def byte_level(directory, special):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    (directory / "vocab.json").write_text(json.dumps(model["vocab"], separators=(",", ":")))
    merges = "".join(" ".join(merge) + "\n" for merge in model["merges"])
    (directory / "merges.txt").write_text("#version: 0.2\n" + merges)


def sentence_pieces(file, **options):
    corpus = file.with_suffix(".txt")
    corpus.write_text("\n".join(CORPUS) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(file.with_suffix("")),
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
        **({"normalization_rule_name": "identity", "vocab_size": 110} | options),
    )
    corpus.unlink()
    file.with_suffix(".vocab").unlink()


def vocabularies(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    # The files name their sources: by paths that are the same everywhere.
    with contextlib.chdir(directory):
        write_vocabularies(Path())


def write_vocabularies(root):
    rules = root / "rules.tsv"
    for name in {name for name, _, _ in FAMILIES.values()}:
        (root / name).mkdir()
    # A full table of normalization rules takes hundreds of kilobytes; three rules show that it is read.
    rules.write_text("FB01\t66 69\nBD\t31 2F 32\n9\t20\n")
    normalized = {"normalization_rule_name": "", "normalization_rule_tsv": str(rules)}
    wordpiece(root / "wordpiece", WORDPIECE)
    wordpiece(root / "mpnet", ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
    byte_level(root / "byte_level", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    byte_level(root / "deberta", WORDPIECE)
    byte_level(root / "gpt2", ["<|endoftext|>"])
    sentence_pieces(root / "xlm_roberta" / "sentencepiece.bpe.model", **normalized)
    sentence_pieces(root / "camembert" / "sentencepiece.bpe.model")
    special = {"pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3, "bos_piece": "[CLS]", "eos_piece": "[SEP]"}
    sentence_pieces(root / "albert" / "spiece.model", **special, **normalized, control_symbols="[MASK]")
    sentence_pieces(root / "rembert" / "sentencepiece.model", **special, **normalized, control_symbols="[MASK]")
    special = {"pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3}
    pieces = {"pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]"}
    sentence_pieces(root / "deberta_v2" / "spm.model", **special, **pieces, **normalized)
    sentence_pieces(root / "t5" / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, **normalized)
    sentence_pieces(root / "generic_unigram" / "tokenizer.model", **normalized, user_defined_symbols="<tool>")
    bytes_too = {"model_type": "bpe", "byte_fallback": True, "vocab_size": 380, "split_digits": True}
    sentence_pieces(root / "llama" / "tokenizer.model", **bytes_too)
    special = {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3, "bos_piece": "<bos>", "eos_piece": "<eos>"}
    turns = {"user_defined_symbols": "<mask>,<start_of_turn>,<end_of_turn>"}
    sentence_pieces(root / "gemma" / "tokenizer.model", **bytes_too, **special, **turns)
    rules.unlink()


def golden(root, scratch, detail):
    found = {}
    for family, (vocabulary, model, settings) in FAMILIES.items():
        directory = scratch / family
        shutil.copytree(root / vocabulary, directory)
        (directory / "config.json").write_text(json.dumps(model))
        if settings:
            (directory / "tokenizer_config.json").write_text(json.dumps(settings))
        tokenizer = AutoTokenizer.from_pretrained(directory)
        found[family] = {
            "vocabulary": vocabulary,
            "config": model,
            "tokenizer_config": settings,
            "len": len(tokenizer),
            "special_tokens_map": tokenizer.special_tokens_map,
            "all_special_ids": tokenizer.all_special_ids,
            "added_vocab": tokenizer.get_added_vocab(),
            "model_input_names": tokenizer.model_input_names,
            "rows": [detail(tokenizer, *row) for row in [[text] for text in TEXTS] + PAIRS],
        }
    return found
