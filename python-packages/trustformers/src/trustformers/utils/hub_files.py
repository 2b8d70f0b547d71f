"""The names of a repository's files, and their paths in the cache."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from trustformers import _native
from trustformers._version import TRANSFORMERS_VERSION
from trustformers.errors import ConfigError, HubError, InputError, TrustformersError, UnsupportedError

__all__ = [
    "ADAPTER_CONFIG_NAME",
    "ADAPTER_SAFE_WEIGHTS_NAME",
    "ADAPTER_WEIGHTS_NAME",
    "ADDED_TOKENS_FILE",
    "CHAT_TEMPLATE_DIR",
    "CHAT_TEMPLATE_FILE",
    "CONFIG_NAME",
    "DUMMY_INPUTS",
    "DUMMY_MASK",
    "FEATURE_EXTRACTOR_NAME",
    "FULL_TOKENIZER_FILE",
    "GENERATION_CONFIG_NAME",
    "IMAGE_PROCESSOR_NAME",
    "MODEL_CARD_NAME",
    "PROCESSOR_NAME",
    "SAFE_WEIGHTS_INDEX_NAME",
    "SAFE_WEIGHTS_NAME",
    "SENTENCEPIECE_UNDERLINE",
    "SPECIAL_TOKENS_MAP_FILE",
    "SPIECE_UNDERLINE",
    "TOKENIZER_CONFIG_FILE",
    "TOKENIZER_FILE",
    "WEIGHTS_INDEX_NAME",
    "WEIGHTS_NAME",
    "PushToHubMixin",
    "cached_file",
    "cached_files",
    "extract_commit_hash",
    "find_adapter_config_file",
    "get_checkpoint_shard_files",
    "has_file",
    "http_user_agent",
    "is_offline_mode",
]

CONFIG_NAME = "config.json"
GENERATION_CONFIG_NAME = "generation_config.json"
MODEL_CARD_NAME = "modelcard.json"
SAFE_WEIGHTS_NAME = "model.safetensors"
SAFE_WEIGHTS_INDEX_NAME = "model.safetensors.index.json"
WEIGHTS_NAME = "pytorch_model.bin"
WEIGHTS_INDEX_NAME = "pytorch_model.bin.index.json"
ADAPTER_CONFIG_NAME = "adapter_config.json"
ADAPTER_SAFE_WEIGHTS_NAME = "adapter_model.safetensors"
ADAPTER_WEIGHTS_NAME = "adapter_model.bin"
FEATURE_EXTRACTOR_NAME = "preprocessor_config.json"
IMAGE_PROCESSOR_NAME = "preprocessor_config.json"
PROCESSOR_NAME = "processor_config.json"
CHAT_TEMPLATE_FILE = "chat_template.jinja"
CHAT_TEMPLATE_DIR = "additional_chat_templates"
TOKENIZER_FILE = "tokenizer.json"
FULL_TOKENIZER_FILE = "tokenizer.json"
TOKENIZER_CONFIG_FILE = "tokenizer_config.json"
SPECIAL_TOKENS_MAP_FILE = "special_tokens_map.json"
ADDED_TOKENS_FILE = "added_tokens.json"
# The sign of a space in SentencePiece's tokens.
SENTENCEPIECE_UNDERLINE = "▁"
SPIECE_UNDERLINE = "▁"
# Token ids for trying a model out.
DUMMY_INPUTS: list[list[int]] = [[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]]
DUMMY_MASK: list[list[int]] = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]]


def cached_file(
    path_or_repo_id: str | os.PathLike[str],
    filename: str,
    *,
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    token: str | bool | None = None,
    revision: str | None = None,
    local_files_only: bool = False,
    subfolder: str = "",
    repo_type: str | None = None,
    **kwargs: Any,
) -> str | None:
    """The path of a file of a directory or a hub repository, downloaded if needed.

    Parameters
    ----------
    path_or_repo_id
        A directory or a hub repository.
    filename
        The name of the file.
    cache_dir, token, revision, local_files_only
        Options of the hub, as in `huggingface_hub`.
    subfolder
        The folder of the directory or repository that holds the file.
    force_download, repo_type
        Not supported but with their defaults.
    **kwargs
        `_raise_exceptions_for_missing_entries=False` and `_raise_exceptions_for_connection_errors=False` return None
        instead of raising; others have no effect.

    Raises
    ------
    HubError
        The repository or the file is not available.
    UnsupportedError
        `force_download` is set, or the repository is one of datasets or spaces.
    """
    if force_download or repo_type not in (None, "model"):
        what = "force_download=True" if force_download else f"repo_type={repo_type!r}"
        raise UnsupportedError(f"not supported: {what} of cached_file; huggingface_hub.hf_hub_download has it")
    name = os.fspath(path_or_repo_id)
    text = token if isinstance(token, str) else None
    wanted = f"{subfolder}/{filename}" if subfolder else filename
    if os.path.isdir(name):
        path = os.path.join(name, wanted)
        if os.path.isfile(path):
            return path
        error: TrustformersError = HubError(f"{name}: no file {wanted}")
    else:
        try:
            return os.fspath(
                _native.resolve(
                    name, "config", revision, text, cache_dir, local_files_only, filename, subfolder=subfolder
                )
            )
        except TrustformersError as caught:
            error = caught
    if kwargs.get("_raise_exceptions_for_missing_entries", True) is False:
        return None
    if kwargs.get("_raise_exceptions_for_connection_errors", True) is False:
        return None
    raise error


def cached_files(path_or_repo_id: str | os.PathLike[str], filenames: list[str], **kwargs: Any) -> list[str] | None:
    """The paths of several files, as `cached_file` finds them, without those that are absent and not needed."""
    found = [cached_file(path_or_repo_id, filename, **kwargs) for filename in filenames]
    return [path for path in found if path is not None] or None


def get_checkpoint_shard_files(
    pretrained_model_name_or_path: str | os.PathLike[str],
    index_filename: str | os.PathLike[str],
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    *,
    local_files_only: bool = False,
    token: str | bool | None = None,
    revision: str | None = None,
    subfolder: str = "",
    **kwargs: Any,
) -> tuple[list[str], dict[str, Any]]:
    """The paths of the files of a checkpoint in several files, downloaded if needed, and what its index says.

    Parameters
    ----------
    pretrained_model_name_or_path
        The directory or the hub repository of the checkpoint.
    index_filename
        The path of its index, such as `model.safetensors.index.json`.
    cache_dir, force_download, local_files_only, token, revision, subfolder, **kwargs
        As for `cached_file`.

    Returns
    -------
    tuple
        The paths, and the metadata of the index with its `weight_map` and the names of tensors, `all_checkpoint_keys`.

    Raises
    ------
    InputError
        There is no such index.
    ConfigError
        The index is damaged.
    HubError
        A file is not available.
    """
    if not os.path.isfile(index_filename):
        raise InputError(f"index_filename: {os.fspath(index_filename)} of {pretrained_model_name_or_path} is no file")
    try:
        index = json.loads(Path(index_filename).read_text(encoding="utf-8"))
        weight_map: dict[str, str] = dict(index["weight_map"])
        metadata = {**index.get("metadata", {}), "all_checkpoint_keys": list(weight_map), "weight_map": weight_map}
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{os.fspath(index_filename)}: not the index of a checkpoint: {error}") from error
    options: dict[str, Any] = {"cache_dir": cache_dir, "force_download": force_download, "token": token, **kwargs}
    options |= {"revision": revision, "local_files_only": local_files_only, "subfolder": subfolder}
    names = sorted(set(weight_map.values()))
    return cached_files(pretrained_model_name_or_path, names, **options) or [], metadata


def has_file(path_or_repo: str | os.PathLike[str], filename: str, **kwargs: Any) -> bool:
    """Whether a directory or a hub repository has a file; it is downloaded if needed."""
    return cached_file(path_or_repo, filename, **kwargs, _raise_exceptions_for_missing_entries=False) is not None


def is_offline_mode() -> bool:
    """Whether HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids downloads."""
    return any(
        os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE")
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    )


def extract_commit_hash(resolved_file: str | None, commit_hash: str | None) -> str | None:
    """The commit in the path of a file in the hub's cache, unless it is given; None if the path has none."""
    if resolved_file is None or commit_hash is not None:
        return commit_hash
    found = re.search(r"snapshots/([0-9a-f]{40})/", Path(resolved_file).as_posix())
    return None if found is None else found[1]


