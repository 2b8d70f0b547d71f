"""Names of trustformers.peft. Written by ci/python_stubs.py."""

from trustformers.peft.auto import AutoPeftModel as AutoPeftModel
from trustformers.peft.auto import AutoPeftModelForCausalLM as AutoPeftModelForCausalLM
from trustformers.peft.auto import AutoPeftModelForFeatureExtraction as AutoPeftModelForFeatureExtraction
from trustformers.peft.auto import AutoPeftModelForQuestionAnswering as AutoPeftModelForQuestionAnswering
from trustformers.peft.auto import AutoPeftModelForSeq2SeqLM as AutoPeftModelForSeq2SeqLM
from trustformers.peft.auto import AutoPeftModelForSequenceClassification as AutoPeftModelForSequenceClassification
from trustformers.peft.auto import AutoPeftModelForTokenClassification as AutoPeftModelForTokenClassification
from trustformers.peft.config import LoraConfig as LoraConfig
from trustformers.peft.config import PeftConfig as PeftConfig
from trustformers.peft.config import PeftType as PeftType
from trustformers.peft.config import TaskType as TaskType
from trustformers.peft.lora_model import LoraModel as LoraModel
from trustformers.peft.model import PeftModel as PeftModel
from trustformers.peft.model import PeftModelForCausalLM as PeftModelForCausalLM
from trustformers.peft.model import PeftModelForFeatureExtraction as PeftModelForFeatureExtraction
from trustformers.peft.model import PeftModelForQuestionAnswering as PeftModelForQuestionAnswering
from trustformers.peft.model import PeftModelForSeq2SeqLM as PeftModelForSeq2SeqLM
from trustformers.peft.model import PeftModelForSequenceClassification as PeftModelForSequenceClassification
from trustformers.peft.model import PeftModelForTokenClassification as PeftModelForTokenClassification
from trustformers.peft.model import get_peft_model as get_peft_model
from trustformers.peft.model import get_peft_model_state_dict as get_peft_model_state_dict
from trustformers.peft.model import prepare_model_for_kbit_training as prepare_model_for_kbit_training
from trustformers.peft.model import set_peft_model_state_dict as set_peft_model_state_dict

__all__ = [
    "AutoPeftModel",
    "AutoPeftModelForCausalLM",
    "AutoPeftModelForFeatureExtraction",
    "AutoPeftModelForQuestionAnswering",
    "AutoPeftModelForSeq2SeqLM",
    "AutoPeftModelForSequenceClassification",
    "AutoPeftModelForTokenClassification",
    "LoraConfig",
    "LoraModel",
    "PeftConfig",
    "PeftModel",
    "PeftModelForCausalLM",
    "PeftModelForFeatureExtraction",
    "PeftModelForQuestionAnswering",
    "PeftModelForSeq2SeqLM",
    "PeftModelForSequenceClassification",
    "PeftModelForTokenClassification",
    "PeftType",
    "TaskType",
    "get_peft_model",
    "get_peft_model_state_dict",
    "prepare_model_for_kbit_training",
    "set_peft_model_state_dict",
]
