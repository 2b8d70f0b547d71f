"""Names of transformers.models.gpt_neox. Written by ci/python_stubs.py."""

from trustformers.models.families import GPTNeoXConfig as GPTNeoXConfig
from trustformers.models.families import GPTNeoXForCausalLM as GPTNeoXForCausalLM
from trustformers.models.families import GPTNeoXForSequenceClassification as GPTNeoXForSequenceClassification
from trustformers.models.families import GPTNeoXForTokenClassification as GPTNeoXForTokenClassification
from trustformers.models.families import GPTNeoXModel as GPTNeoXModel
from trustformers.models.families import GPTNeoXPreTrainedModel as GPTNeoXPreTrainedModel
from trustformers.tokenizers.families import GPTNeoXTokenizer as GPTNeoXTokenizer

__all__ = [
    "GPTNeoXConfig",
    "GPTNeoXForCausalLM",
    "GPTNeoXForSequenceClassification",
    "GPTNeoXForTokenClassification",
    "GPTNeoXModel",
    "GPTNeoXPreTrainedModel",
    "GPTNeoXTokenizer",
]
