"""The collator of language modeling, which masks tokens."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import current_process
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.tensors import as_array, as_tensor, tensor_kind
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator, default_generator
from trustformers.tokenizers.collators import DataCollatorMixin, checked

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DataCollatorForLanguageModeling", "DataCollatorForWholeWordMask"]


@dataclass
class DataCollatorForLanguageModeling(DataCollatorMixin):
    """Pads examples, and makes their labels: the tokens themselves, or masked tokens.

    Attributes
    ----------
    tokenizer
        The tokenizer whose `pad` is called.
    mlm
        Whether tokens are masked; labels of other tokens are -100. Otherwise only labels of padding are.
    whole_word_mask
        Whether words are masked as a whole; examples then need `offset_mapping`.
    mlm_probability
        The probability that a token is masked.
    mask_replace_prob, random_replace_prob
        The shares of masked tokens that become `mask_token`, and random tokens.
    pad_to_multiple_of
        Argument of `pad`.
    return_tensors
        The type of the batch's arrays; "pt" gives `Tensor`s without torch.
    seed
        The seed of the masks. Without it they follow `set_seed`. As in transformers, arrays have other masks than
        tensors, which have those of torch's generator.
    """

    tokenizer: Any
    mlm: bool = True
    whole_word_mask: bool = False
    mlm_probability: float | None = 0.15
    mask_replace_prob: float = 0.8
    random_replace_prob: float = 0.1
    pad_to_multiple_of: int | None = None
    return_tensors: str = "pt"
    seed: int | None = None
    generator: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.mlm and self.tokenizer.mask_token is None:
            raise InputError("mlm: the tokenizer has no mask_token; pass mlm=False for causal language modeling")
        if self.whole_word_mask and not self.mlm:
            raise InputError("whole_word_mask: needs mlm=True")
        shares = {"mask_replace_prob": self.mask_replace_prob, "random_replace_prob": self.random_replace_prob}
        if self.mlm:
            shares["mlm_probability"] = -1.0 if self.mlm_probability is None else self.mlm_probability
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise InputError(f"{name}: expected a probability between 0 and 1, found {getattr(self, name)!r}")
        if self.mask_replace_prob + self.random_replace_prob > 1:
            raise InputError("mask_replace_prob and random_replace_prob: their sum is more than 1")
        if self.seed is not None and (isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0):
            raise InputError(f"seed: expected an int of at least 0, found {self.seed!r}")
        if self.whole_word_mask and self.mask_replace_prob < 1:
            warnings.warn("whole_word_mask: random tokens are not supported; mask_replace_prob is 1", stacklevel=2)
            self.mask_replace_prob, self.random_replace_prob = 1.0, 0.0

    def _batch(self, features: Sequence[Any], return_tensors: str) -> Any:
        tensors = tensor_kind(return_tensors) or "np"
        if self.seed is not None and self.generator is None:
            seed = self.seed + _worker()
            self.generator = np.random.default_rng(seed) if tensors == "np" else Generator().manual_seed(seed)
        rows = [row if isinstance(row, Mapping) else {"input_ids": row} for row in checked(features)]
        checked(rows, "input_ids")
        is_plain = not isinstance(features[0], Mapping)
        if not all(hasattr(row["input_ids"], "__len__") for row in rows):
            raise InputError("features: expected lists of ids, or mappings with input_ids")
        lengths = {len(row["input_ids"]) for row in rows}
        multiple = self.pad_to_multiple_of
        needs_padding = len(lengths) > 1 or (multiple is not None and next(iter(lengths)) % multiple != 0)
        # `pad` of a tokenizer has no padding of pairs.
        pairs = [row.get("offset_mapping") for row in rows]
        batch = self.tokenizer.pad(
            [{name: value for name, value in row.items() if name != "offset_mapping"} for row in rows],
            padding=needs_padding or not is_plain,
            pad_to_multiple_of=multiple if needs_padding or not is_plain else None,
            return_attention_mask=False if is_plain else None,
            return_tensors="np",
        )
        special = batch.pop("special_tokens_mask", None)
        ids = batch["input_ids"]
        offsets = None if any(pair is None for pair in pairs) else self._padded(pairs, ids.shape[1])
        if self.mlm:
            batch["input_ids"], batch["labels"] = self._masked(ids, special, offsets, _draws(self.generator, tensors))
        else:
            padding = self.tokenizer.pad_token_id
            batch["labels"] = ids.copy() if padding is None else np.where(ids == padding, -100, ids)
        return batch.convert_to_tensors(tensors) if not is_plain else _converted(dict(batch), tensors)

    def _padded(self, offsets: Sequence[Any], length: int) -> NDArray[np.int64]:
        """The offsets of rows, with those of padding, which are 0."""
        is_left = self.tokenizer.padding_side == "left"
        found = np.zeros((len(offsets), length, 2), np.int64)
        for index, row in enumerate(offsets):
            found[index, length - len(row) if is_left else 0 :][: len(row)] = as_array(row)
        return found

    def numpy_mask_tokens(
        self,
        inputs: NDArray[np.int64],
        special_tokens_mask: Any = None,
        offset_mapping: Any = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ids with masked tokens, and their labels.

        Shapes: all arrays [batch, seq], `offset_mapping` [batch, seq, 2].

        Raises
        ------
        InputError
            Whole words are masked, and there is no `offset_mapping`.
        """
        return self._masked(inputs, special_tokens_mask, offset_mapping, _draws(self.generator, "np"))

    def _masked(self, inputs: Any, special_tokens_mask: Any, offset_mapping: Any, draws: Any) -> tuple[Any, Any]:
        if special_tokens_mask is None:
            rows = inputs.tolist()
            special_tokens_mask = [
                self.tokenizer.get_special_tokens_mask(row, already_has_special_tokens=True) for row in rows
            ]
        special = np.asarray(as_array(special_tokens_mask), bool)
        probability = np.full(inputs.shape, self.mlm_probability, draws.dtype)
        words = None
        if self.whole_word_mask:
            if offset_mapping is None:
                raise InputError("whole_word_mask: examples need offset_mapping; pass return_offsets_mapping=True")
            words, is_first = _words(np.asarray(as_array(offset_mapping)), special)
            probability[~is_first] = 0
        else:
            probability[special] = 0
        masked = draws.bernoulli(probability)
        if words is not None:
            same = (words[:, :, None] == words[:, None, :]) & (words >= 0)[:, :, None]
            masked = np.any(same & masked[:, None, :], axis=2)
        labels = np.where(masked, inputs, -100)
        replaced = draws.bernoulli(np.full(inputs.shape, self.mask_replace_prob, draws.dtype)) & masked
        ids = np.where(replaced, self.tokenizer.mask_token_id, inputs)
        if self.mask_replace_prob == 1 or self.random_replace_prob == 0:
            return ids, labels
        share = self.random_replace_prob / (1 - self.mask_replace_prob)
        random = draws.bernoulli(np.full(inputs.shape, share, draws.dtype)) & masked & ~replaced
        ids[random] = draws.tokens(len(self.tokenizer), random)
        return ids, labels

    def torch_mask_tokens(self, inputs: Any, special_tokens_mask: Any = None, offset_mapping: Any = None) -> Any:
        """`numpy_mask_tokens` of tensors."""
        tensors = tensor_kind("pt") or "np"
        draws = _draws(self.generator, tensors)
        ids, labels = self._masked(as_array(inputs), special_tokens_mask, offset_mapping, draws)
        return as_tensor("input_ids", ids, tensors), as_tensor("labels", labels, tensors)


