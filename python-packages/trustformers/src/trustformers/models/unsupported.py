"""Methods of transformers' and torch's modules that raise, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trustformers.errors import UnsupportedError

__all__ = ["UnsupportedModelMethods", "UnsupportedModuleMethods", "UnsupportedPartMethods", "unsupported"]


def unsupported(name: str, instead: str) -> Callable[..., Any]:
    """A method that raises `UnsupportedError`."""
    message = f"not supported: {name}() of a {{}}; {instead}"

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(message.format(getattr(self, "__name__", type(self).__name__)))

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"Raises `UnsupportedError`: {instead}."
    return method


_FORWARD = "the engine runs whole models; output_hidden_states=True and output_attentions=True give what layers compute"
_BACKWARD = "change the grad of parameters after backward()"
_STATE = "change the state dict before load_state_dict(), or after state_dict()"
_MODULES = "a model has the modules of its configuration; load_state_dict() changes their weights"
_WHOLE = "call it on the whole model"
_ADAPTERS = "load_adapter() adds an adapter, and set_adapter() switches at no cost"
_ONE_DEVICE = "a model is on one device; run one model per process"


class UnsupportedModuleMethods:
    """Methods of torch's modules that neither models nor the modules inside them have."""

    register_forward_hook: Callable[..., Any] = unsupported("register_forward_hook", _FORWARD)
    register_forward_pre_hook: Callable[..., Any] = unsupported("register_forward_pre_hook", _FORWARD)
    register_backward_hook: Callable[..., Any] = unsupported("register_backward_hook", _BACKWARD)
    register_full_backward_hook: Callable[..., Any] = unsupported("register_full_backward_hook", _BACKWARD)
    register_full_backward_pre_hook: Callable[..., Any] = unsupported("register_full_backward_pre_hook", _BACKWARD)
    register_state_dict_pre_hook: Callable[..., Any] = unsupported("register_state_dict_pre_hook", _STATE)
    register_state_dict_post_hook: Callable[..., Any] = unsupported("register_state_dict_post_hook", _STATE)
    register_load_state_dict_pre_hook: Callable[..., Any] = unsupported("register_load_state_dict_pre_hook", _STATE)
    register_load_state_dict_post_hook: Callable[..., Any] = unsupported("register_load_state_dict_post_hook", _STATE)
    get_extra_state: Callable[..., Any] = unsupported("get_extra_state", "modules have no state but their weights")
    set_extra_state: Callable[..., Any] = unsupported("set_extra_state", "modules have no state but their weights")
    add_module: Callable[..., Any] = unsupported("add_module", _MODULES)
    register_module: Callable[..., Any] = unsupported("register_module", _MODULES)
    register_parameter: Callable[..., Any] = unsupported("register_parameter", _MODULES)
    register_buffer: Callable[..., Any] = unsupported("register_buffer", _MODULES)
    set_submodule: Callable[..., Any] = unsupported("set_submodule", _MODULES)
    to_empty: Callable[..., Any] = unsupported("to_empty", "create a model with random weights from its configuration")
    share_memory: Callable[..., Any] = unsupported(
        "share_memory", "processes share the files of a model that they load or unpickle"
    )


class UnsupportedPartMethods:
    """Methods of models that the modules inside them do not have."""

    to: Callable[..., Any] = unsupported("to", _WHOLE)
    cpu: Callable[..., Any] = unsupported("cpu", _WHOLE)
    cuda: Callable[..., Any] = unsupported("cuda", _WHOLE)
    float: Callable[..., Any] = unsupported("float", _WHOLE)
    half: Callable[..., Any] = unsupported("half", _WHOLE)
    bfloat16: Callable[..., Any] = unsupported("bfloat16", _WHOLE)
    double: Callable[..., Any] = unsupported("double", _WHOLE)
    load_state_dict: Callable[..., Any] = unsupported("load_state_dict", f"{_WHOLE}, with whole names and strict=False")


class UnsupportedModelMethods:
    """Methods of transformers' models that raise."""

    set_input_embeddings: Callable[..., Any] = unsupported("set_input_embeddings", _MODULES)
    set_output_embeddings: Callable[..., Any] = unsupported("set_output_embeddings", _MODULES)
    set_encoder: Callable[..., Any] = unsupported("set_encoder", _MODULES)
    set_decoder: Callable[..., Any] = unsupported("set_decoder", _MODULES)
    get_position_embeddings: Callable[..., Any] = unsupported(
        "get_position_embeddings", "state_dict() has their weight"
    )
    resize_position_embeddings: Callable[..., Any] = unsupported(
        "resize_position_embeddings", "change max_position_embeddings and the weight of a saved checkpoint"
    )
    prune_heads: Callable[..., Any] = unsupported("prune_heads", "save the model with fewer heads and load it")
    get_head_mask: Callable[..., Any] = unsupported("get_head_mask", "all heads of a layer are computed")
    get_extended_attention_mask: Callable[..., Any] = unsupported(
        "get_extended_attention_mask", "pass attention_mask of shape (batch, seq) to the model"
    )
    invert_attention_mask: Callable[..., Any] = unsupported(
        "invert_attention_mask", "pass attention_mask of shape (batch, seq) to the model"
    )
    retrieve_modules_from_names: Callable[..., Any] = unsupported(
        "retrieve_modules_from_names", "get_submodule() finds a module by name"
    )
    push_to_hub: Callable[..., Any] = unsupported(
        "push_to_hub", "write the files with save_pretrained(), and upload them with hf upload"
    )
    dequantize: Callable[..., Any] = unsupported(
        "dequantize", "load the model without quantization, or a GGUF file with dequantize=True"
    )
    register_for_auto_class: Callable[..., Any] = unsupported(
        "register_for_auto_class", "code is not saved with models; AutoModel.register() makes a class known"
    )

    enable_peft_hotswap: Callable[..., Any] = unsupported("enable_peft_hotswap", _ADAPTERS)

    init_parallel_plans: Callable[..., Any] = unsupported("init_parallel_plans", _ONE_DEVICE)
    prepare_distribute_model: Callable[..., Any] = unsupported("prepare_distribute_model", _ONE_DEVICE)
    maybe_distribute_model: Callable[..., Any] = unsupported("maybe_distribute_model", _ONE_DEVICE)
    save_distributed_checkpoint: Callable[..., Any] = unsupported("save_distributed_checkpoint", _ONE_DEVICE)
    gather_sharded_state_dict_for_save: Callable[..., Any] = unsupported(
        "gather_sharded_state_dict_for_save", _ONE_DEVICE
    )
    barrier_after_gathered_checkpoint_save: Callable[..., Any] = unsupported(
        "barrier_after_gathered_checkpoint_save", _ONE_DEVICE
    )
    mark_tied_weights_as_initialized: Callable[..., Any] = unsupported(
        "mark_tied_weights_as_initialized", "from_pretrained() does it"
    )
    get_init_context: Callable[..., Any] = unsupported(
        "get_init_context", "from_pretrained() and from_config() create models"
    )
    get_correct_attn_implementation: Callable[..., Any] = unsupported(
        "get_correct_attn_implementation", "attention has one implementation"
    )
    get_correct_experts_implementation: Callable[..., Any] = unsupported(
        "get_correct_experts_implementation", "experts have one implementation"
    )
