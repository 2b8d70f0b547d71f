"""The inputs that every head of an encoder-decoder family, and each of its variants, is given."""

import numpy as np
from shared import inputs as common
from shared.inputs import Array, Case, Draw, flipped, lengths
from transformers import PretrainedConfig, PreTrainedModel


class Sources(Draw):
    """Sources that end, as tokenizers write them, with the token that ends a text, and targets for them."""

    def __init__(self, config: PretrainedConfig, positions: int, seed: int):
        super().__init__(config, positions, seed)
        self.end = config.eos_token_id
        self.start = config.decoder_start_token_id
        self.target_vocab = getattr(config, "decoder_vocab_size", config.vocab_size)

    def drawn(self, shape: tuple[int, ...], vocab: int) -> Array:
        """Token ids, none of them padding or the end."""
        special = sorted((self.pad, self.end))
        ids = self.rng.integers(0, vocab - 2, shape)
        for token in special:
            ids = ids + (ids >= token)
        return ids

    def ids(self, batch: int, seq: int) -> Array:
        ids = self.drawn((batch, seq), self.vocab)
        ids[:, -1] = self.end
        return ids

    def padded(self, mask: Array) -> dict[str, Array]:
        ids = np.where(mask == 1, self.drawn(mask.shape, self.vocab), self.pad)
        last = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
        ids[np.arange(len(ids)), last] = self.end
        return {"input_ids": ids, "attention_mask": mask}

    def targets(self, batch: int, seq: int) -> dict[str, Array]:
        ids = self.drawn((batch, seq), self.target_vocab)
        ids[:, 0] = self.end if self.start is None else self.start
        return {"decoder_input_ids": ids}

    def padded_targets(self, mask: Array) -> dict[str, Array]:
        ids = np.where(mask == 1, self.drawn(mask.shape, self.target_vocab), self.pad)
        return {"decoder_input_ids": ids, "decoder_attention_mask": mask}

    def labels(self, batch: int, seq: int) -> Array:
        """Some of them are to be ignored."""
        labels = self.drawn((batch, seq), self.target_vocab)
        labels[:, -1] = self.end
        labels[0, 1] = -100
        labels[-1, seq - 2 :] = -100
        return labels


def cases(head: str, model: PreTrainedModel, draw: Sources) -> list[Case]:
    config = model.config
    if head == "base":
        return base_cases(model, draw)
    if head == "seq2seq_lm":
        return language_model_cases(draw)
    if head == "encoder":
        return encoder_cases(config, draw)
    if head == "question_answering":
        return question_answering_cases(draw)
    if head == "sequence_classification":
        # Decoders are given the source itself, so that its rows must end where their labels are looked for.
        return common.head_cases(head, config, draw)
    return common.unlabeled_cases(head, draw, ["logits"])


def base_cases(model: PreTrainedModel, draw: Sources) -> list[Case]:
    outputs = ["last_hidden_state", "encoder_last_hidden_state"]
    of_source = ("no_mask", "right_padded", "left_padded", "holes", "inputs_embeds")
    right = lengths(7, 7, 4, 2)
    width = model.config.d_model
    targets = draw.targets(3, 4)
    encoded = 0.5 * draw.rng.standard_normal((2, 5, width))
    embeds = 0.2 * draw.rng.standard_normal((2, 5, width))
    target_embeds = 0.2 * draw.rng.standard_normal((2, 3, width))
    holes = np.array([[1, 0, 1, 1, 0, 1], [0, 1, 0, 1, 1, 1]])
    inputs = {
        "single_token": {"input_ids": draw.ids(1, 1), **draw.targets(1, 1)},
        "no_mask": {"input_ids": draw.ids(2, 6), **draw.targets(2, 4)},
        "longest": {"input_ids": draw.ids(1, draw.positions), **draw.targets(1, draw.positions)},
        "right_padded": draw.padded(right) | targets,
        "left_padded": draw.padded(flipped(right)) | targets,
        "left_masked": draw.masked(flipped(right)) | targets,
        "holes": draw.masked(holes) | draw.targets(2, 3),
        "targets_right_padded": {"input_ids": draw.ids(3, 5), **draw.padded_targets(lengths(5, 5, 3, 1))},
        "targets_left_padded": {"input_ids": draw.ids(3, 5), **draw.padded_targets(flipped(lengths(5, 5, 3, 1)))},
        "both_padded": draw.padded(lengths(6, 6, 3)) | draw.padded_targets(lengths(4, 2, 4)),
        "encoder_outputs": {
            "encoder_outputs": encoded.astype(np.float32),
            "attention_mask": lengths(5, 5, 3),
            **draw.targets(2, 3),
        },
        "inputs_embeds": {
            "inputs_embeds": embeds.astype(np.float32),
            "attention_mask": lengths(5, 5, 3),
            **draw.targets(2, 3),
        },
        "decoder_inputs_embeds": draw.padded(lengths(5, 5, 3))
        | {"decoder_inputs_embeds": target_embeds.astype(np.float32)},
    }
    cases = [
        Case(name, "base", given, outputs if name in of_source else outputs[:1], name == "right_padded")
        for name, given in inputs.items()
    ]
    given = draw.padded(lengths(4, 4, 2)) | draw.targets(2, 3)
    return [*cases, all_outputs("base", model.config, given, outputs)]


