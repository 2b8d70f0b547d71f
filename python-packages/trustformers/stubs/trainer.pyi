"""Names of transformers.trainer. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_MAPPING_NAMES as MODEL_MAPPING_NAMES
from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.runtime.seed import enable_full_determinism as enable_full_determinism
from trustformers.runtime.seed import set_seed as set_seed
from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.collators import DataCollator as DataCollator
from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.callbacks import CallbackHandler as CallbackHandler
from trustformers.training.callbacks import DefaultFlowCallback as DefaultFlowCallback
from trustformers.training.callbacks import TrainerCallback as TrainerCallback
from trustformers.training.checkpoints import OPTIMIZER_NAME as OPTIMIZER_NAME
from trustformers.training.checkpoints import OPTIMIZER_NAME_BIN as OPTIMIZER_NAME_BIN
from trustformers.training.checkpoints import PREFIX_CHECKPOINT_DIR as PREFIX_CHECKPOINT_DIR
from trustformers.training.checkpoints import SCALER_NAME as SCALER_NAME
from trustformers.training.checkpoints import SCHEDULER_NAME as SCHEDULER_NAME
from trustformers.training.checkpoints import TRAINER_STATE_NAME as TRAINER_STATE_NAME
from trustformers.training.checkpoints import TRAINING_ARGS_NAME as TRAINING_ARGS_NAME
from trustformers.training.checkpoints import get_last_checkpoint as get_last_checkpoint
from trustformers.training.checkpoints import sort_checkpoints as sort_checkpoints
from trustformers.training.columns import RemoveColumnsCollator as RemoveColumnsCollator
from trustformers.training.evaluation import EvalLoopContainer as EvalLoopContainer
from trustformers.training.evaluation import LabelSmoother as LabelSmoother
from trustformers.training.evaluation import denumpify_detensorize as denumpify_detensorize
from trustformers.training.evaluation import find_batch_size as find_batch_size
from trustformers.training.evaluation import nested_detach as nested_detach
from trustformers.training.evaluation import nested_gather as nested_gather
from trustformers.training.integrations import get_reporting_integration_callbacks as get_reporting_integration_callbacks
from trustformers.training.loops import default_compute_objective as default_compute_objective
from trustformers.training.loops import get_parameter_names as get_parameter_names
from trustformers.training.loops import has_length as has_length
from trustformers.training.loops import number_of_arguments as number_of_arguments
from trustformers.training.loops import seed_worker as seed_worker
from trustformers.training.optimizer_names import OptimizerNames as OptimizerNames
from trustformers.training.progress import PrinterCallback as PrinterCallback
from trustformers.training.progress import ProgressCallback as ProgressCallback
from trustformers.training.results import BestRun as BestRun
from trustformers.training.results import EvalLoopOutput as EvalLoopOutput
from trustformers.training.results import EvalPrediction as EvalPrediction
from trustformers.training.results import PredictionOutput as PredictionOutput
from trustformers.training.results import TrainOutput as TrainOutput
from trustformers.training.results import speed_metrics as speed_metrics
from trustformers.training.samplers import LengthGroupedSampler as LengthGroupedSampler
from trustformers.training.schedules import get_scheduler as get_scheduler
from trustformers.training.state import ExportableState as ExportableState
from trustformers.training.state import TrainerControl as TrainerControl
from trustformers.training.state import TrainerState as TrainerState
from trustformers.training.strategies import HPSearchBackend as HPSearchBackend
from trustformers.training.strategies import HubStrategy as HubStrategy
from trustformers.training.strategies import ParallelMode as ParallelMode
from trustformers.training.strategies import SaveStrategy as SaveStrategy
from trustformers.training.trainer import DEFAULT_CALLBACKS as DEFAULT_CALLBACKS
from trustformers.training.trainer import DEFAULT_PROGRESS_CALLBACK as DEFAULT_PROGRESS_CALLBACK
from trustformers.training.trainer import Trainer as Trainer
from trustformers.training.trainer_checkpoints import rotate_checkpoints as rotate_checkpoints
from trustformers.training.trainer_optimization import get_model_param_count as get_model_param_count
from trustformers.training.trainer_special_tokens import align_special_tokens as align_special_tokens
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_deepspeed_available as is_deepspeed_available
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module
from trustformers.utils.availability import is_in_notebook as is_in_notebook
from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.availability import is_sagemaker_dp_enabled as is_sagemaker_dp_enabled
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
from trustformers.utils.availability import is_torch_musa_available as is_torch_musa_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.conversions import find_labels as find_labels
from trustformers.utils.hub_files import ADAPTER_CONFIG_NAME as ADAPTER_CONFIG_NAME
from trustformers.utils.hub_files import ADAPTER_SAFE_WEIGHTS_NAME as ADAPTER_SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import ADAPTER_WEIGHTS_NAME as ADAPTER_WEIGHTS_NAME
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import GENERATION_CONFIG_NAME as GENERATION_CONFIG_NAME
from trustformers.utils.hub_files import SAFE_WEIGHTS_INDEX_NAME as SAFE_WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import SAFE_WEIGHTS_NAME as SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import WEIGHTS_INDEX_NAME as WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import WEIGHTS_NAME as WEIGHTS_NAME
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import FeatureExtractionMixin as FeatureExtractionMixin
from trustformers.utils.refused import ProcessorMixin as ProcessorMixin

__all__ = [
    "ADAPTER_CONFIG_NAME",
    "ADAPTER_SAFE_WEIGHTS_NAME",
    "ADAPTER_WEIGHTS_NAME",
    "BaseImageProcessor",
    "BatchEncoding",
    "BestRun",
    "CONFIG_NAME",
    "CallbackHandler",
    "DEFAULT_CALLBACKS",
    "DEFAULT_PROGRESS_CALLBACK",
    "DataCollator",
    "DataCollatorWithPadding",
    "DefaultFlowCallback",
    "EvalLoopContainer",
    "EvalLoopOutput",
    "EvalPrediction",
    "ExportableState",
    "FeatureExtractionMixin",
    "GENERATION_CONFIG_NAME",
    "HPSearchBackend",
    "HubStrategy",
    "LabelSmoother",
    "LengthGroupedSampler",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_MAPPING_NAMES",
    "OPTIMIZER_NAME",
    "OPTIMIZER_NAME_BIN",
    "OptimizerNames",
    "PREFIX_CHECKPOINT_DIR",
    "ParallelMode",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "PredictionOutput",
    "PrinterCallback",
    "ProcessorMixin",
    "ProgressCallback",
    "QuantizationMethod",
    "RemoveColumnsCollator",
    "SAFE_WEIGHTS_INDEX_NAME",
    "SAFE_WEIGHTS_NAME",
    "SCALER_NAME",
    "SCHEDULER_NAME",
    "SaveStrategy",
    "TRAINER_STATE_NAME",
    "TRAINING_ARGS_NAME",
    "TrainOutput",
    "Trainer",
    "TrainerCallback",
    "TrainerControl",
    "TrainerState",
    "TrainingArguments",
    "WEIGHTS_INDEX_NAME",
    "WEIGHTS_NAME",
    "align_special_tokens",
    "default_compute_objective",
    "default_data_collator",
    "denumpify_detensorize",
    "enable_full_determinism",
    "find_batch_size",
    "find_labels",
    "get_last_checkpoint",
    "get_model_param_count",
    "get_parameter_names",
    "get_reporting_integration_callbacks",
    "get_scheduler",
    "has_length",
    "is_accelerate_available",
    "is_datasets_available",
    "is_deepspeed_available",
    "is_fsdp_managed_module",
    "is_in_notebook",
    "is_peft_available",
    "is_sagemaker_dp_enabled",
    "is_sagemaker_mp_enabled",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_musa_available",
    "is_torch_npu_available",
    "is_torch_xla_available",
    "logging",
    "nested_detach",
    "nested_gather",
    "number_of_arguments",
    "rotate_checkpoints",
    "seed_worker",
    "set_seed",
    "sort_checkpoints",
    "speed_metrics",
]
