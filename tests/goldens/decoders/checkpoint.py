"""The heads that decoder families have in common, and how the reference computes them."""

import sys
from pathlib import Path

import transformers
from transformers import PretrainedConfig

sys.path.insert(0, str(Path(__file__).parent.parent))
from shared import checkpoint


class Checkpoint(checkpoint.Checkpoint):
    """A checkpoint of a decoder family, with the heads that these families have."""

    classes = {
        "base": transformers.AutoModel,
        "causal_lm": transformers.AutoModelForCausalLM,
        "sequence_classification": transformers.AutoModelForSequenceClassification,
        "token_classification": transformers.AutoModelForTokenClassification,
    }
    main_head = "causal_lm"

    def __init__(self, out: Path, config: PretrainedConfig, seed: int):
        super().__init__(out, config, seed)
        # What is added to one in a norm's weight is stored by these.
        self.norm_center = 0.0 if config.model_type.startswith("gemma") else 1.0

    def implementations(self) -> dict[str, str]:
        has_experts = any(".experts." in name for name in self.shapes)
        return super().implementations() | ({"experts_implementation": "eager"} if has_experts else {})
