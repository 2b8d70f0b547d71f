"""Chat templates: conversations to text and token ids."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, overload

from trustformers._checks.arguments import flag, kind
from trustformers._checks.tensors import as_tensor, tensor_kind
from trustformers.errors import InputError, UnsupportedError
from trustformers.tokenizers.tool_schemas import get_json_schema

if TYPE_CHECKING:
    from trustformers.tokenizers.batch_encoding import BatchEncoding

__all__ = ["ChatTemplates"]

Conversation: TypeAlias = Sequence[Mapping[str, Any]]


class ChatTemplates:
    """Chat templates of a tokenizer."""

    _native: Any
    __call__: Callable[..., BatchEncoding]

    @property
    def chat_template(self) -> str | dict[str, str] | None:
        """The chat template, or several by name."""
        templates = dict(self._native.chat_templates())
        return templates if templates.keys() - {"default"} else templates.get("default")

    @chat_template.setter
    def chat_template(self, value: str | Mapping[str, str] | None) -> None:
        if value is not None and not isinstance(value, (str, Mapping)):
            raise InputError(f"chat_template: expected a str, or str by name, found {kind(value)}")
        templates = {"default": value} if isinstance(value, str) else dict(value or {})
        if not all(isinstance(text, str) for item in templates.items() for text in item):
            raise InputError(f"chat_template: expected a str, or str by name, found {kind(value)}")
        self._native = self._native.with_chat_templates(list(templates.items()))

    def get_chat_template(self, chat_template: str | None = None, tools: Sequence[Any] | None = None) -> str:
        """The template of `apply_chat_template`: the given template or name, or the tokenizer's default."""
        template: str = self._native.chat_template(chat_template, has_tools=tools is not None)
        return template

    @overload
    def apply_chat_template(self, conversation: Conversation, *, tokenize: Literal[False], **kwargs: Any) -> str: ...
    @overload
    def apply_chat_template(self, conversation: Conversation | Sequence[Conversation], **kwargs: Any) -> Any: ...
    def apply_chat_template(  # noqa: PLR0917  # as in transformers
        self,
        conversation: Conversation | Sequence[Conversation],
        tools: Sequence[Mapping[str, Any] | Callable[..., Any]] | None = None,
        documents: Sequence[Mapping[str, str]] | None = None,
        chat_template: str | None = None,
        add_generation_prompt: bool = False,
        continue_final_message: bool | str = False,
        tokenize: bool = True,
        sanitize_control_tokens: bool = False,
        padding: bool | str = False,
        truncation: bool | str = False,
        max_length: int | None = None,
        return_tensors: str | None = None,
        return_dict: bool = True,
        return_assistant_tokens_mask: bool = False,
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Renders one or several conversations with a chat template, and encodes the text unless `tokenize` is false.

        Parameters
        ----------
        conversation
            Messages with `"role"` and `"content"`, or a list of such conversations.
        tools, documents
            Tools, as functions with type hints and Google-style docstrings or as JSON schemas, and documents, for
            templates that use them.
        chat_template
            A template, or the name of one of the tokenizer's.
        add_generation_prompt
            Whether to append the start of an assistant message.
        continue_final_message
            Whether the text ends within the final message, for the model to continue; or the name of the field to
            continue.
        return_dict
            Whether to return a `BatchEncoding`, or its `input_ids` alone.
        return_assistant_tokens_mask
            Adds `assistant_masks`: 1 for tokens inside the template's `{% generation %}` blocks.
        kwargs
            More variables for the template.

        Raises
        ------
        InputError
            There is no template or no message, the template is invalid or raises an exception, or options contradict
            each other.
        UnsupportedError
            `sanitize_control_tokens` is set.
        """
        if sanitize_control_tokens:
            raise UnsupportedError("not supported: sanitize_control_tokens in apply_chat_template")
        if return_assistant_tokens_mask and not (tokenize and return_dict):
            raise InputError("return_assistant_tokens_mask: needs tokenize=True and return_dict=True")
        if continue_final_message and (add_generation_prompt or return_assistant_tokens_mask):
            other = "add_generation_prompt" if add_generation_prompt else "return_assistant_tokens_mask"
            raise InputError(f"continue_final_message: contradicts {other}=True")
        if not isinstance(conversation, (list, tuple)) or not conversation:
            raise InputError(f"conversation: expected a non-empty list of messages, found {kind(conversation)}")
        is_batched = isinstance(conversation[0], (list, tuple)) or hasattr(conversation[0], "messages")
        chats: Any = conversation if is_batched else [conversation]
        if documents is not None and not all(isinstance(document, Mapping) for document in documents):
            raise InputError("documents: expected dicts with a title and a text")
        variables = {"tools": _schemas(tools), "documents": documents, "add_generation_prompt": add_generation_prompt}
        try:
            rendered = self._native.render_chats(
                [getattr(chat, "messages", chat) for chat in chats],
                {**variables, **kwargs},
                template=chat_template,
                continue_final_message="content" if continue_final_message is True else continue_final_message or None,
            )
        except UnicodeEncodeError as error:
            raise InputError(f"conversation: a text that is not valid Unicode: {error}") from error
        texts = [text for text, _ in rendered]
        if not flag("tokenize", tokenize):
            return texts if is_batched else texts[0]
        encoded = self(
            texts if is_batched else texts[0],
            padding=padding,
            truncation=truncation,
            max_length=max_length,
            return_tensors=return_tensors,
            **{"add_special_tokens": False, **(tokenizer_kwargs or {})},
        )
        if return_assistant_tokens_mask:
            masks = encoded.tokens_of_spans([spans for _, spans in rendered])
            tensor_type = tensor_kind(return_tensors)
            value = masks if is_batched or tensor_type else masks[0]
            encoded["assistant_masks"] = as_tensor("assistant_masks", value, tensor_type) if tensor_type else value
        return encoded if return_dict else encoded["input_ids"]

    def encode_message_with_chat_template(
        self,
        message: Mapping[str, Any],
        conversation_history: Sequence[Mapping[str, Any]] | None = None,
        **kwargs: Any,
    ) -> list[int]:
        """The ids that a message adds to those of the messages before it.

        Parameters
        ----------
        conversation_history
            The messages before it.
        kwargs
            Arguments of `apply_chat_template`, except `add_generation_prompt`.

        Raises
        ------
        InputError
            `add_generation_prompt` is given.
        """
        if "add_generation_prompt" in kwargs:
            raise InputError("add_generation_prompt: not an argument of encode_message_with_chat_template")
        options = {**kwargs, "tokenize": True, "return_dict": False}
        history = list(conversation_history or ())
        ids: list[int] = self.apply_chat_template([*history, message], **options)
        if not history:
            return ids
        before: list[int] = self.apply_chat_template(history, **options)
        same = next((index for index, (one, other) in enumerate(zip(before, ids, strict=False)) if one != other), None)
        return ids[min(len(before), len(ids)) if same is None else same :]

    def parse_response(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: responses are parsed by the program that knows their format."""
        raise UnsupportedError(
            "not supported: parse_response: response templates are not implemented; decode the ids and parse the text"
        )

    def get_response_parser(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: responses are parsed by the program that knows their format."""
        raise UnsupportedError(
            "not supported: get_response_parser: response templates are not implemented; parse the streamed text"
        )


def _schemas(tools: Sequence[Any] | None) -> list[Any] | None:
    if tools is None:
        return None
    schemas = []
    for tool in tools:
        if isinstance(tool, Mapping):
            schemas.append(tool)
        elif inspect.isfunction(tool) or inspect.ismethod(tool):
            schemas.append(get_json_schema(tool))
        else:
            raise InputError(f"tools: expected JSON schemas or functions, found {kind(tool)}")
    return schemas
