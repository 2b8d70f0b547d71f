"""The command `trustformers embed`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from trustformers.pipelines.factory import pipeline

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["embed"]


def embed(arguments: argparse.Namespace) -> None:
    """Prints the similarities of sentences, and how long loading and computing took.

    Raises
    ------
    TrustformersError
        The model cannot be loaded, or an argument is invalid for it.
    """
    start = time.perf_counter()
    similarity = pipeline("sentence-similarity", arguments.model, device=arguments.device, dtype=arguments.dtype)
    loaded = time.perf_counter()
    output = similarity(
        arguments.sentences,
        prompt=arguments.prompt,
        prompt_name=arguments.prompt_name,
        task=arguments.task,
        truncate_dim=arguments.truncate_dim,
        normalize_embeddings=arguments.normalize,
    )
    ended = time.perf_counter()
    load_ms, sentence_ms = (loaded - start) * 1e3, (ended - loaded) * 1e3 / len(arguments.sentences)
    if arguments.json:
        result = {
            "model": arguments.model,
            "sentences": arguments.sentences,
            "similarity": output.similarity.tolist(),
            "embeddings": output.embeddings.tolist(),
            "load_ms": load_ms,
            "ms_per_sentence": sentence_ms,
        }
        print(json.dumps(result))
        return
    _print_table(arguments.sentences, output.similarity)
    print(f"\nload {load_ms:.0f} ms, {sentence_ms:.1f} ms per sentence on {similarity.device}")


def _print_table(sentences: Sequence[str], similarity: NDArray[np.float32]) -> None:
    width = max(5, len(str(len(sentences))) + 1, *(len(f"{value:.2f}") + 1 for value in similarity.flat))
    for index, sentence in enumerate(sentences, 1):
        print(f"{index:>3}  {sentence}")
    print("\n     " + "".join(f"{index:>{width}}" for index in range(1, len(sentences) + 1)))
    for index, row in enumerate(similarity, 1):
        print(f"{index:>3}  " + "".join(f"{value:>{width}.2f}" for value in row))
