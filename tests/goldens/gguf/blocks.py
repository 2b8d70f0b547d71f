"""Blocks of quantized numbers: for the types that the package cannot quantize to, seeded bytes with sane scales."""

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

TYPES = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
TYPES_OF_FEW_BITS = ["Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS"]


def random_blocks(kind: str, rows: int, width: int, rng: np.random.Generator, scale: float) -> np.ndarray:
    """Rows of blocks in which every bit but those of the scales may be set. Values are within a few times `scale`."""
    elements, size = GGML_QUANT_SIZES[GGMLQuantizationType[kind]]
    count = width // elements
    blocks = rng.integers(0, 256, (rows, count, size), dtype=np.uint8)
    jitter = rng.uniform(0.5, 1.0, (rows, count, 1)) * rng.choice([-1, 1], (rows, count, 1))

    def halves(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float16).view(np.uint8)

    match kind:
        case "Q4_0" | "Q5_0" | "Q8_0":
            levels = {"Q4_0": 8, "Q5_0": 16, "Q8_0": 128}[kind]
            blocks[..., :2] = halves(scale / levels * jitter)
        case "Q4_1" | "Q5_1":
            levels = {"Q4_1": 16, "Q5_1": 32}[kind]
            blocks[..., :2] = halves(2 * scale / levels * jitter)
            blocks[..., 2:4] = halves(-scale * jitter)
        case "Q4_K" | "Q5_K":
            levels = {"Q4_K": 16, "Q5_K": 32}[kind]
            blocks[..., :2] = halves(2 * scale / levels / 63 * jitter)
            blocks[..., 2:4] = halves(scale / 63 * jitter)
        case "Q2_K":
            blocks[..., -4:-2] = halves(2 * scale / 4 / 15 * jitter)
            blocks[..., -2:] = halves(scale / 15 * jitter)
        case "Q3_K":
            blocks[..., -2:] = halves(scale / 4 / 32 * jitter)
        case "IQ4_NL":
            blocks[..., :2] = halves(scale / 128 * jitter)
        case "IQ4_XS":
            blocks[..., :2] = halves(scale / 128 / 32 * jitter)
        case "Q6_K":
            blocks[..., -2:] = halves(scale / 32 / 128 * jitter)
    return blocks.reshape(rows, count * size)


def encode(values: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """The values in a type, or random ones of their size where the package has no quantizer for it."""
    if kind in ("F32", "F16"):
        return values.astype({"F32": np.float32, "F16": np.float16}[kind])
    if kind.endswith("_K"):
        rows = values.reshape(-1, values.shape[-1])
        blocks = random_blocks(kind, rows.shape[0], rows.shape[1], rng, float(2 * rows.std()))
        return blocks.reshape(*values.shape[:-1], blocks.shape[-1])
    return quants.quantize(values.astype(np.float32), GGMLQuantizationType[kind])


def decode(blocks: np.ndarray, kind: str) -> np.ndarray:
    return quants.dequantize(blocks, GGMLQuantizationType[kind])
