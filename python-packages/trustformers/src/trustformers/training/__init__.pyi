"""Names of trustformers.training. Written by ci/python_stubs.py."""

from trustformers.training.adafactor import Adafactor as Adafactor
from trustformers.training.adafactor import AdafactorSchedule as AdafactorSchedule
from trustformers.training.adafactor import get_adafactor_schedule as get_adafactor_schedule
from trustformers.training.adamw_8bit import AdamW8bit as AdamW8bit
from trustformers.training.clipping import clip_grad_norm_ as clip_grad_norm_
from trustformers.training.clipping import clip_grad_value_ as clip_grad_value_
from trustformers.training.clipping import clip_grads_with_norm_ as clip_grads_with_norm_
from trustformers.training.clipping import get_total_norm as get_total_norm
from trustformers.training.dataloader import DataLoader as DataLoader
from trustformers.training.dataloader import skip_first_batches as skip_first_batches
from trustformers.training.evaluation import EvalLoopContainer as EvalLoopContainer
from trustformers.training.evaluation import LabelSmoother as LabelSmoother
from trustformers.training.lr_scheduler import LRScheduler as LRScheduler
from trustformers.training.lr_scheduler import LambdaLR as LambdaLR
from trustformers.training.lr_scheduler import ReduceLROnPlateau as ReduceLROnPlateau
from trustformers.training.mixed_precision import autocast as autocast
from trustformers.training.optimizer_base import Optimizer as Optimizer
from trustformers.training.optimizers import Adam as Adam
from trustformers.training.optimizers import AdamW as AdamW
from trustformers.training.optimizers import SGD as SGD
from trustformers.training.parallel import DistributedDataParallel as DistributedDataParallel
from trustformers.training.samplers import BatchSampler as BatchSampler
from trustformers.training.samplers import LengthGroupedSampler as LengthGroupedSampler
from trustformers.training.samplers import RandomSampler as RandomSampler
from trustformers.training.samplers import Sampler as Sampler
from trustformers.training.samplers import SeedableRandomSampler as SeedableRandomSampler
from trustformers.training.samplers import SequentialSampler as SequentialSampler
from trustformers.training.scaling import GradScaler as GradScaler
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
from trustformers.training.sharded_optimizer import ZeroRedundancyOptimizer as ZeroRedundancyOptimizer
from trustformers.training.shards import DistributedSampler as DistributedSampler
from trustformers.training.strategies import SchedulerType as SchedulerType
from trustformers.training.trainer import Trainer as Trainer

__all__ = [
    "Adafactor",
    "AdafactorSchedule",
    "Adam",
    "AdamW",
    "AdamW8bit",
    "BatchSampler",
    "DataLoader",
    "DistributedDataParallel",
    "DistributedSampler",
    "EvalLoopContainer",
    "GradScaler",
    "LRScheduler",
    "LabelSmoother",
    "LambdaLR",
    "LengthGroupedSampler",
    "Optimizer",
    "RandomSampler",
    "ReduceLROnPlateau",
    "SGD",
    "Sampler",
    "SchedulerType",
    "SeedableRandomSampler",
    "SequentialSampler",
    "Trainer",
    "ZeroRedundancyOptimizer",
    "autocast",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_adafactor_schedule",
    "get_constant_schedule",
    "get_constant_schedule_with_warmup",
    "get_cosine_schedule_with_warmup",
    "get_cosine_with_hard_restarts_schedule_with_warmup",
    "get_cosine_with_min_lr_schedule_with_warmup",
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "get_inverse_sqrt_schedule",
    "get_linear_schedule_with_warmup",
    "get_polynomial_decay_schedule_with_warmup",
    "get_reduce_on_plateau_schedule",
    "get_scheduler",
    "get_total_norm",
    "get_wsd_schedule",
    "skip_first_batches",
]
