"""One checkpoint for the base model and every head of a family, and overlays for heads that cannot share it."""

import tempfile
import zlib
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import PretrainedConfig, PreTrainedModel

CLASSES = {
    "base": transformers.AutoModel,
    "masked_lm": transformers.AutoModelForMaskedLM,
    "sequence_classification": transformers.AutoModelForSequenceClassification,
    "token_classification": transformers.AutoModelForTokenClassification,
    "question_answering": transformers.AutoModelForQuestionAnswering,
}

# Question answering has two outputs, the start and the end, and the reference takes their count from num_labels.
OVERLAYS = {
    "question_answering": ("question_answering", 2),
    "regression": ("sequence_classification", 1),
}


def labels(count: int) -> dict:
    return {
        "id2label": {index: f"LABEL_{index}" for index in range(count)},
        "label2id": {f"LABEL_{index}": index for index in range(count)},
    }


def noise(name: str, shape: torch.Size, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
    center = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
    return center + 0.2 * torch.randn(shape, generator=generator)


def stored(head: str, config: PretrainedConfig, folder: Path) -> dict[str, torch.Tensor]:
    """The tensors that a class saves, under the names that the head classes give them; leaves config.json."""
    model = CLASSES[head].from_config(config)
    model.save_pretrained(folder)
    tensors = load_file(folder / "model.safetensors")
    if head == "base":
        tensors = {f"{model.base_model_prefix}.{name}": tensor for name, tensor in tensors.items()}
    return tensors


def write(config: PretrainedConfig, out: Path, seed: int) -> dict[str, dict]:
    """Writes config.json, model.safetensors and the weights of overlays; returns the manifest's overlays."""
    shapes: dict[str, torch.Size] = {}
    overlays = {}
    with tempfile.TemporaryDirectory() as scratch:
        for head in CLASSES:
            if head != "question_answering":
                tensors = stored(head, config, Path(scratch))
                shapes = {name: tensor.shape for name, tensor in tensors.items()} | shapes
            if head == "base":
                (out / "config.json").write_bytes((Path(scratch) / "config.json").read_bytes())
        for overlay, (head, count) in OVERLAYS.items():
            changed = type(config).from_dict(config.to_dict() | labels(count))
            tensors = stored(head, changed, Path(scratch))
            shared = {name: tensor.shape for name, tensor in tensors.items()} | shapes
            differing = {name: noise(f"{overlay} {name}", tensor.shape, seed) for name, tensor in tensors.items()}
            differing = {name: tensor for name, tensor in differing.items() if tensor.shape != shared[name]}
            shapes = shared
            weights = f"{overlay}.safetensors" if differing else None
            if weights is not None:
                save_file(differing, out / weights, metadata={"format": "pt"})
            overlays[overlay] = {"config": labels(count), "weights": weights}
    union = {name: noise(name, shapes[name], seed) for name in sorted(shapes)}
    save_file(union, out / "model.safetensors", metadata={"format": "pt"})
    return overlays


def load(head: str, folder: Path, overlay: dict | None = None, **options) -> PreTrainedModel:
    """The class of a head with the weights in a folder, none of them missing."""
    tensors = load_file(folder / "model.safetensors")
    if overlay is not None:
        options |= overlay["config"]
        if overlay["weights"] is not None:
            tensors |= load_file(folder / overlay["weights"])
    with tempfile.TemporaryDirectory() as scratch:
        save_file(tensors, Path(scratch) / "model.safetensors", metadata={"format": "pt"})
        (Path(scratch) / "config.json").write_bytes((folder / "config.json").read_bytes())
        model, info = CLASSES[head].from_pretrained(scratch, output_loading_info=True, dtype=torch.float32, **options)
    faults = {kind: keys for kind, keys in info.items() if kind != "unexpected_keys" and keys}
    assert not faults, f"{head} in {folder}: {faults}"
    prefix = f"{model.base_model_prefix}." if head == "base" else ""
    for name, tensor in model.state_dict().items():
        expected = tensors.get(prefix + name)
        assert expected is None or torch.equal(tensor, expected), f"{head} in {folder}: {name} differs"
    return model.eval()
