"""Keys of configurations that follow from others, and attributes of their classes that are no keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ADDED", "adjust"]


# Keys of earlier versions, by family.
_EARLIER = {"bloom": {"n_embed": "hidden_size"}, "falcon": {"n_embed": "hidden_size"}}
# The window of families whose `use_sliding_window` is false.
_WITHOUT_WINDOW = {"qwen2": None, "qwen3": None, "qwen3_moe": None, "qwen2_moe": 0}
# Tokens at which glm's models stop by default.
_GLM_STOPS = (151329, 151336, 151338)


def adjust(config: Any, given: dict[str, Any]) -> None:
    """Sets the keys of a family that follow from others; `given` are the keys that its class does not have.

    Source: `__post_init__` of the configurations of transformers 5.23.0.
    """
    keys, family = vars(config), config._family
    for earlier, name in _EARLIER.get(family, {}).items():
        if (value := given.pop(earlier, None)) is not None:
            keys[name] = value
    if family in _WITHOUT_WINDOW and not keys["use_sliding_window"]:
        keys["sliding_window"] = _WITHOUT_WINDOW[family]
    if (rule := _RULES.get(family)) is not None:
        rule(keys, given)
    for name, value_of in _FROM_OTHERS.items():
        if family and name in keys and keys[name] is None and name not in config._nullable:
            keys[name] = value_of(keys)
    if "layer_types" in keys and keys["layer_types"] is None and family in _FULL:
        is_full = _FULL[family]
        layers = range(keys["num_hidden_layers"])
        keys["layer_types"] = [f"{'full' if is_full(index, keys) else 'sliding'}_attention" for index in layers]


# Keys that follow from others where they are null.
_FROM_OTHERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "embedding_size": lambda keys: keys["hidden_size"],
    "ffn_hidden_size": lambda keys: 4 * keys["hidden_size"],
    "head_dim": lambda keys: keys["hidden_size"] // keys["num_attention_heads"],
    "mlp_only_layers": lambda keys: [],
    "num_key_value_heads": lambda keys: keys["num_attention_heads"],
    "num_kv_heads": lambda keys: keys["num_attention_heads"],
    "no_rope_layers": lambda keys: [
        int((index + 1) % keys["no_rope_layer_interval"] != 0) for index in range(keys["num_hidden_layers"])
    ],
    "word_embed_proj_dim": lambda keys: keys["hidden_size"],
}


def _beyond_first_layers(index: int, keys: Mapping[str, Any]) -> bool:
    return keys["sliding_window"] is None or index < keys["max_window_layers"]


# Whether a layer has full attention, by family.
_FULL: Mapping[str, Callable[[int, Mapping[str, Any]], bool]] = {
    "exaone4": lambda index, keys: (
        not keys["sliding_window_pattern"] or (index + 1) % keys["sliding_window_pattern"] == 0
    ),
    "gemma2": lambda index, keys: index % 2 == 1,
    "gemma3_text": lambda index, keys: (index + 1) % keys["_sliding_window_pattern"] == 0,
    "gpt_oss": lambda index, keys: index % 2 == 1,
    "modernbert": lambda index, keys: index % keys.get("global_attn_every_n_layers", 3) == 0,
    "olmo3": lambda index, keys: (index + 1) % 4 == 0,
    "qwen2": _beyond_first_layers,
    "qwen2_moe": lambda index, keys: (
        index % 2 == 1 or index >= keys["max_window_layers"] or not keys["use_sliding_window"]
    ),
    "qwen3": _beyond_first_layers,
    "smollm3": lambda index, keys: (
        not keys["use_sliding_window"] or keys["sliding_window"] is None or bool(keys["no_rope_layers"][index])
    ),
}


def _bart(keys: dict[str, Any], given: dict[str, Any]) -> None:
    if keys["id2label"] is None:
        # Of natural language inference.
        given.setdefault("num_labels", 3)


def _deberta(keys: dict[str, Any], given: Mapping[str, Any]) -> None:
    keys["pooler_hidden_size"] = given.get("pooler_hidden_size", keys["hidden_size"])
    if isinstance(keys["pos_att_type"], str):
        keys["pos_att_type"] = [kind.strip() for kind in keys["pos_att_type"].lower().split("|")]


def _exaone4(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    if keys["sliding_window"] is None:
        keys["sliding_window_pattern"] = 0


def _gemma(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    if keys["hidden_act"] == "gelu":
        keys["hidden_act"] = "gelu_pytorch_tanh"


def _gemma3(keys: dict[str, Any], given: Mapping[str, Any]) -> None:
    if keys["use_bidirectional_attention"]:
        keys["sliding_window"] = keys["sliding_window"] // 2 + 1
    keys["_sliding_window_pattern"] = given.get("sliding_window_pattern", 6)


def _glm(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    if keys["eos_token_id"] is None:
        keys["eos_token_id"] = [*_GLM_STOPS]


def _gpt_neo(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    if keys["attention_types"] is None:
        keys["attention_types"] = [[["global", "local"], 12]]
    keys["attention_layers"] = [kind for kinds, count in keys["attention_types"] for kind in [*kinds] * count]


def _gpt_oss(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    if keys["rope_parameters"] is None:
        lengths = {"factor": 32.0, "original_max_position_embeddings": 4096}
        keys["rope_parameters"] = {
            "rope_type": "yarn",
            "beta_fast": 32.0,
            "beta_slow": 1.0,
            "truncate": False,
            **lengths,
        }


def _marian(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    keys["decoder_vocab_size"] = keys["decoder_vocab_size"] or keys["vocab_size"]


def _mobilebert(keys: dict[str, Any], _given: Mapping[str, Any]) -> None:
    keys["true_hidden_size"] = keys["intra_bottleneck_size" if keys["use_bottleneck"] else "hidden_size"]


def _modernbert(keys: dict[str, Any], given: Mapping[str, Any]) -> None:
    if "global_attn_every_n_layers" in given:
        keys["global_attn_every_n_layers"] = given["global_attn_every_n_layers"]


def _t5(keys: dict[str, Any], given: dict[str, Any]) -> None:
    # Version 1.1 states that its embeddings are not tied, which means that outputs are not scaled.
    keys["scale_decoder_outputs"] = given.get("tie_word_embeddings") is not False
    _mt5(keys, given)


def _mt5(keys: dict[str, Any], given: dict[str, Any]) -> None:
    if keys["num_decoder_layers"] is None:
        keys["num_decoder_layers"] = keys["num_layers"]
    first, last = (parts := keys["feed_forward_proj"].split("-"))[0], parts[-1]
    if len(parts) > 2 or (len(parts) == 2 and first != "gated"):
        raise InputError(
            f"feed_forward_proj: expected the name of an activation, or gated- and its name, found "
            f"{keys['feed_forward_proj']!r}"
        )
    keys["dense_act_fn"] = "gelu_new" if keys["feed_forward_proj"] == "gated-gelu" else last
    keys["is_gated_act"] = first == "gated"
    given.pop("tie_word_embeddings", None)
    keys["tie_word_embeddings"] = True


_RULES: Mapping[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "bart": _bart,
    "deberta-v2": _deberta,
    "exaone4": _exaone4,
    "gemma": _gemma,
    "gemma3_text": _gemma3,
    "glm": _glm,
    "glm4": _glm,
    "gpt_neo": _gpt_neo,
    "gpt_oss": _gpt_oss,
    "marian": _marian,
    "mobilebert": _mobilebert,
    "modernbert": _modernbert,
    "mt5": _mt5,
    "t5": _t5,
    "umt5": _mt5,
}


def _head_dim(config: Any) -> int:
    """The size of a head."""
    size: int = config.hidden_size // config.num_attention_heads
    return size


def _is_rotary(config: Any) -> bool:
    """Whether positions are those of a rotary embedding."""
    return not config.alibi


def _half_window(config: Any) -> int:
    """How far tokens see to each side: half of `local_attention`."""
    size: int = config.local_attention // 2
    return size


def _set_half_window(config: Any, size: int) -> None:
    config.local_attention = 2 * size


# Where keys of earlier versions have the base of each type of layers.
_GEMMA3_THETAS = {"full_attention": ("rope_theta", "global"), "sliding_attention": ("rope_local_base_freq", "local")}
_MODERNBERT_THETAS = {
    "full_attention": ("global_rope_theta", "global"),
    "sliding_attention": ("local_rope_theta", "local"),
}
_OLMO3_THETAS = {"full_attention": ("rope_theta", ""), "sliding_attention": ("rope_theta", "")}

# Attributes of classes, by family, that are no keys.
ADDED: Mapping[str, Mapping[str, Any]] = {
    "falcon": {"head_dim": property(_head_dim), "rotary": property(_is_rotary)},
    "gemma3_text": {"_thetas": _GEMMA3_THETAS},
    "glm": {"_rotary_share": 0.5},
    "glm4": {"_rotary_share": 0.5},
    "gpt_neox": {"_rotary_share": 0.25, "_has_share": False, "_earlier_rotary": ("rotary_emb_base", "rotary_pct")},
    "modernbert": {"sliding_window": property(_half_window, _set_half_window), "_thetas": _MODERNBERT_THETAS},
    "olmo3": {"_thetas": _OLMO3_THETAS},
    "phi": {"_rotary_share": 0.5},
    "phi3": {
        "_rotary_share": 1.0,
        "_has_share": False,
        "_keeps_share": True,
        "_rotary_names": {"su": "longrope", "yarn": "longrope"},
    },
    "stablelm": {"_rotary_share": 0.25},
}
