"""The tiny configurations of the decoder families, and the variants of each that change its maths."""

import argparse

from transformers import AutoConfig, PretrainedConfig

ID2LABEL = {0: "negative", 1: "neutral", 2: "positive"}

# Large enough to be seen: with 1e-6 a forgotten epsilon would pass.
EPS = 1e-3


def rope(rope_type: str = "default", **parameters: object) -> dict:
    return {"rope_parameters": {"rope_type": rope_type, "rope_theta": 1000.0, **parameters}}


def longrope(head_dim: int, **parameters: object) -> dict:
    short = [1.0 + 0.1 * index for index in range(head_dim // 2)]
    long = [1.5 + 0.7 * index for index in range(head_dim // 2)]
    return rope("longrope", short_factor=short, long_factor=long, original_max_position_embeddings=8, **parameters)


EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 20}

# Sizes that a family computes from others, or names differently, are left out of those that every family is given.
SETTINGS: dict[str, dict] = {
    "llama": {"head_dim": 12, "num_key_value_heads": 2, "rms_norm_eps": EPS, "tie_word_embeddings": True, **rope()},
    "qwen2": {"num_key_value_heads": 2, "rms_norm_eps": EPS, "tie_word_embeddings": True, **rope()},
    "qwen3": {"head_dim": 12, "num_key_value_heads": 2, "rms_norm_eps": EPS, **rope()},
    "mistral": {"head_dim": 12, "num_key_value_heads": 1, "rms_norm_eps": EPS, "sliding_window": None, **rope()},
    "gpt2": {"layer_norm_epsilon": EPS, "intermediate_size": None},
    "gemma": {"head_dim": 12, "num_key_value_heads": 1, "rms_norm_eps": EPS, **rope()},
    "gemma2": {
        "head_dim": 12,
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "query_pre_attn_scalar": 20,
        "attn_logit_softcapping": 2.0,
        "final_logit_softcapping": 5.0,
        "sliding_window": 4,
        **rope(),
    },
    "gemma3_text": {
        "num_hidden_layers": 4,
        "head_dim": 12,
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "query_pre_attn_scalar": 20,
        "sliding_window": 4,
        "layer_types": ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 1000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
        },
    },
    "phi": {"num_key_value_heads": 2, "layer_norm_eps": EPS, **rope(partial_rotary_factor=0.6)},
    "phi3": {"num_key_value_heads": 2, "rms_norm_eps": EPS, "original_max_position_embeddings": 40, **rope()},
    "gpt_neox": {"layer_norm_eps": EPS, **rope(partial_rotary_factor=0.4)},
    "gpt_neo": {
        "layer_norm_epsilon": EPS,
        "attention_types": [[["global", "local"], 1], [["local"], 1]],
        "window_size": 4,
    },
    "gptj": {"layer_norm_epsilon": EPS, "rotary_dim": 4},
    "opt": {},
    "bloom": {"layer_norm_epsilon": EPS, "num_attention_heads": 5},
    "falcon": {"layer_norm_epsilon": EPS, **rope()},
    "stablelm": {"num_key_value_heads": 2, "layer_norm_eps": EPS, **rope(partial_rotary_factor=0.4)},
    "starcoder2": {"num_key_value_heads": 2, "norm_epsilon": EPS, **rope()},
    "olmo2": {"num_key_value_heads": 2, "rms_norm_eps": EPS, **rope()},
    "granite": {
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "tie_word_embeddings": True,
        "embedding_multiplier": 3.0,
        "logits_scaling": 0.5,
        "residual_multiplier": 0.7,
        "attention_multiplier": 0.2,
        **rope(),
    },
    "cohere": {"num_key_value_heads": 2, "layer_norm_eps": EPS, "logit_scale": 0.75, **rope()},
    "mixtral": {
        "head_dim": 12,
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "intermediate_size": 20,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        **rope(),
    },
    "qwen2_moe": {
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "shared_expert_intermediate_size": 28,
        "mlp_only_layers": [1],
        **EXPERTS,
        **rope(),
    },
    "qwen3_moe": {
        "head_dim": 12,
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "norm_topk_prob": True,
        "mlp_only_layers": [1],
        **EXPERTS,
        **rope(),
    },
    "gpt_oss": {
        "head_dim": 12,
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "intermediate_size": 20,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "sliding_window": 4,
        "swiglu_limit": 1.0,
        **rope(
            "yarn",
            factor=4.0,
            beta_fast=2.0,
            beta_slow=0.05,
            truncate=False,
            original_max_position_embeddings=64,
        ),
    },
    "smollm3": {
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "no_rope_layer_interval": 2,
        "tie_word_embeddings": True,
        **rope(),
    },
    "olmo": {"num_key_value_heads": 2, **rope()},
    "olmo3": {
        "num_hidden_layers": 4,
        "num_key_value_heads": 2,
        "rms_norm_eps": EPS,
        "sliding_window": 4,
        "rope_parameters": {
            "full_attention": {
                "rope_type": "yarn",
                "rope_theta": 1000.0,
                "factor": 4.0,
                "beta_fast": 2.0,
                "beta_slow": 0.05,
                "attention_factor": 1.2,
                "original_max_position_embeddings": 64,
            },
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
        },
    },
    "glm": {
        "num_key_value_heads": 1,
        "head_dim": 12,
        "rms_norm_eps": EPS,
        "attention_bias": False,
        **rope(partial_rotary_factor=0.5),
    },
    "glm4": {
        "num_key_value_heads": 2,
        "head_dim": 12,
        "rms_norm_eps": EPS,
        "attention_bias": False,
        **rope(partial_rotary_factor=0.5),
    },
    "exaone4": {
        "num_hidden_layers": 4,
        "num_key_value_heads": 2,
        "head_dim": 12,
        "rms_norm_eps": EPS,
        "sliding_window": 4,
        "sliding_window_pattern": 3,
        **rope(),
    },
    "ernie4_5": {
        "num_key_value_heads": 2,
        "head_dim": 12,
        "rms_norm_eps": EPS,
        "tie_word_embeddings": True,
        **rope(),
    },
    "hunyuan_v1_dense": {"num_key_value_heads": 2, "head_dim": 12, "rms_norm_eps": EPS, **rope()},
    "seed_oss": {
        "num_key_value_heads": 2,
        "head_dim": 12,
        "rms_norm_eps": EPS,
        "attention_bias": False,
        **rope(),
    },
    "arcee": {"head_dim": 12, "num_key_value_heads": 2, "rms_norm_eps": EPS, "tie_word_embeddings": True, **rope()},
    "helium": {"head_dim": 10, "num_key_value_heads": 2, "rms_norm_eps": EPS, "tie_word_embeddings": True, **rope()},
}

# None where a family has no such key.
OWN_NAMES: dict[str, dict[str, str | None]] = {
    "gpt2": {"intermediate_size": "n_inner"},
    "gptj": {"intermediate_size": "n_inner"},
    "opt": {"intermediate_size": "ffn_dim"},
    "bloom": {"intermediate_size": None, "max_position_embeddings": None},
    "falcon": {"intermediate_size": "ffn_hidden_size"},
}

# The inputs of variants have 6 and 9 tokens, so that 8 positions are too few for the longer ones.
VARIANTS: dict[str, dict[str, dict]] = {
    "llama": {
        "untied": {"tie_word_embeddings": False},
        "biases": {"attention_bias": True, "mlp_bias": True},
        "rope_linear": rope("linear", factor=3.0),
        "rope_dynamic": {"max_position_embeddings": 8, **rope("dynamic", factor=2.0)},
        "rope_llama3": rope(
            "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64
        ),
        "rope_yarn": rope("yarn", factor=4.0, beta_fast=2.0, beta_slow=0.05, original_max_position_embeddings=64),
        "rope_yarn_mscale": rope(
            "yarn",
            factor=4.0,
            beta_fast=3.0,
            beta_slow=0.05,
            mscale=1.5,
            mscale_all_dim=0.5,
            truncate=False,
            original_max_position_embeddings=64,
        ),
        "rope_yarn_attention_factor": rope(
            "yarn", factor=4.0, attention_factor=1.3, original_max_position_embeddings=64
        ),
        "rope_longrope": longrope(12),
    },
    "qwen2": {
        "untied": {"tie_word_embeddings": False},
        "sliding_window": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1},
    },
    "qwen3": {
        "attention_bias": {"attention_bias": True},
        "sliding_window": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1},
    },
    "mistral": {"sliding_window": {"sliding_window": 4}},
    "gpt2": {
        "untied": {"tie_word_embeddings": False},
        "inverse_layer_idx": {"scale_attn_by_inverse_layer_idx": True},
        "reorder_and_upcast": {"scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": True},
        "unscaled": {"scale_attn_weights": False},
        "inner": {"n_inner": 24},
    },
    "gemma": {"attention_bias": {"attention_bias": True}},
    "gemma2": {
        "uncapped": {"attn_logit_softcapping": None, "final_logit_softcapping": None},
        "other_layers": {"layer_types": ["full_attention", "sliding_attention", "sliding_attention"]},
    },
    "gemma3_text": {
        # Of the scores the reference caps none, whatever attn_logit_softcapping says.
        "final_softcap": {"attn_logit_softcapping": 2.0, "final_logit_softcapping": 5.0},
        "rope_linear": {
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 1000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            }
        },
    },
    "phi": {
        "qk_layernorm": {"qk_layernorm": True, "num_key_value_heads": 4},
        "rotary_of_all": rope(partial_rotary_factor=1.0),
    },
    "phi3": {
        "partial_rotary": rope(partial_rotary_factor=0.4),
        "sliding_window": {"sliding_window": 4},
        "rope_longrope": {"original_max_position_embeddings": 8, **longrope(10)},
    },
    "gpt_neox": {
        "sequential": {"use_parallel_residual": False},
        "rotary_of_all": rope(partial_rotary_factor=1.0),
        "without_attention_bias": {"attention_bias": False},
    },
    "gpt_neo": {
        "global_only": {"attention_types": [[["global"], 3]]},
        "window_of_three": {"attention_types": [[["local", "global", "local"], 1]], "window_size": 3},
    },
    "gptj": {"rotary_of_all": {"rotary_dim": 10}},
    "opt": {
        "norm_after": {"do_layer_norm_before": False},
        "embed_proj": {"do_layer_norm_before": False, "word_embed_proj_dim": 24},
        "without_bias": {"enable_bias": False, "layer_norm_elementwise_affine": False},
        "gelu": {"activation_function": "gelu"},
    },
    "bloom": {
        "residual_after_norm": {"apply_residual_connection_post_layernorm": True},
        "four_heads": {"num_attention_heads": 4},
        "eight_heads": {"num_attention_heads": 8},
    },
    "falcon": {
        "new_decoder": {"new_decoder_architecture": True, "num_kv_heads": 2},
        "new_decoder_one_norm": {
            "new_decoder_architecture": True,
            "num_kv_heads": 2,
            "num_ln_in_parallel_attn": 1,
        },
        "sequential": {"parallel_attn": False},
        "alibi": {"alibi": True},
        "alibi_of_five_heads": {
            "alibi": True,
            "num_attention_heads": 5,
            "multi_query": False,
            "parallel_attn": False,
            "bias": True,
        },
    },
    "stablelm": {
        "parallel": {"use_parallel_residual": True},
        "qk_layernorm": {"qk_layernorm": True},
        "biases": {"use_qkv_bias": True, **rope(partial_rotary_factor=1.0)},
    },
    "starcoder2": {
        "without_bias": {"use_bias": False},
        "sliding_window": {"sliding_window": 4},
        "untied": {"tie_word_embeddings": False},
    },
    "olmo2": {"attention_bias": {"attention_bias": True}},
    "granite": {
        "plain": {
            "embedding_multiplier": 1.0,
            "logits_scaling": 1.0,
            "residual_multiplier": 1.0,
            "attention_multiplier": 1.0,
        },
        "biases": {"attention_bias": True, "mlp_bias": True},
        "untied": {"tie_word_embeddings": False},
    },
    "cohere": {
        "qk_norm": {"use_qk_norm": True},
        "attention_bias": {"attention_bias": True},
        "untied": {"tie_word_embeddings": False},
    },
    "mixtral": {"sliding_window": {"sliding_window": 4}, "one_expert": {"num_experts_per_tok": 1}},
    "qwen2_moe": {
        "norm_topk_prob": {"norm_topk_prob": True},
        "sparse_step": {"decoder_sparse_step": 3, "mlp_only_layers": []},
        "without_qkv_bias": {"qkv_bias": False},
        "sliding_window": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 2},
    },
    "qwen3_moe": {
        "probabilities_as_they_are": {"norm_topk_prob": False},
        "attention_bias": {"attention_bias": True},
        "sliding_window": {"use_sliding_window": True, "sliding_window": 4},
    },
    "gpt_oss": {
        "without_bias": {"attention_bias": False},
        "three_experts": {"num_experts_per_tok": 3},
        "swiglu": {"swiglu_limit": 7.0, "swiglu_alpha": 1.2},
        "full_attention": {"layer_types": ["full_attention"] * 3},
    },
    "smollm3": {
        "biases": {"attention_bias": True, "mlp_bias": True},
        "sliding_window": {"use_sliding_window": True, "sliding_window": 4},
        "other_layers": {"no_rope_layers": [0, 1, 1]},
        "rope_yarn": rope("yarn", factor=4.0, beta_fast=2.0, beta_slow=0.05, original_max_position_embeddings=64),
        "untied": {"tie_word_embeddings": False},
    },
    "olmo": {
        "clip_qkv": {"clip_qkv": 0.5},
        "attention_bias": {"attention_bias": True},
    },
    "olmo3": {
        "attention_bias": {"attention_bias": True},
        "other_layers": {"layer_types": ["full_attention", "sliding_attention", "full_attention", "sliding_attention"]},
    },
    "glm": {"attention_bias": {"attention_bias": True}, "rotary_of_all": rope(partial_rotary_factor=1.0)},
    "glm4": {"attention_bias": {"attention_bias": True}, "rotary_of_all": rope(partial_rotary_factor=1.0)},
    "exaone4": {
        "full_attention": {"sliding_window": None, "layer_types": ["full_attention"] * 4},
        "rope_llama3": rope(
            "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64
        ),
    },
    "ernie4_5": {"biases": {"use_bias": True}, "untied": {"tie_word_embeddings": False}},
    "hunyuan_v1_dense": {
        "attention_bias": {"attention_bias": True},
        "rope_alpha": rope("dynamic", alpha=50.0, factor=1.0),
        "rope_dynamic": {"max_position_embeddings": 8, **rope("dynamic", factor=2.0)},
    },
    "seed_oss": {
        "attention_bias": {"attention_bias": True},
        "other_biases": {"attention_out_bias": True, "mlp_bias": True},
    },
    "arcee": {
        "untied": {"tie_word_embeddings": False},
        "biases": {"attention_bias": True, "mlp_bias": True},
        "rope_yarn": rope("yarn", factor=4.0, beta_fast=2.0, beta_slow=0.05, original_max_position_embeddings=64),
    },
    "helium": {
        "untied": {"tie_word_embeddings": False},
        "biases": {"attention_bias": True, "mlp_bias": True},
    },
}

# Their change shows in the logits only.
OF_THE_HEAD = ("untied", "final_softcap")


def variants(model_type: str) -> dict[str, dict]:
    return VARIANTS.get(model_type, {})


def build_config(model_type: str, args: argparse.Namespace, variant: str | None = None) -> PretrainedConfig:
    settings = {
        "vocab_size": args.vocab,
        "hidden_size": args.hidden,
        "num_attention_heads": args.heads,
        "num_hidden_layers": 3,
        "intermediate_size": 44,
        "max_position_embeddings": args.positions,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 3,
        "dtype": "bfloat16",
        "id2label": ID2LABEL,
        "label2id": {label: index for index, label in ID2LABEL.items()},
    } | SETTINGS[model_type]
    given = {"num_hidden_layers": args.layers, "intermediate_size": args.intermediate}
    settings |= {name: value for name, value in given.items() if value is not None}
    for name, own in OWN_NAMES.get(model_type, {}).items():
        value = settings.pop(name)
        if own is not None:
            settings[own] = value
    if variant is not None:
        settings |= variants(model_type)[variant]
    return AutoConfig.for_model(model_type, **settings)
