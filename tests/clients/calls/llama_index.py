"""llama-index: its Hugging Face language models and embeddings."""

from __future__ import annotations

import os

from llama_index.core.llms import ChatMessage
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.huggingface import HuggingFaceLLM


def _model():
    return HuggingFaceLLM(
        model_name="tiny/llama",
        tokenizer_name="tiny/llama",
        device_map="cpu",
        context_window=128,
        max_new_tokens=8,
        generate_kwargs={"do_sample": False},
    )


def completion():
    return _model().complete("The library").text


def stream():
    return [part.delta for part in _model().stream_complete("Anna Smith")]


def chat():
    return _model().chat([ChatMessage(role="user", content="What is the capital?")]).message.content


def embeddings():
    model = HuggingFaceEmbedding(model_name="tiny/embedding", device="cpu", cache_folder=os.environ["HF_HUB_CACHE"])
    return [model.get_query_embedding("A good film"), *model.get_text_embedding_batch(["The answer", "One, two"])]
