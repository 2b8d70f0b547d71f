"""The runs of generate() that every decoder family is given."""

from collections.abc import Iterator

import numpy as np
from shared.generation import Search
from shared.inputs import Case


def cases(search: Search) -> Iterator[tuple[Case, dict[str, np.ndarray]]]:
    batch = (7, 4, 2)
    beams = {"num_beams": 3, "num_return_sequences": 2, "length_penalty": 0.7, "early_stopping": True}
    yield search.with_end("greedy", batch, {})
    yield search.with_end("repetition", batch, {"repetition_penalty": 1.3, "no_repeat_ngram_size": 2})
    yield search.with_several_ends()
    yield search.with_end("beams_returned", (6, 3), beams)
    yield search.with_end("beams", (6, 3), {"num_beams": 4})
    never = {"num_beams": 3, "length_penalty": 0.3, "early_stopping": "never", "repetition_penalty": 1.2}
    yield search.with_end("beams_never", (6, 3), never)
    yield search.without_words()
    yield search.with_scores()
