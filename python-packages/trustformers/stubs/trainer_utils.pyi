"""Names of transformers.trainer_utils. Written by ci/python_stubs.py."""

from trustformers.runtime.seed import enable_full_determinism as enable_full_determinism
from trustformers.runtime.seed import set_seed as set_seed
from trustformers.training.checkpoints import PREFIX_CHECKPOINT_DIR as PREFIX_CHECKPOINT_DIR
from trustformers.training.checkpoints import get_last_checkpoint as get_last_checkpoint
from trustformers.training.checkpoints import sort_checkpoints as sort_checkpoints
from trustformers.training.columns import RemoveColumnsCollator as RemoveColumnsCollator
from trustformers.training.evaluation import denumpify_detensorize as denumpify_detensorize
from trustformers.training.loops import default_compute_objective as default_compute_objective
from trustformers.training.loops import has_length as has_length
from trustformers.training.loops import number_of_arguments as number_of_arguments
from trustformers.training.loops import seed_worker as seed_worker
from trustformers.training.results import BestRun as BestRun
from trustformers.training.results import EvalLoopOutput as EvalLoopOutput
from trustformers.training.results import EvalPrediction as EvalPrediction
from trustformers.training.results import PredictionOutput as PredictionOutput
from trustformers.training.results import TrainOutput as TrainOutput
from trustformers.training.results import speed_metrics as speed_metrics
from trustformers.training.strategies import HPSearchBackend as HPSearchBackend
from trustformers.training.strategies import HubStrategy as HubStrategy
from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import SaveStrategy as SaveStrategy
from trustformers.training.strategies import SchedulerType as SchedulerType
from trustformers.training.trainer_checkpoints import rotate_checkpoints as rotate_checkpoints
from trustformers.training.trainer_special_tokens import align_special_tokens as align_special_tokens
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.availability import is_psutil_available as is_psutil_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_cuda_available as is_torch_cuda_available
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
from trustformers.utils.availability import is_torch_mps_available as is_torch_mps_available
from trustformers.utils.availability import is_torch_musa_available as is_torch_musa_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.hub_files import SAFE_WEIGHTS_INDEX_NAME as SAFE_WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import WEIGHTS_INDEX_NAME as WEIGHTS_INDEX_NAME

__all__ = [
    "BestRun",
    "EvalLoopOutput",
    "EvalPrediction",
    "ExplicitEnum",
    "HPSearchBackend",
    "HubStrategy",
    "IntervalStrategy",
    "PREFIX_CHECKPOINT_DIR",
    "PredictionOutput",
    "RemoveColumnsCollator",
    "SAFE_WEIGHTS_INDEX_NAME",
    "SaveStrategy",
    "SchedulerType",
    "TrainOutput",
    "WEIGHTS_INDEX_NAME",
    "align_special_tokens",
    "default_compute_objective",
    "denumpify_detensorize",
    "enable_full_determinism",
    "get_last_checkpoint",
    "has_length",
    "is_peft_available",
    "is_psutil_available",
    "is_torch_available",
    "is_torch_cuda_available",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_mps_available",
    "is_torch_musa_available",
    "is_torch_npu_available",
    "is_torch_xla_available",
    "is_torch_xpu_available",
    "logging",
    "number_of_arguments",
    "requires_backends",
    "rotate_checkpoints",
    "seed_worker",
    "set_seed",
    "sort_checkpoints",
    "speed_metrics",
]
