"""The data sets of the curves: token ids and labels that a tiny model can learn from, seeded."""

import numpy as np

Example = dict[str, list[int] | int | float]

CLS, SEP, MASK = 2, 3, 4
# Ids of the encoders' vocabulary that are no special tokens; those of the decoders' likewise.
ENCODER_IDS = (5, 131)
DECODER_IDS = (7, 83)
BOS, EOS = 1, 2
CLASSES = 3
IGNORED = -100
COUNTS = {"train": 72, "eval": 24}


def make(seed: int) -> dict[str, dict[str, list[Example]]]:
    """Examples by task and split; a task and a split have a generator of their own."""
    tasks = {
        "sequence_classification": sequence_classification,
        "token_classification": token_classification,
        "masked_lm": masked_lm,
        "regression": regression,
        "causal_lm": causal_lm,
    }
    return {
        task: {split: examples(draw, seed, [index, place]) for place, split in enumerate(COUNTS)}
        for index, (task, draw) in enumerate(tasks.items())
    }


def examples(draw, seed: int, places: list[int]) -> list[Example]:
    rng = np.random.default_rng([seed, *places])
    # No model takes a row's number: training drops the column.
    return [{"row": row, **draw(rng)} for row in range(list(COUNTS.values())[places[-1]])]


def topical(rng: np.random.Generator) -> tuple[list[int], int]:
    """A row between [CLS] and [SEP], most of whose tokens are of one topic."""
    topic = int(rng.integers(CLASSES))
    length = int(rng.integers(2, 20))
    low, high = ENCODER_IDS
    words = rng.integers(low, high, length)
    is_topical = rng.random(length) < 0.6
    words = np.where(is_topical, low + (words - low) // CLASSES * CLASSES + topic, words).clip(low, high - 1)
    return [CLS, *words.tolist(), SEP], topic


def encoded(ids: list[int]) -> Example:
    return {"input_ids": ids, "attention_mask": [1] * len(ids)}


def sequence_classification(rng: np.random.Generator) -> Example:
    ids, topic = topical(rng)
    return encoded(ids) | {"labels": topic}


def regression(rng: np.random.Generator) -> Example:
    ids, topic = topical(rng)
    return encoded(ids) | {"labels": round(float(topic - 1 + 0.3 * rng.standard_normal()), 3)}


def token_classification(rng: np.random.Generator) -> Example:
    ids, _ = topical(rng)
    labels = [(token - ENCODER_IDS[0]) % CLASSES for token in ids[1:-1]]
    labels = [label if rng.random() < 0.9 else IGNORED for label in labels]
    return encoded(ids) | {"labels": [IGNORED, *labels, IGNORED]}


def masked_lm(rng: np.random.Generator) -> Example:
    """The masks are in the data: both libraries would draw their own."""
    ids, _ = topical(rng)
    masked = 1 + rng.permutation(len(ids) - 2)[: max(1, len(ids) // 5)]
    labels = [token if place in masked else IGNORED for place, token in enumerate(ids)]
    return encoded([MASK if place in masked else token for place, token in enumerate(ids)]) | {"labels": labels}


def causal_lm(rng: np.random.Generator) -> Example:
    """Counting in steps of a row's own, with some tokens out of the series."""
    low, high = DECODER_IDS
    start, step, length = (int(rng.integers(*bounds)) for bounds in ((low, high), (1, 4), (3, 24)))
    series = low + (start - low + step * np.arange(length)) % (high - low)
    series = np.where(rng.random(length) < 0.1, rng.integers(low, high, length), series)
    return encoded([BOS, *series.tolist(), EOS])
