"""The tiny configurations of the encoder families, with settings that let every feature change the result."""

import argparse
import json
from pathlib import Path

from transformers import AutoConfig, PretrainedConfig

ID2LABEL = {0: "negative", 1: "neutral", 2: "positive"}

# Large enough to be seen: with 1e-12 a forgotten epsilon would pass.
EPS = 1e-3

SETTINGS: dict[str, dict] = {
    "bert": {"type_vocab_size": 3, "layer_norm_eps": EPS},
    "distilbert": {},
    "roberta": {"type_vocab_size": 2, "layer_norm_eps": EPS},
    "xlm-roberta": {"type_vocab_size": 1, "layer_norm_eps": EPS},
    "camembert": {"type_vocab_size": 2, "layer_norm_eps": EPS},
    "electra": {"type_vocab_size": 2, "layer_norm_eps": EPS, "embedding_size": 24},
    "albert": {
        "type_vocab_size": 2,
        "layer_norm_eps": EPS,
        "embedding_size": 24,
        "num_hidden_groups": 1,
        "inner_group_num": 1,
        "hidden_act": "gelu_new",
    },
    # The reference always computes 32 buckets, whatever relative_attention_num_buckets says.
    "mpnet": {"layer_norm_eps": EPS, "relative_attention_num_buckets": 32},
    "deberta-v2": {
        "layer_norm_eps": EPS,
        "relative_attention": True,
        "position_buckets": 8,
        "max_relative_positions": -1,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_biased_input": False,
        "type_vocab_size": 0,
    },
    "modernbert": {
        "norm_eps": EPS,
        "num_hidden_layers": 4,
        "intermediate_size": 48,
        "global_attn_every_n_layers": 3,
        "local_attention": 6,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 1000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
        },
        "pad_token_id": 3,
        "bos_token_id": 1,
        "cls_token_id": 1,
        "eos_token_id": 2,
        "sep_token_id": 2,
    },
    "data2vec-text": {"type_vocab_size": 2, "layer_norm_eps": EPS},
    "ernie": {"type_vocab_size": 3, "layer_norm_eps": EPS, "use_task_id": True, "task_type_vocab_size": 4},
    "rembert": {
        "type_vocab_size": 2,
        "layer_norm_eps": EPS,
        "input_embedding_size": 24,
        "output_embedding_size": 56,
        "bos_token_id": 1,
        "eos_token_id": 2,
    },
    "xlm-roberta-xl": {"type_vocab_size": 2, "layer_norm_eps": EPS},
    "roformer": {"type_vocab_size": 2, "layer_norm_eps": EPS, "embedding_size": 24},
    "squeezebert": {
        "type_vocab_size": 2,
        "layer_norm_eps": EPS,
        "embedding_size": 40,
        "q_groups": 4,
        "k_groups": 5,
        "v_groups": 2,
        "post_attention_groups": 1,
        "intermediate_groups": 4,
        "output_groups": 8,
    },
    "mobilebert": {
        "type_vocab_size": 2,
        "layer_norm_eps": EPS,
        "embedding_size": 24,
        "intra_bottleneck_size": 20,
        "num_feedforward_networks": 3,
        # Without statistics numbers grow from layer to layer.
        "num_hidden_layers": 2,
        "intermediate_size": 32,
    },
    "megatron-bert": {"type_vocab_size": 3, "layer_norm_eps": EPS},
    "roberta-prelayernorm": {"type_vocab_size": 2, "layer_norm_eps": EPS},
    "nomic_bert": {
        "type_vocab_size": 2,
        "num_hidden_layers": 2,
        "intermediate_size": 64,
        "layer_norm_eps": EPS,
        "rope_parameters": {"rope_type": "default", "rope_theta": 100.0},
    },
    "eurobert": {
        "rms_norm_eps": EPS,
        "num_key_value_heads": 1,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1000.0},
        "pad_token_id": 3,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "mask_token_id": 4,
    },
}

# Settings whose results are kept beside those of the family's own.
OVERLAYS: dict[str, dict[str, dict]] = {
    "ernie": {"without_tasks": {"use_task_id": False}},
    "nomic_bert": {
        "head_dim": {"head_dim": 12},
        "dynamic_rope": {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 100.0}},
    },
    "rembert": {"never_tied": {"tie_word_embeddings": True}},
    "roformer": {"rotary_value": {"rotary_value": True}, "equal_sizes": {"embedding_size": 40}},
    "squeezebert": {
        "other_groups": {
            "q_groups": 1,
            "k_groups": 2,
            "v_groups": 5,
            "post_attention_groups": 10,
            "intermediate_groups": 1,
            "output_groups": 4,
        }
    },
    "mobilebert": {
        "layer_norm": {"normalization_type": "layer_norm"},
        "own_tokens_only": {"trigram_input": False},
        "wide_tokens": {"trigram_input": False, "embedding_size": 40},
        "wide_trigrams": {"embedding_size": 40},
        "bottleneck_attention": {"use_bottleneck_attention": True},
        "one_bottleneck": {
            "key_query_shared_bottleneck": False,
            "intra_bottleneck_size": 40,
            "normalization_type": "layer_norm",
        },
        "no_bottleneck": {"use_bottleneck": False, "normalization_type": "layer_norm"},
        "one_feed_forward": {"num_feedforward_networks": 1, "classifier_activation": False},
    },
    "eurobert": {
        "bos": {"classifier_pooling": "bos"},
        "mean": {"classifier_pooling": "mean"},
        "biases": {"attention_bias": True, "mlp_bias": True, "num_key_value_heads": 5},
        "tied": {"tie_word_embeddings": True, "hidden_act": "gelu"},
        "linear_rope": {"rope_parameters": {"rope_type": "linear", "factor": 3.0, "rope_theta": 1000.0}},
        "head_dim": {"head_dim": 12},
    },
}

