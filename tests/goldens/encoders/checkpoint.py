"""One checkpoint for the base model and every head of a family, and overlays for heads that cannot share it."""

import json
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import PretrainedConfig, PreTrainedModel

sys.path.insert(0, str(Path(__file__).parent.parent))
from shared import weights
from shared.weights import labels, noise

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


def heads(config: PretrainedConfig) -> list[str]:
    """Those that the reference has for a family."""
    return [head for head, kind in CLASSES.items() if type(config) in kind._model_mapping]


def stored(head: str, config: PretrainedConfig, folder: Path) -> dict[str, torch.Tensor]:
    return weights.stored(CLASSES[head], head == "base", config, folder)


def write(
    config: PretrainedConfig, out: Path, seed: int, variants: dict[str, PretrainedConfig] | None = None
) -> dict[str, dict]:
    """Writes config.json, model.safetensors and the weights of overlays; returns the manifest's overlays."""
    shapes: dict[str, torch.Size] = {}
    overlays = {}
    with tempfile.TemporaryDirectory() as scratch:
        for head in heads(config):
            if head != "question_answering":
                tensors = stored(head, config, Path(scratch))
                shapes = {name: tensor.shape for name, tensor in tensors.items()} | shapes
            if head == "base":
                (out / "config.json").write_bytes((Path(scratch) / "config.json").read_bytes())
        for overlay, (head, count) in OVERLAYS.items():
            if head not in heads(config):
                continue
            changed = type(config).from_dict(config.to_dict() | labels(count))
            tensors = stored(head, changed, Path(scratch))
            shared = {name: tensor.shape for name, tensor in tensors.items()} | shapes
            differing = {name: noise(f"{overlay} {name}", tensor.shape, seed) for name, tensor in tensors.items()}
            differing = {name: tensor for name, tensor in differing.items() if tensor.shape != shared[name]}
            shapes = shared
            file = f"{overlay}.safetensors" if differing else None
            if file is not None:
                save_file(differing, out / file, metadata={"format": "pt"})
            overlays[overlay] = {"config": labels(count), "weights": file}
    union = {name: noise(name, shapes[name], seed) for name in sorted(shapes)}
    save_file(union, out / "model.safetensors", metadata={"format": "pt"})
    for overlay, changed in (variants or {}).items():
        overlays[overlay] = write_variant(overlay, changed, out, seed, shapes)
    return overlays


def write_variant(overlay: str, config: PretrainedConfig, out: Path, seed: int, shapes: dict[str, torch.Size]) -> dict:
    """Writes what other settings add to a checkpoint or have in another shape; names what they lack."""
    found: dict[str, torch.Size] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for head in heads(config):
            if head != "question_answering":
                tensors = stored(head, config, Path(scratch))
                found = {name: tensor.shape for name, tensor in tensors.items()} | found
            if head == "base":
                written = json.loads((Path(scratch) / "config.json").read_text())
    differing = {name: noise(f"{overlay} {name}", shape, seed) for name, shape in found.items()}
    differing = {name: tensor for name, tensor in differing.items() if tensor.shape != shapes.get(name)}
    file = f"{overlay}.safetensors" if differing else None
    if file is not None:
        save_file(differing, out / file, metadata={"format": "pt"})
    base = json.loads((out / "config.json").read_text())
    changes = {key: written.get(key) for key in [*written, *base] if written.get(key) != base.get(key)}
    assert changes, f"{config.model_type} {overlay} changes nothing"
    lacking = sorted(name for name in shapes if name not in found and not name.startswith("qa_outputs."))
    return {"config": changes, "weights": file} | ({"without": lacking} if lacking else {})


def load(
    head: str, folder: Path, overlay: dict | None = None, dtype: torch.dtype = torch.float32, **options
) -> PreTrainedModel:
    return weights.load(CLASSES[head], head == "base", folder, overlay, **options).to(dtype)
