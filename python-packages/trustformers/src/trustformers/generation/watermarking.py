"""Detection of watermarks in generated text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers.errors import InputError
from trustformers.generation.logits_process import WatermarkLogitsProcessor as WatermarkLogitsProcessor  # noqa: PLC0414
from trustformers.generation.scores import as_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustformers._views.generation_watermarking import *  # noqa: F403
    from trustformers.generation.config import WatermarkingConfig
    from trustformers.models.configuration import PreTrainedConfig

__all__ = ["WatermarkDetector", "WatermarkDetectorOutput"]


@dataclass
class WatermarkDetectorOutput:
    """What a `WatermarkDetector` found in each sequence, (rows,)."""

    num_tokens_scored: NDArray[np.float64] | None = None
    num_green_tokens: NDArray[np.float64] | None = None
    green_fraction: NDArray[np.float64] | None = None
    z_score: NDArray[np.float64] | None = None
    p_value: NDArray[np.float64] | None = None
    prediction: NDArray[np.bool_] | None = None
    confidence: NDArray[np.float64] | None = None


class WatermarkDetector:
    """Tells whether texts carry the watermark of a `WatermarkingConfig`.

    Parameters
    ----------
    model_config
        The configuration of the model that generated the texts.
    device
        Without effect.
    watermarking_config
        The settings that the texts were generated with.
    ignore_repeated_ngrams
        Whether each n-gram counts once.
    max_cache_size
        Without effect.
    """

    def __init__(
        self,
        model_config: PreTrainedConfig,
        device: Any,
        watermarking_config: WatermarkingConfig | Mapping[str, Any],
        ignore_repeated_ngrams: bool = False,
        max_cache_size: int = 128,
    ) -> None:
        keys: dict[str, Any] = dict(watermarking_config)
        name = "decoder_start_token_id" if getattr(model_config, "is_encoder_decoder", False) else "bos_token_id"
        self.bos_token_id: int | None = getattr(model_config, name, None)
        self.greenlist_ratio: float = keys["greenlist_ratio"]
        self.ignore_repeated_ngrams = ignore_repeated_ngrams
        self.processor: WatermarkLogitsProcessor = WatermarkLogitsProcessor(
            vocab_size=model_config.vocab_size, device=device, **keys
        )

    def __call__(self, input_ids: Any, z_threshold: float = 3.0, return_dict: bool = False) -> Any:
        """For each text, whether it carries the watermark.

        Parameters
        ----------
        input_ids
            The texts, (rows, seq).
        z_threshold
            The least number of standard deviations above a text without a watermark.
        return_dict
            Whether to return all numbers of the test.

        Returns
        -------
        numpy.ndarray or WatermarkDetectorOutput
            Bools of shape (rows,), or with `return_dict` an object that holds them.

        Raises
        ------
        InputError
            Only some texts begin with BOS, or the texts are too short.
        """
        ids = as_ids("input_ids", input_ids)
        begins = ids[:, 0] == self.bos_token_id
        if begins.any() != begins.all():
            raise InputError("input_ids: only some texts begin with the BOS token; tokenize them in the same way")
        ids = ids[:, 1:] if begins.all() else ids
        if ids.shape[1] <= self.processor.context_width:
            raise InputError(
                f"input_ids: expected more than {self.processor.context_width} tokens, found {ids.shape[1]}"
            )
        scored, green = np.array([self._counts(row) for row in ids.tolist()], dtype=np.float64).T
        share = self.greenlist_ratio
        z_score = (green - share * scored) / np.sqrt(scored * share * (1 - share))
        prediction = z_score > z_threshold
        if not return_dict:
            return prediction
        p_value = np.array([0.5 * math.erfc(z / math.sqrt(2)) for z in z_score])
        return WatermarkDetectorOutput(scored, green, green / scored, z_score, p_value, prediction, 1 - p_value)

    def _counts(self, row: list[int]) -> tuple[int, int]:
        """The number of n-grams of a text, and of those whose last token is on its list."""
        hashes_itself = self.processor.seeding_scheme == "selfhash"
        size = self.processor.context_width + (0 if hashes_itself else 1)
        found = Counter(tuple(row[start : start + size]) for start in range(len(row) - size + 1))
        green = {
            ngram for ngram in found if ngram[-1] in self.processor.greenlist(ngram if hashes_itself else ngram[:-1])
        }
        if self.ignore_repeated_ngrams:
            return len(found), len(green)
        return sum(found.values()), sum(found[ngram] for ngram in green)
