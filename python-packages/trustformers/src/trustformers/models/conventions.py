"""What scripts ask of any model of transformers, and models here have always or do not need."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.config import GenerationConfig
from trustformers.models.base_model import BaseModelMixin
from trustformers.models.checkpointing import CheckpointingMixin
from trustformers.models.tree import leaves
from trustformers.models.unsupported import UnsupportedModelMethods

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ConventionsMixin"]

logger: logging.Logger = logging.getLogger("trustformers")

# Token ids of DUMMY_INPUTS, transformers 5.23.0.
_DUMMY_INPUTS = [[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]]


class ConventionsMixin(CheckpointingMixin, UnsupportedModelMethods, BaseModelMixin):
    """Attributes and methods of transformers' models around loading, training and several devices."""

    main_input_name: ClassVar[str] = "input_ids"
    input_modalities: ClassVar[str] = "text"
    framework: ClassVar[str] = "pt"
    generation_config_class: ClassVar[type[GenerationConfig]] = GenerationConfig
    model_tags: list[str] | None = None
    is_parallelizable: ClassVar[bool] = False
    is_distributed_loading_by_transformers: ClassVar[bool] = False
    supports_context_parallel: ClassVar[bool] = False
    supports_tp_plan: ClassVar[bool] = False
    supports_pp_plan: ClassVar[bool] = False
    tp_size: ClassVar[int | None] = None
    fsdp_size: ClassVar[int | None] = None
    use_kernels: ClassVar[bool] = False

    @property
    def tp_plan(self) -> dict[str, str]:
        """How weights are divided among devices: not at all."""
        return {}

    @property
    def pp_plan(self) -> dict[str, Any]:
        """How layers are divided among devices: not at all."""
        return {}

    @property
    def ep_plan(self) -> dict[str, str]:
        """How experts are divided among devices: not at all."""
        return {}

    @property
    def fsdp_plan(self) -> dict[str, str]:
        """How weights are sharded: not at all."""
        return {}

    @property
    def can_record_outputs(self) -> dict[str, Any]:
        """Modules whose outputs hooks can record: none; calls have `output_hidden_states` and `output_attentions`."""
        return {}

    @property
    def dummy_inputs(self) -> dict[str, Any]:
        """Token ids for a trial call: a tensor of torch if torch is imported, otherwise a `Tensor`."""
        ids = _native.Tensor(np.array(_DUMMY_INPUTS))
        return {"input_ids": ids if sys.modules.get("torch") is None else ids.to_torch()}

    @property
    def loss_function(self) -> Any:
        """Raises `UnsupportedError`: calls with labels compute the loss."""
        raise UnsupportedError("not supported: loss_function of a model; pass labels to the model, which gives a loss")

    def add_model_tags(self, tags: list[str] | str) -> None:
        """Adds tags to `model_tags`."""
        known = self.model_tags or []
        given = [tags] if isinstance(tags, str) else list(tags)
        self.model_tags = list(dict.fromkeys([*known, *given]))

    def tie_weights(self, missing_keys: set[str] | None = None, recompute_mapping: bool = True) -> None:
        """Has no effect: weights that the configuration ties are one."""

    def get_expanded_tied_weights_keys(self, all_submodels: bool = False) -> dict[str, str]:
        """The names of tied parameters, and the names of the weights that they are."""
        return {path: name for path, name in leaves(self._branch) if name != f"{self._path}.{path}".lstrip(".")}

    def init_weights(self) -> None:
        """Has no effect: weights are initialized or loaded when a model is created."""

    def initialize_weights(self) -> None:
        """Has no effect; see `init_weights`."""

    def post_init(self) -> None:
        """Has no effect; see `init_weights`."""

    def enable_input_require_grads(self) -> None:
        """Has no effect: adapters of frozen layers get gradients without those of the embeddings."""

    def disable_input_require_grads(self) -> None:
        """Has no effect; see `enable_input_require_grads`."""

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Has no effect: the engine is compiled."""

    def get_compiled_call(self, compile_config: object = None) -> Callable[..., Any]:
        """The model's own call, since the engine is compiled."""
        call: Callable[..., Any] = self.__call__  # type: ignore[operator]  # models are callable
        return call

    def set_attn_implementation(
        self, attn_implementation: str | Mapping[str, Any], allow_all_kernels: bool = False
    ) -> None:
        """Names the implementation in the configuration: attention has one, which gives the results of all.

        Raises
        ------
        InputError
            The argument is no name of an implementation.
        """
        if not isinstance(attn_implementation, (str, dict)):
            raise InputError(f"attn_implementation: expected a name, found {type(attn_implementation).__name__}")
        self.config._attn_implementation = attn_implementation

    def set_experts_implementation(self, experts_implementation: str | Mapping[str, Any]) -> None:
        """Has no effect: experts have one implementation."""

    def get_experts_implementation(self) -> dict[str, str | None]:
        """The implementation of experts, which is the only one."""
        return {"": "eager"}

    def set_use_kernels(self, use_kernels: bool, kernel_config: object = None, mode: object = None) -> None:
        """Has no effect if `use_kernels` is false.

        Raises
        ------
        UnsupportedError
            `use_kernels` is true: kernels from the hub are for torch.
        """
        if use_kernels:
            raise UnsupportedError("not supported: use_kernels=True; kernels from the hub are for torch")

    def should_save_on_this_rank(self, is_main_process: bool) -> bool:
        """Whether this process saves the model: the main one does."""
        return is_main_process

    def warn_if_padding_and_no_attention_mask(self, input_ids: Any, attention_mask: Any) -> None:
        """Warns if token ids begin or end with padding and there is no mask."""
        pad = getattr(self.config, "pad_token_id", None)
        if attention_mask is None and pad is not None and (as_array(input_ids)[:, [-1, 0]] == pad).any():
            logger.warning("input_ids begin or end with pad_token_id %s: pass attention_mask to leave out padding", pad)

    @classmethod
    def is_remote_code(cls) -> bool:
        """Whether the class comes from a repository: it does not."""
        return False

    @classmethod
    def is_custom_code(cls) -> bool:
        """Whether the class is none of this package."""
        return not cls.__module__.startswith("trustformers.")

    @classmethod
    def is_backend_compatible(cls) -> bool:
        """Whether other engines can run the model's modules: they cannot."""
        return False
