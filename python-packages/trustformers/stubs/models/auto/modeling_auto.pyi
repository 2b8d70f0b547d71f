"""Names of transformers.models.auto.modeling_auto. Written by ci/python_stubs.py."""

from trustformers.models.auto import AutoModel as AutoModel
from trustformers.models.auto import AutoModelForCausalLM as AutoModelForCausalLM
from trustformers.models.auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from trustformers.models.auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from trustformers.models.auto import AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM
from trustformers.models.auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from trustformers.models.auto import AutoModelForTextEncoding as AutoModelForTextEncoding
from trustformers.models.auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING as MODEL_FOR_CAUSAL_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_MASKED_LM_MAPPING as MODEL_FOR_MASKED_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_MASKED_LM_MAPPING_NAMES as MODEL_FOR_MASKED_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_MULTIPLE_CHOICE_MAPPING as MODEL_FOR_MULTIPLE_CHOICE_MAPPING
from trustformers.models.mappings import MODEL_FOR_MULTIPLE_CHOICE_MAPPING_NAMES as MODEL_FOR_MULTIPLE_CHOICE_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING as MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING
from trustformers.models.mappings import MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING_NAMES as MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_PRETRAINING_MAPPING as MODEL_FOR_PRETRAINING_MAPPING
from trustformers.models.mappings import MODEL_FOR_PRETRAINING_MAPPING_NAMES as MODEL_FOR_PRETRAINING_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_QUESTION_ANSWERING_MAPPING as MODEL_FOR_QUESTION_ANSWERING_MAPPING
from trustformers.models.mappings import MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES as MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_RETRIEVAL_MAPPING as MODEL_FOR_RETRIEVAL_MAPPING
from trustformers.models.mappings import MODEL_FOR_RETRIEVAL_MAPPING_NAMES as MODEL_FOR_RETRIEVAL_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING as MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_TEXT_ENCODING_MAPPING as MODEL_FOR_TEXT_ENCODING_MAPPING
from trustformers.models.mappings import MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES as MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING
from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
from trustformers.models.mappings import MODEL_MAPPING as MODEL_MAPPING
from trustformers.models.mappings import MODEL_MAPPING_NAMES as MODEL_MAPPING_NAMES
from trustformers.utils.refused import AutoModelForImageTextToText as AutoModelForImageTextToText
from trustformers.utils.refused import AutoModelForMultimodalLM as AutoModelForMultimodalLM
from trustformers.utils.refused import AutoModelForMultipleChoice as AutoModelForMultipleChoice
from trustformers.utils.refused import AutoModelForNextSentencePrediction as AutoModelForNextSentencePrediction
from trustformers.utils.refused import AutoModelForPreTraining as AutoModelForPreTraining
from trustformers.utils.refused import AutoModelForSpeechSeq2Seq as AutoModelForSpeechSeq2Seq

__all__ = [
    "AutoModel",
    "AutoModelForCausalLM",
    "AutoModelForImageTextToText",
    "AutoModelForMaskedLM",
    "AutoModelForMultimodalLM",
    "AutoModelForMultipleChoice",
    "AutoModelForNextSentencePrediction",
    "AutoModelForPreTraining",
    "AutoModelForQuestionAnswering",
    "AutoModelForSeq2SeqLM",
    "AutoModelForSequenceClassification",
    "AutoModelForSpeechSeq2Seq",
    "AutoModelForTextEncoding",
    "AutoModelForTokenClassification",
    "MODEL_FOR_CAUSAL_LM_MAPPING",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    "MODEL_FOR_MASKED_LM_MAPPING",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "MODEL_FOR_MULTIPLE_CHOICE_MAPPING",
    "MODEL_FOR_MULTIPLE_CHOICE_MAPPING_NAMES",
    "MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING",
    "MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING_NAMES",
    "MODEL_FOR_PRETRAINING_MAPPING",
    "MODEL_FOR_PRETRAINING_MAPPING_NAMES",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES",
    "MODEL_FOR_RETRIEVAL_MAPPING",
    "MODEL_FOR_RETRIEVAL_MAPPING_NAMES",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_TEXT_ENCODING_MAPPING",
    "MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_MAPPING",
    "MODEL_MAPPING_NAMES",
]
