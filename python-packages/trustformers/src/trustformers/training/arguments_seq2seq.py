"""The settings of a `Seq2SeqTrainer`."""
# ruff: noqa: RUF009  # _of makes fields

# Without postponed annotations, since libraries read the types of fields.
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trustformers.errors import InputError
from trustformers.generation.config import GenerationConfig
from trustformers.training.argument_checks import check_types
from trustformers.training.arguments import TrainingArguments, _of

__all__ = ["Seq2SeqTrainingArguments"]


@dataclass(repr=False)
class Seq2SeqTrainingArguments(TrainingArguments):
    """The settings of a `Seq2SeqTrainer`: those of `TrainingArguments`, and how evaluations generate.

    Examples
    --------
    >>> args = Seq2SeqTrainingArguments("out", predict_with_generate=True, generation_max_length=64)
    """

    sortish_sampler: bool = _of(False, "No effect, as in transformers.")
    predict_with_generate: bool = _of(False, "Whether evaluations generate, for metrics of texts.")
    generation_max_length: int | None = _of(None, "max_length of evaluations; by default the model's.")
    generation_num_beams: int | None = _of(None, "num_beams of evaluations; by default the model's.")
    generation_config: str | Path | GenerationConfig | None = _of(
        None, "Settings of generation, or the model, directory or file that has them."
    )

    def __post_init__(self) -> None:
        """Converts, derives and checks the settings."""
        super().__post_init__()
        check_types(self, Seq2SeqTrainingArguments)
        config = self.generation_config
        if config is not None and not isinstance(config, (str, os.PathLike, GenerationConfig)):
            raise InputError(f"generation_config: expected a GenerationConfig or where it is, found {config!r}")

    def to_dict(self) -> dict[str, Any]:
        """The settings by name, as JSON has them; tokens are left out."""
        found = super().to_dict()
        return {
            name: value.to_dict() if isinstance(value, GenerationConfig) else value for name, value in found.items()
        }
