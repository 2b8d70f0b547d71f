"""keybert: keywords by a pipeline's or sentence-transformers' embeddings."""

from __future__ import annotations

from keybert import KeyBERT

TEXT = "The library loads a model, reads the text and answers the question. Anna lives in Berlin."


def pipeline_embeddings():
    from transformers import pipeline

    return KeyBERT(model=pipeline("feature-extraction", model="tiny/bert")).extract_keywords(TEXT, top_n=4)


def sentence_embeddings():
    return KeyBERT(model="tiny/embedding").extract_keywords(TEXT, keyphrase_ngram_range=(1, 2), use_mmr=True, top_n=4)


def text_generation():
    from keybert import KeyLLM
    from keybert.llm import TextGeneration
    from transformers import pipeline

    generator = pipeline("text-generation", model="tiny/llama")
    model = TextGeneration(generator, pipeline_kwargs={"max_new_tokens": 6, "do_sample": False})
    return KeyLLM(model).extract_keywords([TEXT])