def find_adapter_config_file(
    model_id: str | os.PathLike[str],
    cache_dir: str | os.PathLike[str] | None = None,
    *,
    token: str | bool | None = None,
    revision: str | None = None,
    local_files_only: bool = False,
    subfolder: str = "",
    **kwargs: Any,
) -> str | None:
    """The path of the configuration of an adapter; None if a directory or a repository holds none.

    Parameters
    ----------
    model_id, cache_dir, token, revision, local_files_only, subfolder, **kwargs
        As for `cached_file`.
    """
    return cached_file(
        model_id,
        ADAPTER_CONFIG_NAME,
        cache_dir=cache_dir,
        token=token,
        revision=revision,
        local_files_only=local_files_only,
        subfolder=subfolder,
        **{
            "_raise_exceptions_for_missing_entries": False,
            "_raise_exceptions_for_connection_errors": False,
            **kwargs,
        },
    )


def http_user_agent(user_agent: dict[str, Any] | str | None = None) -> str:
    """What a request says of the program that makes it: versions, and what `user_agent` adds."""
    torch: Any = sys.modules.get("torch")
    parts = [f"transformers/{TRANSFORMERS_VERSION}", f"python/{platform.python_version()}"]
    if torch is not None:
        parts.append(f"torch/{torch.__version__}")
    if isinstance(user_agent, dict):
        parts += [f"{name}/{value}" for name, value in user_agent.items()]
    elif user_agent is not None:
        parts.append(user_agent)
    return "; ".join(parts)


class PushToHubMixin:
    """Base of what transformers uploads to the hub."""

    def push_to_hub(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Not supported: nothing is uploaded."""
        raise UnsupportedError(
            f"not supported: push_to_hub of {type(self).__name__}; huggingface_hub.upload_folder uploads what "
            "save_pretrained has written"
        )
