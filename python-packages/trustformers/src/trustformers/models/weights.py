"""Weights of models as tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from trustformers import _native
from trustformers._checks.tensors import readable_weight
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.module_tree import ModuleTree
from trustformers.models.parameters import Parameters
from trustformers.models.tree import BUFFERS, Tree, leaves

if TYPE_CHECKING:
    from trustformers._native import Model, ParameterInfo, Tensor
    from trustformers.models.base import PreTrainedModel
    from trustformers.peft.adapters import Adapters

__all__ = ["IncompatibleKeys", "WeightsMixin"]


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


class WeightsMixin(ModuleTree):
    """Access to the weights of a model."""

    config: Any
    # The model that a base model is inside; None for a whole model.
    _owner: PreTrainedModel | None = None
    # The arguments of `_load`; None if the weights have changed since.
    _source: tuple[Any, ...] | None

    # The adapters of a whole model; None for other models.
    _adapters: Adapters | None = None

    # The engine's model, without changes of parameters since it was made.
    _loaded: Model
    if TYPE_CHECKING:
        _module_at: Any
        _standalone_native: Any

    @property
    def _native(self) -> Model:
        """The engine's model, with the adapters that are used."""
        if self._owner is not None:
            return self._owner._native
        native = self._plain_native
        return native if self._adapters is None else self._adapters.attach(native)

    @_native.setter
    def _native(self, native: Model) -> None:
        self._loaded = native

    @property
    def _plain_native(self) -> Model:
        """The engine's model without adapters."""
        if self._owner is not None:
            return self._owner._plain_native
        parameters: Parameters | None = self.__dict__.get("_parameters_of_model")
        if parameters is not None and parameters.changed:
            native = self._loaded.with_weights(dict(parameters.changed), False)[0]
            if parameters.held:
                self._exchange_native(native)
                # Releases the memory of training steps.
                self.__dict__.pop("_without_weights", None)
                parameters.changed = {}
            else:
                self._replace_native(native)
        return self._loaded

    def _recorded_weights(self) -> tuple[Model, list[tuple[str, Tensor]]]:
        """The engine's model for a call in training mode, and the weights that the call gives it."""
        adapters = self._whole._adapters
        if adapters is None:
            native, tensors = self._training_native(), self._whole._parameters.held
            stored = [(path, tensors[name]) for path, name in self._stored_paths]
            return native, stored + self._absent_weights(native, {path for path, _ in stored})
        if self._owner is not None:
            raise UnsupportedError(
                f"not supported: {self._path} in training mode, as it is inside a model with adapters; call the model"
            )
        parameters = self._parameters
        # Training without adapters has left the weights to the parameters.
        has_weights = self._loaded is not self.__dict__.get("_without_weights")
        native = self._loaded if has_weights else self._plain_native
        given = {name: name for name in self._tree.weights if parameters.requires_grad(name)}
        weights = dict(parameters.recorded(given)) | parameters.changed | dict(adapters.trained())
        return adapters.attach(native, exact=False), list(weights.items())

    def _training_native(self) -> Model:
        """The engine's model without its weights, which the parameters hold from the first call on."""
        if self._owner is not None:
            self._owner._training_native()
            found: Model | None = self._owner.__dict__.get("_base_structure")
            if found is None:
                # The base model is built from the weights of the model around it once.
                found = self._owner.__dict__["_base_structure"] = self._standalone_native().without_weights()
            return found
        parameters = self._parameters
        parameters.hold()
        structure: Model | None = self.__dict__.get("_without_weights")
        if structure is None or self._loaded is not structure:
            self._source = None
            structure = self.__dict__["_without_weights"] = structure or self._loaded.without_weights()
            self._exchange_native(structure)
            parameters.changed = dict(parameters.held)
        return structure

    def _exchange_native(self, native: Model) -> None:
        """Replaces the engine's model by one with the same names and shapes; parameters keep their memory."""
        tree = self._tree
        self._loaded = tree.native = native

    @property
    def _stored_paths(self) -> list[tuple[str, str]]:
        """Paths of the weights in the model, each once, and their names in the whole model."""
        if self._owner is None:
            return [(name, name) for name in self._tree.weights]
        paths = dict(leaves(self._branch))
        infos = self._training_native().parameters()
        return [(info.name, paths[info.name]) for info in infos if info.name in paths]

    def _absent_weights(self, native: Model, stored: set[str]) -> list[tuple[str, Tensor]]:
        """Zeros for a pooler that a base model has and the model around it does not."""
        if self._owner is None:
            return []
        absent = [info for info in native.parameters() if info.name not in stored]
        return [(info.name, _native.zeros(info.shape, dtype=native.dtype, device=native.device)) for info in absent]

    @property
    def _structure(self) -> Model:
        """The engine's model for what changes of parameters leave as it is, such as names, dtype and device."""
        return self._whole._loaded

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """The weights, with the names, shapes and order of dimensions that `save_pretrained` writes.

        Tensors share the model's memory where its layout allows; others are copies. Tied weights are listed once.
        Quantized weights are dequantized to the model's dtype. Changes of a tensor in place change the model, and
        `load_state_dict` changes the tensors; use `clone` for tensors of your own.

        Examples
        --------
        >>> from trustformers import AutoModel
        >>> model = AutoModel.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")
        >>> model.state_dict()["embeddings.LayerNorm.weight"].shape
        (384,)
        """
        return super().state_dict(prefix=prefix, keep_vars=keep_vars)

    def num_parameters(self, only_trainable: bool = False, exclude_embeddings: bool = False) -> int:
        """The number of elements of all weights but buffers, of adapters too; tied weights count once.

        Parameters
        ----------
        only_trainable
            Whether to leave out quantized weights and those whose `requires_grad` is False.
        exclude_embeddings
            Whether to leave out embedding tables, of tokens, positions and token types.
        """
        parameters = self._whole._parameters
        return sum(
            math.prod(weight.shape)
            for weight in self._own_weights
            if weight.name not in BUFFERS
            and not (exclude_embeddings and weight.is_embedding)
            and not (only_trainable and not parameters.requires_grad(weight.name))
        ) + sum(tensor.numel() for tensor in self._adapter_tensors if tensor.requires_grad or not only_trainable)

    def get_memory_footprint(self, return_buffers: bool = True) -> int:
        """Bytes of the weights and of adapters, of quantized weights with their scales.

        Parameters
        ----------
        return_buffers
            Whether to count buffers, such as `final_logits_bias`.
        """
        own = (weight for weight in self._own_weights if return_buffers or weight.name not in BUFFERS)
        return sum(weight.num_bytes for weight in own) + sum(tensor.nbytes for tensor in self._adapter_tensors)

    @property
    def _is_trainable(self) -> bool:
        """Whether any parameter requires a gradient."""
        adapters = self._whole._adapters
        return (adapters is not None and adapters.is_trainable) or any(
            self._whole._parameters.requires_grad(name) for name in self._whole._tree.weights
        )

    @property
    def _own_weights(self) -> list[ParameterInfo]:
        """The weights of the model without their elements."""
        tree = self._whole._tree
        return [tree.weights[name] for name in {name: None for _, name in leaves(self._branch)}]

    def get_input_embeddings(self) -> Any:
        """The token embeddings."""
        return self._whole._module_at(self._structure.input_embeddings.removesuffix(".weight"))

    def get_output_embeddings(self) -> Any:
        """The layer that computes a language model's logits; None for other heads.

        Its weight may be that of the token embeddings.
        """
        output = None if self._owner is not None else self._tree.output
        return None if output is None else self._module_at(output)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Replaces the weights with copies of tensors.

        Weights are converted to the model's dtype, and quantized if the model was quantized on loading. Running streams
        are cancelled.

        Parameters
        ----------
        state_dict
            Tensors, NumPy arrays or tensors with `__dlpack__`, by the names of `state_dict`; the names of other
            checkpoints of the family work too.
        strict
            Whether missing and unexpected keys raise. Otherwise missing weights stay as they are.
        assign
            Without effect: tensors are copied.

        Raises
        ------
        WeightsError
            A tensor has another shape than the weight, or keys do not match; the message names them.
        InputError
            A key or a tensor has the wrong type.
        UnsupportedError
            The model's checkpoint is quantized.
        """
        self._refuse_inside("load_state_dict()")
        if not isinstance(state_dict, Mapping):
            raise InputError(f"state_dict: expected a dict, found {type(state_dict).__name__}")
        weights = {name: readable_weight(name, weight) for name, weight in state_dict.items()}
        native, missing, unexpected = self._plain_native.with_weights(weights, bool(strict))
        self._replace_native(native)
        return IncompatibleKeys(missing, unexpected)

    def resize_token_embeddings(
        self, new_num_tokens: int | None = None, pad_to_multiple_of: int | None = None, mean_resizing: bool = True
    ) -> Any:
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
            The weights are quantized, or an adapter has the embeddings or the output layer.
        """
        self._refuse_inside("resize_token_embeddings()")
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
        if any(weight.is_quantized for weight in self._tree.weights.values()):
            raise UnsupportedError(
                "not supported: resize_token_embeddings() of a quantized model; resize a model that is not, save it, "
                "and load it quantized"
            )
        own_native = self._plain_native
        weights = {name: weight.clone() for name, weight in own_native.weights().items()}
        tables = {self._structure.input_embeddings, self._structure.output_embeddings}
        config = own_native.config() | {"vocab_size": size}
        if config.get("share_encoder_decoder_embeddings") and "decoder_vocab_size" in config:
            config["decoder_vocab_size"] = size
        native = _native.Model.from_config(config, own_native.head, own_native.device, own_native.dtype)
        for name, fresh in native.weights().items():
            own = weights.get(name)
            if own is not None and name == "final_logits_bias" and own.shape != fresh.shape:
                zeros = _native.zeros((1, max(size - old, 0)), dtype=own.dtype, device=own.device)
                weights[name] = _native.cat([own[:, :size], zeros], 1)
                continue
            if own is None or own.shape == fresh.shape or (name not in tables and own.ndim > 1):
                continue
            if self._adapters is not None:
                self._adapters.check_resized(name)
            new = fresh[old:]
            if mean_resizing:
                new = own.float().mean(0, keepdim=True).expand(max(size - old, 0), *own.shape[1:]).to(own.dtype)
            weights[name] = _native.cat([own[:size], new])
        self._replace_native(native.with_weights(weights, True)[0])
        self.config.update({name: config[name] for name in ("vocab_size", "decoder_vocab_size") if name in config})
        return self.get_input_embeddings()

    @property
    def _tree(self) -> Tree:
        # Changes of parameters change no names and shapes.
        native = self._structure
        tree: Tree | None = self.__dict__.get("_tree_of_native")
        if tree is None or tree.native is not native:
            tree = self.__dict__["_tree_of_native"] = Tree(native)
        return tree

    @property
    def _parameters(self) -> Parameters:
        found: Parameters | None = self.__dict__.get("_parameters_of_model")
        if found is None:
            found = self.__dict__["_parameters_of_model"] = Parameters(self._tree)
        return found

    def _refuse_inside(self, what: str) -> None:
        """Refuses a change of a model that is inside another one."""
        if self._owner is not None:
            whole = type(self._owner).__name__
            raise UnsupportedError(
                f"not supported: {what} of {self._path}, which is inside a {whole}; call it on the {whole}"
            )

    def _replace_native(self, native: Model) -> None:
        self._native = native
        self._source = None
        parameters: Parameters | None = self.__dict__.get("_parameters_of_model")
        for name in ("_without_weights", "_base_structure"):
            self.__dict__.pop(name, None)
        if parameters is not None:
            parameters.reload(self._tree)