@dataclass
class DataCollatorForWholeWordMask(DataCollatorForLanguageModeling):
    """Version 4's name of `DataCollatorForLanguageModeling(whole_word_mask=True)`."""

    whole_word_mask: bool = True


class _ArrayDraws:
    """Draws of transformers for arrays."""

    dtype = np.float64

    def __init__(self, generator: Any) -> None:
        self._binomial = np.random.binomial if generator is None else generator.binomial
        self._integers: Any = np.random.randint if generator is None else generator.integers

    def bernoulli(self, probability: Any) -> Any:
        return self._binomial(1, probability, size=probability.shape).astype(bool)

    def tokens(self, vocab_size: int, places: Any) -> Any:
        return self._integers(low=0, high=vocab_size, size=np.count_nonzero(places), dtype=np.int64)


class _TensorDraws:
    """Draws of transformers for tensors, from torch's generator."""

    dtype = np.float32

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.bernoulli = generator.bernoulli

    def tokens(self, vocab_size: int, places: Any) -> Any:
        drawn = self._generator.randint(vocab_size, places.size)
        return np.array(drawn, np.int64).reshape(places.shape)[places]


def _draws(generator: Any, tensors: str) -> _ArrayDraws | _TensorDraws:
    if isinstance(generator, Generator) or (generator is None and tensors != "np"):
        return _TensorDraws(_default_generator() if generator is None else generator)
    return _ArrayDraws(generator)


def _default_generator() -> Generator:
    """The generator that `set_seed` seeds; in a worker of torch's DataLoader, with the worker's seed."""
    worker = _torch_worker()
    if worker is not None and default_generator.initial_seed() != worker.seed:
        default_generator.manual_seed(worker.seed)
    return default_generator


def _converted(batch: dict[str, Any], tensors: str) -> dict[str, Any]:
    return {key: as_tensor(key, value, tensors) for key, value in batch.items()}


def _words(offsets: Any, special: Any) -> tuple[Any, Any]:
    """The word of each token, -1 for special tokens, and whether it is the first of its word.

    A word begins after a gap between two tokens, and after a special token.
    """
    starts, ends = offsets[:, :, 0], offsets[:, :, 1]
    ends_before = np.roll(ends, 1, axis=1)
    ends_before[:, 0] = -1
    follows_special = np.roll(special, 1, axis=1)
    follows_special[:, 0] = False
    is_first = ~special & ((starts != ends_before) | follows_special)
    words = np.cumsum(is_first, axis=1)
    return np.where(special, -1, words), is_first


def _worker() -> int:
    """The number of this process among a data loader's workers; 0 in the main process."""
    if current_process().name == "MainProcess":
        return 0
    worker = _torch_worker()
    if worker is None:
        raise InputError("seed: a process other than the main one must be a worker of torch's DataLoader")
    return int(worker.id)


def _torch_worker() -> Any:
    """What torch knows of this process as a worker of its DataLoader; None in other processes."""
    torch: Any = None if current_process().name == "MainProcess" else sys.modules.get("torch")
    return None if torch is None else torch.utils.data.get_worker_info()
