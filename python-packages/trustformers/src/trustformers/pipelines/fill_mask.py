"""Mask filling."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import strings
from trustformers._checks.tensors import as_array, as_tensor, kind_of
from trustformers.errors import InputError
from trustformers.pipelines.arguments import CallOptions, count, for_engine, in_engine, listed
from trustformers.pipelines.arguments import tokenizer_kwargs as checked_kwargs
from trustformers.pipelines.base import Pipeline as Pipeline  # noqa: PLC0414
from trustformers.pipelines.base import PipelineException as PipelineException  # noqa: PLC0414
from trustformers.pipelines.base import native_call
from trustformers.pipelines.batches import row, softmax
from trustformers.pipelines.datasets import Stream
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Unpack

    from trustformers._views.pipelines_fill_mask import *  # noqa: F403

__all__ = ["FillMaskPipeline"]

logger: logging.Logger = logging.getLogger("trustformers")


class FillMaskOptions(CallOptions, total=False):
    """Arguments of mask filling."""

    top_k: int | None
    targets: str | Sequence[str] | None
    tokenizer_kwargs: Mapping[str, Any] | None


class FillMaskPipeline(Pipeline):
    """Predicts masked tokens, with a masked language model."""

    task = "fill-mask"
    _load_tokenizer = True
    _hooks = ("get_masked_index", "_ensure_exactly_one_mask_token", "ensure_exactly_one_mask_token", "get_target_ids")

    def _engine(self) -> Any:
        if self.tokenizer.mask_token_id is None:
            reason = "tokenizer: has no mask_token, which fill-mask needs"
            raise PipelineException(self.task, self.model.config.model_type, reason)
        return _native.FillMask(self.model._native, self.tokenizer._native)

    def _sanitize_parameters(
        self, top_k: int | None = None, targets: Any = None, tokenizer_kwargs: Mapping[str, Any] | None = None
    ) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`.

        Parameters
        ----------
        top_k, targets, tokenizer_kwargs
            As for a call.
        """
        preprocess: dict[str, Any] = {}
        if tokenizer_kwargs is not None:
            preprocess["tokenizer_kwargs"] = checked_kwargs("tokenizer_kwargs", tokenizer_kwargs)
        postprocess: dict[str, Any] = {}
        if targets is not None:
            postprocess["target_ids"] = self.get_target_ids(targets)
        if top_k is not None:
            postprocess["top_k"] = count("top_k", top_k)
        return preprocess, {}, postprocess

    def get_target_ids(self, targets: str | Sequence[str]) -> NDArray[np.int64]:
        """The ids of the tokens to choose from; a target of several tokens is replaced by its first token.

        Raises
        ------
        InputError
            None of the targets yields a token.
        """
        ids, replaced = native_call(self._native.targets, listed("targets", targets))
        for target, token in replaced:
            instead = "it is ignored" if token is None else f"{token!r} is used instead"
            logger.warning("targets: %r is not in the vocabulary; %s", target, instead)
        return np.array(ids, np.int64)

    def get_masked_index(self, input_ids: Any) -> Any:
        """The indices of the masks among the ids of a text, of shape (masks, 1)."""
        found = np.argwhere(np.asarray(as_array(input_ids)) == self.tokenizer.mask_token_id)
        return as_tensor("input_ids", found, kind_of(input_ids) or "np")

    def _ensure_exactly_one_mask_token(self, input_ids: Any) -> None:
        if len(self.get_masked_index(input_ids)) == 0:
            raise self._no_mask(f"no mask_token ({self.tokenizer.mask_token}) found")

    def ensure_exactly_one_mask_token(self, model_inputs: Any) -> None:
        """Checks that every row of ids has a mask, or several.

        Raises
        ------
        PipelineException
            A row has none.
        """
        for row_ids in model_inputs["input_ids"]:
            self._ensure_exactly_one_mask_token(row_ids)

    def _no_mask(self, reason: str) -> PipelineException:
        return PipelineException(self.task, self.model.config.model_type, f"inputs: {reason}")

    def preprocess(
        self,
        inputs: Any,
        return_tensors: str | None = None,
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        **_preprocess_parameters: Any,
    ) -> Any:
        """Encodes a text that has a mask."""
        kind = return_tensors or tensor_type()
        model_inputs = self.tokenizer(inputs, return_tensors=kind, **(tokenizer_kwargs or {}))
        self.ensure_exactly_one_mask_token(model_inputs)
        return model_inputs

    def _forward(self, model_inputs: Any) -> Any:
        outputs = self.model(**model_inputs)
        outputs["input_ids"] = model_inputs["input_ids"]
        return outputs

    def postprocess(self, model_outputs: Any, top_k: int = 5, target_ids: Any = None) -> list[Any]:
        """The best tokens of the mask, or of each mask if there are several.

        Parameters
        ----------
        model_outputs
            An output with `logits` (1, seq, vocab) and the `input_ids` (1, seq).
        top_k
            The number of tokens.
        target_ids
            The ids of the tokens to choose from.
        """
        ids = np.asarray(as_array(model_outputs["input_ids"][0]))
        masks = np.flatnonzero(ids == self.tokenizer.mask_token_id)
        scores = softmax(row(model_outputs["logits"][0])[masks])
        targets = None if target_ids is None else np.asarray(as_array(target_ids))
        if targets is not None:
            scores, top_k = scores[:, targets], min(top_k, len(targets))
        if top_k > scores.shape[-1]:
            raise InputError(f"top_k: {top_k} is more than the {scores.shape[-1]} tokens of the vocabulary")
        results = []
        for position, row_scores in zip(masks, scores, strict=True):
            best = np.argsort(-row_scores, kind="stable")[:top_k]
            tokens = best if targets is None else targets[best]
            results.append(
                [
                    self._filling(ids, int(position), int(token), score, is_only=len(masks) == 1)
                    for token, score in zip(tokens, row_scores[best].tolist(), strict=True)
                ]
            )
        return results[0] if len(results) == 1 else results

    def _filling(self, ids: NDArray[Any], position: int, token: int, score: float, *, is_only: bool) -> dict[str, Any]:
        filled = ids.copy()
        filled[position] = token
        filled = filled[filled != self.tokenizer.pad_token_id]
        # Other masks are special tokens too and must stay visible.
        sequence = self.tokenizer.decode(filled, skip_special_tokens=is_only)
        return _filling(score, token, self.tokenizer.decode([token]), sequence)

    @overload
    def __call__(self, inputs: str | list[str] | tuple[str, ...], **options: Unpack[FillMaskOptions]) -> list[Any]: ...
    @overload
    def __call__(self, inputs: Stream, **options: Unpack[FillMaskOptions]) -> Iterator[list[Any]]: ...
    def __call__(self, inputs: Any, **options: Unpack[FillMaskOptions]) -> Any:
        """Fills masks.

        Parameters
        ----------
        inputs
            A text with masks, a list or an iterator of such texts.
        top_k
            The number of tokens to predict for each mask, by default 5.
        targets
            The tokens to choose from. A target of several tokens is replaced by its first token, with a warning.
        tokenizer_kwargs
            Arguments of the tokenizer, such as `{"truncation": True}`.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        list
            Dicts of `score`, `token`, `token_str` and `sequence`, best first; a list of such lists for a text with
            several masks, and a list of results for several texts.
        """
        results = self._call(inputs, {**options})
        return results[0] if isinstance(inputs, list) and len(inputs) == 1 else results

    def _engine_takes(self, options: dict[str, Any]) -> bool:
        return in_engine(options.get("tokenizer_kwargs", {}))

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        targets = options.get("target_ids")
        try:
            outputs = native_call(
                self._native.run,
                strings("inputs", list(inputs)),
                batch_size=batch_size,
                top_k=options.get("top_k", 5),
                targets=None if targets is None else targets.tolist(),
                **for_engine(options.get("tokenizer_kwargs", {})),
            )
        except InputError as error:
            if str(error).startswith("inputs: no mask_token"):
                raise self._no_mask(str(error).removeprefix("inputs: ")) from None
            raise
        results = [[[_filling(*filling) for filling in mask] for mask in masks] for masks in outputs]
        return [masks[0] if len(masks) == 1 else masks for masks in results]


def _filling(score: float, token: int, token_str: str, sequence: str) -> dict[str, Any]:
    return {"score": score, "token": token, "token_str": token_str, "sequence": sequence}
