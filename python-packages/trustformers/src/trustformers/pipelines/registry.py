"""The tasks of `pipeline()`, to which classes of one's own are added."""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["PipelineRegistry"]

logger: logging.Logger = logging.getLogger("trustformers")


class PipelineRegistry:
    """The tasks of `pipeline()`: for each a dict of its class `impl`, its models' classes `pt`, and its `default`.

    Parameters
    ----------
    supported_tasks
        The tasks by name.
    task_aliases
        Other names of tasks.
    """

    def __init__(self, supported_tasks: dict[str, Any], task_aliases: dict[str, str]) -> None:
        self.supported_tasks = supported_tasks
        self.task_aliases = task_aliases

    def get_supported_tasks(self) -> list[str]:
        """The names of all tasks, sorted."""
        return sorted([*self.supported_tasks, *self.task_aliases])

    def check_task(self, task: str) -> tuple[str, dict[str, Any], Any]:
        """The name that a task is registered with, its dict, and the languages of "translation_en_to_fr" or None.

        Raises
        ------
        KeyError
            The task is unknown.
        """
        name = self.task_aliases.get(task, task)
        kind, _, languages = name.partition("_")
        pair = tuple(languages.split("_to_"))
        if (
            kind == "translation"
            and "translation" in self.supported_tasks
            and len(pair) == 2
            and "_" not in "".join(pair)
        ):
            return kind, self.supported_tasks[kind], pair
        if name not in self.supported_tasks:
            raise KeyError(f"task: {task!r} is not one of {', '.join(self.get_supported_tasks())}")
        return name, self.supported_tasks[name], None

    def register_pipeline(
        self,
        task: str,
        pipeline_class: type[Any],
        pt_model: Any = None,
        default: dict[str, Any] | None = None,
        type: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Adds a task to `pipeline()`, or replaces it.

        Parameters
        ----------
        task
            The task's name.
        pipeline_class
            A subclass of `Pipeline`.
        pt_model
            The class that loads the model, or a tuple of classes, of which the first is used that loads it; by default
            the class that `config.json` names.
        default
            The default model and its revision: `{"model": (name, revision)}` or `{"pt": (name, revision)}`.
        type
            The kind of input, such as "text".
        **kwargs
            `tf_model`, without effect.
        """
        kwargs.pop("tf_model", None)
        if kwargs:
            raise TypeError(f"register_pipeline() got an unexpected keyword argument {next(iter(kwargs))!r}")
        if task in self.supported_tasks:
            logger.warning("%s: the task is registered already and is replaced", task)
        models = () if pt_model is None else pt_model if isinstance(pt_model, tuple) else (pt_model,)
        entry: dict[str, Any] = {"impl": pipeline_class, "pt": models}
        if default is not None:
            entry["default"] = default if "model" in default else {"model": default}
        if type is not None:
            entry["type"] = type
        self.supported_tasks[task] = entry
        pipeline_class._registered_impl = {task: entry}

    def to_dict(self) -> dict[str, Any]:
        """The tasks by name."""
        return self.supported_tasks
