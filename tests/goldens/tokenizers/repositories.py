"""Repositories as they are published, tokenizer.json and what may lie beside it, and what the reference reads."""

import copy
import json
import shutil
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer

HERE = Path(__file__).parent
TEXTS = [
    "Hello world, hello",
    " two  spaces\nline",
    "a<mask>b </s>hello <new>tok",
    "ÉCLAIR don't 123",
    "x [MASK] hello[SEP]<|endoftext|> y",
    "",
]
PAIR = ["hello", "a world"]
WORDS = ["hello", "world", "two", "spaces", "line", "tok", "don", "mask", "text"]


def merged(pieces, marked):
    """Merges that build words from their characters, from the left; `marked` is how a word begins."""
    merges = []
    for word in WORDS:
        characters = [*marked, *word] if marked else [*word]
        while len(characters) > 1:
            left, right = characters[:2]
            if (left, right) not in merges:
                merges.append((left, right))
            characters = [left + right, *characters[2:]]
    vocab = dict.fromkeys(pieces)
    for left, right in merges:
        vocab.update(dict.fromkeys((left, right, left + right)))
    return {piece: index for index, piece in enumerate(vocab)}, merges


def special(tokenizer, *tokens):
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in tokens])


def wordpiece():
    letters = sorted({c for text in [*TEXTS, *PAIR] for c in text + text.lower() if c.isalnum() or c in "',"})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "Hello", "eclair", "Éclair", *letters]
    pieces += [f"##{letter}" for letter in letters]
    vocab = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    # All of it other than BERT's.
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD()])
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A [SEP]", pair="$A [SEP] $B:2 [SEP]", special_tokens=[("[SEP]", 3)]
    )
    special(tokenizer, "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    return tokenizer


def byte_level():
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"]
    vocab, merges = merged([*tokens, *sorted(pre_tokenizers.ByteLevel.alphabet())], "Ġ")
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", ignore_merges=True))
    tokenizer.normalizer = normalizers.Lowercase()
    split = pre_tokenizers.Split(" ", behavior="merged_with_next")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(True, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 0)]
    )
    special(tokenizer, *tokens)
    return tokenizer


def metaspace():
    tokens = ["<unk>", "<s>", "</s>"]
    pieces = [*tokens, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "Hello", *"abHh,x"]
    vocab, merges = merged(pieces, "▁")
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    special(tokenizer, *tokens)
    return tokenizer


def unigram():
    letters = sorted({c for text in [*TEXTS, *PAIR] for c in text + text.lower() if not c.isspace()})
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("[CLS]", 0.0), ("[SEP]", 0.0)]
    pieces += [("▁", -3.0), *((f"▁{word}", -4.0) for word in WORDS), *((letter, -6.0) for letter in letters)]
    pieces += [("eclair", -5.0), ("ello", -4.5), ("[MASK]", 0.0), ("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    charsmap = json.loads(
        AutoTokenizer.from_pretrained(
            HERE / "vocabularies" / "xlm_roberta", tokenizer_type="xlm-roberta"
        )._tokenizer.normalizer.__getstate__()
    )
    normalizer = {"type": "Sequence", "normalizers": [charsmap, {"type": "Lowercase"}]}
    state = json.loads(tokenizer.to_str()) | {"normalizer": normalizer}
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]
    )
    special(tokenizer, "<s>", "<pad>", "</s>", "<unk>", "<mask>")
    return tokenizer


