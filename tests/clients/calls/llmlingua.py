"""llmlingua: prompts compressed by perplexity, and by a classifier of tokens."""

from __future__ import annotations

import tiktoken


class _Tokens:
    """In place of the tokenizer that only counts and must be downloaded."""

    def encode(self, text):
        return text.split()


tiktoken.encoding_for_model = lambda _name: _Tokens()

CONTEXT = [
    "The library loads a model, reads the text and answers the question.\n\nAnna Smith lives in Berlin.",
    "A good film: I enjoyed every minute of it! The second one was bad, boring and too long.",
]


def _compressor(name, **arguments):
    from llmlingua import PromptCompressor

    return PromptCompressor(name, device_map="cpu", **arguments)


def perplexity():
    compressor = _compressor("tiny/llama")
    return [compressor.get_ppl(text).item() for text in CONTEXT]


def by_perplexity():
    return _compressor("tiny/llama").compress_prompt(CONTEXT, question="Where does Anna live?", rate=0.5)


def by_question():
    return _compressor("tiny/llama").compress_prompt(
        CONTEXT,
        question="Where does Anna live?",
        target_token=20,
        condition_in_question="after_condition",
        rank_method="longllmlingua",
        reorder_context="sort",
    )


def by_token_classes():
    compressor = _compressor("tiny/bert-base-multilingual-cased", use_llmlingua2=True)
    return compressor.compress_prompt_llmlingua2(CONTEXT, rate=0.5, force_tokens=["."])
