"""Names of tokenizer classes in files."""

from __future__ import annotations

from typing import Any

__all__ = ["ALIASES", "GENERIC", "OTHER_NAMES", "REGISTERED"]

# Classes of one's own, by name.
REGISTERED: dict[str, type[Any]] = {}

# Names that other families have for a class, with the family's folder.
OTHER_NAMES = {
    "BartTokenizer": ("bart", "RobertaTokenizer"),
    "ElectraTokenizer": ("electra", "BertTokenizer"),
    "LEDTokenizer": ("led", "RobertaTokenizer"),
    "LayoutLMTokenizer": ("layoutlm", "BertTokenizer"),
    "LongformerTokenizer": ("longformer", "RobertaTokenizer"),
    "LxmertTokenizer": ("lxmert", "BertTokenizer"),
    "MobileBertTokenizer": ("mobilebert", "BertTokenizer"),
    "MvpTokenizer": ("mvp", "RobertaTokenizer"),
    "SqueezeBertTokenizer": ("squeezebert", "BertTokenizer"),
}
# The class of each name that files state and that is no class of its own.
ALIASES = {**{name: found for name, (_, found) in OTHER_NAMES.items()}, "Phi3Tokenizer": "LlamaTokenizer"}
# Names that the engine and older files have for the class without rules of its own, `TokenizersBackend`.
GENERIC = frozenset({"PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend"})
