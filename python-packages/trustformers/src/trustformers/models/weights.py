"""Weights of models as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from trustformers import _native
from trustformers.errors import InputError

if TYPE_CHECKING:
    from trustformers._native import Model, Tensor

__all__ = ["EmbeddingTable", "IncompatibleKeys", "WeightsMixin"]


class IncompatibleKeys(NamedTuple):
    """Keys of a state dict that do not match a model.

    Attributes
    ----------
    missing_keys
        Weights of the model that are not in the state dict.
    unexpected_keys
        Keys of the state dict that are no weights of the model.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


class EmbeddingTable:
    """The token embeddings of a model, or the weight that its logits are computed with."""

    def __init__(self, model: WeightsMixin, name: str) -> None:
        self._model = model
        self._name = name

    @property
    def weight(self) -> Tensor:
        """The embeddings, (vocab, hidden)."""
        found = self._model._native.weights(self._name)
        return found[self._name]

    @property
    def num_embeddings(self) -> int:
        """Number of embeddings."""
        return int(self.weight.shape[0])

    @property
    def embedding_dim(self) -> int:
        """Size of an embedding."""
        return int(self.weight.shape[1])

    def __repr__(self) -> str:
        return f"EmbeddingTable({self.num_embeddings}, {self.embedding_dim})"


class WeightsMixin:
    """Access to the weights of a model."""

    config: Any
    # The arguments of `_load`; None if the weights have changed since.
    _source: tuple[Any, ...] | None

    _native: Model

    def state_dict(self) -> dict[str, Tensor]:
        """The weights, with the names, shapes and order of dimensions that `save_pretrained` writes.

        Tensors share the model's memory where its layout allows; others are copies. Tied weights are listed once.
        Quantized weights are dequantized to the model's dtype. Assignment to a tensor does not change the model; see
        `load_state_dict`.

        Examples
        --------
        >>> from trustformers import AutoModel
        >>> model = AutoModel.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")
        >>> model.state_dict()["embeddings.LayerNorm.weight"].shape
        (384,)
        """
        return self._native.weights()

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of `state_dict`."""
        return iter(self.state_dict().items())

    def parameters(self) -> Iterator[Tensor]:
        """The tensors of `state_dict`."""
        return iter(self.state_dict().values())

    def num_parameters(self, only_trainable: bool = False, exclude_embeddings: bool = False) -> int:
        """The number of elements of all weights; tied weights count once.

        Parameters
        ----------
        only_trainable
            Whether to leave out quantized weights.
        exclude_embeddings
            Whether to leave out embedding tables, of tokens, positions and token types.
        """
        return self._native.num_parameters(bool(only_trainable), bool(exclude_embeddings))

    def get_input_embeddings(self) -> EmbeddingTable:
        """The token embeddings."""
        return EmbeddingTable(self, self._native.input_embeddings)

    def get_output_embeddings(self) -> EmbeddingTable | None:
        """The weight of a language model's logits, which may be the token embeddings; None for other heads."""
        name = self._native.output_embeddings
        return None if name is None else EmbeddingTable(self, name)

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Replaces the weights with copies of tensors.

        Weights are converted to the model's dtype, and quantized if the model was quantized on loading. Pipelines that
        were created before keep the previous weights, and running streams are cancelled.

        Parameters
        ----------
        state_dict
            Tensors, NumPy arrays or tensors with `__dlpack__`, by the names of `state_dict`; the names of other
            checkpoints of the family work too.
        strict
            Whether missing and unexpected keys raise. Otherwise missing weights stay as they are.

        Raises
        ------
        WeightsError
            A tensor has another shape than the weight, or keys do not match; the message names them.
        InputError
            A key or a tensor has the wrong type.
        UnsupportedError
            The model's checkpoint is quantized.
        """
        if not isinstance(state_dict, Mapping):
            raise InputError(f"state_dict: expected a dict, found {type(state_dict).__name__}")
        native, missing, unexpected = self._native.with_weights(dict(state_dict), bool(strict))
        self._replace_native(native)
        return IncompatibleKeys(missing, unexpected)

    def resize_token_embeddings(
        self, new_num_tokens: int | None = None, pad_to_multiple_of: int | None = None, mean_resizing: bool = True
    ) -> EmbeddingTable:
        """Changes the number of tokens of the embeddings, of the logits and of the configuration.

        New tokens have the mean of the other embeddings, to which the reference adds noise of nearly no size.

        Parameters
        ----------
        new_num_tokens
            The number of tokens, by default the present one.
        pad_to_multiple_of
            A number of which the number of tokens is made a multiple.
        mean_resizing
            False initializes new tokens randomly instead.

        Raises
        ------
        InputError
            A number is not positive.
        UnsupportedError
            The weights are quantized.
        """
        embeddings = self.get_input_embeddings()
        old = embeddings.num_embeddings
        size = old if new_num_tokens is None else new_num_tokens
        for name, value in (("new_num_tokens", size), ("pad_to_multiple_of", pad_to_multiple_of)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise InputError(f"{name}: expected a positive int, found {value!r}")
        if pad_to_multiple_of is not None:
            size = -(-size // pad_to_multiple_of) * pad_to_multiple_of
        if size == old:
            return embeddings
        weights = self.state_dict()
        tables = {self._native.input_embeddings, self._native.output_embeddings}
        config = self._native.config() | {"vocab_size": size}
        native = _native.Model.from_config(config, self._native.head, self._native.device, self._native.dtype)
        for name, fresh in native.weights().items():
            own = weights.get(name)
            if own is None or own.shape == fresh.shape or (name not in tables and own.ndim > 1):
                continue
            new = fresh[old:]
            if mean_resizing:
                new = own.float().mean(0, keepdim=True).expand(max(size - old, 0), *own.shape[1:]).to(own.dtype)
            weights[name] = _native.cat([own[:size], new])
        self._replace_native(native.with_weights(weights, True)[0])
        self.config.vocab_size = size
        return self.get_input_embeddings()

    def _replace_native(self, native: Model) -> None:
        self._native = native
        self._source = None
