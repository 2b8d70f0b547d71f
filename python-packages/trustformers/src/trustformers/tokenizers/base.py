"""`PreTrainedTokenizerBase`, the base class of tokenizers: encoding, decoding, vocabulary and settings."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, overload

from trustformers._checks.arguments import (
    flag,
    half_surrogate,
    kind,
    length,
    listed_ids,
    strategy,
    strings,
    text_rows,
    word_rows,
)
from trustformers._checks.tensors import tensor_kind
from trustformers.errors import InputError
from trustformers.runtime.jobs import Job
from trustformers.tokenizers.batch_encoding import BatchEncoding
from trustformers.tokenizers.chat import ChatTemplates
from trustformers.tokenizers.overrides import warn_of_unused
from trustformers.tokenizers.padding import kind_of_tensors, listed, pad
from trustformers.tokenizers.saving import Saving
from trustformers.tokenizers.special_tokens import SpecialTokens
from trustformers.tokenizers.version_4 import Version4

if TYPE_CHECKING:
    import numpy as np

    from trustformers._native import Tensor

    TokenIds: TypeAlias = (
        int | Sequence[int] | Sequence[Sequence[int]] | np.ndarray[Any, np.dtype[np.integer[Any]]] | Tensor
    )

__all__ = ["PairInput", "PreTrainedTokenizerBase", "TextInput"]

logger: logging.Logger = logging.getLogger("trustformers")

Words: TypeAlias = Sequence[str]
TextInput: TypeAlias = str | Sequence[str] | Sequence[tuple[str, str]] | Sequence[Words] | Sequence[tuple[Words, Words]]
PairInput: TypeAlias = str | Sequence[str] | Sequence[Words]

_LONG = "sequence-length-is-longer-than-the-specified-maximum"


class PreTrainedTokenizerBase(Saving, ChatTemplates, SpecialTokens, Version4):
    """A tokenizer of the engine with the interface of transformers.

    Create one with `AutoTokenizer.from_pretrained` or from a class of a family. Calls do not change a tokenizer, so
    threads can share it.
    """

    vocab_files_names: ClassVar[dict[str, str]] = {}
    pretrained_vocab_files_map: ClassVar[dict[str, dict[str, str]]] = {}
    slow_tokenizer_class: ClassVar[type[Any] | None] = None
    model: ClassVar[Any] = None

    name_or_path: str
    verbose: bool
    deprecation_warnings: dict[str, bool]

    def __call__(
        self,
        text: TextInput | None = None,
        text_pair: PairInput | None = None,
        text_target: TextInput | None = None,
        text_pair_target: PairInput | None = None,
        *args: Any,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        max_target_length: int | None = None,
        split_special_tokens: bool | None = None,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Encodes a text, a pair, or a batch of either.

        Parameters
        ----------
        text
            A text, a list of texts, or a list of pairs of texts; with `is_split_into_words`, lists of words in place
            of texts.
        text_pair
            The second sequence of the text, or of each text.
        text_target, text_pair_target
            Target texts: their ids are returned as `labels`, or alone without `text`.
        args
            Values of the arguments from `add_special_tokens` to `tokenizer_kwargs`, in this order.
        padding
            `False`, `True` or `"longest"` (to the longest row), `"max_length"`.
        truncation
            `True` or `"longest_first"`, `"only_first"`, `"only_second"`, `False`; by default `max_length` without
            padding truncates.
        max_length
            The length to truncate and pad to; by default `model_max_length`.
        return_overflowing_tokens, stride
            Whether to return truncated tokens as further rows, and the number of tokens that consecutive rows share.
            `overflow_to_sample_mapping` then has the index of each row's input.
        return_tensors
            `"np"` for int64 arrays of shape [batch, seq], `"tf_rs"` for `Tensor`s that share the memory of such arrays,
            `"pt"` for tensors of torch, `None` for lists.
        tokenizer_kwargs
            More arguments, which override the others.
        max_target_length
            The `max_length` of target texts.
        split_special_tokens
            Whether special tokens in the text are split like other text; by default the tokenizer's setting.
        kwargs
            Ignored with a warning, as transformers ignores unknown arguments.

        Raises
        ------
        InputError
            The input is not text, the rows of an array differ in length, padding needs a `pad_token`, or `max_length`
            is too small for the special tokens or the stride.
        UnsupportedError
            Another type of tensors is requested, or torch is not installed.
        """
        given = locals()
        options = {name: given[name] for name in _OPTIONS}
        options.update(zip(_OPTIONS, args, strict=False))
        more = options.pop("tokenizer_kwargs") or {}
        if not isinstance(more, Mapping):
            raise InputError(f"tokenizer_kwargs: expected a dict, found {kind(more)}")
        warn_of_unused("tokenizer", {name: value for name, value in more.items() if name not in _OPTIONS})
        options.update({name: value for name, value in more.items() if name in options})
        warn_of_unused("tokenizer", kwargs)
        if text is None and text_target is None:
            raise InputError("text: missing; pass text or text_target")
        if text is not None:
            self._start_sources()
        if text_target is None:
            return self._encoded(text, text_pair, **options)
        of_target = options if max_target_length is None else {**options, "max_length": max_target_length}
        targets = self._encoded(text_target, text_pair_target, as_targets=True, **of_target)
        if text is None:
            return targets
        inputs = self._encoded(text, text_pair, **options)
        inputs["labels"] = targets["input_ids"]
        return inputs

    def _encoded(
        self,
        text: TextInput | None,
        text_pair: PairInput | None,
        *,
        as_targets: bool = False,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        split_special_tokens: bool | None = None,
    ) -> BatchEncoding:
        if truncation is None and padding is not False:
            truncation = False
        tensor_type = tensor_kind(return_tensors)
        as_arrays = tensor_type is not None
        rows = word_rows if flag("is_split_into_words", is_split_into_words) else text_rows
        texts, pairs, is_batched = rows(text, text_pair)
        encodings = self._encode(
            texts,
            pairs,
            split_special_tokens,
            as_targets=as_targets,
            add_special_tokens=flag("add_special_tokens", add_special_tokens),
            padding=strategy("padding", padding, on="longest", off="do_not_pad"),
            truncation=None
            if truncation is None
            else strategy("truncation", truncation, on="longest_first", off="do_not_truncate"),
            max_length=length("max_length", max_length),
            stride=length("stride", stride) or 0,
            return_overflowing_tokens=flag("return_overflowing_tokens", return_overflowing_tokens),
            pad_to_multiple_of=length("pad_to_multiple_of", pad_to_multiple_of),
            padding_side=padding_side,
        )
        if (
            verbose
            and max_length is None
            and padding != "max_length"
            and truncation in (None, False, "do_not_truncate")
        ):
            self._warn_of_length(encodings.longest())

        names = self.model_input_names
        returned = {
            "input_ids": True,
            "token_type_ids": "token_type_ids" in names if return_token_type_ids is None else return_token_type_ids,
            "attention_mask": "attention_mask" in names if return_attention_mask is None else return_attention_mask,
            "special_tokens_mask": return_special_tokens_mask,
        }
        values = encodings.array if as_arrays else encodings.lists
        data: dict[str, Any] = {name: values(name) for name, is_returned in returned.items() if is_returned}
        if return_offsets_mapping:
            data["offset_mapping"] = encodings.offsets_array() if as_arrays else encodings.offsets()
        if not is_batched and not as_arrays and not return_overflowing_tokens:
            data = {name: rows[0] for name, rows in data.items()}
        if return_length:
            data["length"] = encodings.lengths_array() if as_arrays else encodings.lengths()
        if return_overflowing_tokens:
            data["overflow_to_sample_mapping"] = (
                encodings.sample_mapping_array() if as_arrays else encodings.sample_mapping()
            )
        return BatchEncoding(data, encodings, tensor_type=tensor_type)

    def encode(
        self,
        text: TextInput,
        text_pair: PairInput | None = None,
        *args: Any,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """The `input_ids` of `__call__`: a list of ids for one text, a list of lists for a batch."""
        options: dict[str, Any] = {
            "add_special_tokens": add_special_tokens,
            "padding": padding,
            "truncation": truncation,
            "max_length": max_length,
            "stride": stride,
            "padding_side": padding_side,
            "return_tensors": return_tensors,
        }
        options.update(zip(options, args, strict=False))
        return self(text, text_pair, **options, **kwargs)["input_ids"]

    def encode_async(self, text: TextInput, text_pair: PairInput | None = None, **kwargs: Any) -> Job[Any]:
        """Runs `encode` in the background and returns an awaitable job."""
        return Job.run(lambda: self.encode(text, text_pair, **kwargs))

    def tokenize(
        self, text: str, pair: str | None = None, add_special_tokens: bool = False, **kwargs: Any
    ) -> list[str]:
        """The tokens of a text."""
        return self(text, pair, add_special_tokens=add_special_tokens, **kwargs).tokens()

    @overload
    def decode(
        self,
        token_ids: int | Sequence[int],
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **kwargs: Any,
    ) -> str: ...
    @overload
    def decode(
        self,
        token_ids: Sequence[Sequence[int]],
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **kwargs: Any,
    ) -> list[str]: ...
    @overload
    def decode(
        self,
        token_ids: TokenIds,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **kwargs: Any,
    ) -> str | list[str]: ...
    def decode(
        self,
        token_ids: TokenIds,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **kwargs: Any,
    ) -> str | list[str]:
        """The text of a sequence of ids, or the texts of several.

        Ids beyond the vocabulary are skipped, as in transformers; negative ones are an `InputError`.
        `clean_up_tokenization_spaces` has no effect with a BPE model, `kwargs` have none with any.
        """
        ids = listed_ids(token_ids)
        options: dict[str, Any] = {
            "skip_special_tokens": skip_special_tokens,
            "clean_up_tokenization_spaces": clean_up_tokenization_spaces,
        }
        result: str | list[str]
        try:
            if ids and isinstance(ids[0], (list, tuple)):
                result = self._native.decode_batch(ids, **options)
            else:
                result = self._native.decode(ids, **options)
        except (TypeError, OverflowError) as error:
            raise InputError(f"token_ids: expected integers, or lists of integers: {error}") from error
        return result

    def batch_decode(
        self,
        sequences: TokenIds,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """The texts of several sequences of ids; `kwargs` have no effect."""
        texts: str | list[str] = self.decode(sequences, skip_special_tokens, clean_up_tokenization_spaces)
        return [texts] if isinstance(texts, str) else texts

    @overload
    def convert_tokens_to_ids(self, tokens: str) -> int | None: ...
    @overload
    def convert_tokens_to_ids(self, tokens: list[str] | tuple[str, ...]) -> list[int | None]: ...
    def convert_tokens_to_ids(self, tokens: str | list[str] | tuple[str, ...]) -> int | list[int | None] | None:
        """The ids of tokens; a token outside the vocabulary has the id of `unk_token`, or None without one."""
        listed = [tokens] if isinstance(tokens, str) else strings("tokens", tokens)
        ids: list[int | None] = self._native.convert_tokens_to_ids(listed)
        return ids[0] if isinstance(tokens, str) else ids

    @overload
    def convert_ids_to_tokens(self, ids: int, skip_special_tokens: bool = False) -> str | None: ...
    @overload
    def convert_ids_to_tokens(self, ids: Sequence[int], skip_special_tokens: bool = False) -> list[str | None]: ...
    def convert_ids_to_tokens(
        self, ids: int | Sequence[int], skip_special_tokens: bool = False
    ) -> str | list[str | None] | None:
        """The tokens of ids; None for an id beyond the vocabulary. Negative ids are an `InputError`."""
        is_one = isinstance(ids, int)
        try:
            tokens: list[str | None] = self._native.convert_ids_to_tokens(
                listed_ids(ids), skip_special_tokens=skip_special_tokens and not is_one
            )
        except (TypeError, OverflowError) as error:
            raise InputError(f"ids: expected an integer or a list of integers: {error}") from error
        return tokens[0] if is_one else tokens

    def convert_tokens_to_string(self, tokens: Sequence[str]) -> str:
        """Joins tokens to a text."""
        text: str = self._native.convert_tokens_to_string(strings("tokens", tokens))
        return text

    def pad(  # noqa: PLR0917  # as in transformers
        self,
        encoded_inputs: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        padding: bool | str = True,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        verbose: bool = True,
    ) -> BatchEncoding:
        """Pads encoded rows to one length: ids, masks and token types.

        Parameters
        ----------
        encoded_inputs
            Lists of ids by name, for one row or several, or a list of such mappings; arrays stay arrays, and
            tensors stay tensors.

        Raises
        ------
        InputError
            There are no `input_ids`, rows differ in number, there is no `pad_token`, or an option is invalid.
        """
        del verbose
        name = self.model_input_names[0]
        inputs = listed(encoded_inputs)
        if name not in inputs:
            raise InputError(f"encoded_inputs: expected {name!r} among the keys, found {list(inputs)}")
        with_mask = (
            "attention_mask" in self.model_input_names if return_attention_mask is None else return_attention_mask
        )
        tensor_type = tensor_kind(kind_of_tensors(encoded_inputs, name) if return_tensors is None else return_tensors)
        if not inputs[name]:
            return BatchEncoding(inputs | {"attention_mask": []} if return_attention_mask else inputs)
        limit = length("max_length", max_length)
        if limit is None and padding == "max_length":
            limit = self._native.model_max_length
        pad_id = self.pad_token_id
        if pad_id is None and padding not in (False, "do_not_pad"):
            raise InputError(
                "padding: the tokenizer has no pad_token; choose one, for example "
                "tokenizer.pad_token = tokenizer.eos_token"
            )
        padded = pad(
            inputs,
            name=name,
            pad_id=pad_id or 0,
            side=self.padding_side if padding_side is None else padding_side,
            padding=padding,
            max_length=limit,
            multiple=pad_to_multiple_of,
            with_mask=with_mask,
        )
        return BatchEncoding(padded, tensor_type=tensor_type)

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """The number of special tokens that encoding adds to one sequence, or to a pair."""
        count: int = self._native.num_special_tokens_to_add(pair=pair)
        return count

    def get_vocab(self) -> dict[str, int]:
        """Every token and its id, added tokens included."""
        vocab: dict[str, int] = self._native.vocab()
        return vocab

    @property
    def vocab(self) -> dict[str, int]:
        """Every token and its id, added tokens included."""
        return self.get_vocab()

    @property
    def vocab_size(self) -> int:
        """The size of the vocabulary without added tokens."""
        size: int = self._native.vocab_size
        return size

    def __len__(self) -> int:
        return len(self._native)

    def __bool__(self) -> bool:
        return True

    @property
    def is_fast(self) -> bool:
        """True: every tokenizer is implemented in Rust."""
        return True

    @property
    def max_len_single_sentence(self) -> int:
        """`model_max_length` without the special tokens of one sequence."""
        return self.model_max_length - self.num_special_tokens_to_add(pair=False)

    @property
    def max_len_sentences_pair(self) -> int:
        """`model_max_length` without the special tokens of a pair."""
        return self.model_max_length - self.num_special_tokens_to_add(pair=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        if name.endswith(("_token", "_token_id")):
            return self._specific_token(name)
        return self._key(name)

    def __repr__(self) -> str:
        added = "".join(f"\n\t{index}: {token!r}," for index, token in self.added_tokens_decoder.items())
        return (
            f"{type(self).__name__}(name_or_path={self.name_or_path!r}, vocab_size={self.vocab_size}, "
            f"model_max_length={self.model_max_length}, padding_side={self.padding_side!r}, "
            f"truncation_side={self.truncation_side!r}, special_tokens={self.special_tokens_map}, "
            f"added_tokens_decoder={{{added}\n}})"
        )

    def _start_sources(self) -> None:
        """Undoes what a class changed to encode target texts."""

    def _encode(
        self, texts: list[Any], pairs: list[Any] | None, splits: bool | None, *, as_targets: bool, **options: Any
    ) -> Any:
        native = self._native if splits is None else self._splitting(flag("split_special_tokens", splits))
        if as_targets:
            native = native.for_targets()
        try:
            return native.encode_batch(texts, pairs, **options)
        except UnicodeEncodeError as error:
            raise half_surrogate(error) from error
        except (TypeError, OverflowError) as error:
            raise InputError(f"an argument of the call has the wrong type or size: {error}") from error

    def _warn_of_length(self, longest: int) -> None:
        if longest > self.model_max_length > 0 and not self.deprecation_warnings.get(_LONG, False):
            self.deprecation_warnings[_LONG] = True
            logger.warning(
                "A sequence of %d tokens is longer than the %d that the model takes; "
                "the model will fail on it. Pass truncation=True to shorten it.",
                longest,
                self.model_max_length,
            )


# The arguments of a call after the texts.
_OPTIONS = (
    "add_special_tokens",
    "padding",
    "truncation",
    "max_length",
    "stride",
    "is_split_into_words",
    "pad_to_multiple_of",
    "padding_side",
    "return_tensors",
    "return_token_type_ids",
    "return_attention_mask",
    "return_overflowing_tokens",
    "return_special_tokens_mask",
    "return_offsets_mapping",
    "return_length",
    "verbose",
    "tokenizer_kwargs",
    "split_special_tokens",
)
