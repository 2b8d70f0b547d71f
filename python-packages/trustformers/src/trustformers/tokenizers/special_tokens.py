"""Special and added tokens of a tokenizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from trustformers._checks.arguments import flag, kind
from trustformers.errors import InputError
from trustformers.tokenizers.assembly import pieces

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AddedToken", "SpecialTokens"]

ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")

_Fields: TypeAlias = tuple[str, bool, bool, bool, bool, bool]


@dataclass(frozen=True)
class AddedToken:
    """An added token and how it matches text.

    `single_word`: matches whole words only; `lstrip`, `rstrip`: takes the spaces before or after; `normalized`: matches
    normalized text, by default unless the token is special; `special`: removed by `skip_special_tokens`.
    """

    content: str
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool | None = None
    special: bool = False

    def __str__(self) -> str:
        return self.content

    def __repr__(self) -> str:
        normalized = not self.special if self.normalized is None else self.normalized
        return (
            f'AddedToken("{self.content}", rstrip={self.rstrip}, lstrip={self.lstrip}, '
            f"single_word={self.single_word}, normalized={normalized}, special={self.special})"
        )


class _Role:
    """A special token, by the attribute's name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: SpecialTokens, owner: type) -> str | None: ...
    def __get__(self, instance: SpecialTokens | None, owner: type) -> Self | str | None:
        return self if instance is None else instance.special_tokens_map.get(self._name)

    def __set__(self, instance: SpecialTokens, value: str | AddedToken | None) -> None:
        content = None if value is None else _fields(self._name, value)[0]
        instance._native = instance._native.with_special_token(self._name, content)


