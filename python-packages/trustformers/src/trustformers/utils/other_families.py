"""Classes of other families, which libraries import to tell models apart; see `refused.py`."""

from __future__ import annotations

from trustformers.utils.refused import Refused

__all__ = [
    "CTRLLMHeadModel",
    "CTRLTokenizer",
    "LongT5Config",
    "MoonshineConfig",
    "OpenAIGPTLMHeadModel",
    "PaliGemmaProcessor",
    "PegasusXConfig",
    "ProphetNetConfig",
    "SwitchTransformersConfig",
    "T5Gemma2Config",
    "T5Gemma2TextConfig",
    "T5GemmaConfig",
    "T5GemmaEncoderModel",
    "TimmWrapperConfig",
    "UdopConfig",
    "WhisperConfig",
    "XLMConfig",
    "XLMTokenizer",
    "XLMWithLMHeadModel",
    "XLNetConfig",
    "XLNetLMHeadModel",
]


class CTRLLMHeadModel(metaclass=Refused):
    """The language model CTRL in transformers."""


class CTRLTokenizer(metaclass=Refused):
    """The tokenizer of CTRL in transformers."""


class LongT5Config(metaclass=Refused):
    """The configuration of LongT5 in transformers."""


class MoonshineConfig(metaclass=Refused):
    """The configuration of Moonshine in transformers."""


class OpenAIGPTLMHeadModel(metaclass=Refused):
    """The first GPT in transformers."""


class PaliGemmaProcessor(metaclass=Refused):
    """Prepares images and text for PaliGemma in transformers."""


class PegasusXConfig(metaclass=Refused):
    """The configuration of Pegasus-X in transformers."""


class ProphetNetConfig(metaclass=Refused):
    """The configuration of ProphetNet in transformers."""


class SwitchTransformersConfig(metaclass=Refused):
    """The configuration of Switch Transformers in transformers."""


class T5Gemma2Config(metaclass=Refused):
    """The configuration of T5Gemma 2 in transformers."""


class T5Gemma2TextConfig(metaclass=Refused):
    """The configuration of the text model of T5Gemma 2 in transformers."""


class T5GemmaConfig(metaclass=Refused):
    """The configuration of T5Gemma in transformers."""


class T5GemmaEncoderModel(metaclass=Refused):
    """The encoder of T5Gemma in transformers."""


class TimmWrapperConfig(metaclass=Refused):
    """The configuration of timm's models in transformers."""


class UdopConfig(metaclass=Refused):
    """The configuration of UDOP in transformers."""


class WhisperConfig(metaclass=Refused):
    """The configuration of Whisper in transformers."""


class XLMConfig(metaclass=Refused):
    """The configuration of XLM in transformers."""


class XLMTokenizer(metaclass=Refused):
    """The tokenizer of XLM in transformers."""


class XLMWithLMHeadModel(metaclass=Refused):
    """The language model XLM in transformers."""


class XLNetConfig(metaclass=Refused):
    """The configuration of XLNet in transformers."""


class XLNetLMHeadModel(metaclass=Refused):
    """The language model XLNet in transformers."""
