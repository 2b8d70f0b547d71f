"""Names of transformers.optimization. Written by ci/python_stubs.py."""

from trustformers.training.adafactor import Adafactor as Adafactor
from trustformers.training.adafactor import AdafactorSchedule as AdafactorSchedule
from trustformers.training.adafactor import get_adafactor_schedule as get_adafactor_schedule
from trustformers.training.schedules import TYPE_TO_SCHEDULER_FUNCTION as TYPE_TO_SCHEDULER_FUNCTION
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
from trustformers.training.strategies import SchedulerType as SchedulerType
from trustformers.utils import logging as logging

__all__ = [
    "Adafactor",
    "AdafactorSchedule",
    "SchedulerType",
    "TYPE_TO_SCHEDULER_FUNCTION",
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
    "get_wsd_schedule",
    "logging",
]
