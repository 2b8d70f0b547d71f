"""Targets of encoder-decoders, shifted to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._checks import arrays
from trustformers.errors import InputError
from trustformers.models.tensors import Target

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["shift_tokens_right"]

# In place of a start token: each sequence begins with its last token.
_LAST: Any = object()


def shift_tokens_right(input_ids: ArrayLike, pad_token_id: int, decoder_start_token_id: int = _LAST) -> Any:
    """The tokens that a decoder reads to predict the given ones.

    Parameters
    ----------
    input_ids
        Integers of shape (batch, seq); -100 becomes the padding token.
    pad_token_id
        The padding token.
    decoder_start_token_id
        The token that each sequence begins with; without the argument, as in the function of mBART, it is the
        sequence's last token that is not padding.

    Returns
    -------
    numpy.ndarray or Tensor
        Integers of shape (batch, seq).

    Raises
    ------
    InputError
        A token is None, as in a configuration that does not set it.
    """
    for name, token in (("pad_token_id", pad_token_id), ("decoder_start_token_id", decoder_start_token_id)):
        if token is None:
            raise InputError(f"{name}: expected a token id, found None; set it in the configuration")
    target = Target.of(None, (input_ids,), "int64")
    start = None if decoder_start_token_id is _LAST else decoder_start_token_id
    shifted = _native.shift_right(arrays.ids("input_ids", input_ids), pad_token_id, start)
    return shifted if target is None else target.convert(shifted)
