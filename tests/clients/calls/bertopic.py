"""bertopic: embeddings of a pipeline, and topics described by one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from bertopic.backend._hftransformers import HFTransformerBackend
from bertopic.representation import TextGeneration, ZeroShotClassification

TEXTS = ["A good film", "Anna Smith lives in Berlin and works for a bank", "One, two, three"]
TOPICS = {0: [("film", 0.5), ("good", 0.4)], 1: [("bank", 0.5), ("Berlin", 0.3)]}


def embeddings():
    from transformers import pipeline

    backend = HFTransformerBackend(pipeline("feature-extraction", model="tiny/embedding"))
    return np.asarray(backend.embed_documents(TEXTS))


def zero_shot():
    return ZeroShotClassification(["films", "places"], model="tiny/inference").extract_topics(None, None, None, TOPICS)


def text_generation():
    from transformers import pipeline

    generator = pipeline("text-generation", model="tiny/gpt2")
    representation = TextGeneration(
        generator, prompt="Words [KEYWORDS]:", pipeline_kwargs={"max_new_tokens": 6, "do_sample": False}
    )
    return representation.extract_topics(SimpleNamespace(verbose=False), None, None, TOPICS)
