"""The results of pipelines as columns of Arrow tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from ray.data.extensions import ArrowTensorArray, ArrowVariableShapedTensorArray

from trustformers.errors import InputError
from trustformers.pipelines.tasks import TASK_ALIASES

__all__ = ["columns_of", "fields_of"]

_TEXT, _SCORE, _INDEX = pa.string(), pa.float64(), pa.int64()
_SPAN = {"start": _INDEX, "end": _INDEX}
# The fields of each task's results and their types; a field that is not here has the type of its values.
_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "feature-extraction": {"features": None},
    "fill-mask": {"score": _SCORE, "token": _INDEX, "token_str": _TEXT, "sequence": _TEXT},
    "question-answering": {"score": _SCORE, **_SPAN, "answer": _TEXT},
    "sentence-similarity": {"embedding": None},
    "summarization": {"summary_text": _TEXT},
    "text-classification": {"label": _TEXT, "score": _SCORE},
    "text-generation": {"generated_text": None},
    "text-ranking": {"index": _INDEX, "score": _SCORE},
    "text2text-generation": {"generated_text": _TEXT},
    "token-classification": {"entity": _TEXT, "score": _SCORE, "index": _INDEX, "word": _TEXT, **_SPAN},
    "translation": {"translation_text": _TEXT},
    "zero-shot-classification": {"labels": pa.list_(_TEXT), "scores": pa.list_(_SCORE)},
}
_GROUPS = {"entity_group": _TEXT, "score": _SCORE, "word": _TEXT, **_SPAN}
_ONE_SEQUENCE = frozenset({"summarization", "text-generation", "text2text-generation", "translation"})


def fields_of(task: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a task's results and their types; empty for a task of one's own."""
    task = _named(task)
    if task == "token-classification":
        strategy = options.get("aggregation_strategy") or "none"
        return _FIELDS[task] if str(getattr(strategy, "value", strategy)).lower() == "none" else _GROUPS
    if options.get("return_tensors") and task in _ONE_SEQUENCE:
        return {name.replace("_text", "_token_ids"): pa.list_(_INDEX) for name in _FIELDS[task]}
    return _FIELDS.get(task, {})


def columns_of(task: str, results: Sequence[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The results of a batch as Arrow arrays, by field.

    A field of a list of results is a list, of a single one, or of one generated sequence, a value.

    Raises
    ------
    InputError
        The rows of a batch have results of different kinds.
    """
    fields, task = fields_of(task, options), _named(task)
    if isinstance(results, np.ndarray):
        return {next(iter(fields)): ArrowTensorArray.from_numpy(results)}
    if task == "feature-extraction":
        return {"features": ArrowVariableShapedTensorArray.from_numpy([states[0] for states in results])}
    if not all(isinstance(record, Mapping) for result in results for record in _records(result)):
        return _without_names(task, results)
    if task in _ONE_SEQUENCE and all(len(result) == 1 for result in results):
        results = [result[0] for result in results]
    # The pipelines of masks and questions return one result of one input without a list.
    is_list = (
        any(isinstance(result, list) for result in results) or task == "fill-mask" or (options.get("top_k") or 1) > 1
    )
    found = dict.fromkeys(name for result in results for record in _records(result) for name in record)
    if task == "zero-shot-classification":
        # The text, which is a column already.
        del found["sequence"]
    columns = {}
    for name in found or fields:
        values = [[record.get(name) for record in _records(result)] for result in results]
        known = fields.get(name)
        if is_list:
            columns[name] = pa.array(values, None if known is None else pa.list_(known))
        else:
            columns[name] = pa.array([value for (value,) in values], known)
    return columns


def _named(task: str) -> str:
    """The name of a task without its languages, of which the name of a translation may have two."""
    return "translation" if task.startswith("translation_") else TASK_ALIASES.get(task, task)


def _records(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]


def _without_names(task: str, results: Sequence[Any]) -> dict[str, Any]:
    if task in _FIELDS:
        # A text with several masks has a list of results for each of them.
        row = next(row for row, result in enumerate(results) if isinstance(_records(result)[0], list))
        raise InputError(
            f"row {row} of the batch has {len(results[row])} masks; a column has room for one in each text"
        )
    return {"result": pa.array(results)}
