"""Seeded weights, and the reference's models with them."""

import json
import tempfile
import zlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import PretrainedConfig, PreTrainedModel

NORMS = ("norm", "ln_", ".ln.")


def labels(count: int) -> dict:
    return {
        "id2label": {index: f"LABEL_{index}" for index in range(count)},
        "label2id": {f"LABEL_{index}": index for index in range(count)},
    }


def noise(name: str, shape: torch.Size, seed: int, norm_center: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
    # The prefix of a family is no norm.
    own_name = name.lower().replace("roberta_prelayernorm.", "")
    is_norm = any(part in own_name for part in NORMS) and name.endswith("weight")
    return (norm_center if is_norm else 0.0) + 0.2 * torch.randn(shape, generator=generator)


def stored(kind: type, is_base: bool, config: PretrainedConfig, folder: Path) -> dict[str, torch.Tensor]:
    """The tensors that a class saves, under the names that the head classes give them; leaves config.json."""
    model = kind.from_config(config)
    model.save_pretrained(folder)
    tensors = load_file(folder / "model.safetensors")
    if is_base:
        tensors = {f"{model.base_model_prefix}.{name}": tensor for name, tensor in tensors.items()}
    return tensors


def load(
    kind: type, is_base: bool, folder: Path, overlay: dict | None = None, dtype: torch.dtype = torch.float32, **options
) -> PreTrainedModel:
    """A model of a class with the weights in a folder, none of them missing."""
    tensors = load_file(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    if overlay is not None:
        config |= overlay["config"]
        if overlay["weights"] is not None:
            tensors |= load_file(folder / overlay["weights"])
        tensors = {name: tensor for name, tensor in tensors.items() if name not in overlay.get("without", ())}
    with tempfile.TemporaryDirectory() as scratch:
        save_file(tensors, Path(scratch) / "model.safetensors", metadata={"format": "pt"})
        (Path(scratch) / "config.json").write_text(json.dumps(config))
        model, info = kind.from_pretrained(scratch, output_loading_info=True, dtype=dtype, **options)
    faults = {key: keys for key, keys in info.items() if key != "unexpected_keys" and keys}
    assert not faults, f"{kind.__name__} in {folder}: {faults}"
    prefix = f"{model.base_model_prefix}." if is_base else ""
    for name, tensor in model.state_dict().items():
        expected = tensors.get(prefix + name)
        assert expected is None or torch.equal(tensor, expected.to(tensor.dtype)), f"{folder}: {name} differs"
    return model.eval()
