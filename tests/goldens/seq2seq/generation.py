"""The runs of generate() that every encoder-decoder family is given."""

from collections.abc import Iterator

import numpy as np
import torch
from shared import generation
from shared.generation import ATTEMPTS, is_stable
from shared.inputs import Array, Case, lengths
from transformers import PretrainedConfig


def start(config: PretrainedConfig) -> int:
    """mBART's checkpoints have none: a translation starts with its language's code."""
    return 5 if config.decoder_start_token_id is None else config.decoder_start_token_id


class Search(generation.Search):
    """For sources, padded on the right as tokenizers of these families do."""

    def prompts(self, *counts: int) -> Iterator[dict[str, Array]]:
        for _ in range(ATTEMPTS):
            yield self.draw.padded(lengths(max(counts), *counts))

    def options(self, steps: int = 12) -> dict:
        return super().options(steps) | {"decoder_start_token_id": start(self.model.config)}

    def with_left_padding(self) -> tuple[Case, dict]:
        prompts = super().prompts
        other = Search(self.model, self.draw, self.overlay, self.prefix)
        other.prompts = prompts
        return other.with_end("left_padded", (7, 4), {})

    def with_repeated_source(self) -> tuple[Case, dict]:
        """What the source says must not be said again, though it would be."""
        size = 2
        for inputs in self.prompts(4):
            options = self.options() | {"encoder_no_repeat_ngram_size": size}
            for _ in range(4):
                made = self.free(inputs, self.options())
                if not torch.equal(made, self.free(inputs, options)) and is_stable(self.model, inputs, options):
                    return self.case("encoder_no_repeat", inputs, options)
                said = [token for token in made[0, :8].tolist() if token not in (self.draw.pad, self.draw.end)]
                ids = np.array([[*said, self.draw.end]])
                inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        raise RuntimeError(f"{self.model.config.model_type}: no sources for encoder_no_repeat were found")

    def with_prompt(self) -> tuple[Case, dict]:
        for inputs in self.prompts(5, 5):
            prompt = self.draw.targets(2, 3)
            prompt["decoder_input_ids"][:, 0] = start(self.model.config)
            given = inputs | prompt
            if is_stable(self.model, given, self.options(8)):
                return self.case("decoder_prompt", given, self.options(8))
        raise RuntimeError(f"{self.model.config.model_type}: no prompts were found")


def cases(search: Search) -> Iterator[tuple[Case, dict[str, np.ndarray]]]:
    batch = (7, 4, 2)
    yield search.with_end("greedy", batch, {})
    yield search.with_left_padding()
    yield search.with_end("repetition", batch, {"repetition_penalty": 1.3, "no_repeat_ngram_size": 2})
    yield search.with_end("encoder_repetition", (7, 4), {"encoder_repetition_penalty": 0.4})
    yield search.with_repeated_source()
    yield search.with_prompt()
    yield search.with_end("beams", (6, 3), {"num_beams": 4})
    summary = {"num_beams": 4, "length_penalty": 2.0, "no_repeat_ngram_size": 3, "min_length": 6}
    yield search.with_end("beams_of_a_summary", (6, 3), {**summary, "early_stopping": True})
    several = {"num_beams": 3, "num_return_sequences": 2, "length_penalty": 0.7, "early_stopping": True}
    yield search.with_end("beams_returned", (6, 3), several)
    forced = {"num_beams": 4, "forced_bos_token_id": 7, "forced_eos_token_id": search.model.config.eos_token_id}
    yield search.with_end("forced", (6, 3), forced)
    never = {"num_beams": 4, "length_penalty": 0.3, "early_stopping": "never", "encoder_no_repeat_ngram_size": 1}
    yield search.with_end("beams_never", (6, 3), never)
    yield search.without_words()
    yield search.with_scores(5)