# Their positions count the tokens that are not padding, from pad_token_id + 1.
POSITIONS_AFTER_PADDING = (
    "roberta",
    "xlm-roberta",
    "camembert",
    "mpnet",
    "data2vec-text",
    "xlm-roberta-xl",
    "roberta-prelayernorm",
)

VARIANTS: dict[str, dict[str, dict]] = {
    "bert": {"single_segment": {"type_vocab_size": 1}},
    "distilbert": {"sinusoidal": {"sinusoidal_pos_embds": True}},
    "roberta": {"other_padding": {"pad_token_id": 5, "positions_after_padding": 6}},
    "electra": {"equal_sizes": {"embedding_size": None}},
    "albert": {
        "groups": {"num_hidden_groups": 2, "inner_group_num": 2, "num_hidden_layers": 4},
        "uneven_groups": {"num_hidden_groups": 2, "num_hidden_layers": 3},
    },
    "deberta-v2": {
        "v2": {
            "type_vocab_size": 2,
            "position_biased_input": True,
            "position_buckets": -1,
            "share_att_key": False,
            "conv_kernel_size": 3,
            "norm_rel_ebd": "none",
        },
        "xlarge": {"conv_kernel_size": 3, "conv_act": "gelu"},
        "grouped_conv": {"conv_kernel_size": 5, "conv_groups": 5},
        "far": {"position_buckets": -1, "max_relative_positions": 7},
        "buckets": {"position_buckets": 4, "max_relative_positions": 11},
        "c2p": {"pos_att_type": ["c2p"]},
        "p2c": {"pos_att_type": "p2c", "share_att_key": False},
        "absolute": {"relative_attention": False, "pos_att_type": None, "position_biased_input": True},
        "lm_predictions": {"legacy": False},
    },
    "modernbert": {
        "mean": {"classifier_pooling": "mean"},
        "biases": {
            "norm_bias": True,
            "attention_bias": True,
            "mlp_bias": True,
            "classifier_bias": True,
            "decoder_bias": False,
            "classifier_activation": "silu",
        },
        "alternate": {"global_attn_every_n_layers": 2, "local_attention": 4, "num_hidden_layers": 5},
        "odd_window": {"local_attention": 5},
        "all_global": {"global_attn_every_n_layers": 1},
        # Changes no value, only how config.json says it; see use_legacy_keys.
        "legacy_keys": {},
    },
}

EVERY_FAMILY: dict[str, dict] = {
    "untied": {"tie_word_embeddings": False},
    "gelu_new": {"act": "gelu_new"},
    "relu": {"act": "relu"},
    "silu": {"act": "silu"},
}


def variants(model_type: str) -> dict[str, dict]:
    return EVERY_FAMILY | VARIANTS.get(model_type, {}) | OVERLAYS.get(model_type, {})


def build_config(model_type: str, args: argparse.Namespace, more: dict | None = None) -> PretrainedConfig:
    settings = {
        "vocab_size": args.vocab,
        "hidden_size": args.hidden,
        "num_attention_heads": args.heads,
        "num_hidden_layers": 3,
        "max_position_embeddings": args.positions,
        "id2label": ID2LABEL,
        "label2id": {label: index for index, label in ID2LABEL.items()},
        "hidden_dim" if model_type == "distilbert" else "intermediate_size": args.intermediate or 72,
    } | SETTINGS[model_type]
    settings |= more or {}
    if args.variant is not None:
        settings |= variants(model_type)[args.variant]
    act = args.act or settings.pop("act", None)
    if act is not None:
        settings[{"distilbert": "activation", "modernbert": "hidden_activation"}.get(model_type, "hidden_act")] = act
    if args.layers is not None:
        settings["num_hidden_layers"] = args.layers
    if args.intermediate is not None and "intermediate_size" in settings:
        settings["intermediate_size"] = args.intermediate
    if model_type in POSITIONS_AFTER_PADDING:
        settings["max_position_embeddings"] += settings.pop("positions_after_padding", 2)
    if settings.get("embedding_size", 0) is None:
        settings["embedding_size"] = args.hidden
    return AutoConfig.for_model(model_type, **settings)


def use_legacy_keys(file: Path) -> None:
    """Rewrites a configuration as the ModernBERT checkpoints on the Hub have it."""
    config = json.loads(file.read_text())
    del config["layer_types"]
    thetas = config.pop("rope_parameters")
    config["global_rope_theta"] = thetas["full_attention"]["rope_theta"]
    config["local_rope_theta"] = thetas["sliding_attention"]["rope_theta"]
    file.write_text(json.dumps(dict(sorted(config.items())), indent=2) + "\n")
