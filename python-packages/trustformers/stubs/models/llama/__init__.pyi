"""Names of transformers.models.llama. Written by ci/python_stubs.py."""

from trustformers.models.families import LlamaConfig as LlamaConfig
from trustformers.models.families import LlamaForCausalLM as LlamaForCausalLM
from trustformers.models.families import LlamaForSequenceClassification as LlamaForSequenceClassification
from trustformers.models.families import LlamaForTokenClassification as LlamaForTokenClassification
from trustformers.models.families import LlamaModel as LlamaModel
from trustformers.models.families import LlamaPreTrainedModel as LlamaPreTrainedModel
from trustformers.tokenizers.families import LlamaTokenizer as LlamaTokenizer
from trustformers.tokenizers.families import LlamaTokenizerFast as LlamaTokenizerFast

__all__ = [
    "LlamaConfig",
    "LlamaForCausalLM",
    "LlamaForSequenceClassification",
    "LlamaForTokenClassification",
    "LlamaModel",
    "LlamaPreTrainedModel",
    "LlamaTokenizer",
    "LlamaTokenizerFast",
]
