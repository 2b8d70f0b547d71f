"""guidance: constrained generation over a transformers model."""

from __future__ import annotations

from guidance import gen, models, select


def selection():
    model = models.Transformers("tiny/gpt2", echo=False)
    model += "The film is " + select(["good", "bad", "boring"], name="word")
    return model["word"]


def regular_expression():
    model = models.Transformers("tiny/gpt2", echo=False)
    model += "One, two, " + gen(name="number", regex="[0-9]{3}", max_tokens=8)
    return model["number"]


def free_text():
    model = models.Transformers("tiny/gpt2", echo=False)
    model += "The library" + gen(name="text", max_tokens=6, temperature=0.0)
    return model["text"]
