"""Names of trustformers.peft. Written by ci/python_stubs.py."""

from trustformers.peft.config import LoraConfig as LoraConfig
from trustformers.peft.config import PeftConfig as PeftConfig
from trustformers.peft.config import PeftType as PeftType
from trustformers.peft.config import TaskType as TaskType

__all__ = [
    "LoraConfig",
    "PeftConfig",
    "PeftType",
    "TaskType",
]
