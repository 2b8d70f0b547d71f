"""Names of trustformers. Written by ci/python_stubs.py."""

from trustformers import distributed as distributed
from trustformers import errors as errors
from trustformers import generation as generation
from trustformers import models as models
from trustformers import peft as peft
from trustformers import pipelines as pipelines
from trustformers import ray as ray
from trustformers import runtime as runtime
from trustformers import safetensors as safetensors
from trustformers import tensor as tensor
from trustformers import tokenizers as tokenizers
from trustformers import training as training
from trustformers import utils as utils
from trustformers._version import __version__ as __version__
from trustformers.generation.config import CompileConfig as CompileConfig
from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.config import SynthIDTextWatermarkingConfig as SynthIDTextWatermarkingConfig
from trustformers.generation.config import WatermarkingConfig as WatermarkingConfig
from trustformers.generation.logits_process import ClassifierFreeGuidanceLogitsProcessor as ClassifierFreeGuidanceLogitsProcessor
from trustformers.generation.logits_process import EncoderNoRepeatNGramLogitsProcessor as EncoderNoRepeatNGramLogitsProcessor
from trustformers.generation.logits_process import EncoderRepetitionPenaltyLogitsProcessor as EncoderRepetitionPenaltyLogitsProcessor
from trustformers.generation.logits_process import EpsilonLogitsWarper as EpsilonLogitsWarper
from trustformers.generation.logits_process import EtaLogitsWarper as EtaLogitsWarper
from trustformers.generation.logits_process import ExponentialDecayLengthPenalty as ExponentialDecayLengthPenalty
from trustformers.generation.logits_process import ForcedBOSTokenLogitsProcessor as ForcedBOSTokenLogitsProcessor
from trustformers.generation.logits_process import ForcedEOSTokenLogitsProcessor as ForcedEOSTokenLogitsProcessor
from trustformers.generation.logits_process import InfNanRemoveLogitsProcessor as InfNanRemoveLogitsProcessor
from trustformers.generation.logits_process import LogitNormalization as LogitNormalization
from trustformers.generation.logits_process import LogitsProcessor as LogitsProcessor
from trustformers.generation.logits_process import LogitsProcessorList as LogitsProcessorList
from trustformers.generation.logits_process import MinLengthLogitsProcessor as MinLengthLogitsProcessor
from trustformers.generation.logits_process import MinNewTokensLengthLogitsProcessor as MinNewTokensLengthLogitsProcessor
from trustformers.generation.logits_process import MinPLogitsWarper as MinPLogitsWarper
from trustformers.generation.logits_process import NoBadWordsLogitsProcessor as NoBadWordsLogitsProcessor
from trustformers.generation.logits_process import NoRepeatNGramLogitsProcessor as NoRepeatNGramLogitsProcessor
from trustformers.generation.logits_process import PrefixConstrainedLogitsProcessor as PrefixConstrainedLogitsProcessor
from trustformers.generation.logits_process import RepetitionPenaltyLogitsProcessor as RepetitionPenaltyLogitsProcessor
from trustformers.generation.logits_process import SequenceBiasLogitsProcessor as SequenceBiasLogitsProcessor
from trustformers.generation.logits_process import SuppressTokensAtBeginLogitsProcessor as SuppressTokensAtBeginLogitsProcessor
from trustformers.generation.logits_process import SuppressTokensLogitsProcessor as SuppressTokensLogitsProcessor
from trustformers.generation.logits_process import SynthIDTextWatermarkLogitsProcessor as SynthIDTextWatermarkLogitsProcessor
from trustformers.generation.logits_process import TemperatureLogitsWarper as TemperatureLogitsWarper
from trustformers.generation.logits_process import TopHLogitsWarper as TopHLogitsWarper
from trustformers.generation.logits_process import TopKLogitsWarper as TopKLogitsWarper
from trustformers.generation.logits_process import TopPLogitsWarper as TopPLogitsWarper
from trustformers.generation.logits_process import TypicalLogitsWarper as TypicalLogitsWarper
from trustformers.generation.logits_process import UnbatchedClassifierFreeGuidanceLogitsProcessor as UnbatchedClassifierFreeGuidanceLogitsProcessor
from trustformers.generation.logits_process import WatermarkLogitsProcessor as WatermarkLogitsProcessor
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.generation.outputs import GenerateBeamDecoderOnlyOutput as GenerateBeamDecoderOnlyOutput
from trustformers.generation.outputs import GenerateDecoderOnlyOutput as GenerateDecoderOnlyOutput
from trustformers.generation.stopping_criteria import EosTokenCriteria as EosTokenCriteria
from trustformers.generation.stopping_criteria import MaxLengthCriteria as MaxLengthCriteria
from trustformers.generation.stopping_criteria import MaxTimeCriteria as MaxTimeCriteria
from trustformers.generation.stopping_criteria import StopStringCriteria as StopStringCriteria
from trustformers.generation.stopping_criteria import StoppingCriteria as StoppingCriteria
from trustformers.generation.stopping_criteria import StoppingCriteriaList as StoppingCriteriaList
from trustformers.generation.streamers import AsyncTextIteratorStreamer as AsyncTextIteratorStreamer
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.generation.streamers import TextIteratorStreamer as TextIteratorStreamer
from trustformers.generation.streamers import TextStreamer as TextStreamer
from trustformers.generation.watermarking import WatermarkDetector as WatermarkDetector
from trustformers.hf_argparser import HfArgumentParser as HfArgumentParser
from trustformers.models.auto import AutoModel as AutoModel
from trustformers.models.auto import AutoModelForCausalLM as AutoModelForCausalLM
from trustformers.models.auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from trustformers.models.auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from trustformers.models.auto import AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM
from trustformers.models.auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from trustformers.models.auto import AutoModelForTextEncoding as AutoModelForTextEncoding
from trustformers.models.auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import CacheLayerMixin as CacheLayerMixin
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import DynamicLayer as DynamicLayer
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.cache import HybridCache as HybridCache
from trustformers.models.cache import OffloadedCache as OffloadedCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import SlidingWindowCache as SlidingWindowCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.models.mappings import CONFIG_MAPPING as CONFIG_MAPPING
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING as MODEL_FOR_CAUSAL_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_MASKED_LM_MAPPING as MODEL_FOR_MASKED_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_MULTIPLE_CHOICE_MAPPING as MODEL_FOR_MULTIPLE_CHOICE_MAPPING
from trustformers.models.mappings import MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING as MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING
from trustformers.models.mappings import MODEL_FOR_PRETRAINING_MAPPING as MODEL_FOR_PRETRAINING_MAPPING
from trustformers.models.mappings import MODEL_FOR_QUESTION_ANSWERING_MAPPING as MODEL_FOR_QUESTION_ANSWERING_MAPPING
from trustformers.models.mappings import MODEL_FOR_RETRIEVAL_MAPPING as MODEL_FOR_RETRIEVAL_MAPPING
from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
from trustformers.models.mappings import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING as MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
from trustformers.models.mappings import MODEL_FOR_TEXT_ENCODING_MAPPING as MODEL_FOR_TEXT_ENCODING_MAPPING
from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING
from trustformers.models.mappings import MODEL_MAPPING as MODEL_MAPPING
from trustformers.models.mappings import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from trustformers.models.mappings import config_class_to_model_type as config_class_to_model_type
from trustformers.models.mappings import model_type_to_module_name as model_type_to_module_name
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.models.quantization_configs import BitsAndBytesConfig as BitsAndBytesConfig
from trustformers.models.quantization_configs import QuantoConfig as QuantoConfig
from trustformers.models.submodules import Conv1D as Conv1D
from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline as TextClassificationPipeline
from trustformers.pipelines.classification import ZeroShotClassificationPipeline as ZeroShotClassificationPipeline
from trustformers.pipelines.data_formats import CsvPipelineDataFormat as CsvPipelineDataFormat
from trustformers.pipelines.data_formats import JsonPipelineDataFormat as JsonPipelineDataFormat
from trustformers.pipelines.data_formats import PipedPipelineDataFormat as PipedPipelineDataFormat
from trustformers.pipelines.data_formats import PipelineDataFormat as PipelineDataFormat
from trustformers.pipelines.factory import pipeline as pipeline
from trustformers.pipelines.fill_mask import FillMaskPipeline as FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringPipeline as QuestionAnsweringPipeline
from trustformers.pipelines.ranking import TextRankingPipeline as TextRankingPipeline
from trustformers.pipelines.registry import PipelineRegistry as PipelineRegistry
from trustformers.pipelines.text2text_generation import SummarizationPipeline as SummarizationPipeline
from trustformers.pipelines.text2text_generation import Text2TextGenerationPipeline as Text2TextGenerationPipeline
from trustformers.pipelines.text2text_generation import TranslationPipeline as TranslationPipeline
from trustformers.pipelines.text_generation import TextGenerationPipeline as TextGenerationPipeline
from trustformers.pipelines.token_classification import NerPipeline as NerPipeline
from trustformers.pipelines.token_classification import TokenClassificationPipeline as TokenClassificationPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline
from trustformers.pipelines.vectors import SentenceSimilarityPipeline as SentenceSimilarityPipeline
from trustformers.runtime.backends import DeviceInfo as DeviceInfo
from trustformers.runtime.backends import HAS_CPU as HAS_CPU
from trustformers.runtime.backends import HAS_CUDA as HAS_CUDA
from trustformers.runtime.backends import HAS_METAL as HAS_METAL
from trustformers.runtime.backends import HAS_ROCM as HAS_ROCM
from trustformers.runtime.backends import device_count as device_count
from trustformers.runtime.backends import is_available as is_available
from trustformers.runtime.backends import list_devices as list_devices
from trustformers.runtime.backends import synchronize as synchronize
from trustformers.runtime.device import Device as Device
from trustformers.runtime.jobs import Job as Job
from trustformers.runtime.seed import enable_full_determinism as enable_full_determinism
from trustformers.runtime.seed import set_seed as set_seed
from trustformers.runtime.threads import get_num_threads as get_num_threads
from trustformers.runtime.threads import set_num_threads as set_num_threads
from trustformers.tensor.autograd import enable_grad as enable_grad
from trustformers.tensor.autograd import inference_mode as inference_mode
from trustformers.tensor.autograd import is_grad_enabled as is_grad_enabled
from trustformers.tensor.autograd import no_grad as no_grad
from trustformers.tensor.autograd import set_grad_enabled as set_grad_enabled
from trustformers.tensor.namespace import Tensor as Tensor
from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer
from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.batch_encoding import CharSpan as CharSpan
from trustformers.tokenizers.batch_encoding import TokenSpan as TokenSpan
from trustformers.tokenizers.collators import DataCollator as DataCollator
from trustformers.tokenizers.collators import DataCollatorForMultipleChoice as DataCollatorForMultipleChoice
from trustformers.tokenizers.collators import DataCollatorForSeq2Seq as DataCollatorForSeq2Seq
from trustformers.tokenizers.collators import DataCollatorForTokenClassification as DataCollatorForTokenClassification
from trustformers.tokenizers.collators import DataCollatorWithFlattening as DataCollatorWithFlattening
from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import DefaultDataCollator as DefaultDataCollator
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.language_modeling import DataCollatorForLanguageModeling as DataCollatorForLanguageModeling
from trustformers.tokenizers.language_modeling import DataCollatorForWholeWordMask as DataCollatorForWholeWordMask
from trustformers.tokenizers.processors import AutoProcessor as AutoProcessor
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.tokenizers.python_backend import PythonBackend as PythonBackend
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.training.adafactor import Adafactor as Adafactor
from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.arguments_seq2seq import Seq2SeqTrainingArguments as Seq2SeqTrainingArguments
from trustformers.training.callbacks import DefaultFlowCallback as DefaultFlowCallback
from trustformers.training.callbacks import TrainerCallback as TrainerCallback
from trustformers.training.early_stopping import EarlyStoppingCallback as EarlyStoppingCallback
from trustformers.training.progress import PrinterCallback as PrinterCallback
from trustformers.training.progress import ProgressCallback as ProgressCallback
from trustformers.training.results import EvalPrediction as EvalPrediction
from trustformers.training.schedules import get_constant_schedule as get_constant_schedule
from trustformers.training.schedules import get_constant_schedule_with_warmup as get_constant_schedule_with_warmup
from trustformers.training.schedules import get_cosine_schedule_with_warmup as get_cosine_schedule_with_warmup
from trustformers.training.schedules import get_cosine_with_hard_restarts_schedule_with_warmup as get_cosine_with_hard_restarts_schedule_with_warmup
from trustformers.training.schedules import get_cosine_with_min_lr_schedule_with_warmup as get_cosine_with_min_lr_schedule_with_warmup
from trustformers.training.schedules import get_cosine_with_min_lr_schedule_with_warmup_lr_rate as get_cosine_with_min_lr_schedule_with_warmup_lr_rate
from trustformers.training.schedules import get_inverse_sqrt_schedule as get_inverse_sqrt_schedule
from trustformers.training.schedules import get_linear_schedule_with_warmup as get_linear_schedule_with_warmup
from trustformers.training.schedules import get_polynomial_decay_schedule_with_warmup as get_polynomial_decay_schedule_with_warmup
from trustformers.training.schedules import get_reduce_on_plateau_schedule as get_reduce_on_plateau_schedule
from trustformers.training.schedules import get_scheduler as get_scheduler
from trustformers.training.schedules import get_wsd_schedule as get_wsd_schedule
from trustformers.training.state import TrainerControl as TrainerControl
from trustformers.training.state import TrainerState as TrainerState
from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import SchedulerType as SchedulerType
from trustformers.training.trainer import Trainer as Trainer
from trustformers.training.trainer_seq2seq import Seq2SeqTrainer as Seq2SeqTrainer
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_apex_available as is_apex_available
from trustformers.utils.availability import is_av_available as is_av_available
from trustformers.utils.availability import is_bitsandbytes_available as is_bitsandbytes_available
from trustformers.utils.availability import is_clearml_available as is_clearml_available
from trustformers.utils.availability import is_comet_available as is_comet_available
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_dvclive_available as is_dvclive_available
from trustformers.utils.availability import is_faiss_available as is_faiss_available
from trustformers.utils.availability import is_matplotlib_available as is_matplotlib_available
from trustformers.utils.availability import is_mlx_available as is_mlx_available
from trustformers.utils.availability import is_neptune_available as is_neptune_available
from trustformers.utils.availability import is_optuna_available as is_optuna_available
from trustformers.utils.availability import is_phonemizer_available as is_phonemizer_available
from trustformers.utils.availability import is_psutil_available as is_psutil_available
from trustformers.utils.availability import is_py3nvml_available as is_py3nvml_available
from trustformers.utils.availability import is_pyctcdecode_available as is_pyctcdecode_available
from trustformers.utils.availability import is_ray_available as is_ray_available
from trustformers.utils.availability import is_ray_tune_available as is_ray_tune_available
from trustformers.utils.availability import is_sacremoses_available as is_sacremoses_available
from trustformers.utils.availability import is_scipy_available as is_scipy_available
from trustformers.utils.availability import is_sentencepiece_available as is_sentencepiece_available
from trustformers.utils.availability import is_sklearn_available as is_sklearn_available
from trustformers.utils.availability import is_speech_available as is_speech_available
from trustformers.utils.availability import is_swanlab_available as is_swanlab_available
from trustformers.utils.availability import is_tensorboard_available as is_tensorboard_available
from trustformers.utils.availability import is_timm_available as is_timm_available
from trustformers.utils.availability import is_tokenizers_available as is_tokenizers_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
from trustformers.utils.availability import is_torch_musa_available as is_torch_musa_available
from trustformers.utils.availability import is_torch_neuroncore_available as is_torch_neuroncore_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import is_torchvision_available as is_torchvision_available
from trustformers.utils.availability import is_trackio_available as is_trackio_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.availability import is_wandb_available as is_wandb_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import MODEL_CARD_NAME as MODEL_CARD_NAME
from trustformers.utils.hub_files import SPIECE_UNDERLINE as SPIECE_UNDERLINE
from trustformers.utils.hub_files import WEIGHTS_NAME as WEIGHTS_NAME
from trustformers.utils.other_families import CTRLLMHeadModel as CTRLLMHeadModel
from trustformers.utils.other_families import CTRLTokenizer as CTRLTokenizer
from trustformers.utils.other_families import LongT5Config as LongT5Config
from trustformers.utils.other_families import MoonshineConfig as MoonshineConfig
from trustformers.utils.other_families import OpenAIGPTLMHeadModel as OpenAIGPTLMHeadModel
from trustformers.utils.other_families import PaliGemmaProcessor as PaliGemmaProcessor
from trustformers.utils.other_families import PegasusXConfig as PegasusXConfig
from trustformers.utils.other_families import ProphetNetConfig as ProphetNetConfig
from trustformers.utils.other_families import SwitchTransformersConfig as SwitchTransformersConfig
from trustformers.utils.other_families import T5Gemma2Config as T5Gemma2Config
from trustformers.utils.other_families import T5Gemma2TextConfig as T5Gemma2TextConfig
from trustformers.utils.other_families import T5GemmaConfig as T5GemmaConfig
from trustformers.utils.other_families import T5GemmaEncoderModel as T5GemmaEncoderModel
from trustformers.utils.other_families import TimmWrapperConfig as TimmWrapperConfig
from trustformers.utils.other_families import UdopConfig as UdopConfig
from trustformers.utils.other_families import WhisperConfig as WhisperConfig
from trustformers.utils.other_families import XLMConfig as XLMConfig
from trustformers.utils.other_families import XLMTokenizer as XLMTokenizer
from trustformers.utils.other_families import XLMWithLMHeadModel as XLMWithLMHeadModel
from trustformers.utils.other_families import XLNetConfig as XLNetConfig
from trustformers.utils.other_families import XLNetLMHeadModel as XLNetLMHeadModel
from trustformers.utils.refused import AttentionInterface as AttentionInterface
from trustformers.utils.refused import AttentionMaskInterface as AttentionMaskInterface
from trustformers.utils.refused import AutoFeatureExtractor as AutoFeatureExtractor
from trustformers.utils.refused import AutoImageProcessor as AutoImageProcessor
from trustformers.utils.refused import AutoModelForImageTextToText as AutoModelForImageTextToText
from trustformers.utils.refused import AutoModelForMultimodalLM as AutoModelForMultimodalLM
from trustformers.utils.refused import AutoModelForMultipleChoice as AutoModelForMultipleChoice
from trustformers.utils.refused import AutoModelForNextSentencePrediction as AutoModelForNextSentencePrediction
from trustformers.utils.refused import AutoModelForPreTraining as AutoModelForPreTraining
from trustformers.utils.refused import AutoModelForSpeechSeq2Seq as AutoModelForSpeechSeq2Seq
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import BaseVideoProcessor as BaseVideoProcessor
from trustformers.utils.refused import ContinuousBatchingConfig as ContinuousBatchingConfig
from trustformers.utils.refused import FeatureExtractionMixin as FeatureExtractionMixin
from trustformers.utils.refused import ImageProcessingMixin as ImageProcessingMixin
from trustformers.utils.refused import ProcessorMixin as ProcessorMixin
from trustformers.models.families import *
from trustformers.tokenizers.families import *

