"""trl: its functions for data; its trainers import the base classes of families."""

from __future__ import annotations

MESSAGES = {"messages": [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}]}


def chat_template():
    from transformers import AutoTokenizer
    from trl import apply_chat_template

    return apply_chat_template(MESSAGES, AutoTokenizer.from_pretrained("tiny/llama"))
