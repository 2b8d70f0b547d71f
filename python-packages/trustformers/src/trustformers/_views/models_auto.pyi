"""Names of transformers.models.auto. Written by ci/python_stubs.py."""

from trustformers.models.mappings import CONFIG_MAPPING as CONFIG_MAPPING
from trustformers.models.mappings import CONFIG_MAPPING_NAMES as CONFIG_MAPPING_NAMES
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
from trustformers.models.mappings import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from trustformers.models.mappings import TOKENIZER_MAPPING_NAMES as TOKENIZER_MAPPING_NAMES
from trustformers.models.mappings import config_class_to_model_type as config_class_to_model_type
from trustformers.models.mappings import get_values as get_values
from trustformers.models.mappings import model_type_to_module_name as model_type_to_module_name
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.processors import AutoProcessor as AutoProcessor
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend
from trustformers.utils.refused import AutoFeatureExtractor as AutoFeatureExtractor
from trustformers.utils.refused import AutoImageProcessor as AutoImageProcessor
from trustformers.utils.refused import AutoModelForImageTextToText as AutoModelForImageTextToText
from trustformers.utils.refused import AutoModelForMultimodalLM as AutoModelForMultimodalLM
from trustformers.utils.refused import AutoModelForMultipleChoice as AutoModelForMultipleChoice
from trustformers.utils.refused import AutoModelForNextSentencePrediction as AutoModelForNextSentencePrediction
from trustformers.utils.refused import AutoModelForPreTraining as AutoModelForPreTraining
from trustformers.utils.refused import AutoModelForSpeechSeq2Seq as AutoModelForSpeechSeq2Seq

__all__ = [
    "AutoFeatureExtractor",
    "AutoImageProcessor",
    "AutoModelForImageTextToText",
    "AutoModelForMultimodalLM",
    "AutoModelForMultipleChoice",
    "AutoModelForNextSentencePrediction",
    "AutoModelForPreTraining",
    "AutoModelForSpeechSeq2Seq",
    "AutoProcessor",
    "CONFIG_MAPPING",
    "CONFIG_MAPPING_NAMES",
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
    "SentencePieceBackend",
    "TOKENIZER_MAPPING",
    "TOKENIZER_MAPPING_NAMES",
    "TokenizersBackend",
    "config_class_to_model_type",
    "get_values",
    "model_type_to_module_name",
]
