"""txtai: its pipelines and its index of embeddings."""

from __future__ import annotations

from txtai import LLM, Embeddings
from txtai.pipeline import CrossEncoder, Entity, Labels, Questions, Similarity

TEXTS = ["A good film", "Anna Smith lives in Berlin and works for a bank", "One, two"]


def embeddings():
    index = Embeddings(path="tiny/embedding", method="transformers", gpu=False)
    index.index(TEXTS)
    return index.search("a film", 2)


def language_model():
    return LLM("tiny/llama", method="transformers", gpu=False)("The library", maxlength=16, do_sample=False)


def labels():
    return Labels("tiny/inference", gpu=False)(TEXTS, ["place", "film"])


def sentiment():
    return Labels("tiny/sentiment", dynamic=False, gpu=False)(TEXTS)


def entities():
    return Entity("tiny/entities", gpu=False)(TEXTS)


def questions():
    return Questions("tiny/answers", gpu=False)(["Where does Anna live?"], [TEXTS[1]])


def similarity():
    return Similarity("tiny/inference", gpu=False)("film", TEXTS)


def cross_encoder():
    return CrossEncoder("tiny/ranker", gpu=False)("film", TEXTS)
