"""The tiny configurations of the encoder-decoder families, and the variants of each that change its maths."""

import argparse

from transformers import AutoConfig, PretrainedConfig

ID2LABEL = {0: "negative", 1: "neutral", 2: "positive"}

# Large enough to be seen: with 1e-6 a forgotten epsilon would pass.
EPS = 1e-3

# So few buckets that short inputs reach the logarithmic ones and the last.
T5 = {
    "d_kv": 6,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 12,
    "layer_norm_epsilon": EPS,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "decoder_start_token_id": 0,
}

# Where embeddings are scaled before a final norm, a tied head would only repeat the last token.
SETTINGS: dict[str, dict] = {
    "t5": {**T5, "feed_forward_proj": "relu"},
    "mt5": {**T5, "feed_forward_proj": "gated-gelu"},
    "umt5": {**T5, "feed_forward_proj": "gated-gelu"},
    "bart": {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2},
    # Its decoder starts with the last token of the labels, a language's code.
    "mbart": {"scale_embedding": True, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2},
    "pegasus": {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0},
    "marian": {
        "scale_embedding": True,
        "activation_function": "swish",
        "pad_token_id": 130,
        "eos_token_id": 0,
        "decoder_start_token_id": 130,
    },
    "m2m_100": {
        "scale_embedding": False,
        "activation_function": "relu",
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
    },
    "blenderbot": {
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 1,
    },
    "blenderbot-small": {
        "scale_embedding": True,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 1,
    },
}

VARIANTS: dict[str, dict[str, dict]] = {
    "t5": {
        "v1_1": {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
        "unscaled": {"tie_word_embeddings": False},
        "as_many_layers": {"num_decoder_layers": None},
        "other_buckets": {"relative_attention_num_buckets": 6, "relative_attention_max_distance": 5},
    },
    "mt5": {"untied": {"tie_word_embeddings": False}, "relu": {"feed_forward_proj": "relu"}},
    "umt5": {"untied": {"tie_word_embeddings": False}, "relu": {"feed_forward_proj": "relu"}},
    "bart": {
        "scale_embedding": {"scale_embedding": True},
        "relu": {"activation_function": "relu"},
        "other_heads": {"encoder_attention_heads": 4, "decoder_attention_heads": 2},
    },
    "mbart": {"unscaled": {"scale_embedding": False}, "relu": {"activation_function": "relu"}},
    "pegasus": {"scaled": {"scale_embedding": True}, "relu": {"activation_function": "relu"}},
    "marian": {
        "unscaled": {"scale_embedding": False},
        "gelu": {"activation_function": "gelu"},
        "two_vocabularies": {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 137},
    },
    "m2m_100": {"scaled": {"scale_embedding": True}, "gelu": {"activation_function": "gelu"}},
    "blenderbot": {"scaled": {"scale_embedding": True}},
    "blenderbot-small": {"unscaled": {"scale_embedding": False}},
}

# A checkpoint with a matrix of its own for the logits.
OWN_HEAD = {"t5": ("v1_1",), "mt5": ("untied",), "umt5": ("untied",)}

# Positions of targets count the tokens that are not padding, but with a cache the reference counts all.
POSITIONS_OF_TOKENS = ("m2m_100",)

# Their change shows in the logits only.
OF_THE_HEAD = ("unscaled", "untied")


def variants(model_type: str) -> dict[str, dict]:
    return VARIANTS.get(model_type, {})


def sizes(model_type: str, args: argparse.Namespace) -> dict:
    if model_type.endswith("t5"):
        return {
            "num_layers": args.layers,
            "num_decoder_layers": args.decoder_layers,
            "num_heads": args.heads,
            "d_ff": args.intermediate,
        }
    found: dict = {"max_position_embeddings": args.positions}
    for part, layers, intermediate in (
        ("encoder", args.layers, args.intermediate),
        ("decoder", args.decoder_layers, args.decoder_intermediate),
    ):
        found |= {
            f"{part}_layers": layers,
            f"{part}_attention_heads": args.heads,
            f"{part}_ffn_dim": intermediate,
        }
    return found


def build_config(model_type: str, args: argparse.Namespace, variant: str | None = None) -> PretrainedConfig:
    settings = {
        "vocab_size": args.vocab,
        "d_model": args.hidden,
        "dtype": "bfloat16",
        "id2label": ID2LABEL,
        "label2id": {label: index for index, label in ID2LABEL.items()},
        **sizes(model_type, args),
    } | SETTINGS[model_type]
    if variant is not None:
        settings |= variants(model_type)[variant]
    return AutoConfig.for_model(model_type, **settings)
