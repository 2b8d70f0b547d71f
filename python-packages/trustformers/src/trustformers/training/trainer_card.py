"""The card of a trained model: README.md with its metadata, hyperparameters and results."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trustformers._version import __version__
from trustformers.training.loops import make_markdown_table
from trustformers.training.trainer_base import TrainerBase

__all__ = ["CardMixin"]

_TASKS = {
    "causal_lm": ("text-generation", "Causal Language Modeling"),
    "masked_lm": ("fill-mask", "Masked Language Modeling"),
    "question_answering": ("question-answering", "Question Answering"),
    "sequence_classification": ("text-classification", "Text Classification"),
    "token_classification": ("token-classification", "Token Classification"),
}
# Metrics that the hub knows: modelcard.py of transformers, 5.23.0.
_METRICS = (
    *("accuracy", "bleu", "f1", "matthews_correlation", "pearsonr", "precision"),
    *("recall", "rouge", "sacrebleu", "spearmanr", "wer"),
)
_TAG = "generated_from_trainer"
_NO_RESULTS = frozenset({"epoch", "step", "eval_runtime", "eval_samples_per_second", "eval_steps_per_second"})
_MISSING = "To be described."


class CardMixin(TrainerBase):
    """Writes the card of the model."""

    def create_model_card(  # noqa: PLR0917  # as in transformers
        self,
        language: str | None = None,
        license: str | None = None,
        tags: str | list[str] | None = None,
        model_name: str | None = None,
        finetuned_from: str | None = None,
        tasks: str | list[str] | None = None,
        dataset_tags: str | list[str] | None = None,
        dataset: str | list[str] | None = None,
        dataset_args: str | list[str] | None = None,
    ) -> None:
        """Writes README.md into the output directory: a card with metadata of the hub, hyperparameters and results.

        Parameters
        ----------
        language, license
            The language and the license of the model.
        tags
            Tags beside `generated_from_trainer`.
        model_name
            The name of the model, by default that of the output directory.
        finetuned_from
            The repository of the model that was trained, by default where it was loaded from.
        tasks
            The task, by default that of the model's head.
        dataset_tags, dataset, dataset_args
            The data sets as the hub calls them, their names, and their configurations.
        """
        if not self.is_world_process_zero():
            return
        source = getattr(self.model, "name_or_path", None)
        if finetuned_from is None and source and not os.path.isdir(source):
            finetuned_from = source
        name = model_name or Path(str(self.args.output_dir)).name or finetuned_from or type(self.model).__name__
        results = _results(self.state.log_history)
        known = {kind.replace(" ", "_").lower(): kind for kind in results}
        metrics = {tag: known[tag] for tag in _METRICS if tag in known}
        task = _TASKS.get(getattr(self.model, "base_head", ""))
        chosen = _listed(tasks) or ([task[0]] if task else [])
        datasets = _listed(dataset_tags)
        found = [
            {
                "task": {"name": dict(_TASKS.values()).get(kind, kind), "type": kind},
                "dataset": {"name": title, "type": tag, **({"args": config} if config else {})},
                "metrics": [{"name": known[tag], "type": tag, "value": results[known[tag]]} for tag in metrics],
            }
            for kind in chosen
            for tag, title, config in _data(datasets, _listed(dataset), _listed(dataset_args))
            if metrics
        ]
        metadata = {
            "library_name": "transformers",
            "language": _listed(language),
            "license": license,
            "base_model": finetuned_from,
            "tags": list(dict.fromkeys([*_listed(tags), _TAG])),
            "datasets": datasets,
            "metrics": list(metrics),
            "model-index": [{"name": name, "results": found}],
        }
        # JSON is YAML.
        header = [f"{key}: {json.dumps(value)}" for key, value in metadata.items() if value]
        origin = f"[{finetuned_from}](https://huggingface.co/{finetuned_from})" if finetuned_from else "scratch"
        on = f" on {', '.join(_listed(dataset) or datasets)}" if dataset or datasets else ""
        parts = [
            *("---", *header, "---", "", f"# {name}", "", f"Trained with trustformers, from {origin}{on}.", ""),
            *([*(f"- {kind}: {_shown(value)}" for kind, value in results.items()), ""] if results else []),
            *("## Model description", "", _MISSING, "", "## Intended uses and limitations", "", _MISSING, ""),
            *("## Training and evaluation data", "", _MISSING, "", "## Training procedure", ""),
            *("### Hyperparameters", "", *(f"- {kind}: {value}" for kind, value in self._hyperparameters()), ""),
        ]
        if lines := _lines(self.state.log_history):
            parts += ["### Results", "", make_markdown_table(lines)]
        parts += ["### Versions", "", f"- trustformers {__version__}", ""]
        path = Path(str(self.args.output_dir)) / "README.md"
        path.write_text("\n".join(parts), encoding="utf-8")

    def _hyperparameters(self) -> Iterable[tuple[str, Any]]:
        args = self.args
        names = ("learning_rate", "train_batch_size", "eval_batch_size", "seed", "gradient_accumulation_steps")
        found = {name: getattr(args, name) for name in names}
        found |= {"optimizer": getattr(args.optim, "value", args.optim), "weight_decay": args.weight_decay}
        found |= {"lr_scheduler_type": getattr(args.lr_scheduler_type, "value", args.lr_scheduler_type)}
        found |= {"warmup_steps": args.warmup_steps, "label_smoothing_factor": args.label_smoothing_factor}
        steps = ("training_steps", args.max_steps) if args.max_steps > 0 else ("num_epochs", args.num_train_epochs)
        unset = {"gradient_accumulation_steps": 1, "weight_decay": 0, "warmup_steps": 0, "label_smoothing_factor": 0}
        return [*((name, value) for name, value in found.items() if unset.get(name) != value), steps]


def _listed(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _data(tags: list[str], names: list[str], configs: list[str]) -> Iterable[tuple[str, str, str | None]]:
    """Tag, name and configuration of each data set."""
    for index, tag in enumerate(tags):
        config = configs[index] if index < len(configs) else None
        yield tag, names[index] if index < len(names) else tag, config


def _named(name: str) -> str:
    return " ".join(part.capitalize() for part in name.removeprefix("eval_").split("_"))


def _shown(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _results(history: list[dict[str, Any]]) -> dict[str, Any]:
    """The last evaluation by the names of its metrics."""
    last: Mapping[str, Any] = next((entry for entry in reversed(history) if "eval_loss" in entry), {})
    return {_named(name): value for name, value in last.items() if name not in _NO_RESULTS}


def _lines(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each evaluation of the training."""
    found = []
    loss: Any = "-"
    for entry in history:
        loss = entry.get("loss", loss)
        if "eval_loss" in entry:
            row = {"Training Loss": loss, "Epoch": entry.get("epoch"), "Step": entry["step"]}
            metrics = {name: value for name, value in entry.items() if name not in _NO_RESULTS}
            found.append({**row, **{_named(name): value for name, value in metrics.items()}})
        if "train_runtime" in entry:
            break
    # All rows have the columns of the first.
    return [row for row in found if row.keys() >= found[0].keys()]
