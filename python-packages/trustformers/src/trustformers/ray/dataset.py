"""`map_pipeline()`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

import ray.data

from trustformers._checks.arguments import kind
from trustformers.errors import HubError, InputError
from trustformers.models.base import PreTrainedModel
from trustformers.peft.model import PeftModel
from trustformers.pipelines.arguments import positive, text
from trustformers.pipelines.factory import find_task
from trustformers.ray.columns import fields_of
from trustformers.ray.placement import actor_cpus, check_gpus, held_cpus, node_cpus, warn_if_busy
from trustformers.ray.predictor import PipelinePredictor, missing, names_of, taken
from trustformers.utils.hub_files import CONFIG_NAME, TOKENIZER_CONFIG_FILE, cached_file, find_adapter_config_file

__all__ = ["map_pipeline"]

Dataset = TypeVar("Dataset")

_HUB = ("revision", "token", "cache_dir", "local_files_only")


def map_pipeline(
    dataset: Dataset,
    task: str,
    model: str | os.PathLike[str] | PreTrainedModel | PeftModel | None = None,
    *,
    column: str | Mapping[str, str] = "text",
    output_prefix: str = "",
    batch_size: int = 256,
    concurrency: int | tuple[int, int] = 1,
    num_cpus: float | None = None,
    num_gpus: float | None = None,
    ray_remote_args: Mapping[str, Any] | None = None,
    **options: Any,
) -> Dataset:
    """Applies a pipeline to a dataset of Ray Data, in actors; the results are further columns.

    Like other transformations it runs when the dataset is consumed. If an actor dies, another one computes its batches
    again. A dataset without rows gives one without rows and without columns of results.

    Parameters
    ----------
    dataset
        A `ray.data.Dataset`.
    task, model
        As for `pipeline`. Each node must be able to read the files of the model. A loaded model is pickled; see
        `trustformers.ray`.
    column
        The column of the pipeline's inputs; or the column for each key of inputs that are mappings, such as
        `{"question": "question", "context": "passage"}`, `{"text": "premise", "text_pair": "hypothesis"}` or
        `{"query": "query", "texts": "passages"}`.
    output_prefix
        The beginning of the names of the columns of results.
    batch_size
        The number of rows of a call. The pipeline sorts them by length and divides them again; for text generation they
        are the prompts that are batched continuously.
    concurrency
        The number of actors, or the smallest and the largest number.
    num_cpus
        The number of CPUs of each actor, which is the number of its threads too; by default an even share of the
        cluster's, except for one that reads data. Below 1 the actor has one thread.
    num_gpus
        The number of GPUs of each actor.
    ray_remote_args
        More options of the actors, as for `ray.remote`.
    **options
        As for `pipeline`: arguments of loading, such as `dtype`, and of calls, such as `truncation` or
        `max_new_tokens`.

    Returns
    -------
    ray.data.Dataset
        The columns of `dataset`, unchanged, and

        | task | columns |
        |---|---|
        | sentence-similarity | `embedding`: float32 tensors of shape (hidden,) |
        | feature-extraction | `features`: float32 tensors of shape (seq, hidden), whose seq varies |
        | text-classification | `label`: string, `score`: double; lists of these with `top_k` |
        | zero-shot-classification | `labels`: list of string, `scores`: list of double, best first |
        | token-classification | lists `entity`, `score`, `index`, `word`, `start`, `end`; |
        | | with an `aggregation_strategy` lists `entity_group`, `score`, `word`, `start`, `end` |
        | question-answering | `score`, `start`, `end`, `answer`; lists with `top_k` above 1 |
        | fill-mask | lists `score`, `token`, `token_str`, `sequence` |
        | text-ranking | lists `index`, `score`, best first |
        | text-generation, text2text-generation | `generated_text`: string, for a chat a list of messages |
        | summarization, translation | `summary_text`, `translation_text`: string |

        Labels, words and texts are strings; scores double; indices, positions and token ids int64. With several
        sequences for a prompt the columns are lists. Other fields of the pipeline's results are columns too.

    Raises
    ------
    InputError
        The dataset is known to lack the column, or to have a column of the results' name; the model does not exist; or
        the actors would leave no CPU for reading data, which Ray Data would wait for without end. On a cluster that
        starts nodes on demand, call `map_batches` with `PipelinePredictor`, which has no such check.
    UnsupportedError
        The task is not supported.

    Errors in an actor end the execution. Ray raises `ActorDiedError` if a pipeline cannot be loaded, and `RayTaskError`
    for a row that cannot be computed; their messages end with the type and the message of the error.

    Examples
    --------
    >>> import ray
    >>> from trustformers.ray import map_pipeline
    >>> dataset = ray.data.read_parquet("reviews")
    >>> map_pipeline(dataset, "sentence-similarity", path, column="review", concurrency=2).write_parquet("embeddings")
    """
    if not isinstance(dataset, ray.data.Dataset):
        raise InputError(f"dataset: expected a ray.data.Dataset, found {kind(dataset)}")
    given: Any = dataset
    least, most = _range(concurrency)
    _check_columns(column, output_prefix)
    find_task(task, options.get("pipeline_class"))
    if isinstance(model, (str, os.PathLike)):
        model = _found(model, options)
    elif model is not None and not isinstance(model, (PreTrainedModel, PeftModel)):
        raise InputError(f"model: expected a path, a repository's name or a loaded model, found {kind(model)}")
    if isinstance(options.get("tokenizer"), (str, os.PathLike)):
        options["tokenizer"] = _found(options["tokenizer"], options, TOKENIZER_CONFIG_FILE)
    schema = given.schema(fetch_if_missing=False)
    if schema is not None:
        for name in names_of(column):
            if name not in schema.names:
                raise missing(name, schema.names)
        for name in fields_of(task, options):
            if output_prefix + name in schema.names:
                raise taken(output_prefix + name)
    cpus = actor_cpus(node_cpus(), held_cpus(given), least, most, num_cpus)
    check_gpus(least, num_gpus)
    warn_if_busy(least, cpus)
    pool = {"size": most} if isinstance(concurrency, int) else {"min_size": least, "max_size": most}
    predictions: Dataset = given.map_batches(
        PipelinePredictor,
        fn_constructor_kwargs={
            "task": task,
            "model": model,
            "column": column,
            "output_prefix": output_prefix,
            **options,
        },
        batch_size=positive("batch_size", batch_size),
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(**pool),
        num_cpus=cpus,
        num_gpus=num_gpus,
        **(ray_remote_args or {}),
    )
    return predictions


def _found(source: str | os.PathLike[str], options: Mapping[str, Any], file: str = CONFIG_NAME) -> str:
    """The absolute path of a directory or a file, for workers may run elsewhere; or the name of a hub repository."""
    if os.path.exists(source):
        return os.path.abspath(source)
    hub = {name: options[name] for name in _HUB if name in options}
    file = (options.get("model_kwargs") or {}).get("gguf_file") or file
    try:
        cached_file(source, file, **hub)
    except HubError:
        if find_adapter_config_file(source, **hub) is None:
            raise
    return os.fspath(source)


def _check_columns(column: object, output_prefix: object) -> None:
    text("output_prefix", output_prefix)
    if isinstance(column, str):
        return
    if not isinstance(column, Mapping) or not column:
        raise InputError(f"column: expected a name, or a mapping of keys of inputs to names, found {kind(column)}")
    for name in column.values():
        text("column", name)


def _range(concurrency: object) -> tuple[int, int]:
    numbers = concurrency if isinstance(concurrency, tuple) else (concurrency, concurrency)
    if len(numbers) != 2:
        raise InputError(f"concurrency: expected a number of actors or two, found {concurrency!r}")
    least, most = (positive("concurrency", number) for number in numbers)
    if least > most:
        raise InputError(f"concurrency: expected the smaller number first, found {concurrency!r}")
    return least, most
