"""The encoder and the decoder inside an encoder-decoder, which are called by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers._checks import arrays
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.other_outputs import BaseModelOutput, BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.tensors import Target, check_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from trustformers.models.outputs import ModelOutput
    from trustformers.models.seq2seq import Seq2SeqModel

__all__ = ["INTERMEDIATES", "Seq2SeqDecoder", "Seq2SeqEncoder"]

INTERMEDIATES = ("output_hidden_states", "output_attentions")


class _Part:
    """A stack of a model."""

    def __init__(self, model: Seq2SeqModel[Any]) -> None:
        self._model = model

    def _target(self, given: Mapping[str, Any], return_tensors: str | None) -> Target | None:
        """What outputs are converted to, for inputs that are on the model's device."""
        target = Target.of(return_tensors, given.values(), self._model._structure.dtype)
        if target is not None:
            check_inputs(given, self._model.device)
        return target

    @staticmethod
    def _returned(output: ModelOutput, target: Target | None, return_dict: bool | None) -> Any:
        if target is not None:
            output._convert(target)
        return output.to_tuple() if return_dict is False else output


class Seq2SeqEncoder(_Part):
    """The encoder of a model, which is called with a source."""

    @property
    def main_input_name(self) -> str:
        """The name of its first argument."""
        return "input_ids"

    def __call__(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        *,
        inputs_embeds: ArrayLike | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        return_dict: bool | None = None,
        return_tensors: str | None = None,
    ) -> Any:
        """Encodes a source.

        Parameters
        ----------
        input_ids, attention_mask
            Integers of shape (batch, seq).
        inputs_embeds
            Vectors of shape (batch, seq, hidden) in place of `input_ids`.
        output_hidden_states, output_attentions
            Whether to return those of every layer; by default as the configuration says.
        return_dict
            False returns a tuple.
        return_tensors
            As of the model.

        Returns
        -------
        BaseModelOutput
            `last_hidden_state` of shape (batch, seq, hidden), to be passed to the model as `encoder_outputs`.
        """
        model = self._model
        given = {"input_ids": input_ids, "attention_mask": attention_mask, "inputs_embeds": inputs_embeds}
        target = self._target(given, return_tensors)
        wanted = model._requested(
            {"output_hidden_states": output_hidden_states, "output_attentions": output_attentions}, INTERMEDIATES
        )
        found = model._forward_native.encode(model._source_of(given), **wanted)
        output = BaseModelOutput(
            found.last_hidden_state,
            tuple(found.hidden_states) if wanted["output_hidden_states"] else None,
            tuple(found.attentions) if wanted["output_attentions"] else None,
        )
        return self._returned(output, target, return_dict)

    forward = __call__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._model.base_model.encoder, name)


class Seq2SeqDecoder(_Part):
    """The decoder of a model, which is called with outputs of the encoder."""

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
        target = self._target(values, return_tensors)
        if input_ids is None and inputs_embeds is None:
            raise InputError("input_ids: missing; pass input_ids or inputs_embeds")
        if encoder_hidden_states is None and past_key_values is None:
            raise UnsupportedError(
                "not supported: the decoder of an encoder-decoder without a source; pass encoder_hidden_states"
            )
        wanted = model._requested(
            {"output_hidden_states": output_hidden_states, "output_attentions": output_attentions}, INTERMEDIATES
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
        return self._returned(output, target, return_dict)

    forward = __call__
