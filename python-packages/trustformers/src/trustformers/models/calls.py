"""What a call of a model does before and after the engine runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from trustformers import _native
from trustformers._checks import arrays
from trustformers.errors import UnsupportedError
from trustformers.models.base_model import BaseModelMixin
from trustformers.models.configuration import config_class_of, is_decoder
from trustformers.runtime.jobs import Job
from trustformers.utils import logging

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from trustformers.models.cache import DynamicCache
    from trustformers.models.recording import Recorder

__all__ = ["CallMixin"]

logger: logging.Logger = logging.get_logger(__name__)

# Heads with a label per token: a list of integers is a batch of one.
_TOKEN_LABEL_HEADS = frozenset({"causal_lm", "masked_lm", "token_classification"})
_ROUTER_HEADS = ("base", "causal_lm")
# By the engine's name of labels, which are integers or numbers.
_PROBLEM_TYPES = {"labels": "single_label_classification", "targets": "multi_label_classification"}


class CallMixin(BaseModelMixin):
    """Calls of models: their arguments, the configuration that they follow, and the fields that outputs share."""

    if TYPE_CHECKING:
        config: Any
        is_quantized: Any
        _native_of: Any

    base_head: ClassVar[str] = "base"
    # Keys of the configuration that calls read; the others are those of the load.
    _followed_keys: ClassVar[tuple[str, ...]] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the model; subclasses document their inputs."""
        raise UnsupportedError(f"not supported: running a {type(self).__name__}, which has no forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the model; see `forward`."""
        return self.forward(*args, **kwargs)

    def forward_async(self, *args: Any, **kwargs: Any) -> Job[Any]:
        """Calls the model in the background and returns an awaitable job."""
        return Job.run(lambda: self(*args, **kwargs))

    def _run(
        self,
        input_ids: ArrayLike | None,
        attention_mask: ArrayLike | None,
        token_type_ids: ArrayLike | None,
        position_ids: ArrayLike | None,
        kwargs: dict[str, Any],
        *,
        max_length: int | None = None,
        recorder: Recorder | None = None,
    ) -> tuple[_native.ModelOutput, dict[str, Any], dict[str, Any]]:
        """The engine's output, the fields that all output classes share, and the engine's inputs."""
        if self._followed_keys:
            self._follow_config()
        names = ["output_hidden_states", "output_attentions"]
        if returns_routers := self._returns_router_logits():
            names.append("output_router_logits")
        requested = self._requested(kwargs, names)
        inputs: dict[str, Any] = {"input_ids": None if input_ids is None else arrays.ids("input_ids", input_ids)}
        optional = {"attention_mask": attention_mask, "token_type_ids": token_type_ids, "position_ids": position_ids}
        optional["task_type_ids"] = kwargs.pop("task_type_ids", None)
        inputs |= {name: arrays.ids(name, value) for name, value in optional.items() if value is not None}
        vectors = kwargs.pop("inputs_embeds", None)
        if vectors is not None:
            inputs["inputs_embeds"] = arrays.vectors("inputs_embeds", vectors)
        inputs |= _broadcast(inputs)
        cache_of = self._cache_factory(kwargs, is_recorded=recorder is not None)
        per_token = [*inputs, *(["labels"] if self.base_head in _TOKEN_LABEL_HEADS else [])]
        inputs |= self._head_arguments(kwargs)
        inputs = arrays.truncated(inputs, max_length, per_token)
        if self.base_head == "causal_lm":
            _note_left_padding(inputs)
        for name, value in kwargs.items():
            if value is not None and value is not False:
                shown = f"{name}={value!r}" if isinstance(value, (bool, int, float, str)) else name
                raise UnsupportedError(f"not supported: {shown} of a model's forward; leave it out")
        cache = cache_of(inputs) if cache_of else None
        past = {} if cache is None or cache.is_pending else {"past": cache.native}
        has_past = bool(past) and cache is not None and cache.get_seq_length() > 0
        if has_past and recorder is not None:
            raise UnsupportedError("not supported: past_key_values in training mode; call eval(), or use no_grad()")
        output = (recorder or self._forward)(**inputs | requested | past)
        self._note_problem_type(inputs)
        fields: dict[str, Any] = {
            "loss": None if output.loss is None else np.float32(output.loss),
            "hidden_states": tuple(output.hidden_states) if requested["output_hidden_states"] else None,
            "attentions": tuple(output.attentions) if requested["output_attentions"] else None,
        }
        if cache_of:
            fields["past_key_values"] = cache
        if returns_routers:
            is_given = requested["output_router_logits"]
            fields["router_logits"] = tuple(output.router_logits) if is_given else None
            fields["aux_loss"] = None if output.aux_loss is None else np.float32(output.aux_loss)
            inputs["output_router_logits"] = is_given
        return output, fields, inputs | ({"past_key_values": cache} if has_past else {})

    def _requested(self, kwargs: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
        """Pops which intermediates are returned, by default those that the configuration says."""
        given = {name: kwargs.pop(name, None) for name in names}
        return {name: bool(getattr(self.config, name) if value is None else value) for name, value in given.items()}

    def _returns_router_logits(self) -> bool:
        """Whether the model has experts, the logits of whose routers outputs can have."""
        return self.base_head in _ROUTER_HEADS and hasattr(type(self.config), "output_router_logits")

    def _set_pooling(self, adds_pooling_layer: bool) -> None:
        """Selects whether outputs have that of the pooler, which only base models may have."""
        raise TypeError(f"{type(self).__name__} has no argument add_pooling_layer; models without a head have it")

    def _cache_factory(
        self, kwargs: dict[str, Any], *, is_recorded: bool = False
    ) -> Callable[[dict[str, Any]], DynamicCache | None] | None:
        """Pops the cache arguments; returns a function from the model's inputs to a cache, or None without a cache."""
        return None

    def _follow_config(self) -> None:
        """Rebuilds the engine's model if `config` has other values of `_followed_keys` than it was built with."""
        native, tree = self._structure, self._tree
        if self.__dict__.get("_followed", (None,))[0] is not tree:
            loaded = config_class_of(self.config.model_type)(**native.config())
            # Encoders count positions from the padding token of their load.
            keys = [key for key in self._followed_keys if key != "pad_token_id" or is_decoder(loaded.model_type)]
            self.__dict__["_followed"] = (tree, {key: getattr(loaded, key, None) for key in keys})
        known = self.__dict__["_followed"][1]
        current = {key: getattr(self.config, key, None) for key in known}
        noted = getattr(self.config, "_problem_type_of_labels", None)
        if noted is not None and current.get("problem_type") == noted and known["problem_type"] is None:
            # The engine finds it from the labels too.
            current["problem_type"] = None
        changed = {key: value for key, value in current.items() if value != known[key]}
        if not changed:
            return
        source = self._source
        if source is not None and not native.missing_weights and not native.mismatched_weights:
            name, directory, options, overrides, ignores = source
            overrides = {**(overrides or {}), **changed}
            self._replace_native(
                self._native_of(
                    directory, self.base_head, options, overrides=overrides, ignore_mismatched_sizes=ignores
                )
            )
            self._source = (name, directory, options, overrides, ignores)
            return
        if self.is_quantized:
            raise UnsupportedError(
                f"not supported: changing config.{next(iter(changed))} of a quantized model with new or changed "
                "weights; pass it to from_pretrained"
            )
        built = _native.Model.from_config(native.config() | changed, native.head, native.device, native.dtype)
        self._replace_native(built.with_weights(self._plain_native.weights(), True)[0])

    def _note_problem_type(self, given: Mapping[str, Any]) -> None:
        """Writes the problem type of the first labels into the configuration, as pipelines and saved files have it."""
        if "problem_type" not in self._followed_keys or self.config.problem_type is not None:
            return
        name = next((name for name in _PROBLEM_TYPES if name in given), None)
        if name is not None:
            kind = "regression" if self.config.num_labels == 1 else _PROBLEM_TYPES[name]
            self.config.problem_type = self.config._problem_type_of_labels = kind

    def _head_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Pops the arguments of the head, such as labels, and returns them as the engine's arguments."""
        labels = kwargs.pop("labels", None)
        if labels is None:
            return {}
        array = arrays.labels("labels", labels)
        if array.ndim == 1 and isinstance(labels, (list, tuple)) and self.base_head in _TOKEN_LABEL_HEADS:
            array = array[None]
        return {"labels" if array.dtype == np.int64 else "targets": array}


def _note_left_padding(inputs: Mapping[str, Any]) -> None:
    """Says once that the first token behind left padding is no target of a loss."""
    mask, labels = inputs.get("attention_mask"), inputs.get("labels")
    if mask is None or labels is None or mask.shape != labels.shape:
        return
    is_first = (mask[:, :-1] == 0) & (mask[:, 1:] != 0)
    if np.any(is_first & (labels[:, 1:] != -100)):
        logger.warning_once(
            "labels: the first token behind left padding does not count in the loss, as nothing precedes it; in "
            "transformers it is compared with the logits of padding"
        )


def _broadcast(inputs: dict[str, Any]) -> dict[str, NDArray[np.int64]]:
    """Positions and types of one row as those of each row of the batch."""
    tokens = inputs.get("inputs_embeds") if inputs["input_ids"] is None else inputs["input_ids"]
    single = {name: inputs[name] for name in ("position_ids", "token_type_ids") if name in inputs}
    return {
        name: np.repeat(array, len(tokens), axis=0)
        for name, array in single.items()
        if tokens is not None and array.shape == (1, tokens.shape[1]) and len(tokens) > 1
    }