def all_outputs(head: str, config: PretrainedConfig, given: dict[str, Array], outputs: list[str]) -> Case:
    layers = config.num_hidden_layers
    counts = {"encoder_hidden_states": layers + 1, "encoder_attentions": layers}
    if head == "encoder":
        counts = {"hidden_states": layers + 1, "attentions": layers}
    else:
        layers = getattr(config, "num_decoder_layers", None) or config.decoder_layers
        counts |= {"decoder_hidden_states": layers + 1, "decoder_attentions": layers, "cross_attentions": layers}
    every = outputs + [f"{name}.{index}" for name, count in counts.items() for index in range(count)]
    return Case("all_outputs", head, given, every, options={"output_hidden_states": True, "output_attentions": True})


def language_model_cases(draw: Sources) -> list[Case]:
    outputs = ["logits"]
    right = lengths(6, 6, 4, 2)
    inputs = {
        "no_mask": {"input_ids": draw.ids(2, 5), **draw.targets(2, 4)},
        "right_padded": draw.padded(right) | draw.targets(3, 4),
        "left_padded": draw.padded(flipped(right)) | draw.targets(3, 4),
        "targets_right_padded": draw.padded(lengths(5, 5, 3)) | draw.padded_targets(lengths(4, 4, 2)),
        "targets_left_padded": draw.padded(lengths(5, 5, 3)) | draw.padded_targets(flipped(lengths(4, 4, 2))),
    }
    cases = [Case(name, "seq2seq_lm", given, outputs, name.startswith("no_")) for name, given in inputs.items()]
    labels = {
        "labels": draw.padded(lengths(5, 5, 3)) | {"labels": draw.labels(2, 4)},
        "labels_and_targets": draw.padded(lengths(5, 5, 3)) | draw.targets(2, 4) | {"labels": draw.labels(2, 4)},
    }
    return cases + [Case(name, "seq2seq_lm", given, ["loss", "logits"]) for name, given in labels.items()]


def encoder_cases(config: PretrainedConfig, draw: Sources) -> list[Case]:
    outputs = ["last_hidden_state"]
    cases = common.unlabeled_cases("encoder", draw, outputs)
    return [*cases, all_outputs("encoder", config, draw.padded(lengths(4, 4, 2)), outputs)]


def question_answering_cases(draw: Sources) -> list[Case]:
    outputs = ["start_logits", "end_logits"]
    cases = common.unlabeled_cases("question_answering", draw, outputs, "question_answering")
    cases.append(
        Case(
            "targets",
            "question_answering",
            draw.padded(lengths(6, 6, 3)) | draw.targets(2, 4),
            outputs,
            overlay="question_answering",
        )
    )
    given = draw.padded(lengths(6, 6, 5, 6, 3))
    # The last ones lie outside and are ignored: 6 is the length itself, 40 is cut to it.
    given |= {"start_positions": np.array([1, 0, 6, 5]), "end_positions": np.array([3, 40, 2, 5])}
    return [*cases, Case("labels", "question_answering", given, ["loss", *outputs], False, "question_answering")]


def variant_cases(variant: str, draw: Sources, *, is_of_the_head: bool) -> list[Case]:
    given = draw.padded(flipped(lengths(9, 9, 5))) | draw.targets(2, 5)
    if is_of_the_head:
        return [Case(f"{variant}_left_padded", "seq2seq_lm", given, ["logits"], overlay=variant)]
    outputs = ["last_hidden_state", "encoder_last_hidden_state"]
    return [Case(f"{variant}_left_padded", "base", given, outputs, overlay=variant)]
