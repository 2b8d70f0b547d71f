"""Tiny models of the reference, written as llama.cpp's converter writes them."""

from pathlib import Path
from typing import Any, NamedTuple

import blocks
import numpy as np
import torch
import transformers
from gguf import MODEL_ARCH_NAMES, GGMLQuantizationType, GGUFWriter, get_tensor_name_map

HIDDEN, HEADS, KV_HEADS, HEAD_DIM, INNER, LAYERS, VOCAB, POSITIONS = 64, 4, 2, 16, 96, 2, 96, 48

COMMON = {
    "vocab_size": VOCAB,
    "hidden_size": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KV_HEADS,
    "intermediate_size": INNER,
    "max_position_embeddings": POSITIONS,
    "pad_token_id": None,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}


class Setting(NamedTuple):
    """A model and its file."""

    architecture: str
    model_type: str
    # Keys of the model's configuration beside the common ones.
    config: dict[str, Any]
    # Types of the file's matrices, in turn.
    types: list[str]
    # Keys that the reference does not read from the file, or reads under another name.
    told: tuple[str, ...] = ()


SETTINGS = {
    "llama": Setting("llama", "llama", {"tie_word_embeddings": False}, ["Q8_0", "Q4_0", "F16"]),
    "llama_k": Setting(
        "llama",
        "llama",
        {"hidden_size": 256, "num_hidden_layers": 1, "num_key_value_heads": 1, "intermediate_size": 256}
        | {"vocab_size": 64, "tie_word_embeddings": True, "rope_theta": 500000.0},
        ["Q4_K", "Q6_K", "Q5_K"],
    ),
    "qwen2": Setting("qwen2", "qwen2", {"tie_word_embeddings": True}, ["Q4_0", "Q8_0"]),
    "qwen3": Setting(
        "qwen3", "qwen3", {"head_dim": 32, "tie_word_embeddings": True}, ["Q8_0", "Q5_0"], told=("head_dim",)
    ),
    "gemma2": Setting("gemma2", "gemma2", {"head_dim": HEAD_DIM, "sliding_window": 6}, ["Q4_1", "Q8_0"]),
    "gemma3": Setting(
        "gemma3",
        "gemma3_text",
        {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 6, "head_dim": HEAD_DIM, "sliding_window": 6},
        ["Q4_0", "Q5_1"],
    ),
    "phi3": Setting("phi3", "phi3", {"tie_word_embeddings": False}, ["Q8_0", "Q4_1"]),
    "starcoder2": Setting("starcoder2", "starcoder2", {}, ["Q8_0", "Q5_0"], told=("vocab_size",)),
    "stablelm": Setting("stablelm", "stablelm", {"use_qkv_bias": True, "tie_word_embeddings": False}, ["Q5_1", "Q8_0"]),
    "stablelm_parallel": Setting(
        "stablelm", "stablelm", {"use_parallel_residual": True, "tie_word_embeddings": False}, ["Q8_0", "Q4_0"]
    ),
    "gpt2": Setting("gpt2", "gpt2", {"n_positions": POSITIONS}, ["Q8_0", "Q4_0"], told=("n_positions", "vocab_size")),
    "bloom": Setting("bloom", "bloom", {"hidden_size": 32, "n_head": 4, "n_layer": LAYERS}, ["Q8_0", "Q4_1"]),
    "falcon": Setting("falcon", "falcon", {"hidden_size": 32, "num_attention_heads": 2}, ["Q8_0", "Q5_0"]),
    "qwen2moe": Setting(
        "qwen2moe",
        "qwen2_moe",
        EXPERTS | {"shared_expert_intermediate_size": 64, "tie_word_embeddings": False},
        ["Q8_0", "Q4_0"],
        told=("moe_intermediate_size", "shared_expert_intermediate_size"),
    ),
    "qwen3moe": Setting(
        "qwen3moe",
        "qwen3_moe",
        EXPERTS | {"head_dim": HEAD_DIM, "norm_topk_prob": True, "tie_word_embeddings": False},
        ["Q8_0", "Q4_1"],
        told=("moe_intermediate_size",),
    ),
}


def build(setting: Setting, seed: int) -> transformers.PreTrainedModel:
    """A model with noise in every parameter."""
    config = transformers.AutoConfig.for_model(setting.model_type, **COMMON | setting.config)
    torch.manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    center = 0.0 if setting.model_type.startswith("gemma") else 1.0
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_norm = parameter.ndim == 1 and name.endswith(("norm.weight", "layernorm.weight", "ln_f.weight"))
            is_norm |= ".ln_" in name and name.endswith(".weight")
            parameter.normal_(0.0, 0.12).add_(center if is_norm else 0.0)
    return model