BASES = {"wordpiece": wordpiece, "byte_level": byte_level, "metaspace": metaspace, "unigram": unigram}
CLASSES = {
    "wordpiece": [
        "BertTokenizer",
        "DistilBertTokenizerFast",
        "ElectraTokenizer",
        "MPNetTokenizer",
        "ConvBertTokenizer",
        "DPRReaderTokenizer",
        "DPRContextEncoderTokenizer",
        "SqueezeBertTokenizer",
    ],
    "byte_level": [
        "RobertaTokenizer",
        "BartTokenizerFast",
        "DebertaTokenizer",
        "GPT2TokenizerFast",
        "CodeGenTokenizer",
        "GPTNeoXTokenizerFast",
        "CohereTokenizerFast",
        "Qwen2Tokenizer",
        "LlamaTokenizerFast",
        "BloomTokenizerFast",
    ],
    "metaspace": ["LlamaTokenizer", "LlamaTokenizerFast", "GemmaTokenizer", "Phi3Tokenizer"],
    "unigram": [
        "XLMRobertaTokenizer",
        "CamembertTokenizer",
        "AlbertTokenizer",
        "RemBertTokenizer",
        "DebertaV2Tokenizer",
        "T5Tokenizer",
    ],
}
KWARGS = {
    "BertTokenizer": [{"do_lower_case": False}, {"strip_accents": False}, {"tokenize_chinese_chars": False}],
    "RobertaTokenizer": [{"add_prefix_space": True}, {"trim_offsets": False}, {"add_bos_token": True}],
    "DebertaTokenizer": [{"add_prefix_space": True}],
    "GPT2TokenizerFast": [{"add_prefix_space": True}, {"add_bos_token": True}, {"add_eos_token": True}],
    "CodeGenTokenizer": [{"add_prefix_space": True}],
    "GPTNeoXTokenizerFast": [{"add_bos_token": True, "add_eos_token": True}, {"trim_offsets": False}],
    "CohereTokenizerFast": [{"add_prefix_space": True}, {"add_eos_token": True}],
    "Qwen2Tokenizer": [{"add_prefix_space": True}],
    "LlamaTokenizer": [
        {"add_prefix_space": False},
        {"legacy": True},
        {"add_eos_token": True},
        {"add_bos_token": False},
        {"add_bos_token": True, "add_eos_token": True},
    ],
    "GemmaTokenizer": [{"add_bos_token": True}],
    "XLMRobertaTokenizer": [{"add_prefix_space": False}, {"add_bos_token": True}],
    "CamembertTokenizer": [{"add_prefix_space": False}],
    "AlbertTokenizer": [{"do_lower_case": False}, {"keep_accents": True}, {"add_eos_token": True}],
    "RemBertTokenizer": [{"do_lower_case": True, "keep_accents": False}, {"add_prefix_space": False}],
    "DebertaV2Tokenizer": [{"do_lower_case": True}, {"split_by_punct": True}, {"add_prefix_space": False}],
    "T5Tokenizer": [{"extra_ids": 2}],
    "TokenizersBackend": [
        {"add_prefix_space": True},
        {"add_bos_token": True},
        {"add_eos_token": True, "eos_token": "<new>"},
        {"split_special_tokens": True},
        {"padding_side": "left", "truncation_side": "left", "model_max_length": 7},
        {"clean_up_tokenization_spaces": True, "use_fast": False},
        {"pad_token": "<|endoftext|>", "extra_special_tokens": ["<new>"]},
        {"additional_special_tokens": ["<new>"]},
        {"extra_special_tokens": {"image_token": "<new>"}},
        {"model_specific_special_tokens": {"video_token": "<new>"}},
        {"image_token": "<new>", "do_lower_case": True},
    ],
}
TOKEN = {
    "content": "<new>",
    "lstrip": True,
    "rstrip": False,
    "normalized": False,
    "single_word": False,
    "special": True,
}
TYPED = {"__type": "AddedToken"} | TOKEN
FAR = {"3": TOKEN | {"content": "<unk>"}, "700": TOKEN, "701": TOKEN | {"content": "tok", "special": False}}


def config(class_name, **more):
    return {"tokenizer_config.json": {"tokenizer_class": class_name} | more}


