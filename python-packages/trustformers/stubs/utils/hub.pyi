"""Names of transformers.utils.hub. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import get_torch_version as get_torch_version
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_training_run_on_sagemaker as is_training_run_on_sagemaker
from trustformers.utils.hub_files import CHAT_TEMPLATE_DIR as CHAT_TEMPLATE_DIR
from trustformers.utils.hub_files import CHAT_TEMPLATE_FILE as CHAT_TEMPLATE_FILE
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.hub_files import cached_files as cached_files
from trustformers.utils.hub_files import extract_commit_hash as extract_commit_hash
from trustformers.utils.hub_files import get_checkpoint_shard_files as get_checkpoint_shard_files
from trustformers.utils.hub_files import has_file as has_file
from trustformers.utils.hub_files import http_user_agent as http_user_agent
from trustformers.utils.hub_files import is_offline_mode as is_offline_mode

__all__ = [
    "CHAT_TEMPLATE_DIR",
    "CHAT_TEMPLATE_FILE",
    "PushToHubMixin",
    "cached_file",
    "cached_files",
    "extract_commit_hash",
    "get_checkpoint_shard_files",
    "get_torch_version",
    "has_file",
    "http_user_agent",
    "is_offline_mode",
    "is_torch_available",
    "is_training_run_on_sagemaker",
    "logging",
]
