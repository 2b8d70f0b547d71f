"""The inputs of a model in loops that generate tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trustformers.models.unsupported import unsupported

__all__ = ["ModelInputsMixin"]

_BATCHES = "generate_async() batches concurrent calls"
_CUSTOM = "pass logits_processor and stopping_criteria to generate()"


class ModelInputsMixin:
    """Prepares the inputs of steps for scripts that generate by themselves."""

    output_modalities: tuple[str, ...] = ("text",)

    generate_batch: Callable[..., Any] = unsupported("generate_batch", _BATCHES)
    init_continuous_batching: Callable[..., Any] = unsupported("init_continuous_batching", _BATCHES)
    continuous_batching_context_manager: Callable[..., Any] = unsupported(
        "continuous_batching_context_manager", _BATCHES
    )
    destroy_cached_continuous_batching_manager: Callable[..., Any] = unsupported(
        "destroy_cached_continuous_batching_manager", _BATCHES
    )
    heal_tokens: Callable[..., Any] = unsupported(
        "heal_tokens", "leave out the last token of the prompt, and filter what begins otherwise"
    )
    load_custom_generate: Callable[..., Any] = unsupported("load_custom_generate", _CUSTOM)
    adjust_generation_fn: Callable[..., Any] = unsupported("adjust_generation_fn", _CUSTOM)

    def prepare_inputs_for_generation(  # noqa: PLR0917  # the order of transformers
        self,
        input_ids: Any,
        next_sequence_length: int | None = None,
        past_key_values: Any = None,
        attention_mask: Any = None,
        inputs_embeds: Any = None,
        is_first_iteration: bool | None = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """The arguments of the model for the next step.

        Parameters
        ----------
        input_ids
            All tokens, (batch, seq).
        next_sequence_length
            The number of last tokens that are not in the cache; by default all tokens.
        past_key_values, attention_mask
            The cache, and the mask of all tokens.
        inputs_embeds
            Vectors that the first step reads in place of token ids.
        is_first_iteration
            Whether the step is the first.
        **kwargs
            Further arguments of the model; `position_ids` and `token_type_ids` become as long as the tokens.
        """
        key, given = "input_ids", input_ids
        inputs: dict[str, Any] = {}
        if inputs_embeds is not None and is_first_iteration:
            key, given, inputs["input_ids"] = "inputs_embeds", inputs_embeds, None
        inputs[key] = given if next_sequence_length is None else given[:, -next_sequence_length:]
        length = inputs[key].shape[1]
        optional = {"past_key_values": past_key_values, "attention_mask": attention_mask}
        for name in ("position_ids", "token_type_ids"):
            value = kwargs.pop(name, None)
            optional[name] = value if value is None or value.shape[-1] == length else value[..., -length:]
        inputs |= {name: value for name, value in optional.items() if value is not None}
        kwargs.pop("labels", None)
        return inputs | {name: value for name, value in kwargs.items() if name not in inputs}
