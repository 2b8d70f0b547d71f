"""The data loaders of a trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.generators import Generator
from trustformers.training.classes import check_dataset, num_classes
from trustformers.training.columns import RemoveColumnsCollator, remove_unused_columns, signature_columns
from trustformers.training.dataloader import DataLoader, is_iterable
from trustformers.training.loops import has_length
from trustformers.training.samplers import (
    BatchSampler,
    LengthGroupedSampler,
    RandomSampler,
    SequentialSampler,
    seedable,
)
from trustformers.training.shards import IterableShard, ShardedBatchSampler
from trustformers.training.strategies import IntervalStrategy
from trustformers.training.trainer_base import TrainerBase, logger

__all__ = ["DataMixin"]

_EMPTY = "{}_dataset: the {} set has no examples"


class DataMixin(TrainerBase):
    """Makes the data loaders."""

    _signature_columns: list[str] | None = None

    def get_train_dataloader(self) -> Any:
        """The batches of training; subclasses override it.

        Raises
        ------
        InputError
            There is no data set, or it has no examples or no columns that the model takes.
        """
        if self.train_dataset is None:
            raise InputError("train_dataset: missing; training needs a data set")
        return self._get_dataloader(
            self.train_dataset, "training", self._train_batch_size, self._get_train_sampler, is_training=True
        )

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        """The batches of evaluation; subclasses override it.

        Parameters
        ----------
        eval_dataset
            A data set, the name of one of `eval_dataset`, or None for `eval_dataset` itself.

        Raises
        ------
        InputError
            There is no data set, or it has no columns that the model takes.
        """
        if eval_dataset is None:
            eval_dataset = self.eval_dataset
        elif isinstance(eval_dataset, str):
            eval_dataset = self.eval_dataset[eval_dataset]
        if eval_dataset is None:
            raise InputError("eval_dataset: missing; evaluation needs a data set")
        return self._get_dataloader(eval_dataset, "evaluation", self.args.eval_batch_size, self._get_eval_sampler)

    def get_test_dataloader(self, test_dataset: Any) -> Any:
        """The batches of prediction; subclasses override it."""
        return self._get_dataloader(test_dataset, "test", self.args.eval_batch_size, self._get_eval_sampler)

    def num_examples(self, dataloader: Any) -> int:
        """The number of examples of a data loader; that of its batches times their size if it has no data set."""
        dataset: Any = getattr(dataloader, "dataset", None)
        if isinstance(dataset, IterableShard):
            dataset = dataset.dataset
        if dataset is not None and has_length(dataset):
            return len(dataset)
        return len(dataloader) * self.args.per_device_train_batch_size

    def _get_dataloader(
        self,
        dataset: Any,
        description: str,
        batch_size: int,
        sampler_fn: Callable[[Any], Any] | None = None,
        is_training: bool = False,
    ) -> Any:
        """The batches of a data set."""
        if has_length(dataset) and len(dataset) == 0:
            raise InputError(_EMPTY.format("train" if is_training else "eval", description))
        has_order = not is_iterable(dataset)
        classes = num_classes(self)
        if classes is not None and description != "test":
            check_dataset(dataset, classes, f"{'train' if is_training else 'eval'}_dataset")
        collator = self.data_collator
        if hasattr(dataset, "remove_columns") and getattr(dataset, "column_names", None):
            dataset = self._remove_unused_columns(dataset, description)
        else:
            collator = self._get_collator_with_removed_columns(collator, description)
        options: dict[str, Any] = {
            "prefetch_factor": self.args.dataloader_prefetch_factor,
            "num_workers": self.args.dataloader_num_workers,
        }
        if has_order:
            options |= {"sampler": None if sampler_fn is None else sampler_fn(dataset)}
        drop_last = self.args.dataloader_drop_last
        count, own = self.args.world_size, self.args.process_index
        if count > 1 and has_order:
            sampler = options.pop("sampler", None) or SequentialSampler(dataset)
            batches = ShardedBatchSampler(BatchSampler(sampler, batch_size, drop_last), count, own, even=is_training)
            return DataLoader(dataset, batch_sampler=batches, collate_fn=collator, **options)
        if count > 1:
            dataset = IterableShard(dataset, batch_size, drop_last, count, own, even=is_training)
        return DataLoader(dataset, batch_size=batch_size, collate_fn=collator, drop_last=drop_last, **options)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """The order of the training set; None for the order of a data set without a length."""
        dataset = self.train_dataset if train_dataset is None else train_dataset
        how = self.args.train_sampling_strategy
        if dataset is None or not has_length(dataset):
            if how == "group_by_length":
                logger.warning("train_sampling_strategy=%r: the data set has no length, and keeps its order", how)
            return None
        if how == "batch_rebalance":
            raise UnsupportedError(
                "not supported: train_sampling_strategy='batch_rebalance', which balances the batches of several "
                "processes; use 'group_by_length'"
            )
        if how == "group_by_length":
            size = self._train_batch_size * self.args.gradient_accumulation_steps
            return self._grouped(dataset, size)
        if how == "sequential":
            return SequentialSampler(dataset)
        sampler = RandomSampler(dataset)
        accelerator: Any = self.args.accelerator_config
        return seedable(sampler, self.args.data_seed) if accelerator.use_seedable_sampler else sampler

    def _get_eval_sampler(self, eval_dataset: Any) -> Any:
        """The order of an evaluation set; None for the order of a data set without a length."""
        if eval_dataset is None or not has_length(eval_dataset):
            return None
        if self.args.train_sampling_strategy == "group_by_length":
            seed = self.args.seed if self.args.data_seed is None else self.args.data_seed
            return self._grouped(eval_dataset, self.args.eval_batch_size, Generator().manual_seed(seed))
        return SequentialSampler(eval_dataset)

    def _grouped(self, dataset: Any, batch_size: int, generator: Generator | None = None) -> LengthGroupedSampler:
        column = self.args.length_column_name
        lengths = dataset[column] if column in (getattr(dataset, "column_names", None) or ()) else None
        names = getattr(self.processing_class, "model_input_names", None)
        return LengthGroupedSampler(
            batch_size,
            dataset=dataset,
            lengths=lengths,
            model_input_name=names[0] if names else None,
            generator=generator,
        )

    def _set_signature_columns_if_needed(self) -> None:
        """Finds the columns that the model takes."""
        if self._signature_columns is None:
            self._signature_columns = signature_columns(self.model, self.label_names)
            if getattr(self.data_collator, "whole_word_mask", False):
                # What the collator, not the model, takes.
                self._signature_columns.append("offset_mapping")

    def _remove_unused_columns(self, dataset: Any, description: str | None = None) -> Any:
        """A `datasets.Dataset` without the columns that the model does not take."""
        if not self.args.remove_unused_columns:
            return dataset
        self._set_signature_columns_if_needed()
        return remove_unused_columns(
            dataset, self._signature_columns or (), self.model, description or "training", self.label_names
        )

    def _get_collator_with_removed_columns(
        self, data_collator: Callable[..., Any], description: str | None = None
    ) -> Callable[..., Any]:
        """A collator that leaves out the keys that the model does not take."""
        if not self.args.remove_unused_columns:
            return data_collator
        self._set_signature_columns_if_needed()
        return RemoveColumnsCollator(
            data_collator,
            self._signature_columns or (),
            logger,
            type(self.model).__name__,
            description,
            labels=self.label_names,
        )

    def _check_evaluation_sets(self) -> None:
        """Checks that data sets of evaluations during training have examples.

        Raises
        ------
        InputError
            One has none.
        """
        if self.args.eval_strategy == IntervalStrategy.NO:
            return
        sets = self.eval_dataset.values() if isinstance(self.eval_dataset, Mapping) else [self.eval_dataset]
        if any(dataset is not None and has_length(dataset) and len(dataset) == 0 for dataset in sets):
            raise InputError(_EMPTY.format("eval", "evaluation"))

    def _reported_by_evaluation(self) -> set[str] | None:
        """The metrics that evaluations will report; None if only they can tell."""
        sets = self.eval_dataset if isinstance(self.eval_dataset, Mapping) else {"": self.eval_dataset}
        found: set[str] = set()
        for name, dataset in sets.items():
            prefix = f"eval_{name}" if name else "eval"
            has_labels = None if dataset is None else self._has_labels(dataset)
            # Without labels there are neither losses nor metrics of predictions.
            if has_labels is None or (has_labels and self.compute_metrics is not None):
                return None
            kinds = ("runtime", "samples_per_second", "steps_per_second", *(["loss"] if has_labels else []))
            found |= {f"{prefix}_{kind}" for kind in kinds}
        return found

    def _has_labels(self, dataset: Any) -> bool | None:
        """Whether a data set's first batch has labels; None if that cannot be known without using up the data set."""
        if not has_length(dataset) or not hasattr(dataset, "__getitem__"):
            return None
        loader = self.get_eval_dataloader(dataset)
        if not isinstance(loader, DataLoader):
            return None
        try:
            batch = loader.collate_fn([loader.dataset[0]])
        except Exception:
            # A collator may need more than one example.
            return None
        return all(batch.get(name) is not None for name in self.label_names) if isinstance(batch, Mapping) else None