def converted(setting: Setting, model: transformers.PreTrainedModel) -> dict[str, np.ndarray]:
    """The tensors under their names in the file, with what the converter does to them."""
    config = model.config
    architecture = next(arch for arch, name in MODEL_ARCH_NAMES.items() if name == setting.architecture)
    names = get_tensor_name_map(architecture, config.num_hidden_layers)
    tensors = {}
    for name, tensor in model.state_dict().items():
        values = tensor.numpy()
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        if name.endswith(("mlp.experts.gate_up_proj", "mlp.experts.down_proj")):
            layer = name.split(".")[2]
            parts = (
                {"down": values}
                if name.endswith("down_proj")
                else dict(zip(("gate", "up"), np.split(values, 2, 1), strict=True))
            )
            tensors |= {f"blk.{layer}.ffn_{part}_exps.weight": stack for part, stack in parts.items()}
            continue
        stem, suffix = name.rsplit(".", 1)
        # Some names are known as those of the model without its head only.
        known = names.get_name(stem) or names.get_name(stem.removeprefix(f"{model.base_model_prefix}."))
        assert known is not None, name
        stored = f"{known}.{suffix}"
        if setting.architecture == "llama" and ".attn_q." in stored:
            values = paired(values, config.num_attention_heads)
        elif setting.architecture == "llama" and ".attn_k." in stored:
            values = paired(values, config.num_key_value_heads)
        elif setting.architecture.startswith("gemma") and stored.endswith("norm.weight"):
            values = values + 1
        elif setting.architecture == "gpt2" and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            values = values.T
        elif setting.architecture == "bloom" and "attn_qkv" in stored:
            grouped = values.reshape(config.n_head, 3, -1, *values.shape[1:])
            values = grouped.swapaxes(0, 1).reshape(values.shape)
        elif "ffn_gate_inp_shexp" in stored:
            values = values[0]
        tensors[stored] = np.ascontiguousarray(values)
    return tensors


def paired(values: np.ndarray, heads: int) -> np.ndarray:
    """The rows of each head, those of the two halves in turn."""
    return values.reshape(heads, 2, -1, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def metadata(setting: Setting, config: transformers.PretrainedConfig) -> dict[str, int | float]:
    """The keys that a converter writes, behind the architecture's name."""
    heads = config.num_attention_heads
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // heads
    is_older = setting.architecture in ("gpt2", "bloom", "falcon")
    found: dict[str, int | float] = {
        "embedding_length": config.hidden_size,
        "block_count": config.num_hidden_layers,
        "attention.head_count": heads,
        "context_length": getattr(config, "max_position_embeddings", POSITIONS),
        "feed_forward_length": 4 * config.hidden_size if is_older else config.intermediate_size,
        "vocab_size": config.vocab_size,
    }
    for key in ("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon"):
        if (value := getattr(config, key, None)) is not None:
            found["attention.layer_norm_rms_epsilon" if "rms" in key else "attention.layer_norm_epsilon"] = value
    if setting.architecture == "falcon":
        found["attention.head_count_kv"] = 1
    elif getattr(config, "num_key_value_heads", None):
        found["attention.head_count_kv"] = config.num_key_value_heads
    if setting.architecture not in ("gpt2", "bloom"):
        parameters = config.rope_parameters.get("full_attention", config.rope_parameters)
        found["rope.freq_base"] = parameters["rope_theta"]
        found["rope.dimension_count"] = int(head_dim * parameters.get("partial_rotary_factor", 1.0))
    if "head_dim" in setting.config:
        found |= {"attention.key_length": head_dim, "attention.value_length": head_dim}
    if "sliding_window" in setting.config:
        found["attention.sliding_window"] = config.sliding_window
    if setting.architecture == "gemma2":
        found |= {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}
    if "num_experts" in setting.config:
        found |= {"expert_count": config.num_experts, "expert_used_count": config.num_experts_per_tok}
        found["expert_feed_forward_length"] = config.moe_intermediate_size
    if "shared_expert_intermediate_size" in setting.config:
        found["expert_shared_feed_forward_length"] = config.shared_expert_intermediate_size
    return found


def write(file: Path, setting: Setting, model: transformers.PreTrainedModel, seed: int, types: list[str]) -> None:
    writer = GGUFWriter(file, setting.architecture)
    writer.add_name(setting.model_type)
    for key, value in metadata(setting, model.config).items():
        add = writer.add_uint32 if isinstance(value, int) else writer.add_float32
        add(f"{setting.architecture}.{key}", value)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    if setting.architecture == "phi3":
        # The reference has another default, which is beyond this vocabulary.
        writer.add_pad_token_id(0)
    rng = np.random.default_rng(seed)
    matrices = 0
    for name, values in converted(setting, model).items():
        kind = "F32"
        if values.ndim > 1 and "ffn_gate_inp" not in name and "position" not in name:
            kind = types[matrices % len(types)]
            matrices += 1
        writer.add_tensor(name, blocks.encode(values, kind, rng), raw_dtype=GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def load(file: Path, setting: Setting, config: transformers.PretrainedConfig) -> transformers.PreTrainedModel:
    """What the reference makes of a file, told what it does not read there."""
    told = {key: getattr(config, key) for key in setting.told}
    eager = {"attn_implementation": "eager"}
    if "num_experts" in setting.config:
        eager["experts_implementation"] = "eager"
    kind = transformers.AutoModelForCausalLM
    return kind.from_pretrained(file.parent, gguf_file=file.name, **told, **eager).eval()