def cases():
    for base, classes in CLASSES.items():
        for name in classes:
            yield base, {}, config(name), {}
            yield base, {"post_processor": None}, config(name), {}
            for kwargs in KWARGS.get(name, []):
                yield base, {}, config(name), kwargs
                # The same from the file, where the reference may say otherwise.
                yield base, {}, config(name, **kwargs), {}
        yield base, {}, config("PreTrainedTokenizerFast"), {}
        yield base, {}, config("TokenizersBackend"), {}
        yield base, {}, config("UnheardOfTokenizer"), {}
        yield base, {}, config(None), {}
        yield base, {}, {"tokenizer_config.json": {}}, {}
    for kwargs in KWARGS["TokenizersBackend"]:
        yield "byte_level", {}, config("TokenizersBackend"), kwargs
        yield "byte_level", {}, config("PreTrainedTokenizerFast", **kwargs), {}
    # A class that the type of the model overrides, or not.
    for base, model_type, name in [
        ("byte_level", "qwen2", "LlamaTokenizerFast"),
        ("byte_level", "llama", "LlamaTokenizer"),
        ("byte_level", "mistral", "LlamaTokenizerFast"),
        ("byte_level", "granite", "GPT2Tokenizer"),
        ("byte_level", "modernbert", "RobertaTokenizer"),
        ("byte_level", "phi", "CodeGenTokenizer"),
        ("byte_level", "gpt2", "PreTrainedTokenizerFast"),
        ("byte_level", "stablelm", "GPTNeoXTokenizerFast"),
        ("byte_level", "olmo", "GPTNeoXTokenizer"),
        ("byte_level", "falcon", "PreTrainedTokenizerFast"),
        ("byte_level", "gpt_neox", None),
        ("byte_level", "roberta", None),
        ("byte_level", "bloom", "BloomTokenizerFast"),
        ("byte_level", "smollm3", "PreTrainedTokenizerFast"),
        ("metaspace", "phi3", "LlamaTokenizer"),
        ("metaspace", "mistral", "LlamaTokenizerFast"),
        ("metaspace", "gemma2", "GemmaTokenizerFast"),
        ("metaspace", "llama", None),
        ("metaspace", "gemma", None),
        ("wordpiece", "bert", "PreTrainedTokenizerFast"),
        ("wordpiece", "distilbert", None),
        ("wordpiece", "mobilebert", None),
        ("wordpiece", "nomic_bert", "BertTokenizer"),
        ("unigram", "xlm-roberta", "PreTrainedTokenizerFast"),
        ("unigram", "xlm-roberta-xl", "XLMRobertaTokenizer"),
        ("unigram", "mt5", "T5Tokenizer"),
        ("unigram", "umt5", "T5Tokenizer"),
        ("unigram", "albert", None),
    ]:
        named = {} if name is None else config(name)
        yield base, {}, named | {"config.json": {"model_type": model_type}}, {}
    yield "byte_level", {}, {"config.json": {"model_type": "bert", "tokenizer_class": "GPT2Tokenizer"}}, {}
    # Tokens beside tokenizer.json.
    for name in ["TokenizersBackend", "RobertaTokenizer", "Qwen2Tokenizer"]:
        for files in [
            config(name, added_tokens_decoder=FAR),
            config(name, added_tokens_decoder=FAR, extra_special_tokens=["<new>"], mask_token="<new>"),
            config(name, mask_token=TYPED, unk_token="<|endoftext|>"),
            config(name, image_token="<new>", audio_token=TYPED),
            config(name, bos_token=None, eos_token=None),
            config(name, model_max_length=1e30),
            config(name, model_max_length=None, max_len=12),
            config(name, auto_map={"AutoTokenizer": ["tokenization.Foo", None]}, some_new_key=[1]),
            config(name) | {"special_tokens_map.json": {"mask_token": "<new>", "pad_token": "<|endoftext|>"}},
            config(name) | {"special_tokens_map.json": {"mask_token": TOKEN, "cls_token": TOKEN | {"content": "<s>"}}},
            config(name) | {"special_tokens_map.json": {"additional_special_tokens": ["<new>", TOKEN]}},
            config(name) | {"special_tokens_map.json": {"extra_special_tokens": ["<new>"]}},
            config(name, added_tokens_decoder=FAR) | {"special_tokens_map.json": {"mask_token": "<other>"}},
            config(name) | {"added_tokens.json": {"<new>": 900, "tok": 899}},
            config(name, mask_token="<new>") | {"added_tokens.json": {"<new>": 900, "hel": 899}},
        ]:
            yield "byte_level", {}, files, {}
    # Older ways to write the same.
    tokenizer = json.loads(BASES["byte_level"]().to_str())
    lines = [" ".join(merge) for merge in tokenizer["model"]["merges"]]
    yield "byte_level", {"model.merges": lines}, config("TokenizersBackend"), {}
    yield "byte_level", {"model.merges": [*lines, *lines[:5]]}, config("TokenizersBackend"), {}
    yield "byte_level", {"model.merges": [*lines, *lines[:5]]}, config("GPT2Tokenizer"), {}
    yield "byte_level", {"model.unheard_of": 3, "unheard_of": {}}, config("TokenizersBackend"), {}
    for base in BASES:
        padding = {
            "strategy": {"Fixed": 9},
            "direction": "Left",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "<new>",
        }
        truncation = {"direction": "Left", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
        yield base, {"padding": padding, "truncation": truncation}, config(CLASSES[base][0]), {}


def without_tokenizer_json():
    """Vocabulary files of classes that conversions.py does not have."""
    for vocabulary, name, model_type in [
        ("gpt2", "CodeGenTokenizer", "codegen"),
        ("gpt2", "GPTNeoXTokenizer", "gpt_neox"),
        ("gpt2", "CohereTokenizer", "cohere"),
        ("byte_level", "BartTokenizer", "bart"),
        ("gpt2", "GPT2Tokenizer", "starcoder2"),
        ("llama", "UnheardOfTokenizer", ""),
        ("llama", None, "llama"),
        ("generic_unigram", "TokenizersBackend", ""),
    ]:
        files = {"config.json": {"model_type": model_type} if model_type else {}}
        yield vocabulary, files | ({} if name is None else config(name)), {}
    for kwargs in [{"add_prefix_space": True}, {"add_bos_token": True}, {"pad_token": "<|endoftext|>"}]:
        yield "gpt2", config("GPT2Tokenizer") | {"config.json": {"model_type": "gpt2"}}, kwargs
    for kwargs in [{"legacy": True}, {"add_prefix_space": False}, {"add_eos_token": True}]:
        yield "llama", config("LlamaTokenizer") | {"config.json": {"model_type": "llama"}}, kwargs
    yield "wordpiece", config("BertTokenizer") | {"config.json": {"model_type": "bert"}}, {"do_lower_case": False}


def edited(tokenizer, edits):
    tokenizer = copy.deepcopy(tokenizer)
    for path, value in edits.items():
        *outer, last = path.split(".")
        target = tokenizer
        for key in outer:
            target = target[key]
        target[last] = value
    return tokenizer


def read(directory, kwargs):
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, **copy.deepcopy(kwargs))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:120]}
    rows = []
    for text in [[text] for text in TEXTS] + [PAIR]:
        row = tokenizer(*text, return_offsets_mapping=True, return_token_type_ids=True)
        ids = row["input_ids"]
        rows.append(
            {
                "input_ids": ids,
                "token_type_ids": "".join(map(str, row["token_type_ids"])),
                "offsets": [end for span in row["offset_mapping"] for end in span],
                "decoded": tokenizer.decode(ids),
                "decoded_skipping": tokenizer.decode(ids, skip_special_tokens=True),
            }
        )
    return {
        "len": len(tokenizer),
        "special_tokens_map": {
            name: str(value) for name, value in tokenizer.special_tokens_map.items() if isinstance(value, str)
        },
        "all_special_ids": tokenizer.all_special_ids,
        "added_vocab": tokenizer.get_added_vocab(),
        "model_input_names": tokenizer.model_input_names,
        "padding_side": tokenizer.padding_side,
        "truncation_side": tokenizer.truncation_side,
        "model_max_length": min(tokenizer.model_max_length, 10**9),
        "rows": rows,
    }


