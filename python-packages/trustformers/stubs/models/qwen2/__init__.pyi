"""Names of transformers.models.qwen2. Written by ci/python_stubs.py."""

from trustformers.models.families import Qwen2Config as Qwen2Config
from trustformers.models.families import Qwen2ForCausalLM as Qwen2ForCausalLM
from trustformers.models.families import Qwen2ForSequenceClassification as Qwen2ForSequenceClassification
from trustformers.models.families import Qwen2ForTokenClassification as Qwen2ForTokenClassification
from trustformers.models.families import Qwen2Model as Qwen2Model
from trustformers.models.families import Qwen2PreTrainedModel as Qwen2PreTrainedModel
from trustformers.tokenizers.families import Qwen2Tokenizer as Qwen2Tokenizer

__all__ = [
    "Qwen2Config",
    "Qwen2ForCausalLM",
    "Qwen2ForSequenceClassification",
    "Qwen2ForTokenClassification",
    "Qwen2Model",
    "Qwen2PreTrainedModel",
    "Qwen2Tokenizer",
]
