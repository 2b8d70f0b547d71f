"""sentence-transformers over models of transformers."""

from __future__ import annotations

import tempfile

from sentence_transformers import CrossEncoder, SentenceTransformer, SparseEncoder

TEXTS = ["A good film", "Anna Smith lives in Berlin and works for a bank", "One, two"]


def embeddings():
    return SentenceTransformer("tiny/embedding", device="cpu").encode(TEXTS)


def embeddings_as_tensors():
    model = SentenceTransformer("tiny/embedding", device="cpu")
    return model.similarity(*(model.encode(TEXTS, convert_to_tensor=True, normalize_embeddings=True),) * 2)


def cross_encoder():
    return CrossEncoder("tiny/ranker", device="cpu").predict([(TEXTS[0], TEXTS[1]), (TEXTS[0], TEXTS[2])])


def ranks():
    return CrossEncoder("tiny/ranker", device="cpu").rank(TEXTS[0], TEXTS[1:])


def sparse_encoder():
    return SparseEncoder("tiny/bert", device="cpu").encode(TEXTS).to_dense()


def saved_and_loaded():
    with tempfile.TemporaryDirectory() as folder:
        SentenceTransformer("tiny/embedding", device="cpu").save_pretrained(folder)
        return SentenceTransformer(folder, device="cpu").encode(TEXTS)
