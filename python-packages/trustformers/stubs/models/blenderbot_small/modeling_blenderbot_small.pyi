"""Names of transformers.models.blenderbot_small.modeling_blenderbot_small. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import BlenderbotSmallConfig as BlenderbotSmallConfig
from trustformers.models.families import BlenderbotSmallForConditionalGeneration as BlenderbotSmallForConditionalGeneration
from trustformers.models.families import BlenderbotSmallModel as BlenderbotSmallModel
from trustformers.models.families import BlenderbotSmallPreTrainedModel as BlenderbotSmallPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import Seq2SeqLMOutput as Seq2SeqLMOutput
from trustformers.models.other_outputs import Seq2SeqModelOutput as Seq2SeqModelOutput
from trustformers.models.shifting import shift_tokens_right as shift_tokens_right
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "BaseModelOutputWithPastAndCrossAttentions",
    "BlenderbotSmallConfig",
    "BlenderbotSmallForConditionalGeneration",
    "BlenderbotSmallModel",
    "BlenderbotSmallPreTrainedModel",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "EncoderDecoderCache",
    "GenerationMixin",
    "PreTrainedModel",
    "Seq2SeqLMOutput",
    "Seq2SeqModelOutput",
    "is_torchdynamo_compiling",
    "logging",
    "shift_tokens_right",
]
