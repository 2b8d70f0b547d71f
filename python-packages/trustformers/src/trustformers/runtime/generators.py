"""The random numbers of torch's generator of the CPU, from which data loaders draw the order of examples."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Generator", "default_generator"]

_WORD = 2**32
# Of these sizes on torch draws 64 bits for each number: aten/src/ATen, randperm_cpu and random_from_to, torch 2.15.
_LONG_PERMUTATION = (_WORD - 1) // 20
_LONG_RANGE = 2**28
_CHUNK = 2**14


class Generator:
    """A random number generator that gives the numbers of `torch.Generator` on the CPU.

    It is a Mersenne Twister (MT19937). Without a call of `manual_seed` its seed is random.

    Parameters
    ----------
    device
        The device, which is the CPU.
    """

    def __init__(self, device: Any = "cpu") -> None:
        if str(device) != "cpu":
            raise InputError(f'device: expected "cpu", found {str(device)!r}')
        self._seed: int | None = None
        self._twister: np.random.MT19937 | None = None
        # The last state that was asked for, until the next draw.
        self._state: list[int] | None = None

    def manual_seed(self, seed: int) -> Generator:
        """Starts the numbers of a seed, of which the low 32 bits count, and returns the generator.

        Raises
        ------
        InputError
            The seed is not an integer from -2**63 to 2**64 - 1.
        """
        if isinstance(seed, bool) or not isinstance(seed, int) or not -(2**63) <= seed < 2**64:
            raise InputError(f"seed: expected an integer from -2**63 to 2**64 - 1, found {seed!r}")
        self._seed, self._twister, self._state = seed % 2**64, None, None
        return self

    def seed(self) -> int:
        """Starts the numbers of a random seed and returns the seed."""
        return self.manual_seed(secrets.randbits(64)).initial_seed()

    def initial_seed(self) -> int:
        """The seed."""
        return self.seed() if self._seed is None else self._seed

    def get_state(self) -> list[int]:
        """The seed, the position in the twister's words, and the words."""
        if self._state is None:
            state = self._bits().state["state"]
            self._state = [self.initial_seed(), int(state["pos"]), *state["key"].tolist()]
        return list(self._state)

    def set_state(self, state: list[int]) -> None:
        """Continues from a state of `get_state`.

        Raises
        ------
        InputError
            The state is not one of `get_state`.
        """
        import numpy as np

        if len(state) != 626:  # the seed, the position and 624 words
            raise InputError(f"state: expected the 626 integers of get_state, found {len(state)}")
        seed, position, *key = map(int, state)
        self.manual_seed(seed)
        words: Any = {"key": np.array(key, np.uint32), "pos": position}
        self._bits().state = {"bit_generator": "MT19937", "state": words}

    def random64(self) -> int:
        """A number of 64 bits."""
        high, low = self._draw(2).tolist()
        return int(high * _WORD + low)

    def randint(self, high: int, size: int) -> list[int]:
        """Numbers below `high`."""
        if high >= _LONG_RANGE:
            return [self.random64() % high for _ in range(size)]
        numbers: list[int] = (self._draw(size) % high).tolist()
        return numbers

    def bernoulli(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether each draw is true, as `torch.bernoulli` of float32 probabilities."""
        import numpy as np

        # The low 24 bits are a number below 1.
        numbers = (self._draw(probabilities.size) & np.uint64(2**24 - 1)).astype(np.float32) * np.float32(2**-24)
        drawn: NDArray[np.bool_] = numbers.reshape(probabilities.shape) < probabilities
        return drawn

    def randperm(self, n: int) -> Iterator[int]:
        """The numbers below `n` in the order of `torch.randperm`; all draws are done when it returns."""
        import numpy as np

        if n >= _LONG_PERMUTATION:
            pairs = self._draw(2 * (n - 1)).reshape(-1, 2)
            draws = pairs[:, 0] << np.uint64(32) | pairs[:, 1]
        else:
            draws = self._draw(max(n - 1, 0))
        draws %= np.arange(n, 1, -1, dtype=np.uint64)
        return _shuffled(draws, n)

    def _draw(self, count: int) -> NDArray[np.uint64]:
        """Numbers of 32 bits."""
        self._state = None
        return self._bits().random_raw(count)

    def _bits(self) -> np.random.MT19937:
        import numpy as np

        if self._twister is None:
            # `RandomState` seeds the twister as torch does; `MT19937(seed)` does not.
            seeded: Any = np.random.RandomState(self.initial_seed() % _WORD).get_state(legacy=False)
            self._twister = np.random.MT19937()
            self._twister.state = seeded
        return self._twister


def _shuffled(draws: NDArray[np.uint64], n: int) -> Iterator[int]:
    """Swaps each number with one behind it, and gives it when it no longer moves."""
    numbers = list(range(n))
    for start in range(0, len(draws), _CHUNK):
        for index, distance in enumerate(draws[start : start + _CHUNK].tolist(), start):
            other = index + distance
            number = numbers[other]
            numbers[other] = numbers[index]
            yield number
    yield from numbers[n - 1 :]


default_generator: Generator = Generator()