__all__ = [
    "Adafactor",
    "AddedToken",
    "AsyncTextIteratorStreamer",
    "AttentionInterface",
    "AttentionMaskInterface",
    "AutoConfig",
    "AutoFeatureExtractor",
    "AutoImageProcessor",
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
    "AutoProcessor",
    "AutoTokenizer",
    "BaseImageProcessor",
    "BaseModelOutputWithPast",
    "BaseModelOutputWithPooling",
    "BaseStreamer",
    "BaseVideoProcessor",
    "BatchEncoding",
    "BitsAndBytesConfig",
    "CONFIG_MAPPING",
    "CONFIG_NAME",
    "CTRLLMHeadModel",
    "CTRLTokenizer",
    "Cache",
    "CacheLayerMixin",
    "CausalLMOutputWithPast",
    "CharSpan",
    "ClassifierFreeGuidanceLogitsProcessor",
    "CompileConfig",
    "ContinuousBatchingConfig",
    "Conv1D",
    "CsvPipelineDataFormat",
    "DataCollator",
    "DataCollatorForLanguageModeling",
    "DataCollatorForMultipleChoice",
    "DataCollatorForSeq2Seq",
    "DataCollatorForTokenClassification",
    "DataCollatorForWholeWordMask",
    "DataCollatorWithFlattening",
    "DataCollatorWithPadding",
    "DefaultDataCollator",
    "DefaultFlowCallback",
    "Device",
    "DeviceInfo",
    "DynamicCache",
    "DynamicLayer",
    "EarlyStoppingCallback",
    "EncoderDecoderCache",
    "EncoderNoRepeatNGramLogitsProcessor",
    "EncoderRepetitionPenaltyLogitsProcessor",
    "EosTokenCriteria",
    "EpsilonLogitsWarper",
    "EtaLogitsWarper",
    "EvalPrediction",
    "ExponentialDecayLengthPenalty",
    "FeatureExtractionMixin",
    "FeatureExtractionPipeline",
    "FillMaskPipeline",
    "ForcedBOSTokenLogitsProcessor",
    "ForcedEOSTokenLogitsProcessor",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateDecoderOnlyOutput",
    "GenerationConfig",
    "GenerationMixin",
    "HAS_CPU",
    "HAS_CUDA",
    "HAS_METAL",
    "HAS_ROCM",
    "HfArgumentParser",
    "HybridCache",
    "ImageProcessingMixin",
    "InfNanRemoveLogitsProcessor",
    "IntervalStrategy",
    "Job",
    "JsonPipelineDataFormat",
    "LogitNormalization",
    "LogitsProcessor",
    "LogitsProcessorList",
    "LongT5Config",
    "MODEL_CARD_NAME",
    "MODEL_FOR_CAUSAL_LM_MAPPING",
    "MODEL_FOR_MASKED_LM_MAPPING",
    "MODEL_FOR_MULTIPLE_CHOICE_MAPPING",
    "MODEL_FOR_NEXT_SENTENCE_PREDICTION_MAPPING",
    "MODEL_FOR_PRETRAINING_MAPPING",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
    "MODEL_FOR_RETRIEVAL_MAPPING",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING",
    "MODEL_FOR_TEXT_ENCODING_MAPPING",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "MODEL_MAPPING",
    "MaskedLMOutput",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "MinLengthLogitsProcessor",
    "MinNewTokensLengthLogitsProcessor",
    "MinPLogitsWarper",
    "ModelOutput",
    "MoonshineConfig",
    "NerPipeline",
    "NoBadWordsLogitsProcessor",
    "NoRepeatNGramLogitsProcessor",
    "OffloadedCache",
    "OpenAIGPTLMHeadModel",
    "PaliGemmaProcessor",
    "PegasusXConfig",
    "PipedPipelineDataFormat",
    "Pipeline",
    "PipelineDataFormat",
    "PipelineRegistry",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PreTrainedTokenizer",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
    "PrefixConstrainedLogitsProcessor",
    "PretrainedConfig",
    "PrinterCallback",
    "ProcessorMixin",
    "ProgressCallback",
    "ProphetNetConfig",
    "PythonBackend",
    "QuantizedCache",
    "QuantoConfig",
    "QuestionAnsweringModelOutput",
    "QuestionAnsweringPipeline",
    "RepetitionPenaltyLogitsProcessor",
    "SPIECE_UNDERLINE",
    "SchedulerType",
    "SentencePieceBackend",
    "SentenceSimilarityPipeline",
    "Seq2SeqTrainer",
    "Seq2SeqTrainingArguments",
    "SequenceBiasLogitsProcessor",
    "SequenceClassifierOutput",
    "SlidingWindowCache",
    "StaticCache",
    "StopStringCriteria",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "SummarizationPipeline",
    "SuppressTokensAtBeginLogitsProcessor",
    "SuppressTokensLogitsProcessor",
    "SwitchTransformersConfig",
    "SynthIDTextWatermarkLogitsProcessor",
    "SynthIDTextWatermarkingConfig",
    "T5Gemma2Config",
    "T5Gemma2TextConfig",
    "T5GemmaConfig",
    "T5GemmaEncoderModel",
    "TOKENIZER_MAPPING",
    "TemperatureLogitsWarper",
    "Tensor",
    "TensorType",
    "Text2TextGenerationPipeline",
    "TextClassificationPipeline",
    "TextGenerationPipeline",
    "TextIteratorStreamer",
    "TextRankingPipeline",
    "TextStreamer",
    "TimmWrapperConfig",
    "TokenClassificationPipeline",
    "TokenClassifierOutput",
    "TokenSpan",
    "TokenizersBackend",
    "TopHLogitsWarper",
    "TopKLogitsWarper",
    "TopPLogitsWarper",
    "Trainer",
    "TrainerCallback",
    "TrainerControl",
    "TrainerState",
    "TrainingArguments",
    "TranslationPipeline",
    "TypicalLogitsWarper",
    "UdopConfig",
    "UnbatchedClassifierFreeGuidanceLogitsProcessor",
    "WEIGHTS_NAME",
    "WatermarkDetector",
    "WatermarkLogitsProcessor",
    "WatermarkingConfig",
    "WhisperConfig",
    "XLMConfig",
    "XLMTokenizer",
    "XLMWithLMHeadModel",
    "XLNetConfig",
    "XLNetLMHeadModel",
    "ZeroShotClassificationPipeline",
    "add_end_docstrings",
    "add_start_docstrings",
    "config_class_to_model_type",
    "default_data_collator",
    "device_count",
    "enable_full_determinism",
    "enable_grad",
    "get_constant_schedule",
    "get_constant_schedule_with_warmup",
    "get_cosine_schedule_with_warmup",
    "get_cosine_with_hard_restarts_schedule_with_warmup",
    "get_cosine_with_min_lr_schedule_with_warmup",
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "get_inverse_sqrt_schedule",
    "get_linear_schedule_with_warmup",
    "get_num_threads",
    "get_polynomial_decay_schedule_with_warmup",
    "get_reduce_on_plateau_schedule",
    "get_scheduler",
    "get_wsd_schedule",
    "inference_mode",
    "is_apex_available",
    "is_av_available",
    "is_available",
    "is_bitsandbytes_available",
    "is_clearml_available",
    "is_comet_available",
    "is_datasets_available",
    "is_dvclive_available",
    "is_faiss_available",
    "is_grad_enabled",
    "is_matplotlib_available",
    "is_mlx_available",
    "is_neptune_available",
    "is_optuna_available",
    "is_phonemizer_available",
    "is_psutil_available",
    "is_py3nvml_available",
    "is_pyctcdecode_available",
    "is_ray_available",
    "is_ray_tune_available",
    "is_sacremoses_available",
    "is_scipy_available",
    "is_sentencepiece_available",
    "is_sklearn_available",
    "is_speech_available",
    "is_swanlab_available",
    "is_tensorboard_available",
    "is_timm_available",
    "is_tokenizers_available",
    "is_torch_available",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_musa_available",
    "is_torch_neuroncore_available",
    "is_torch_npu_available",
    "is_torch_xla_available",
    "is_torch_xpu_available",
    "is_torchvision_available",
    "is_trackio_available",
    "is_vision_available",
    "is_wandb_available",
    "list_devices",
    "logging",
    "model_type_to_module_name",
    "no_grad",
    "pipeline",
    "requires_backends",
    "set_grad_enabled",
    "set_num_threads",
    "set_seed",
    "synchronize",
    "__version__",
]
