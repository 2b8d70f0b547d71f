"""One checkpoint for the base model and every head of a family, and overlays for its variants."""

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
    "causal_lm": transformers.AutoModelForCausalLM,
    "sequence_classification": transformers.AutoModelForSequenceClassification,
    "token_classification": transformers.AutoModelForTokenClassification,
}


def heads(config: PretrainedConfig) -> list[str]:
    """Those that the reference has for a family."""
    return [head for head, kind in CLASSES.items() if type(config) in kind._model_mapping]


def differing_keys(changed: dict, base: dict) -> dict:
    return {key: changed.get(key) for key in [*changed, *base] if changed.get(key) != base.get(key)}


class Checkpoint:
    """In a folder. Its weights are kept in bfloat16, as these families are published, and are exact in float32."""

    def __init__(self, out: Path, config: PretrainedConfig, seed: int):
        self.out = out
        self.config = config
        self.seed = seed
        # What is added to one in a norm's weight is stored by these.
        self.norm_center = 0.0 if config.model_type.startswith("gemma") else 1.0
        self.shapes: dict[str, torch.Size] = {}
        self.overlays: dict[str, dict] = {}

    def noise(self, name: str, key: str | None = None) -> torch.Tensor:
        return noise(key or name, self.shapes[name], self.seed, self.norm_center).to(torch.bfloat16)

    def write(self, variants: dict[str, PretrainedConfig]) -> None:
        with tempfile.TemporaryDirectory() as name:
            scratch = Path(name)
            for head in heads(self.config):
                tensors = weights.stored(CLASSES[head], head == "base", self.config, scratch)
                self.shapes |= {name: tensor.shape for name, tensor in tensors.items()}
                if head == "causal_lm":
                    written = json.loads((scratch / "config.json").read_text())
                    (self.out / "config.json").write_text(json.dumps(written, indent=2) + "\n")
            union = {name: self.noise(name) for name in sorted(self.shapes)}
            save_file(union, self.out / "model.safetensors", metadata={"format": "pt"})
            if "sequence_classification" in heads(self.config):
                changed = type(self.config).from_dict(self.config.to_dict() | labels(1))
                self.add_overlay("regression", "sequence_classification", changed, labels(1), scratch)
            for variant, config in variants.items():
                tensors_of = self.add_overlay(variant, "causal_lm", config, None, scratch)
                changes = differing_keys(json.loads((scratch / "config.json").read_text()), written)
                assert changes, f"{config.model_type} {variant} changes nothing"
                self.overlays[variant] = {"config": changes, "weights": tensors_of}

    def add_overlay(
        self, overlay: str, head: str, config: PretrainedConfig, changes: dict | None, scratch: Path
    ) -> str | None:
        """Writes the tensors that a configuration adds or has in another shape; returns their file."""
        tensors = weights.stored(CLASSES[head], False, config, scratch)
        shapes = self.shapes
        self.shapes = {name: tensor.shape for name, tensor in tensors.items()}
        differing = {
            name: self.noise(name, f"{overlay} {name}")
            for name, shape in self.shapes.items()
            if shapes.get(name) != shape
        }
        self.shapes = shapes
        file = f"{overlay}.safetensors" if differing else None
        if file is not None:
            save_file(differing, self.out / file, metadata={"format": "pt"})
        if changes is not None:
            self.overlays[overlay] = {"config": changes, "weights": file}
        return file

    def implementations(self) -> dict[str, str]:
        """Those that every size can be computed with."""
        has_experts = any(".experts." in name for name in self.shapes)
        return {"attn_implementation": "eager"} | ({"experts_implementation": "eager"} if has_experts else {})

    def load(self, head: str, overlay: str | None = None, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
        changes = self.overlays.get(overlay)
        model = weights.load(CLASSES[head], head == "base", self.out, changes, dtype, **self.implementations())
        if head == "causal_lm":
            # Nothing that a case does not name itself.
            model.generation_config = transformers.GenerationConfig()
        return model
