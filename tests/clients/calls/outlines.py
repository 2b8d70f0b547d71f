"""outlines: constrained generation over a transformers model."""

from __future__ import annotations

from typing import Literal

import outlines


def _model():
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained("tiny/gpt2")
    return outlines.from_transformers(model, AutoTokenizer.from_pretrained("tiny/gpt2"))


def free_text():
    return _model()("The library", max_new_tokens=6, do_sample=False)


def choice():
    return _model()("The film is", Literal["good", "bad"], max_new_tokens=6, do_sample=False)


def regular_expression():
    return _model()("One, two", outlines.regex("[0-9]{3}"), max_new_tokens=8, do_sample=False)


def batch():
    return _model().batch(["One, two", "The film"], max_new_tokens=5, do_sample=False)
