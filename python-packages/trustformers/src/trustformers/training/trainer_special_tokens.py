"""Special tokens of a tokenizer in the configuration of the model that it is trained with."""

from __future__ import annotations

from typing import Any

from trustformers.training.trainer_base import logger

__all__ = ["align_special_tokens"]

_SEVERAL = "eos_token_id"


def align_special_tokens(model: Any, processing_class: Any) -> None:
    """Gives the configurations of a model and of its generation the special tokens that the tokenizer has.

    A tokenizer may have new ones. Further end tokens stay.

    Parameters
    ----------
    model
        The model.
    processing_class
        The tokenizer.
    """
    config = getattr(model, "config", None)
    if config is None:
        return
    generation = getattr(model, "generation_config", None)
    changed = {}
    for name in (_SEVERAL, "bos_token_id", "pad_token_id"):
        token = getattr(processing_class, name, None)
        if token is not None and _align(name, token, config, generation):
            changed[name] = token
    if changed:
        logger.warning("the model's configuration gets the tokenizer's special tokens: %s", changed)


def _align(name: str, token: int, config: Any, generation: Any) -> bool:
    """Sets a special token; returns whether it was another."""
    own = getattr(config, name, None)
    known = own if isinstance(own, list) else [own]
    generated = None if generation is None else getattr(generation, name, None)
    others = generated if isinstance(generated, list) else [generated]
    if token in known and (generation is None or token in others):
        return False
    keeps = isinstance(own, list) and name == _SEVERAL
    setattr(config, name, [token, *(one for one in known if one != token)] if keeps else token)
    if generation is not None:
        kept = [token, *(one for one in others if one is not None and one != token)]
        setattr(generation, name, kept if name == _SEVERAL else token)
    return True
