"""semantic-router: its local encoder, and routes chosen with it."""

from __future__ import annotations

from semantic_router import IndexedRouter, Route
from semantic_router.encoders import HuggingFaceEncoder

TEXTS = ["A good film", "Anna Smith lives in Berlin and works for a bank"]


def mean_pooling():
    return HuggingFaceEncoder(name="tiny/embedding")(TEXTS)


def max_pooling():
    return HuggingFaceEncoder(name="tiny/embedding")(TEXTS, normalize_embeddings=False, pooling_strategy="max")


def routes():
    films = Route(name="films", utterances=["a good film", "a bad film"])
    places = Route(name="places", utterances=["Anna lives in Berlin", "a bank in Paris"])
    router = IndexedRouter(HuggingFaceEncoder(name="tiny/embedding"), [films, places])
    return [router(text).name for text in ("the film was good", "she lives in Paris")]
