"""Weights that a test computes from the names and shapes of tensors, so that no checkpoint is stored."""

import numpy as np

MASK = (1 << 64) - 1


def fnv1a(name: str) -> int:
    """The 64-bit FNV-1a hash of a name."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def units(name: str, count: int) -> np.ndarray:
    """Float32 numbers from -1 to 1: the upper 24 bits of SplitMix64, which starts from the hash of the name."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2.0**23 - 1).astype(np.float32)


def tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The values of a tensor; all steps are exact in float32."""
    values = units(name, int(np.prod(shape, dtype=np.int64))).reshape(shape)
    if len(shape) > 1:
        return values * np.float32(2.0 ** -(shape[-1].bit_length() // 2))
    return values / np.float32(4) + np.float32(1 if name.endswith("weight") else 0)
