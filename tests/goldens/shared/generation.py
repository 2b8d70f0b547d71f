"""Runs of generate() whose tokens no rounding decides, with options that change what is generated."""

from collections.abc import Iterator

import torch
from shared.inputs import Array, Case, Draw, flipped, lengths
from transformers import DynamicCache, EncoderDecoderCache, LogitsProcessor, LogitsProcessorList, PreTrainedModel

# Two right answers in float32 differ by less than a tenth of this.
MARGIN = 2e-3
ATTEMPTS = 60


class Shaken(LogitsProcessor):
    """Scores that are off by up to half a margin."""

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        return scores + MARGIN * (torch.rand(scores.shape, generator=self.generator) - 0.5)


def generate(model: PreTrainedModel, inputs: dict[str, Array], options: dict, **more: object) -> object:
    given = {name: torch.from_numpy(value) for name, value in inputs.items()}
    if model.config.is_encoder_decoder:
        # What the reference prepares itself has as many layers as T5's encoder, whatever its decoder has.
        more["past_key_values"] = EncoderDecoderCache(DynamicCache(), DynamicCache())
    with torch.inference_mode():
        return model.generate(**given, **options, return_dict_in_generate=True, **more)


def prompt_length(model: PreTrainedModel, inputs: dict[str, Array]) -> int:
    """How many of a sequence's tokens were given or, by an encoder-decoder, start it."""
    if not model.config.is_encoder_decoder:
        return inputs["input_ids"].shape[1]
    return inputs["decoder_input_ids"].shape[1] if "decoder_input_ids" in inputs else 1


def is_stable(model: PreTrainedModel, inputs: dict[str, Array], options: dict) -> bool:
    """Whether another right answer generates the same."""
    if options.get("num_beams", 1) == 1:
        output = generate(model, inputs, options, output_scores=True)
        best = torch.stack(output.scores).topk(2).values
        margins = best[..., 0] - best[..., 1]
        pad, prompt = options["pad_token_id"], prompt_length(model, inputs)
        going = (output.sequences[:, prompt:] != pad).T
        return bool(margins[going].min() > MARGIN)
    expected = generate(model, inputs, options).sequences
    for seed in range(8):
        found = generate(model, inputs, options, logits_processor=LogitsProcessorList([Shaken(seed)])).sequences
        if not torch.equal(found, expected):
            return False
    return True


def ended(sequences: torch.Tensor, prompt: int, options: dict) -> list[bool]:
    """Which rows ended before the longest, or before the last token that was allowed."""
    ends = options["eos_token_id"]
    ends = torch.tensor(ends if isinstance(ends, list) else [ends])
    made = sequences[:, prompt:]
    early = torch.isin(made[:, : options["max_new_tokens"] - 1], ends)
    return early.any(dim=1).tolist()


class Search:
    """For prompts and ends of text with which a run of an option shows what the option does."""

    def __init__(self, model: PreTrainedModel, draw: Draw, overlay: str | None = None, prefix: str = ""):
        self.model = model
        self.draw = draw
        self.overlay = overlay
        self.prefix = prefix

    def prompts(self, *counts: int) -> Iterator[dict[str, Array]]:
        for _ in range(ATTEMPTS):
            yield self.draw.padded(flipped(lengths(max(counts), *counts)))

    def case(self, name: str, inputs: dict[str, Array], options: dict, *outputs: str) -> tuple[Case, dict]:
        output = generate(self.model, inputs, options, output_scores=True, output_logits="logits" in outputs)
        arrays = {"sequences": output.sequences.numpy()}
        if "sequences_scores" in output:
            arrays["sequences_scores"] = output.sequences_scores.numpy()
        arrays |= {name: torch.stack(getattr(output, name)).numpy() for name in outputs}
        case = Case(f"{self.prefix}{name}", "generate", inputs, list(arrays), overlay=self.overlay, options=options)
        return case, arrays

    def free(self, inputs: dict[str, Array], options: dict) -> torch.Tensor:
        """What is generated when nothing ends it."""
        made = generate(self.model, inputs, options | {"eos_token_id": None}).sequences
        return made[:, prompt_length(self.model, inputs) :]

    def with_end(self, name: str, counts: tuple[int, ...], options: dict, *, steps: int = 12) -> tuple[Case, dict]:
        """A run of which some rows end early and others do not."""
        options = self.options(steps) | options
        several = len(counts) * options.get("num_return_sequences", 1) > 1
        for inputs in self.prompts(*counts):
            made = self.free(inputs, options)
            if len(options) > len(self.options()) and torch.equal(made, self.free(inputs, self.options(steps))):
                continue
            for end in dict.fromkeys(made[:, 1 : steps - 2].flatten().tolist()):
                if end == self.draw.pad:
                    continue
                tried = options | {"eos_token_id": end}
                sequences = generate(self.model, inputs, tried).sequences
                rows = ended(sequences, prompt_length(self.model, inputs), tried)
                if any(rows) and not (several and all(rows)) and is_stable(self.model, inputs, tried):
                    return self.case(name, inputs, tried)
        raise RuntimeError(f"{self.model.config.model_type} {name}: no prompts were found")

    def options(self, steps: int = 12) -> dict:
        return {"max_new_tokens": steps, "do_sample": False, "eos_token_id": 2, "pad_token_id": self.draw.pad}

    def with_several_ends(self) -> tuple[Case, dict]:
        """One end comes too early and is put off, the other is that of another row."""
        for inputs in self.prompts(7, 4, 2):
            made = self.free(inputs, self.options())
            options = self.options() | {"min_new_tokens": 5, "eos_token_id": [made[0, 2].item(), made[1, 7].item()]}
            if self.draw.pad in options["eos_token_id"]:
                continue
            sequences = generate(self.model, inputs, options).sequences
            rows = ended(sequences, prompt_length(self.model, inputs), options)
            if any(rows) and not all(rows) and is_stable(self.model, inputs, options):
                return self.case("min_new_tokens", inputs, options)
        raise RuntimeError(f"{self.model.config.model_type}: no prompts for min_new_tokens were found")

    def without_words(self) -> tuple[Case, dict]:
        for inputs in self.prompts(7, 4, 2):
            made = self.free(inputs, self.options()).tolist()
            words = [[made[0][1]], [made[1][3], made[1][4]], [made[2][2], made[2][3], made[2][4]]]
            options = self.options() | {"bad_words_ids": words, "suppress_tokens": [made[2][0], made[0][6]]}
            differs = self.free(inputs, options).tolist()
            if all(row != other for row, other in zip(made, differs, strict=True)) and is_stable(
                self.model, inputs, options
            ):
                return self.case("bad_words", inputs, options)
        raise RuntimeError(f"{self.model.config.model_type}: no prompts for bad_words were found")

    def with_scores(self, steps: int = 8) -> tuple[Case, dict]:
        options = self.options(steps) | {"repetition_penalty": 1.3}
        for inputs in self.prompts(5):
            if is_stable(self.model, inputs, options):
                return self.case("scores", inputs, options, "scores", "logits")
        raise RuntimeError(f"{self.model.config.model_type}: no prompts for scores were found")
