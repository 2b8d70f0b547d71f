"""Names of transformers.models.gemma. Written by ci/python_stubs.py."""

from trustformers.models.families import GemmaConfig as GemmaConfig
from trustformers.models.families import GemmaForCausalLM as GemmaForCausalLM
from trustformers.models.families import GemmaForSequenceClassification as GemmaForSequenceClassification
from trustformers.models.families import GemmaForTokenClassification as GemmaForTokenClassification
from trustformers.models.families import GemmaModel as GemmaModel
from trustformers.models.families import GemmaPreTrainedModel as GemmaPreTrainedModel
from trustformers.tokenizers.families import GemmaTokenizer as GemmaTokenizer

__all__ = [
    "GemmaConfig",
    "GemmaForCausalLM",
    "GemmaForSequenceClassification",
    "GemmaForTokenClassification",
    "GemmaModel",
    "GemmaPreTrainedModel",
    "GemmaTokenizer",
]
