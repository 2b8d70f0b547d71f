"""The decoder inside an encoder-decoder, which is called with outputs of the encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers._checks import arrays
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.tensors import Target, check_inputs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from trustformers.models.seq2seq import Seq2SeqModel

__all__ = ["Seq2SeqDecoder"]

_INTERMEDIATES = ("output_hidden_states", "output_attentions")


class Seq2SeqDecoder:
    """The decoder of a model."""

    def __init__(self, model: Seq2SeqModel[Any]) -> None:
        self._model = model

    def __call__(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        encoder_hidden_states: ArrayLike | None = None,
        encoder_attention_mask: ArrayLike | None = None,
        *,
        inputs_embeds: ArrayLike | None = None,
        past_key_values: Any = None,
        use_cache: bool | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        return_dict: bool | None = None,
        return_tensors: str | None = None,
    ) -> Any:
        """Decodes a target.

        Parameters
        ----------
        input_ids, attention_mask
            Integers of shape (batch, seq); the mask covers the tokens of a cache too.
        encoder_hidden_states, encoder_attention_mask
            The last hidden states of the encoder, (batch, source seq, hidden), and the source's mask. A cache that
            holds the source needs none.
        inputs_embeds
            Vectors of shape (batch, seq, hidden) in place of `input_ids`.
        past_key_values, use_cache
            As of the model.
        output_hidden_states, output_attentions, return_dict, return_tensors
            As of the model.

        Returns
        -------
        BaseModelOutputWithPastAndCrossAttentions
            `last_hidden_state` of shape (batch, seq, hidden), the cache, and what else was requested.

        Raises
        ------
        InputError
            An argument does not fit the model; the message names it.
        UnsupportedError
            There is no source.
        """
        model = self._model
        source = {"encoder_outputs": encoder_hidden_states, "attention_mask": encoder_attention_mask}
        given = {
            "decoder_input_ids": (input_ids, arrays.ids),
            "decoder_attention_mask": (attention_mask, arrays.ids),
            "decoder_inputs_embeds": (inputs_embeds, arrays.vectors),
        }
        values = {name: value for name, (value, _) in given.items()} | source
        target = Target.of(return_tensors, values.values(), model._structure.dtype)
        if target is not None:
            check_inputs(values, model.device)
        if input_ids is None and inputs_embeds is None:
            raise InputError("input_ids: missing; pass input_ids or inputs_embeds")
        if encoder_hidden_states is None and past_key_values is None:
            raise UnsupportedError(
                "not supported: the decoder of an encoder-decoder without a source; pass encoder_hidden_states"
            )
        wanted = model._requested(
            {"output_hidden_states": output_hidden_states, "output_attentions": output_attentions}, _INTERMEDIATES
        )
        is_lm = model._structure.head == "seq2seq_lm"
        native = model._forward_native if is_lm else model.base_model._forward_native
        cache = model._cache(past_key_values, use_cache)
        arguments: dict[str, Any] = {
            name: check(name, value) for name, (value, check) in given.items() if value is not None
        }
        found, _ = native.forward_seq2seq(
            model._source_of(source),
            **arguments,
            output_hidden_states=wanted["output_hidden_states"] or is_lm,
            output_attentions=wanted["output_attentions"],
            logits_to_keep=1 if is_lm else None,
            past=None if cache is None else cache.native,
        )
        output = BaseModelOutputWithPastAndCrossAttentions(
            found.hidden_states[-1] if is_lm else found.last_hidden_state,
            cache,
            tuple(found.hidden_states) if wanted["output_hidden_states"] else None,
            tuple(found.attentions) if wanted["output_attentions"] else None,
            tuple(found.cross_attentions) if wanted["output_attentions"] else None,
        )
        if target is not None:
            output._convert(target)
        return output.to_tuple() if return_dict is False else output

    forward = __call__