class _RoleId:
    """The id of a special token, by the attribute's name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name.removesuffix("_id")

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: SpecialTokens, owner: type) -> int | None: ...
    def __get__(self, instance: SpecialTokens | None, owner: type) -> Self | int | None:
        if instance is None:
            return self
        token = instance.special_tokens_map.get(self._name)
        return None if token is None else instance._id_of(token)

    def __set__(self, instance: SpecialTokens, value: int | None) -> None:
        token = None if value is None else instance._token_of(self._name, value)
        instance._native = instance._native.with_special_token(self._name, token)


class SpecialTokens:
    """Special and added tokens of a tokenizer."""

    _native: Any

    bos_token: _Role = _Role()
    eos_token: _Role = _Role()
    unk_token: _Role = _Role()
    sep_token: _Role = _Role()
    pad_token: _Role = _Role()
    cls_token: _Role = _Role()
    mask_token: _Role = _Role()
    bos_token_id: _RoleId = _RoleId()
    eos_token_id: _RoleId = _RoleId()
    unk_token_id: _RoleId = _RoleId()
    sep_token_id: _RoleId = _RoleId()
    pad_token_id: _RoleId = _RoleId()
    cls_token_id: _RoleId = _RoleId()
    mask_token_id: _RoleId = _RoleId()

    @property
    def SPECIAL_TOKENS_ATTRIBUTES(self) -> list[str]:
        """The names of special tokens: the roles, and those that only this tokenizer has."""
        return [*ROLES, *(name for name in self.special_tokens_map if name not in ROLES)]

    @property
    def pad_token_type_id(self) -> int:
        """The `token_type_ids` value of padding."""
        return 0

    @property
    def special_tokens_map(self) -> dict[str, str]:
        """The named special tokens."""
        return dict(self._native.special_tokens_map())

    @property
    def extra_special_tokens(self) -> list[str]:
        """Special tokens that have no attribute of their own."""
        tokens: list[str] = self._native.extra_special_tokens()
        return tokens

    @extra_special_tokens.setter
    def extra_special_tokens(self, value: Sequence[str | AddedToken] | None) -> None:
        tokens = [fields[0] for fields in _token_list("extra_special_tokens", value or [])]
        self._native = self._native.with_extra_special_tokens(tokens)

    @property
    def extra_special_tokens_ids(self) -> list[int | None]:
        """The ids of `extra_special_tokens`."""
        return [self._id_of(token) for token in self.extra_special_tokens]

    @property
    def all_special_tokens(self) -> list[str]:
        """All special tokens without duplicates."""
        tokens: list[str] = self._native.all_special_tokens()
        return tokens

    @property
    def all_special_ids(self) -> list[int]:
        """The ids of `all_special_tokens`."""
        ids: list[int | None] = self._native.convert_tokens_to_ids(self.all_special_tokens)
        return [index for index in ids if index is not None]

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        """The added tokens by id."""
        return {index: AddedToken(*fields) for index, fields in self._native.added_tokens()}

    @property
    def added_tokens_encoder(self) -> dict[str, int]:
        """The ids of added tokens."""
        return {fields[0]: index for index, fields in self._native.added_tokens()}

    def get_added_vocab(self) -> dict[str, int]:
        """The ids of added tokens."""
        return self.added_tokens_encoder

    def add_tokens(
        self, new_tokens: str | AddedToken | Sequence[str | AddedToken], special_tokens: bool = False
    ) -> int:
        """Adds tokens, which are matched before text is split; returns how many were added or changed.

        Tokens of the vocabulary keep their ids; other tokens get new ids, for which the model needs embeddings.
        """
        is_single = isinstance(new_tokens, str) or hasattr(new_tokens, "content")
        special = flag("special_tokens", special_tokens)
        fields = _token_list("new_tokens", [new_tokens] if is_single else new_tokens, special)
        native, count = self._native.with_added_tokens(fields, special=special)
        self._native = native
        return int(count)

    def add_special_tokens(
        self,
        special_tokens_dict: Mapping[str, str | AddedToken | Sequence[str | AddedToken]],
        replace_extra_special_tokens: bool = True,
    ) -> int:
        """Sets special tokens and adds them to the vocabulary; returns how many were added or changed.

        Parameters
        ----------
        special_tokens_dict
            Tokens by attribute (`"pad_token"`, ...), and a list of tokens as `"extra_special_tokens"`.
        replace_extra_special_tokens
            Whether `"extra_special_tokens"` replaces the current list or extends it.
        """
        if not isinstance(special_tokens_dict, Mapping):
            raise InputError(f"special_tokens_dict: expected a dict, found {kind(special_tokens_dict)}")
        roles = dict(special_tokens_dict)
        if "additional_special_tokens" in roles and not roles.get("extra_special_tokens"):
            roles["extra_special_tokens"] = roles.pop("additional_special_tokens")
        added: list[_Fields] = []
        native = self._native
        for role, value in roles.items():
            if role in ROLES:
                fields = _fields(role, value)
                native = native.with_special_token(role, fields[0])
                added.append(fields)
            elif role == "extra_special_tokens":
                listed = _token_list(role, value)
                extra = [] if replace_extra_special_tokens and listed else native.extra_special_tokens()
                new = [fields for fields in listed if fields[0] not in extra]
                native = native.with_extra_special_tokens([*extra, *(fields[0] for fields in new)])
                added.extend(new)
            else:
                names = ", ".join([*ROLES, "extra_special_tokens"])
                raise InputError(f"special_tokens_dict: {role!r} is not one of {names}")
        native, count = native.with_added_tokens(added, special=True)
        self._native = native
        return int(count)

    def get_special_tokens_mask(
        self,
        token_ids_0: Sequence[int],
        token_ids_1: Sequence[int] | None = None,
        already_has_special_tokens: bool = False,
    ) -> list[int]:
        """1 for each special token of a row, else 0.

        Parameters
        ----------
        token_ids_0, token_ids_1
            The ids of one sequence or a pair, to which special tokens are added.
        already_has_special_tokens
            Whether `token_ids_0` is a row with special tokens.

        Raises
        ------
        InputError
            There are two sequences of ids with special tokens.
        """
        if already_has_special_tokens:
            if token_ids_1 is not None:
                raise InputError("token_ids_1: a row with special tokens is one sequence; pass token_ids_0 alone")
            special = set(self.all_special_ids)
            return [int(index in special) for index in token_ids_0]
        lengths = (len(token_ids_0), len(token_ids_1 or ()))
        row: list[int] = []
        for piece in pieces(self._native, token_ids_1 is not None):
            row += [1] if piece.sequence is None else [0] * lengths[piece.sequence]
        return row

    def _specific_token(self, name: str) -> Any:
        """A special token, or its id, that only some tokenizers have, such as `image_token`.

        Raises
        ------
        AttributeError
            The tokenizer has no such token.
        """
        token = self.special_tokens_map.get(name.removesuffix("_id"))
        if token is None:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self._id_of(token) if name.endswith("_id") else token

    def _id_of(self, token: str) -> int | None:
        index: int | None = self._native.convert_tokens_to_ids([token])[0]
        return index

    def _token_of(self, role: str, index: int) -> str:
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < 1 << 32:
            raise InputError(f"{role}_id: expected an id (int) of at least 0, found {kind(index)}")
        token: str | None = self._native.convert_ids_to_tokens([index])[0]
        if token is None:
            raise InputError(f"{role}_id: the vocabulary holds no id {index}")
        return token


def _token_list(argument: str, tokens: object, special: bool = True) -> list[_Fields]:
    if isinstance(tokens, str) or not isinstance(tokens, (list, tuple)):
        raise InputError(f"{argument}: expected a list of tokens, found {kind(tokens)}")
    return [_fields(f"{argument}[{index}]", token, special) for index, token in enumerate(tokens)]


def _fields(argument: str, token: Any, special: bool = True) -> _Fields:
    """The fields of a token; `AddedToken` of the tokenizers package has the same attributes."""
    if isinstance(token, str):
        token = AddedToken(token)
    elif not isinstance(getattr(token, "content", None), str):
        raise InputError(f"{argument}: expected a token (str or AddedToken), found {kind(token)}")
    try:
        token.content.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{argument}: half of a surrogate pair at position {error.start}") from error
    special = special or bool(token.special)
    normalized = not special if token.normalized is None else bool(token.normalized)
    return token.content, bool(token.single_word), bool(token.lstrip), bool(token.rstrip), normalized, special
