"""Memory of torch tensors that a script frees while `generate` calls it."""

from __future__ import annotations

from pathlib import Path

import torch
import trustformers

LLAMA = Path(__file__).parent.parent / "goldens" / "decoders" / "llama"


def test_tensors_are_freed_within_a_processor() -> None:
    # torch frees tensors without the GIL, which the arrays that own their memory need.
    model = trustformers.AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32")
    ids = torch.tensor([[5, 6, 7]])

    def process(input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            logits = model(input_ids).logits
            del logits
        return scores

    found = model.generate(ids, logits_processor=[process], max_new_tokens=6)
    assert torch.equal(found, model.generate(ids, max_new_tokens=6))
