"""The inputs that every head of a family is given."""

import inspect
from dataclasses import dataclass, field

import numpy as np
from transformers import PretrainedConfig, PreTrainedModel

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


def base_cases(model: PreTrainedModel, draw: Draw) -> list[Case]:
    config = model.config
    taken = inspect.signature(model.forward).parameters
    outputs = ["last_hidden_state"] + (["pooler_output"] if getattr(model, "pooler", None) is not None else [])
    right = lengths(9, 9, 4, 1)
    holes = np.array([[1, 0, 1, 1, 0, 0, 1], [1, 1, 1, 0, 1, 1, 0], [0, 1, 0, 1, 0, 1, 1]])
    with_padding_token = draw.ids(2, 11)
    with_padding_token[1, 4] = draw.pad
    width = model.get_input_embeddings().embedding_dim
    inputs = {
        "single_token": {"input_ids": draw.ids(1, 1)},
        "no_mask": {"input_ids": draw.ids(2, 11)},
        "padding_token_seen": {"input_ids": with_padding_token},
        "longest": {"input_ids": draw.ids(1, draw.positions)},
        "right_padded": draw.padded(right),
        "left_padded": draw.padded(flipped(right)),
        "left_masked": draw.masked(flipped(right)),
        "holes": draw.masked(holes),
        "row_of_padding_only": draw.padded(lengths(6, 6, 0)),
    }
    segments = getattr(config, "type_vocab_size", 0)
    if "token_type_ids" in taken and segments > 1:
        inputs["segments"] = draw.padded(lengths(7, 7, 5)) | {"token_type_ids": draw.rng.integers(0, segments, (2, 7))}
    if "position_ids" in taken:
        inputs["positions"] = {
            "input_ids": draw.ids(2, 5),
            "position_ids": draw.rng.integers(0, draw.positions, (2, 5)),
        }
    embeds = 0.2 * draw.rng.standard_normal((2, 6, width))
    inputs["inputs_embeds"] = {"inputs_embeds": embeds.astype(np.float32), "attention_mask": lengths(6, 6, 4)}
    cases = [Case(name, "base", given, outputs, in_bfloat16=True) for name, given in inputs.items()]
    counts = {"hidden_states": hidden_states_count(config), "attentions": hidden_states_count(config) - 1}
    every = outputs + [f"{name}.{index}" for name, count in counts.items() for index in range(count)]
    options = {"output_hidden_states": True, "output_attentions": True}
    return [*cases, Case("all_outputs", "base", draw.padded(right), every, options=options)]


def hidden_states_count(config: PretrainedConfig) -> int:
    return config.num_hidden_layers * getattr(config, "inner_group_num", 1) + 1


def head_cases(head: str, config: PretrainedConfig, draw: Draw) -> list[Case]:
    outputs = ["start_logits", "end_logits"] if head == "question_answering" else ["logits"]
    overlay = "question_answering" if head == "question_answering" else None
    right = lengths(6, 6, 4, 1)
    cases = [
        Case("no_mask", head, {"input_ids": draw.ids(2, 5)}, outputs, True, overlay),
        Case("right_padded", head, draw.padded(right), outputs, False, overlay),
        Case("left_padded", head, draw.padded(flipped(right)), outputs, False, overlay),
    ]
    if head == "sequence_classification":
        return cases + sequence_labels(config, draw)
    given = draw.padded(lengths(6, 6, 4))
    if head == "question_answering":
        # The last ones lie outside and are ignored: 6 is the length itself, 40 is cut to it.
        given |= draw.masked(lengths(6, 6, 5, 6, 3))
        given |= {"start_positions": np.array([1, 0, 6, 5]), "end_positions": np.array([3, 40, 2, 5])}
    else:
        classes = config.vocab_size if head == "masked_lm" else config.num_labels
        labels = draw.rng.integers(0, classes, (2, 6))
        labels[0, 2] = labels[1, 0] = -100
        labels[given["attention_mask"] == 0] = -100
        given["labels"] = labels
    return [*cases, Case("labels", head, given, ["loss", *outputs], False, overlay)]


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
