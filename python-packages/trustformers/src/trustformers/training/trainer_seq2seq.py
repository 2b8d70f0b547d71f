"""`Seq2SeqTrainer`, whose evaluations generate."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import numpy as np

from trustformers._checks.tensors import as_array, as_tensor, kind_of
from trustformers.errors import InputError
from trustformers.generation.config import GenerationConfig
from trustformers.tensor.autograd import no_grad
from trustformers.training.results import PredictionOutput
from trustformers.training.trainer import Trainer

__all__ = ["Seq2SeqTrainer"]

# The default of `generate`.
_MAX_LENGTH = 20


class Seq2SeqTrainer(Trainer):
    """A `Trainer` whose predictions are generated tokens if `args.predict_with_generate` is set.

    Its arguments are those of `Trainer`, with `args` a `Seq2SeqTrainingArguments`. `args.generation_config` replaces
    the model's. Losses of evaluations are means over examples; transformers counts a smaller last batch as a whole one.
    """

    # The arguments of `generate` in the current evaluation.
    _gen_kwargs: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not hasattr(self.args, "predict_with_generate"):
            raise InputError(f"args: expected Seq2SeqTrainingArguments, found {type(self.args).__name__}")
        self._gen_kwargs = {}
        given = self._settings.generation_config
        if given is not None:
            self.model.generation_config = self.load_generation_config(given)

    @property
    def _settings(self) -> Any:
        return self.args

    @staticmethod
    def load_generation_config(gen_config_arg: str | os.PathLike[str] | GenerationConfig) -> GenerationConfig:
        """A copy of generation settings, or those of a model, a directory or a file.

        Parameters
        ----------
        gen_config_arg
            `generation_config` of the arguments.

        Raises
        ------
        InputError
            A setting contradicts another or has no effect.
        """
        if isinstance(gen_config_arg, GenerationConfig):
            config = copy.deepcopy(gen_config_arg)
        else:
            file = Path(gen_config_arg)
            where = (file.parent, file.name) if file.is_file() else (gen_config_arg, None)
            config = GenerationConfig.from_pretrained(*where)
        config.validate(strict=True)
        return config

    def evaluate(
        self,
        eval_dataset: Any = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
        **gen_kwargs: Any,
    ) -> dict[str, float]:
        """The loss, what `compute_metrics` returns, and the speed.

        Parameters
        ----------
        eval_dataset, ignore_keys, metric_key_prefix
            As in `Trainer`.
        **gen_kwargs
            Arguments of the model's `generate`.
        """
        self._gen_kwargs = self._with_defaults(gen_kwargs)
        return super().evaluate(eval_dataset, ignore_keys, metric_key_prefix)

    def predict(
        self,
        test_dataset: Any,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "test",
        **gen_kwargs: Any,
    ) -> PredictionOutput:
        """The predictions and labels of a data set as arrays, and metrics as of `evaluate`.

        Parameters
        ----------
        test_dataset, ignore_keys, metric_key_prefix
            As in `Trainer`.
        **gen_kwargs
            Arguments of the model's `generate`.
        """
        self._gen_kwargs = self._with_defaults(gen_kwargs)
        return super().predict(test_dataset, ignore_keys, metric_key_prefix)

    def _with_defaults(self, gen_kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `generate`, with those of the settings."""
        found = {**gen_kwargs}
        if all(found.get(name) is None for name in ("max_length", "max_new_tokens")):
            found["max_length"] = self._settings.generation_max_length
        if found.get("num_beams") is None:
            found["num_beams"] = self._settings.generation_num_beams
        return {name: value for name, value in found.items() if value is not None}

    def prediction_step(
        self,
        model: Any,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
        **gen_kwargs: Any,
    ) -> tuple[Any, Any, Any]:
        """The loss, the generated tokens and the labels of a batch, each None if there is none.

        Parameters
        ----------
        model, inputs, prediction_loss_only, ignore_keys
            As in `Trainer`.
        **gen_kwargs
            Arguments of `generate`, by default those of the evaluation.
        """
        if not self._settings.predict_with_generate or prediction_loss_only:
            return super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
        inputs = self._prepare_inputs(inputs)
        labels = inputs.get("labels")
        sources = {name: value for name, value in inputs.items() if name != "labels"}
        targets = sources.get("decoder_input_ids")
        if labels is not None and targets is not None and targets.shape == labels.shape:
            # Made of the labels; the model would continue them.
            sources = {name: value for name, value in sources.items() if not name.startswith("decoder_")}
        with no_grad():
            generated = self.model.generate(**sources, **(gen_kwargs or self._gen_kwargs))
            loss = None
            if labels is not None:
                with self.compute_loss_context_manager():
                    outputs = model(**inputs)
                smooth = self.label_smoother
                loss = outputs["loss"] if smooth is None else smooth(outputs, labels)
                loss = loss.detach().mean() if hasattr(loss, "detach") else loss.mean()
        if self.args.prediction_loss_only:
            return loss, None, None
        return loss, self._padded(generated), None if labels is None else self._padded(labels)

    def _padded(self, tokens: Any) -> Any:
        """Tokens as long as the longest that the model's settings let `generate` return."""
        config = self.model.generation_config
        length = _MAX_LENGTH if config.max_length is None else config.max_length
        if tokens.shape[-1] >= length:
            length = 0 if config.max_new_tokens is None else config.max_new_tokens + 1
        return tokens if tokens.shape[-1] >= length else self._pad_tensors_to_max_len(tokens, length)

    def _pad_tensors_to_max_len(self, tensor: Any, max_length: int) -> Any:
        """Rows of tokens, padded on the right."""
        padding = getattr(self.processing_class, "pad_token_id", None)
        if padding is None:
            padding = getattr(self.processing_class, "eos_token_id", None)
        if padding is None:
            padding = getattr(self.model.config, "pad_token_id", None)
        if padding is None:
            raise InputError(
                "pad_token_id: missing in the tokenizer and the model; generated tokens are padded with it"
            )
        array = as_array(tensor)
        width = max_length - array.shape[-1]
        padded = np.pad(array, ((0, 0), (0, width)), constant_values=padding)
        return as_tensor("tokens", padded, kind_of(tensor) or "np")
