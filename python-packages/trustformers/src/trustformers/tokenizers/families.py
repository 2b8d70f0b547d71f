"""The tokenizer classes of families, created from one table.

Classes, parents, vocabulary files, padding sides and input names are those of transformers 5.23.0.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from trustformers.tokenizers.class_names import ALIASES, OTHER_NAMES, REGISTERED
from trustformers.tokenizers.fast import TokenizersBackend
from trustformers.tokenizers.translation import (
    FairseqLanguages,
    Sentinels,
    TwoVocabularies,
    UnderscoredLanguages,
)

__all__ = ["classes", "modules", "tokenizer_class"]

_TYPES = ["input_ids", "token_type_ids", "attention_mask"]
_TYPES_LAST = ["input_ids", "attention_mask", "token_type_ids"]
_WORDS = "vocab.txt"
_PAIRS = "vocab.json merges.txt"
_SPIECE = "spiece.model"
_BPE_MODEL = "sentencepiece.bpe.model"
_MODEL = "tokenizer.model"
_BERT = "BertTokenizer"
_FILE_ARGUMENTS = {"vocab.txt": "vocab_file", "vocab.json": "vocab_file", "merges.txt": "merges_file"}

# The folder of the family, the vocabulary files, the parent, and defaults that differ from the parent's.
_TABLE: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "AlbertTokenizer": ("albert", _SPIECE, "", {}),
    "BarthezTokenizer": ("barthez", _BPE_MODEL, "", {}),
    "BertTokenizer": ("bert", _WORDS, "", {"model_input_names": _TYPES}),
    "BigBirdTokenizer": ("big_bird", _SPIECE, "", {}),
    "BlenderbotSmallTokenizer": ("blenderbot_small", _PAIRS, "", {}),
    "BlenderbotTokenizer": ("blenderbot", _PAIRS, "", {}),
    "CLIPTokenizer": ("clip", _PAIRS, "", {}),
    "CamembertTokenizer": ("camembert", _BPE_MODEL, "", {}),
    "CodeGenTokenizer": ("codegen", _PAIRS, "", {}),
    "CodeLlamaTokenizer": ("code_llama", _MODEL, "", {"padding_side": "left"}),
    "CohereTokenizer": ("cohere", _PAIRS, "", {"padding_side": "left"}),
    "ConvBertTokenizer": ("convbert", _WORDS, _BERT, {}),
    "DPRContextEncoderTokenizer": ("dpr", _WORDS, _BERT, {}),
    "DPRQuestionEncoderTokenizer": ("dpr", _WORDS, _BERT, {}),
    "DPRReaderTokenizer": ("dpr", _WORDS, _BERT, {"model_input_names": ["input_ids", "attention_mask"]}),
    "DebertaTokenizer": ("deberta", _PAIRS, "", {"model_input_names": _TYPES_LAST}),
    "DebertaV2Tokenizer": ("deberta_v2", "spm.model", "", {"model_input_names": _TYPES_LAST}),
    "DistilBertTokenizer": ("distilbert", _WORDS, _BERT, {"model_input_names": ["input_ids", "attention_mask"]}),
    "EsmcTokenizer": ("esmc", "", "", {}),
    "FNetTokenizer": ("fnet", _SPIECE, "AlbertTokenizer", {"model_input_names": ["input_ids", "token_type_ids"]}),
    "FunnelTokenizer": ("funnel", _WORDS, "", {}),
    "GPT2Tokenizer": ("gpt2", _PAIRS, "", {}),
    "GPTNeoXTokenizer": ("gpt_neox", _PAIRS, "", {}),
    "GemmaTokenizer": ("gemma", _MODEL, "", {"padding_side": "left"}),
    "HerbertTokenizer": ("herbert", _PAIRS, "", {}),
    "LayoutLMv2Tokenizer": ("layoutlmv2", _WORDS, "", {"model_input_names": _TYPES_LAST}),
    "LayoutLMv3Tokenizer": ("layoutlmv3", _PAIRS, "", {"model_input_names": ["input_ids", "attention_mask", "bbox"]}),
    "LayoutXLMTokenizer": ("layoutxlm", _BPE_MODEL, "", {}),
    "LlamaTokenizer": ("llama", _MODEL, "", {"padding_side": "left"}),
    "LukeTokenizer": ("luke", _PAIRS, "", {}),
    "M2M100Tokenizer": ("m2m_100", "", "", {"_translates": ("en", "ro")}),
    "MBart50Tokenizer": ("mbart50", _BPE_MODEL, "", {"_translates": ("en_XX", "ro_RO")}),
    "MBartTokenizer": ("mbart", _BPE_MODEL, "", {"_translates": ("en_XX", "ro_RO")}),
    "MLukeTokenizer": ("mluke", _BPE_MODEL, "", {}),
    "MPNetTokenizer": ("mpnet", _WORDS, "", {}),
    "MarianTokenizer": ("marian", "", "", {}),
    "MarkupLMTokenizer": ("markuplm", _PAIRS, "", {"model_input_names": _TYPES}),
    "NllbTokenizer": ("nllb", _BPE_MODEL, "", {"_translates": ("eng_Latn", "fra_Latn")}),
    "NougatTokenizer": ("nougat", _PAIRS, "", {}),
    "OpenAIGPTTokenizer": ("openai", _PAIRS, "", {}),
    "PegasusTokenizer": ("pegasus", _SPIECE, "", {}),
    "Qwen2Tokenizer": ("qwen2", _PAIRS, "", {}),
    "Qwen3_5Tokenizer": ("qwen3_5", _MODEL, "", {}),
    "ReformerTokenizer": ("reformer", _SPIECE, "", {}),
    "RemBertTokenizer": ("rembert", "sentencepiece.model", "", {}),
    "RoFormerTokenizer": ("roformer", _WORDS, "", {}),
    "RobertaTokenizer": ("roberta", _PAIRS, "", {}),
    "SeamlessM4TTokenizer": ("seamless_m4t", _BPE_MODEL, "", {}),
    "Siglip2Tokenizer": ("siglip2", "", "", {"padding_side": "left"}),
    "SplinterTokenizer": ("splinter", _WORDS, "", {}),
    "T5Tokenizer": ("t5", _SPIECE, "", {}),
    "UdopTokenizer": ("udop", _SPIECE, "", {}),
    "WhisperTokenizer": ("whisper", _PAIRS, "", {}),
    "XGLMTokenizer": ("xglm", "", "", {}),
    "XLMRobertaTokenizer": ("xlm_roberta", _BPE_MODEL, "", {}),
    "XLNetTokenizer": ("xlnet", _SPIECE, "", {"padding_side": "left"}),
}
# Classes with more than the base class has.
_BASES: dict[str, type[TokenizersBackend]] = {
    "M2M100Tokenizer": UnderscoredLanguages,
    "MBart50Tokenizer": FairseqLanguages,
    "MBartTokenizer": FairseqLanguages,
    "MarianTokenizer": TwoVocabularies,
    "NllbTokenizer": FairseqLanguages,
    "T5Tokenizer": Sentinels,
}
# Classes that are built from several files, by the names of their arguments, in the order of the arguments.
_FILES: dict[str, dict[str, str]] = {
    "BlenderbotSmallTokenizer": {"vocab_file": "vocab.json", "merges_file": "merges.txt"},
    "M2M100Tokenizer": {"vocab_file": "vocab.json", "spm_file": "sentencepiece.bpe.model"},
    "MarianTokenizer": {
        "source_spm": "source.spm",
        "target_spm": "target.spm",
        "vocab": "vocab.json",
        "target_vocab_file": "target_vocab.json",
    },
}
_LOWERS = {"do_lower_case": True}
# Keys of `tokenizer_config.json` with defaults of their own, which are attributes.
_KEYS: dict[str, dict[str, Any]] = {
    "AlbertTokenizer": {"add_prefix_space": True, "keep_accents": False, **_LOWERS},
    "BarthezTokenizer": {"add_prefix_space": True},
    "BertTokenizer": {"strip_accents": None, "tokenize_chinese_chars": True, **_LOWERS},
    "BlenderbotTokenizer": {"add_prefix_space": True},
    "CamembertTokenizer": {"add_prefix_space": True},
    "DebertaV2Tokenizer": {"add_prefix_space": True, "do_lower_case": False, "split_by_punct": False},
    "LlamaTokenizer": {"add_prefix_space": None},
    "M2M100Tokenizer": {"language_codes": "m2m100", "num_madeup_words": 8},
    "MPNetTokenizer": _LOWERS,
    "MarianTokenizer": {"separate_vocabs": False, "source_lang": None, "target_lang": None},
    "NllbTokenizer": {"legacy_behaviour": False},
    "PegasusTokenizer": {"offset": 103},
    "Qwen2Tokenizer": {"add_prefix_space": None},
    "RemBertTokenizer": {"add_prefix_space": True, "do_lower_case": False, "keep_accents": True},
    "RobertaTokenizer": {"trim_offsets": True},
    "XLMRobertaTokenizer": {"add_prefix_space": True},
}


@cache
def classes() -> dict[str, type[TokenizersBackend]]:
    """Every class by its names, the ones with `Fast` too."""
    found: dict[str, type[TokenizersBackend]] = {}
    # A parent precedes its children.
    for name in sorted(_TABLE, key=lambda name: bool(_TABLE[name][2])):
        _, files, parent, defaults = _TABLE[name]
        base = found[parent] if parent else _BASES.get(name, TokenizersBackend)
        several = _FILES.get(name, {})
        arguments = several or {_FILE_ARGUMENTS.get(file, "vocab_file"): file for file in files.split()}
        body = {
            "__module__": __name__,
            "__qualname__": name,
            "__doc__": f"The tokenizer of the {name.removesuffix('Tokenizer')} family.",
            "vocab_files_names": {**arguments, "tokenizer_file": "tokenizer.json"},
            "_file_arguments": several,
            "_second": "do_lower_case" if files == _WORDS else "merges",
            "_is_family": True,
            "_keys": {**base._keys, **_KEYS.get(name, {})},
            **defaults,
        }
        found[name] = type(name, (base,), body)
    for name, (_, known) in OTHER_NAMES.items():
        found[name] = found[known]
    return found | {f"{name}Fast": cls for name, cls in found.items()}


@cache
def modules() -> dict[str, dict[str, type[TokenizersBackend]]]:
    """The classes of each module that transformers has for a family's tokenizer, by the module's path."""
    folders = {name: folder for name, (folder, *_) in (_TABLE | OTHER_NAMES).items()}
    found: dict[str, dict[str, type[TokenizersBackend]]] = {}
    for name, folder in folders.items():
        both = {name: classes()[name], f"{name}Fast": classes()[f"{name}Fast"]}
        path = f"models.{folder}.tokenization_{folder}"
        found.setdefault(path, {}).update(both)
        found.setdefault(f"{path}_fast", {}).update(both)
    return found


def tokenizer_class(name: str) -> type[TokenizersBackend]:
    """The class that files name, with or without `Fast`; `TokenizersBackend` for a name without a class."""
    if name in REGISTERED:
        own: type[TokenizersBackend] = REGISTERED[name]
        return own
    plain = name.removesuffix("Fast")
    return classes().get(ALIASES.get(plain, plain), TokenizersBackend)


def __getattr__(name: str) -> Any:
    try:
        return classes()[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *classes()})
