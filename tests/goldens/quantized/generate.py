"""Writes tiny checkpoints in the layouts of GPTQ and AWQ, and what the reference computes from the same numbers.

Run with torch and transformers installed:  python tests/goldens/quantized/generate.py [--seed 0] [--out DIR]

The layouts are those of AutoGPTQ (`gptq`), GPTQModel (`gptq_v2`) and AutoAWQ (`gemm`), written here from what their
readers do: the reference has none of these packages. It computes in float32 from the weights in numbers.
"""

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from transformers import (
    GptOssConfig,
    GptOssForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Phi3Config,
    Phi3ForCausalLM,
)

IDS = [[3, 17, 99, 4, 65, 120, 2, 44, 8, 31, 77], [7, 7, 12, 130, 5, 61, 90, 1, 33, 28, 6]]
# The place of each column of eight among the four bits of a word.
AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)


class Scheme(NamedTuple):
    """A way to quantize."""

    family: str
    method: str
    bits: int
    group_size: int
    symmetric: bool = True
    act_order: bool = False
    version: str = "gptq"


SCHEMES = {
    "gptq": Scheme("llama", "gptq", 4, 32),
    "gptq_asymmetric": Scheme("llama", "gptq", 4, 64, symmetric=False),
    "gptq_v2": Scheme("phi3", "gptq", 4, 32, symmetric=False, version="gptq_v2"),
    "gptq_act_order": Scheme("llama", "gptq", 4, 32, act_order=True),
    "gptq_8bit": Scheme("llama", "gptq", 8, -1),
    "gptq_2bit": Scheme("llama", "gptq", 2, 32, symmetric=False),
    "awq": Scheme("llama", "awq", 4, 32, symmetric=False, version="gemm"),
    "mxfp4": Scheme("gpt_oss", "mxfp4", 4, 32),
}
# What the codes of MXFP4 stand for, and those of the other sign.
FP4 = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0], np.float32)


class Layer(NamedTuple):
    """A quantized matrix: `scales[g, n] * (codes[k, n] - zeros[g, n])` with the group g of each k."""

    codes: np.ndarray
    zeros: np.ndarray
    scales: np.ndarray
    groups: np.ndarray

    def weight(self) -> np.ndarray:
        """The matrix (n, k)."""
        scales = self.scales.astype(np.float32)
        numbers = scales[self.groups] * (self.codes.astype(np.int32) - self.zeros[self.groups]).astype(np.float32)
        return np.ascontiguousarray(numbers.T)


