"""Pipelines whose steps are written in Python, as those of transformers are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from trustformers.errors import UnsupportedError

__all__ = ["PythonSteps"]


class PythonSteps:
    """The steps of a pipeline: a subclass implements `preprocess`, `_forward` and `postprocess`.

    `_sanitize_parameters` splits the arguments of the pipeline and of a call into three dicts, one for each step. The
    pipelines for tasks compute all steps in the engine instead.
    """

    if TYPE_CHECKING:
        _step_options: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]

    def _sanitize_parameters(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """The arguments of `preprocess`, `_forward` and `postprocess`."""
        raise self._absent("_sanitize_parameters")

    def preprocess(self, inputs: Any, **kwargs: Any) -> Any:
        """The model's arguments for an input."""
        raise self._absent("preprocess")

    def _forward(self, model_inputs: Any, **kwargs: Any) -> Any:
        """The model's outputs."""
        raise self._absent("_forward")

    def postprocess(self, model_outputs: Any, **kwargs: Any) -> Any:
        """The result for the model's outputs."""
        raise self._absent("postprocess")

    def forward(self, model_inputs: Any, **kwargs: Any) -> Any:
        """Runs the model on what `preprocess` returns."""
        return self._forward(model_inputs, **kwargs)

    def run_single(self, inputs: Any, preprocess_params: Any, forward_params: Any, postprocess_params: Any) -> Any:
        """The result for one input."""
        model_inputs = self.preprocess(inputs, **preprocess_params)
        return self.postprocess(self.forward(model_inputs, **forward_params), **postprocess_params)

    def _call_steps(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Runs the steps: a result for one input, a list for a list, an iterator for an iterator."""
        for name in ("batch_size", "num_workers"):
            kwargs.pop(name, None)
        own = self._sanitize_parameters(*args, **kwargs)
        options = [{**before, **given} for before, given in zip(self._step_options, own, strict=True)]
        if isinstance(inputs, list):
            return [self.run_single(item, *options) for item in inputs]
        if isinstance(inputs, Iterator):
            return (self.run_single(item, *options) for item in inputs)
        return self.run_single(inputs, *options)

    if TYPE_CHECKING:
        # The classes for tasks have signatures of their own.
        __call__: Callable[..., Any]
    else:
        __call__ = _call_steps

    def _absent(self, step: str) -> UnsupportedError:
        return UnsupportedError(
            f"not supported: {step} of {type(self).__name__}; the engine computes its steps at once when it is called, "
            "and a class of one's own implements them"
        )
