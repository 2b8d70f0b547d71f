"""Tokenizers of translation: languages that rows name, and vocabularies of source and of target texts."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from trustformers._checks.arguments import kind
from trustformers.errors import InputError, UnsupportedError
from trustformers.tokenizers.assembly import pieces
from trustformers.tokenizers.fast import TokenizersBackend

if TYPE_CHECKING:
    from trustformers.tokenizers.batch_encoding import BatchEncoding

__all__ = ["FairseqLanguages", "Languages", "Sentinels", "TwoVocabularies", "UnderscoredLanguages"]


class Sentinels(TokenizersBackend):
    """A tokenizer with sentinel tokens, `<extra_id_0>` and so on."""

    def get_sentinel_tokens(self) -> list[str]:
        """The sentinel tokens."""
        return [token for token in self.extra_special_tokens if token.startswith("<extra_id_")]

    def get_sentinel_token_ids(self) -> list[int | None]:
        """The ids of the sentinel tokens."""
        return [self._id_of(token) for token in self.get_sentinel_tokens()]


class _Targets(TokenizersBackend):
    """A tokenizer that encodes target texts in its own way."""

    def as_target_tokenizer(self) -> NoReturn:
        """Not supported: it would change the tokenizer for every thread; pass `text_target=`."""
        raise UnsupportedError(
            "not supported: as_target_tokenizer: it changes the tokenizer for every thread that uses it; pass the "
            "target texts as text_target= in the call, which returns their ids as labels"
        )


class Languages(_Targets):
    """A tokenizer whose rows name the language of the text with a special token."""

    # The languages of `prepare_seq2seq_batch`.
    _translates: ClassVar[tuple[str, str]]

    def __call__(
        self, *args: Any, src_lang: str | None = None, tgt_lang: str | None = None, **kwargs: Any
    ) -> BatchEncoding:
        """Encodes texts as any tokenizer does.

        Parameters
        ----------
        src_lang, tgt_lang
            The languages of this call's source and target texts; by default the tokenizer's. transformers ignores them.
        """
        if src_lang is None and tgt_lang is None:
            return super().__call__(*args, **kwargs)
        twin = copy.copy(self)
        if src_lang is not None:
            twin.src_lang = src_lang
        if tgt_lang is not None:
            twin.tgt_lang = tgt_lang
        return twin(*args, **kwargs)

    @property
    def src_lang(self) -> str:
        """The language of source texts; assigning another changes the special tokens around them."""
        code: str = self._native.src_lang
        return code

    @src_lang.setter
    def src_lang(self, value: str) -> None:
        self._native = self._native.with_src_lang(_code("src_lang", value))

    @property
    def tgt_lang(self) -> str | None:
        """The language of target texts; None before it is set."""
        code: str | None = self._native.tgt_lang
        return code

    @tgt_lang.setter
    def tgt_lang(self, value: str | None) -> None:
        self._native = self._native.with_tgt_lang(None if value is None else _code("tgt_lang", value))

    @property
    def lang_code_to_id(self) -> dict[str, int]:
        """The ids of the languages' tokens, by code."""
        return dict(self._native.language_ids())

    @property
    def id_to_lang_code(self) -> dict[int, str]:
        """The codes of the languages, by the ids of their tokens."""
        return {index: code for code, index in self._native.language_ids()}

    @property
    def lang_code_to_token(self) -> dict[str, str]:
        """The tokens of the languages, by code."""
        return {code: self._native.language_token(code) for code, _ in self._native.language_ids()}

    @property
    def prefix_tokens(self) -> list[int]:
        """The ids of the special tokens before a text."""
        return self._around()[0]

    @property
    def suffix_tokens(self) -> list[int]:
        """The ids of the special tokens after a text."""
        return self._around()[1]

    def get_lang_token(self, lang: str) -> str:
        """The token of a language."""
        token: str = self._native.language_token(_code("lang", lang))
        return token

    def get_lang_id(self, lang: str) -> int:
        """The id of a language's token."""
        index: int = self._native.language_id("lang", _code("lang", lang))
        return index

    def set_src_lang_special_tokens(self, src_lang: str) -> None:
        """Makes rows name a language, until `src_lang` is assigned or a source text is encoded."""
        self._native = self._native.for_language(_code("src_lang", src_lang))

    def set_tgt_lang_special_tokens(self, tgt_lang: str) -> None:
        """Makes rows name a language, until `src_lang` is assigned or a source text is encoded."""
        self._native = self._native.for_language(_code("tgt_lang", tgt_lang))

    def prepare_seq2seq_batch(  # type: ignore[override]  # arguments as in transformers
        self,
        src_texts: Sequence[str],
        src_lang: str | None = None,
        tgt_texts: Sequence[str] | None = None,
        tgt_lang: str | None = None,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Sets both languages and encodes texts, with their targets as `labels`, padded; see `__call__`."""
        self.src_lang = self._translates[0] if src_lang is None else src_lang
        self.tgt_lang = self._translates[1] if tgt_lang is None else tgt_lang
        return super().prepare_seq2seq_batch(src_texts, tgt_texts, **kwargs)

    def _build_translation_inputs(
        self,
        raw_inputs: Any,
        return_tensors: str | None = None,
        src_lang: str | None = None,
        tgt_lang: str | None = None,
        **extra_kwargs: Any,
    ) -> BatchEncoding:
        """Sets `src_lang` and encodes texts, with the id of the target language as `forced_bos_token_id`.

        Raises
        ------
        InputError
            A language is missing or unknown.
        """
        if src_lang is None or tgt_lang is None:
            missing = "src_lang" if src_lang is None else "tgt_lang"
            raise InputError(f"{missing}: missing; a translation needs src_lang and tgt_lang, codes of languages")
        forced = self._native.language_id("tgt_lang", _code("tgt_lang", tgt_lang))
        self.src_lang = src_lang
        inputs = self(raw_inputs, add_special_tokens=True, return_tensors=return_tensors, **extra_kwargs)
        inputs["forced_bos_token_id"] = forced
        return inputs

    def _switch_to_input_mode(self) -> None:
        self._start_sources()

    def _switch_to_target_mode(self) -> None:
        self.set_tgt_lang_special_tokens(self.src_lang if self.tgt_lang is None else self.tgt_lang)

    def _start_sources(self) -> None:
        if self._native.current_language != self._native.src_lang:
            self._native = self._native.for_language(self._native.src_lang)

    def _around(self) -> tuple[list[int], list[int]]:
        found = pieces(self._native, pair=False)
        place = next(index for index, piece in enumerate(found) if piece.sequence is not None)
        before, after = found[:place], found[place + 1 :]
        return [piece.token_id or 0 for piece in before], [piece.token_id or 0 for piece in after]


class FairseqLanguages(Languages):
    """A tokenizer of fairseq's multilingual models, whose vocabulary begins with fairseq's special tokens."""

    @property
    def cur_lang_code(self) -> int:
        """The id of the language's token that rows have now."""
        return self.get_lang_id(self._native.current_language)

    @property
    def cur_lang_code_id(self) -> int:
        """The id of the language's token that rows have now."""
        return self.cur_lang_code

    @property
    def fairseq_offset(self) -> int:
        """The difference between an id and the index of its piece in the SentencePiece model."""
        return 1

    @property
    def fairseq_tokens_to_ids(self) -> dict[str, int]:
        """The ids of tokens that the SentencePiece model does not have."""
        first = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
        others = {**self.lang_code_to_id, "<mask>": self.mask_token_id}
        size = self.vocab_size
        return {**first, **{token: index for token, index in others.items() if index is not None and index < size}}

    @property
    def fairseq_ids_to_tokens(self) -> dict[int, str]:
        """The tokens that the SentencePiece model does not have, by id."""
        return {index: token for token, index in self.fairseq_tokens_to_ids.items()}


class UnderscoredLanguages(Languages):
    """A tokenizer in which the token of the language `en` is `__en__`."""

    @property
    def cur_lang_id(self) -> int:
        """The id of the language's token that rows have now."""
        return self.get_lang_id(self._native.current_language)

    @property
    def lang_token_to_id(self) -> dict[str, int]:
        """The ids of the languages' tokens."""
        return {self._native.language_token(code): index for code, index in self._native.language_ids()}

    @property
    def id_to_lang_token(self) -> dict[int, str]:
        """The languages' tokens, by id."""
        return {index: token for token, index in self.lang_token_to_id.items()}


class TwoVocabularies(_Targets):
    """A tokenizer with a SentencePiece model for source texts and one for target texts."""

    @property
    def supported_language_codes(self) -> list[str]:
        """The codes of target languages, such as `>>fr<<`, that a text may begin with."""
        if self.separate_vocabs:
            return []
        return [token for token in self.get_vocab() if token.startswith(">>") and token.endswith("<<")]

    def get_src_vocab(self) -> dict[str, int]:
        """Every token of source texts and its id."""
        return self.get_vocab()

    def get_tgt_vocab(self) -> dict[str, int]:
        """Every token of target texts and its id."""
        vocab: dict[str, int] = self._native.for_targets().vocab()
        return vocab

    @staticmethod
    def remove_language_code(text: str) -> tuple[list[str], str]:
        """The code of a language that a text begins with, in a list, and the rest of the text."""
        end = text.find("<<")
        if not text.startswith(">>") or end == -1:
            return [], text
        return [text[: end + 2]], text[end + 2 :]


def _code(argument: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"{argument}: expected the code of a language (str), found {kind(value)}")
    return value
