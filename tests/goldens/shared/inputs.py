"""Cases, and the inputs of those that encoders and decoders have in common."""

from dataclasses import dataclass, field

import numpy as np
from transformers import PretrainedConfig

Array = np.ndarray


@dataclass
class Case:
    name: str
    head: str
    inputs: dict[str, Array]
    outputs: list[str]
    in_bfloat16: bool = False
    overlay: str | None = None
    problem_type: str | None = None
    options: dict = field(default_factory=dict)
    loading: dict = field(default_factory=dict)


class Draw:
    """Seeded inputs for one configuration."""

    def __init__(self, config: PretrainedConfig, positions: int, seed: int):
        self.rng = np.random.default_rng(seed)
        self.vocab = config.vocab_size
        self.pad = config.pad_token_id
        self.positions = positions

    def ids(self, batch: int, seq: int) -> Array:
        """Token ids, none of them padding."""
        drawn = self.rng.integers(0, self.vocab - 1, (batch, seq))
        return drawn + (drawn >= self.pad)

    def padded(self, mask: Array) -> dict[str, Array]:
        ids = np.where(mask == 1, self.ids(*mask.shape), self.pad)
        return {"input_ids": ids, "attention_mask": mask}

    def masked(self, mask: Array) -> dict[str, Array]:
        """What is masked is not the padding token."""
        return {"input_ids": self.ids(*mask.shape), "attention_mask": mask}


def lengths(seq: int, *counts: int) -> Array:
    return np.array([[1] * count + [0] * (seq - count) for count in counts])


def flipped(mask: Array) -> Array:
    return mask[:, ::-1].copy()


def unlabeled_cases(head: str, draw: Draw, outputs: list[str], overlay: str | None = None) -> list[Case]:
    right = lengths(6, 6, 4, 1)
    return [
        Case("no_mask", head, {"input_ids": draw.ids(2, 5)}, outputs, True, overlay),
        Case("right_padded", head, draw.padded(right), outputs, False, overlay),
        Case("left_padded", head, draw.padded(flipped(right)), outputs, False, overlay),
    ]


def head_cases(head: str, config: PretrainedConfig, draw: Draw) -> list[Case]:
    """What classifiers, of sequences or tokens, and language models are given."""
    cases = unlabeled_cases(head, draw, ["logits"])
    if head == "sequence_classification":
        return cases + sequence_labels(config, draw)
    given = draw.padded(lengths(6, 6, 4))
    classes = config.num_labels if head == "token_classification" else config.vocab_size
    labels = draw.rng.integers(0, classes, (2, 6))
    labels[0, 2] = labels[1, 0] = -100
    labels[given["attention_mask"] == 0] = -100
    given["labels"] = labels
    return [*cases, Case("labels", head, given, ["loss", "logits"])]


def sequence_labels(config: PretrainedConfig, draw: Draw) -> list[Case]:
    rows = lengths(6, 6, 5, 6, 3)
    count = config.num_labels

    def case(name: str, labels: Array, problem_type: str | None, overlay: str | None = None) -> Case:
        inputs = draw.padded(rows) | {"labels": labels}
        return Case(
            name, "sequence_classification", inputs, ["loss", "logits"], overlay=overlay, problem_type=problem_type
        )

    classes = draw.rng.integers(0, count, 4)
    several = draw.rng.integers(0, 2, (4, count)).astype(np.float32)
    targets = draw.rng.standard_normal((4, count)).astype(np.float32)
    return [
        case("labels_single", classes, "single_label_classification"),
        case("labels_single_inferred", classes, None),
        case("labels_multi", several, "multi_label_classification"),
        case("labels_multi_inferred", several, None),
        case("labels_regression", targets[:, 0], "regression", "regression"),
        case("labels_regression_inferred", targets[:, 0], None, "regression"),
        case("labels_regression_of_several", targets, "regression"),
    ]