def quantize(weight: np.ndarray, scheme: Scheme, rng: np.random.Generator) -> Layer:
    n, k = weight.shape
    size = k if scheme.group_size < 0 else scheme.group_size
    order = rng.permutation(k) if scheme.act_order else np.arange(k)
    groups = np.empty(k, np.int32)
    groups[order] = np.arange(k) // size
    most = 2**scheme.bits - 1
    codes, zeros, scales = np.empty((k, n), np.int64), [], []
    for group in range(k // size):
        rows = weight.T[groups == group]
        low, high = np.minimum(rows.min(0), 0), np.maximum(rows.max(0), 0)
        if scheme.symmetric:
            high = np.maximum(high, -low)
            low = -high
        scale = np.maximum((high - low) / most, 1e-6).astype(np.float16)
        zero = np.full(n, 2 ** (scheme.bits - 1)) if scheme.symmetric else np.round(-low / scale.astype(np.float32))
        zero = np.clip(zero, 0, most).astype(np.int64)
        codes[groups == group] = np.clip(np.round(rows / scale.astype(np.float32)) + zero, 0, most)
        zeros.append(zero)
        scales.append(scale)
    return Layer(codes, np.stack(zeros), np.stack(scales), groups)


def words(numbers: np.ndarray, bits: int, axis: int, order: tuple[int, ...] | None = None) -> np.ndarray:
    """Numbers of a few bits as int32, those that follow each other along an axis in one word."""
    count = 32 // bits
    numbers = np.moveaxis(numbers, axis, -1)
    parts = numbers.reshape(*numbers.shape[:-1], -1, count).astype(np.uint32)
    parts = parts[..., list(order)] if order else parts
    packed = np.bitwise_or.reduce(parts << (bits * np.arange(count, dtype=np.uint32)), axis=-1)
    return np.ascontiguousarray(np.moveaxis(packed, -1, axis)).view(np.int32)


def tensors(layer: Layer, scheme: Scheme) -> dict[str, np.ndarray]:
    if scheme.method == "awq":
        packed = {name: words(getattr(layer, name), 4, 1, AWQ_ORDER) for name in ("codes", "zeros")}
        return {"qweight": packed["codes"], "qzeros": packed["zeros"], "scales": layer.scales}
    # The first format stores zeros less one.
    zeros = layer.zeros if scheme.version == "gptq_v2" else (layer.zeros - 1) & (2**scheme.bits - 1)
    return {
        "qweight": words(layer.codes, scheme.bits, 0),
        "qzeros": words(zeros, scheme.bits, 1),
        "scales": layer.scales,
        "g_idx": layer.groups,
    }


def fp4_stack(stack: np.ndarray, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Codes and scales of a stack of matrices (inputs, outputs), and what they stand for in the same shape."""
    rows = stack.swapaxes(1, 2)
    groups = rows.reshape(*rows.shape[:2], -1, 32)
    exponents = rng.integers(121, 126, groups.shape[:3]).astype(np.uint8)
    scales = np.exp2(exponents.astype(np.float32) - 127)[..., None]
    levels = np.concatenate([FP4, -FP4])
    codes = np.abs(groups[..., None] / scales[..., None] - levels).argmin(-1).astype(np.uint8)
    numbers = np.ascontiguousarray((levels[codes] * scales).reshape(rows.shape).swapaxes(1, 2))
    return {"blocks": codes[..., 0::2] | codes[..., 1::2] << 4, "scales": exponents}, numbers


def quantize_experts(model: torch.nn.Module, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], set[str]]:
    """The tensors of the experts, whose numbers the model gets; and the names of what they stand for."""
    stored, names = {}, set()
    for path, parameter in model.named_parameters():
        if path.endswith(("gate_up_proj", "down_proj")):
            parts, numbers = fp4_stack(parameter.detach().numpy(), rng)
            stored |= {f"{path}_{part}": array for part, array in parts.items()}
            parameter.data = torch.from_numpy(numbers)
            names.add(path)
    return stored, names


def quantization_config(scheme: Scheme) -> dict[str, Any]:
    if scheme.method == "mxfp4":
        kept = ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]
        return {"quant_method": "mxfp4", "modules_to_not_convert": kept}
    common = {"bits": scheme.bits, "group_size": scheme.group_size, "quant_method": scheme.method}
    if scheme.method == "awq":
        return common | {"version": scheme.version, "zero_point": True, "modules_to_not_convert": None}
    own = {"desc_act": scheme.act_order, "sym": scheme.symmetric, "checkpoint_format": scheme.version}
    return common | own | {"damp_percent": 0.1, "true_sequential": True, "static_groups": False}


def model_of(family: str, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    sizes = {
        "vocab_size": 131,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
        "pad_token_id": 0,
    }
    if family == "gpt_oss":
        experts = {"num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 16, "sliding_window": 8}
        model = GptOssForCausalLM(GptOssConfig(**sizes, **experts, rope_parameters={"rope_type": "default"}))
    elif family == "phi3":
        model = Phi3ForCausalLM(Phi3Config(**sizes))
    else:
        model = LlamaForCausalLM(LlamaConfig(**sizes, attention_bias=True))
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            parameter.copy_(noise * 0.15 if parameter.ndim > 1 else 1 + noise * 0.1)
    return model.eval()


def write(name: str, scheme: Scheme, seed: int, out: Path) -> None:
    directory = out / name
    directory.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    model = model_of(scheme.family, seed)
    stored: dict[str, np.ndarray] = {}
    expected: dict[str, np.ndarray] = {}
    quantized: set[str] = set()
    if scheme.method == "mxfp4":
        stored, quantized = quantize_experts(model, rng)
    for path, module in model.named_modules():
        if scheme.method != "mxfp4" and isinstance(module, torch.nn.Linear) and path != "lm_head":
            layer = quantize(module.weight.detach().numpy(), scheme, rng)
            stored |= {f"{path}.{part}": array for part, array in tensors(layer, scheme).items()}
            module.weight.data = torch.from_numpy(layer.weight())
            if path.startswith("model.layers.1.mlp"):
                expected[f"weights.{path}.weight"] = layer.weight()
            quantized.add(f"{path}.weight")
    for key, tensor in model.state_dict().items():
        if key not in quantized:
            half = tensor.half()
            tensor.copy_(half)
            stored[key] = half.numpy()
    with torch.no_grad():
        expected["logits"] = model(torch.tensor(IDS)).logits.numpy()
    config = model.config.to_diff_dict() | {"dtype": "float16", "architectures": [type(model).__name__]}
    config["quantization_config"] = quantization_config(scheme)
    (directory / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    save_file(stored, directory / "model.safetensors", metadata={"format": "pt"})
    save_file(expected, directory / "expected.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    for number, (name, scheme) in enumerate(SCHEMES.items()):
        write(name, scheme, args.seed + number, args.out)
    versions = {package.__name__: package.__version__ for package in (np, torch, transformers)}
    manifest = {"ids": IDS, "versions": versions, "seed": args.seed, "schemes": list(SCHEMES)}
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