def lay(directory, files):
    for name, value in files.items():
        (directory / name).write_text(json.dumps(value))


def golden(directory, scratch):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    bases = {name: json.loads(make().to_str()) for name, make in BASES.items()}
    for name, tokenizer in bases.items():
        text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
        (directory / f"{name}.json").write_text(text + "\n")
    found = []
    for index, (base, edits, files, kwargs) in enumerate(cases()):
        place = scratch / f"repository{index}"
        place.mkdir()
        files = {"config.json": {}} | files
        lay(place, {"tokenizer.json": edited(bases[base], edits)} | files)
        case = {"base": base, "edits": edits, "files": files, "kwargs": kwargs}
        found.append(case | {"expected": read(place, kwargs)})
    for index, (vocabulary, files, kwargs) in enumerate(without_tokenizer_json()):
        place = scratch / f"vocabulary{index}"
        shutil.copytree(HERE / "vocabularies" / vocabulary, place)
        lay(place, files)
        case = {"vocabulary": vocabulary, "files": files, "kwargs": kwargs}
        found.append(case | {"expected": read(place, kwargs)})
    # Many cases have rows in common: each is written once.
    rows = {}
    for case in found:
        if "rows" in case["expected"]:
            texts = [json.dumps(row) for row in case["expected"]["rows"]]
            case["expected"]["rows"] = [rows.setdefault(text, len(rows)) for text in texts]
    return {"texts": TEXTS, "pair": PAIR, "rows": [json.loads(row) for row in rows], "cases": found}
