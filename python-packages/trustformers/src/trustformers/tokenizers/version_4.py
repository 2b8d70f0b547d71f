"""Methods that version 4 of transformers has: encoding of pairs, and rows built from ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from trustformers._checks.arguments import integers, length, strategy
from trustformers.errors import InputError, UnsupportedError
from trustformers.tokenizers.assembly import pieces, truncated
from trustformers.tokenizers.batch_encoding import BatchEncoding
from trustformers.tokenizers.overrides import warn_of_unused
from trustformers.tokenizers.special_tokens import AddedToken

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["Version4"]

_CLEANED = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
)


class Version4:
    """Methods of version 4."""

    if TYPE_CHECKING:
        _native: Any
        model_input_names: Any
        truncation_side: Any
        model_max_length: Any
        special_tokens_map: Any
        extra_special_tokens: Any
        added_tokens_decoder: Any
        get_special_tokens_mask: Callable[..., list[int]]
        num_special_tokens_to_add: Callable[..., int]
        pad: Callable[..., BatchEncoding]
        __call__: Callable[..., BatchEncoding]

    def encode_plus(self, text: Any, text_pair: Any = None, *args: Any, **kwargs: Any) -> BatchEncoding:
        """Encodes one text or pair; see `__call__`."""
        return self(text, text_pair, None, None, *args, **kwargs)

    def batch_encode_plus(self, batch_text_or_text_pairs: Sequence[Any], *args: Any, **kwargs: Any) -> BatchEncoding:
        """Encodes a list of texts, or of pairs of texts; see `__call__`."""
        return self(batch_text_or_text_pairs, None, None, None, *args, **kwargs)

    @contextmanager
    def as_target_tokenizer(self) -> Iterator[Self]:
        """A context for encoding target texts, which are encoded like other texts; prefer `text_target=`."""
        yield self

    def prepare_for_tokenization(
        self, text: str, is_split_into_words: bool = False, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Returns the text and the arguments that are not used: encoding needs no preparation."""
        return text, kwargs

    def build_inputs_with_special_tokens(
        self, token_ids_0: Sequence[int], token_ids_1: Sequence[int] | None = None
    ) -> list[int]:
        """Ids with special tokens around one sequence or a pair."""
        given = (integers("token_ids_0", token_ids_0), integers("token_ids_1", token_ids_1 or []))
        row: list[int] = []
        for piece in pieces(self._native, token_ids_1 is not None):
            row += given[piece.sequence] if piece.sequence is not None else [piece.token_id or 0]
        return row

    def create_token_type_ids_from_sequences(
        self, token_ids_0: Sequence[int], token_ids_1: Sequence[int] | None = None
    ) -> list[int]:
        """The `token_type_ids` of a row that `build_inputs_with_special_tokens` gives."""
        lengths = (len(token_ids_0), len(token_ids_1 or ()))
        row: list[int] = []
        for piece in pieces(self._native, token_ids_1 is not None):
            row += [piece.type_id] * (lengths[piece.sequence] if piece.sequence is not None else 1)
        return row

    def truncate_sequences(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        num_tokens_to_remove: int = 0,
        truncation_strategy: str = "longest_first",
        stride: int = 0,
    ) -> tuple[list[int], list[int] | None, list[int]]:
        """Removes ids from a sequence or a pair; returns both, and the removed ids with `stride` others.

        Raises
        ------
        InputError
            There is no such strategy.
        """
        name = strategy("truncation_strategy", truncation_strategy, on="longest_first", off="do_not_truncate")
        return truncated(ids, pair_ids, num_tokens_to_remove, strategy=name, side=self.truncation_side, stride=stride)

    def prepare_for_model(  # noqa: PLR0917  # as in transformers
        self,
        ids: Sequence[int],
        pair_ids: Sequence[int] | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        prepend_batch_axis: bool = False,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Builds a model's inputs from ids: truncates them, adds special tokens, and pads.

        Parameters
        ----------
        ids, pair_ids
            The ids of one sequence or a pair.
        return_overflowing_tokens
            Whether to return removed ids as `overflowing_tokens`, and their number as `num_truncated_tokens`.
        prepend_batch_axis
            Whether tensors have the shape [1, seq].

        Raises
        ------
        InputError
            Removed ids of a pair are requested with the strategy `"longest_first"`, or there is no `pad_token`.
        """
        del verbose
        warn_of_unused("prepare_for_model", kwargs)
        first, second = integers("ids", ids), None if pair_ids is None else integers("pair_ids", pair_ids)
        if max_length is not None and padding is False and truncation is None:
            truncation = "longest_first"
        name = strategy("truncation", truncation or False, on="longest_first", off="do_not_truncate")
        if return_overflowing_tokens and name == "longest_first" and second is not None:
            raise InputError(
                'return_overflowing_tokens: a pair needs the strategy "only_first" or "only_second", '
                'found "longest_first"'
            )
        limit = length("max_length", max_length) or self.model_max_length
        num_special = self.num_special_tokens_to_add(pair=second is not None) if add_special_tokens else 0
        excess = len(first) + len(second or ()) + num_special - limit
        removed: list[int] = []
        if name != "do_not_truncate" and excess > 0:
            first, second, removed = self.truncate_sequences(first, second, excess, name, stride)
        row = first + (second or [])
        built = self.build_inputs_with_special_tokens(first, second) if add_special_tokens else row
        inputs: dict[str, Any] = {"input_ids": built}
        with_types = "token_type_ids" in self.model_input_names
        if with_types if return_token_type_ids is None else return_token_type_ids:
            types = self.create_token_type_ids_from_sequences(first, second) if add_special_tokens else [0] * len(row)
            inputs["token_type_ids"] = types
        if return_special_tokens_mask:
            mask = self.get_special_tokens_mask(first, second) if add_special_tokens else [0] * len(row)
            inputs["special_tokens_mask"] = mask
        extra: dict[str, Any] = {}
        if return_overflowing_tokens and not return_tensors and removed:
            extra = {"overflowing_tokens": removed, "num_truncated_tokens": excess}
        padded = self.pad(
            inputs,
            max_length=max_length,
            padding=padding,
            pad_to_multiple_of=pad_to_multiple_of,
            padding_side=padding_side,
            return_attention_mask=return_attention_mask,
        )
        if return_length:
            extra["length"] = len(padded["input_ids"])
        return BatchEncoding({**padded, **extra}, tensor_type=return_tensors, prepend_batch_axis=prepend_batch_axis)

    @property
    def additional_special_tokens(self) -> list[str]:
        """Version 4's name of `extra_special_tokens`."""
        tokens: list[str] = self.extra_special_tokens
        return tokens

    @additional_special_tokens.setter
    def additional_special_tokens(self, value: Sequence[str | AddedToken] | None) -> None:
        self.extra_special_tokens = value

    @property
    def additional_special_tokens_ids(self) -> list[int | None]:
        """Version 4's name of `extra_special_tokens_ids`."""
        ids: list[int | None] = [self._native.convert_tokens_to_ids([token])[0] for token in self.extra_special_tokens]
        return ids

    @property
    def special_tokens_map_extended(self) -> dict[str, AddedToken | list[AddedToken]]:
        """The named special tokens as `AddedToken`s, and the others as `additional_special_tokens`."""
        added = self._added()
        found: dict[str, AddedToken | list[AddedToken]] = {
            name: added.get(token, AddedToken(token, special=True)) for name, token in self.special_tokens_map.items()
        }
        others = [added.get(token, AddedToken(token, special=True)) for token in self.extra_special_tokens]
        return {**found, "additional_special_tokens": others} if others else found

    @property
    def all_special_tokens_extended(self) -> list[AddedToken]:
        """All special tokens as `AddedToken`s."""
        added = self._added()
        return [added.get(token, AddedToken(token, special=True)) for token in self._native.all_special_tokens()]

    def sanitize_special_tokens(self) -> int:
        """Returns 0: special tokens outside the vocabulary are added when they are set."""
        return 0

    @staticmethod
    def clean_up_tokenization(out_string: str) -> str:
        """A text without the spaces before punctuation and English contractions."""
        for found, cleaned in _CLEANED:
            out_string = out_string.replace(found, cleaned)
        return out_string

    @staticmethod
    def convert_added_tokens(obj: Any, save: bool = False, add_type_field: bool = True) -> Any:
        """Dicts of `AddedToken` fields inside nested data as `AddedToken`s, or with `save` the reverse."""
        if isinstance(obj, Mapping):
            if obj.get("__type") == "AddedToken":
                return AddedToken(**{name: value for name, value in obj.items() if name != "__type"})
            return {name: Version4.convert_added_tokens(value, save, add_type_field) for name, value in obj.items()}
        if isinstance(obj, (list, tuple)):
            return [Version4.convert_added_tokens(value, save, add_type_field) for value in obj]
        if save and isinstance(obj, AddedToken):
            normalized = not obj.special if obj.normalized is None else obj.normalized
            fields = {**vars(obj), "normalized": normalized}
            if add_type_field:
                return {**fields, "__type": "AddedToken"}
            return {name: value for name, value in fields.items() if name != "special"}
        return obj

    def prepare_seq2seq_batch(
        self, src_texts: Sequence[str], tgt_texts: Sequence[str] | None = None, **kwargs: Any
    ) -> BatchEncoding:
        """Encodes texts and their targets as `labels`, padded; see `__call__`."""
        options = {"padding": "longest", "truncation": True, **kwargs}
        return self(list(src_texts), text_target=None if tgt_texts is None else list(tgt_texts), **options)

    def set_truncation_and_padding(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: a tokenizer has no state of padding and truncation."""
        raise UnsupportedError(
            "not supported: set_truncation_and_padding: calls leave no state; pass padding, truncation and max_length "
            "to the call"
        )

    @classmethod
    def register_for_auto_class(cls, auto_class: str = "AutoTokenizer") -> NoReturn:
        """Not supported: no code is saved beside a tokenizer."""
        raise UnsupportedError(
            f"not supported: register_for_auto_class({auto_class!r}): no code is saved beside a tokenizer or loaded "
            "from a repository; load the tokenizer with the class itself"
        )

    @classmethod
    def convert_to_native_format(cls, **kwargs: Any) -> NoReturn:
        """Not supported: from_pretrained converts files itself."""
        raise UnsupportedError(
            "not supported: convert_to_native_format: from_pretrained reads tokenizer.json and vocabulary files itself"
        )

    def save_chat_templates(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: save_pretrained writes the chat templates."""
        raise UnsupportedError("not supported: save_chat_templates: save_pretrained writes chat templates")

    def _added(self) -> dict[str, AddedToken]:
        return {token.content: token for token in self.added_tokens_decoder.values()}
