"""Conversations as inputs of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers.errors import InputError

__all__ = ["Chat", "as_prompt", "as_prompts", "is_message"]


class Chat:
    """A conversation: a list of messages that is one input."""

    def __init__(self, messages: list[Any]) -> None:
        for index, message in enumerate(messages):
            if not is_message(message):
                raise InputError(
                    f'text_inputs: message {index} of a chat is not a dict with "role" and "content": {kind(message)}'
                )
        self.messages: list[Mapping[str, Any]] = messages

    @property
    def last_message(self) -> tuple[str, str | None]:
        """Role and content of the last message; None for content that is not a str."""
        role, content = (self.messages[-1][name] for name in ("role", "content"))
        return role if isinstance(role, str) else "", content if isinstance(content, str) else None

    def continues_last_message(self, continue_final_message: bool | None) -> bool:
        """Whether generation continues the last message; by default only an assistant's.

        Raises
        ------
        InputError
            The content of the message is not a str.
        """
        return _native.continues_last_message(self.last_message, continue_final_message)

    def with_message(self, role: str, content: str, *, replaces_last: bool) -> list[Mapping[str, Any]]:
        """The messages with a generated message appended, or in place of the last message."""
        if not replaces_last:
            return [*self.messages, {"role": role, "content": content}]
        return [*self.messages[:-1], {"role": self.messages[-1]["role"], "content": content}]


def as_prompts(inputs: Any) -> Any:
    """The inputs of a pipeline, with a list or an iterator of messages as one `Chat`.

    Raises
    ------
    InputError
        A list mixes texts and conversations, or an item is neither.
    """
    if isinstance(inputs, (list, tuple)):
        if inputs and is_message(inputs[0]):
            return Chat(list(inputs))
        prompts = [as_prompt(value) for value in inputs]
        if len({type(prompt) for prompt in prompts}) > 1:
            raise InputError("text_inputs: expected texts or chats, found both in one list")
        return prompts
    if not isinstance(inputs, Iterator):
        return inputs
    for first in inputs:
        return Chat([first, *inputs]) if is_message(first) else chain([first], inputs)
    return inputs


def as_prompt(value: object) -> str | Chat:
    """A text, or a conversation as a `Chat`.

    Raises
    ------
    InputError
        `value` is neither a text nor a conversation.
    """
    if isinstance(value, (str, Chat)):
        return value
    if isinstance(value, (list, tuple)) and value and is_message(value[0]):
        return Chat(list(value))
    if isinstance(value, (list, tuple)) and not value:
        raise InputError("text_inputs: a chat has no message")
    raise InputError(
        'text_inputs: expected a str, a chat (a list of dicts with "role" and "content") or a list of either, '
        f"found {kind(value)}"
    )


def is_message(value: object) -> bool:
    """Whether a value is a message of a conversation."""
    return isinstance(value, Mapping) and "role" in value and "content" in value
