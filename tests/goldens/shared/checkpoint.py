"""One checkpoint for the base model and every head of a family, and overlays for its variants."""

import json
import tempfile
from pathlib import Path
from typing import ClassVar

import torch
import transformers
from safetensors.torch import save_file
from shared import weights
from shared.weights import labels, noise
from transformers import PretrainedConfig, PreTrainedModel


def differing_keys(changed: dict, base: dict) -> dict:
    return {key: changed.get(key) for key in [*changed, *base] if changed.get(key) != base.get(key)}


class Checkpoint:
    """In a folder. Its weights are kept in bfloat16, as these families are published, and are exact in float32."""

    classes: ClassVar[dict[str, type]]
    main_head: ClassVar[str]
    norm_center = 1.0

    def __init__(self, out: Path, config: PretrainedConfig, seed: int):
        self.out = out
        self.config = config
        self.seed = seed
        self.shapes: dict[str, torch.Size] = {}
        self.overlays: dict[str, dict] = {}

    @property
    def heads(self) -> list[str]:
        """Those that the reference has for the family."""
        return [head for head, kind in self.classes.items() if type(self.config) in kind._model_mapping]

    def stored(self, head: str, config: PretrainedConfig, folder: Path) -> dict[str, torch.Tensor]:
        """The tensors that a head's class saves; leaves config.json."""
        return weights.stored(self.classes[head], head == "base", config, folder)

    def changed_keys(self, variant: str, changed: dict, base: dict) -> dict:
        """What a variant's config.json says otherwise."""
        return differing_keys(changed, base)

    def implementations(self) -> dict[str, str]:
        """Those that every size can be computed with."""
        return {"attn_implementation": "eager"}

    def noise(self, name: str, key: str | None = None) -> torch.Tensor:
        return noise(key or name, self.shapes[name], self.seed, self.norm_center).to(torch.bfloat16)

    def write(self, variants: dict[str, PretrainedConfig]) -> None:
        with tempfile.TemporaryDirectory() as name:
            scratch = Path(name)
            for head in self.heads:
                tensors = self.stored(head, self.config, scratch)
                self.shapes |= {name: tensor.shape for name, tensor in tensors.items()}
                if head == self.main_head:
                    written = json.loads((scratch / "config.json").read_text())
                    (self.out / "config.json").write_text(json.dumps(written, indent=2) + "\n")
            union = {name: self.noise(name) for name in sorted(self.shapes)}
            save_file(union, self.out / "model.safetensors", metadata={"format": "pt"})
            if "sequence_classification" in self.heads:
                changed = type(self.config).from_dict(self.config.to_dict() | labels(1))
                self.add_overlay("regression", "sequence_classification", changed, labels(1), scratch)
            for variant, config in variants.items():
                tensors_of = self.add_overlay(variant, self.main_head, config, None, scratch)
                changes = self.changed_keys(variant, json.loads((scratch / "config.json").read_text()), written)
                assert changes, f"{config.model_type} {variant} changes nothing"
                self.overlays[variant] = {"config": changes, "weights": tensors_of}

    def add_overlay(
        self, overlay: str, head: str, config: PretrainedConfig, changes: dict | None, scratch: Path
    ) -> str | None:
        """Writes the tensors that a configuration adds or has in another shape; returns their file."""
        tensors = self.stored(head, config, scratch)
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

    def load(self, head: str, overlay: str | None = None, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
        changes = self.overlays.get(overlay)
        model = weights.load(self.classes[head], head == "base", self.out, changes, dtype, **self.implementations())
        if head == self.main_head:
            # Nothing that a case does not name itself.
            model.generation_config = transformers.GenerationConfig()
        return model
