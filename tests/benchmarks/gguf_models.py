"""GGUF files of a checkpoint of Qwen3's shape, for the contestants that read them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stored import tensors_of

TYPES = ("BF16", "Q8_0", "Q4_0")
_LAYER = {
    "input_layernorm": "attn_norm",
    "mlp.down_proj": "ffn_down",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.k_norm": "attn_k_norm",
    "self_attn.k_proj": "attn_k",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.v_proj": "attn_v",
}
_WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}


def gguf_file(kind: str) -> str:
    """The name of the file whose matrices are of a type."""
    return f"model-{kind}.gguf"


def write(directory: Path) -> None:
    """Writes the files that are not there yet beside the checkpoint."""
    config = json.loads((directory / "config.json").read_text())
    for kind in TYPES:
        if not (directory / gguf_file(kind)).exists():
            _write(directory, config, kind)
            print(f"{directory.name}/{gguf_file(kind)}: written")


def _write(directory: Path, config: dict[str, Any], kind: str) -> None:
    import gguf

    target = directory / gguf_file(kind)
    writer = gguf.GGUFWriter(target.with_suffix(".part"), "qwen3")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    quantized = gguf.GGMLQuantizationType[kind]
    for name, values in _tensors(directory / "model.safetensors"):
        if values.ndim == 1:
            writer.add_tensor(_name(name), values)
        else:
            writer.add_tensor(_name(name), gguf.quants.quantize(values, quantized), raw_dtype=quantized)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    target.with_suffix(".part").rename(target)


def _name(name: str) -> str:
    if name in _WHOLE:
        return _WHOLE[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{_LAYER[rest.removesuffix('.weight')]}.weight"


def _tensors(file: Path) -> list[tuple[str, NDArray[np.float32]]]:
    """The tensors of a safetensors file in bfloat16, in float32; a tied head is left out."""
    stored, start = tensors_of(file)
    with file.open("rb") as opened:
        tensors = []
        for name, tensor in stored.items():
            if name == "lm_head.weight":
                continue
            if tensor["dtype"] != "BF16":
                raise ValueError(f"{file}: {name} is {tensor['dtype']}, expected BF16")
            first, last = tensor["data_offsets"]
            opened.seek(start + first)
            halves = np.frombuffer(opened.read(last - first), np.uint16).astype(np.uint32) << 16
            tensors.append((name, halves.view(np.float32).reshape(tensor["shape"])))
    return tensors
