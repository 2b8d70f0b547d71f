"""Names of transformers.models.cohere. Written by ci/python_stubs.py."""

from trustformers.models.families import CohereConfig as CohereConfig
from trustformers.models.families import CohereForCausalLM as CohereForCausalLM
from trustformers.models.families import CohereModel as CohereModel
from trustformers.models.families import CoherePreTrainedModel as CoherePreTrainedModel
from trustformers.tokenizers.families import CohereTokenizer as CohereTokenizer

__all__ = [
    "CohereConfig",
    "CohereForCausalLM",
    "CohereModel",
    "CoherePreTrainedModel",
    "CohereTokenizer",
]
