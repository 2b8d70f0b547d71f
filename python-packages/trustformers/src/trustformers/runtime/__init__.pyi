"""Names of trustformers.runtime. Written by ci/python_stubs.py."""

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
from trustformers.runtime.generators import Generator as Generator
from trustformers.runtime.generators import default_generator as default_generator
from trustformers.runtime.jobs import Job as Job
from trustformers.runtime.seed import enable_full_determinism as enable_full_determinism
from trustformers.runtime.seed import set_seed as set_seed
from trustformers.runtime.threads import get_num_threads as get_num_threads
from trustformers.runtime.threads import set_num_threads as set_num_threads

__all__ = [
    "Device",
    "DeviceInfo",
    "Generator",
    "HAS_CPU",
    "HAS_CUDA",
    "HAS_METAL",
    "HAS_ROCM",
    "Job",
    "default_generator",
    "device_count",
    "enable_full_determinism",
    "get_num_threads",
    "is_available",
    "list_devices",
    "set_num_threads",
    "set_seed",
    "synchronize",
]
