"""Mask filling."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, overload

from trustformers import _native
from trustformers._checks.arguments import strings
from trustformers.pipelines.arguments import CallOptions, Check, count, listed, tokenizer_kwargs
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    from typing_extensions import Unpack

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
    _checks: ClassVar[Mapping[str, Check]] = {
        "top_k": count,
        "targets": listed,
        "tokenizer_kwargs": tokenizer_kwargs,
    }

    def _prepare(self) -> None:
        self._native = _native.FillMask(self.model._native, self.tokenizer._native)

    @overload
    def __call__(self, inputs: str | list[str] | tuple[str, ...], **options: Unpack[FillMaskOptions]) -> list[Any]: ...
    @overload
    def __call__(self, inputs: Iterator[str], **options: Unpack[FillMaskOptions]) -> Iterator[list[Any]]: ...
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

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        checked = super()._checked({name: value for name, value in given.items() if value is not None})
        if "targets" in checked:
            checked["targets"] = self._target_ids(checked["targets"])
        return checked

    def _target_ids(self, targets: list[str]) -> list[int]:
        ids, replaced = native_call(self._native.targets, targets)
        for target, token in replaced:
            instead = "it is ignored" if token is None else f"{token!r} is used instead"
            logger.warning("targets: %r is not in the vocabulary; %s", target, instead)
        return list(ids)

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        outputs = native_call(
            self._native.run,
            strings("inputs", list(inputs)),
            batch_size=batch_size,
            top_k=options.get("top_k", 5),
            targets=options.get("targets"),
            **options.get("tokenizer_kwargs", {}),
        )
        results = [[[_filling(*filling) for filling in mask] for mask in masks] for masks in outputs]
        return [masks[0] if len(masks) == 1 else masks for masks in results]


def _filling(score: float, token: int, token_str: str, sequence: str) -> dict[str, Any]:
    return {"score": score, "token": token, "token_str": token_str, "sequence": sequence}
