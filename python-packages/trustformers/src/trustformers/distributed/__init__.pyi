"""Names of trustformers.distributed. Written by ci/python_stubs.py."""

from trustformers.distributed.operations import all_gather_object as all_gather_object
from trustformers.distributed.operations import all_reduce as all_reduce
from trustformers.distributed.operations import barrier as barrier
from trustformers.distributed.operations import broadcast as broadcast
from trustformers.distributed.operations import broadcast_object_list as broadcast_object_list
from trustformers.distributed.operations import get_local_rank as get_local_rank
from trustformers.distributed.operations import get_rank as get_rank
from trustformers.distributed.operations import get_world_size as get_world_size
from trustformers.distributed.operations import is_initialized as is_initialized
from trustformers.utils.availability import is_fsdp_enabled as is_fsdp_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module

__all__ = [
    "all_gather_object",
    "all_reduce",
    "barrier",
    "broadcast",
    "broadcast_object_list",
    "get_local_rank",
    "get_rank",
    "get_world_size",
    "is_fsdp_enabled",
    "is_fsdp_managed_module",
    "is_initialized",
]
