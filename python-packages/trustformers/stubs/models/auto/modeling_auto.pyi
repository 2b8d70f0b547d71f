"""Names of transformers.models.auto.modeling_auto. Written by ci/python_stubs.py."""

from trustformers.models.auto import AutoModel as AutoModel
from trustformers.models.auto import AutoModelForCausalLM as AutoModelForCausalLM
from trustformers.models.auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from trustformers.models.auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from trustformers.models.auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from trustformers.models.auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING as MODEL_FOR_CAUSAL_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_MASKED_LM_MAPPING as MODEL_FOR_MASKED_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_MASKED_LM_MAPPING_NAMES as MODEL_FOR_MASKED_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_QUESTION_ANSWERING_MAPPING as MODEL_FOR_QUESTION_ANSWERING_MAPPING
from trustformers.models.mappings import MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES as MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING
from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
from trustformers.models.mappings import MODEL_MAPPING as MODEL_MAPPING
from trustformers.models.mappings import MODEL_MAPPING_NAMES as MODEL_MAPPING_NAMES

__all__ = [
    "AutoModel",
    "AutoModelForCausalLM",
    "AutoModelForMaskedLM",
    "AutoModelForQuestionAnswering",
    "AutoModelForSequenceClassification",
    "AutoModelForTokenClassification",
    "MODEL_FOR_CAUSAL_LM_MAPPING",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_MASKED_LM_MAPPING",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_MAPPING",
    "MODEL_MAPPING_NAMES",
]
