"""The inputs that every head of a family is given."""

import inspect

import numpy as np
from shared import inputs as common
from shared.inputs import Case, Draw, flipped, lengths
from transformers import PretrainedConfig, PreTrainedModel


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
    if "task_type_ids" in taken:
        tasks = draw.rng.integers(0, config.task_type_vocab_size, (2, 7))
        inputs["tasks"] = draw.padded(lengths(7, 7, 5)) | {"task_type_ids": tasks}
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
    loading = {"attn_implementation": "eager"}
    return [*cases, Case("all_outputs", "base", draw.padded(right), every, options=options, loading=loading)]


def overlay_cases(overlay: str, model: PreTrainedModel, draw: Draw) -> list[Case]:
    """The cases of the base model with the settings of an overlay."""
    outputs = ["last_hidden_state"] + (["pooler_output"] if getattr(model, "pooler", None) is not None else [])
    inputs = {
        f"{overlay}_no_mask": {"input_ids": draw.ids(2, 7)},
        f"{overlay}_left_padded": draw.padded(flipped(lengths(7, 7, 4))),
    }
    return [Case(name, "base", given, outputs, overlay=overlay) for name, given in inputs.items()]


def overlay_head_case(overlay: str, head: str, draw: Draw) -> Case:
    given = draw.padded(lengths(6, 6, 4))
    return Case(f"{overlay}_right_padded", head, given, ["logits"], overlay=overlay)


def hidden_states_count(config: PretrainedConfig) -> int:
    return config.num_hidden_layers * getattr(config, "inner_group_num", 1) + 1


def head_cases(head: str, config: PretrainedConfig, draw: Draw) -> list[Case]:
    if head != "question_answering":
        return common.head_cases(head, config, draw)
    outputs = ["start_logits", "end_logits"]
    cases = common.unlabeled_cases(head, draw, outputs, head)
    # The last ones lie outside and are ignored: 6 is the length itself, 40 is cut to it.
    given = draw.padded(lengths(6, 6, 4)) | draw.masked(lengths(6, 6, 5, 6, 3))
    given |= {"start_positions": np.array([1, 0, 6, 5]), "end_positions": np.array([3, 40, 2, 5])}
    return [*cases, Case("labels", head, given, ["loss", *outputs], False, head)]
