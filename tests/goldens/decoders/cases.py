"""The inputs that every head of a family, and each of its variants, is given."""

import inspect

import numpy as np
from shared import inputs as common
from shared.inputs import Case, Draw, flipped, lengths
from transformers import PreTrainedModel


def cases(head: str, model: PreTrainedModel, draw: Draw) -> list[Case]:
    return base_cases(model, draw) if head == "base" else head_cases(head, model, draw)


def base_cases(model: PreTrainedModel, draw: Draw) -> list[Case]:
    config = model.config
    taken = inspect.signature(model.forward).parameters
    outputs = ["last_hidden_state"]
    right = lengths(9, 9, 4, 1)
    width = model.get_input_embeddings().embedding_dim
    inputs = {
        "single_token": {"input_ids": draw.ids(1, 1)},
        "no_mask": {"input_ids": draw.ids(2, 11)},
        "longest": {"input_ids": draw.ids(1, draw.positions)},
        "right_padded": draw.padded(right),
        "left_padded": draw.padded(flipped(right)),
        "left_masked": draw.masked(flipped(right)),
    }
    if "position_ids" in taken:
        inputs["positions"] = {
            "input_ids": draw.ids(2, 5),
            "position_ids": draw.rng.integers(0, draw.positions, (2, 5)),
        }
    embeds = 0.2 * draw.rng.standard_normal((2, 6, width))
    inputs["inputs_embeds"] = {"inputs_embeds": embeds.astype(np.float32), "attention_mask": lengths(6, 6, 4)}
    cases = [
        Case(name, "base", given, outputs, name not in ("longest", "left_masked")) for name, given in inputs.items()
    ]
    if "position_ids" in taken:
        # Without a cache the reference takes positions that start again for another sequence in the same row.
        packed = {"input_ids": draw.ids(1, 7), "position_ids": np.array([[0, 1, 2, 0, 1, 2, 3]])}
        cases.append(Case("packed", "base", packed, outputs, options={"use_cache": False}))
    layers = config.num_hidden_layers
    every = outputs + [f"hidden_states.{index}" for index in range(layers + 1)]
    every += [f"attentions.{index}" for index in range(layers)]
    options = {"output_hidden_states": True, "output_attentions": True}
    return [*cases, Case("all_outputs", "base", draw.padded(lengths(4, 4, 2)), every, options=options)]


def head_cases(head: str, model: PreTrainedModel, draw: Draw) -> list[Case]:
    cases = common.head_cases(head, model.config, draw)
    if head == "causal_lm" and "logits_to_keep" in inspect.signature(model.forward).parameters:
        given = {"input_ids": draw.ids(2, 6)}
        cases.append(Case("logits_to_keep", head, given, ["logits"], options={"logits_to_keep": 2}))
    return cases


def variant_cases(variant: str, draw: Draw, *, is_of_the_head: bool) -> list[Case]:
    if is_of_the_head:
        given = draw.padded(flipped(lengths(6, 6, 4)))
        return [Case(f"{variant}_left_padded", "causal_lm", given, ["logits"], overlay=variant)]
    inputs = {"short": {"input_ids": draw.ids(1, 6)}, "left_padded": draw.padded(flipped(lengths(9, 9, 6)))}
    outputs = ["last_hidden_state"]
    return [Case(f"{variant}_{name}", "base", given, outputs, overlay=variant) for name, given in inputs.items()]
