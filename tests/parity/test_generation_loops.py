"""Loops of public scripts with the models of both libraries."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
import trustformers

LLAMA = Path(__file__).parent.parent / "goldens" / "decoders" / "llama"
PROMPTS = torch.tensor([[0, 0, 11, 7], [9, 14, 22, 31]])
MASK = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Any, Any]]:
    """Each library with its model."""
    expected = transformers.AutoModelForCausalLM.from_pretrained(LLAMA, dtype=torch.float32).eval()
    return [
        (transformers, expected),
        (trustformers, trustformers.AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32")),
    ]


@pytest.mark.parametrize("beams", [1, 3])
def test_a_trie_constrains_padded_prompts(pairs: list[tuple[Any, Any]], beams: int) -> None:
    trie: dict[int, Any] = {5: {6: {2: {}}, 8: {9: {2: {}}}}, 7: {2: {}}}

    def allowed(_batch: int, sequence: torch.Tensor) -> list[int]:
        node = trie
        for token in sequence.tolist()[PROMPTS.shape[1] :]:
            node = node.get(token, {})
        return list(node) or [2]

    options: dict[str, Any] = {"attention_mask": MASK, "pad_token_id": 0, "eos_token_id": 2, "num_beams": beams}
    found = [
        model.generate(PROMPTS, prefix_allowed_tokens_fn=allowed, max_new_tokens=6, **options) for _, model in pairs
    ]
    assert torch.equal(found[0], found[1])


def test_beams_reorder_a_cache(pairs: list[tuple[Any, Any]]) -> None:
    found = []
    for _, model in pairs:
        with torch.no_grad():
            out = model(PROMPTS[1:], use_cache=True)
            scores, tokens = torch.log_softmax(out.logits[:, -1], -1)[0].topk(3)
            past = out.past_key_values
            past.batch_repeat_interleave(3)
            sequences = torch.cat([PROMPTS[1:].expand(3, -1), tokens[:, None]], 1)
            for _ in range(6):
                out = model(sequences[:, -1:], past_key_values=past, use_cache=True)
                totals = torch.log_softmax(out.logits[:, -1], -1) + scores[:, None]
                scores, flat = totals.view(-1).topk(3)
                parents = flat // totals.shape[1]
                past.reorder_cache(parents)
                sequences = torch.cat([sequences[parents], (flat % totals.shape[1])[:, None]], 1)
        found.append((sequences, scores))
    assert torch.equal(found[0][0], found[1][0])
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-4, atol=1e-5)


def test_rejected_drafts_are_cropped(pairs: list[tuple[Any, Any]]) -> None:
    for package, model in pairs:
        ids, cache = PROMPTS[1:], package.DynamicCache()
        with torch.no_grad():
            while ids.shape[1] < 16:
                draft = ids
                for _ in range(3):
                    draft = torch.cat([draft, model(draft).logits[:, -1:].argmax(-1)], 1)
                draft[0, -1] = 7
                logits = model(draft[:, cache.get_seq_length() :], past_key_values=cache, use_cache=True).logits
                chosen = logits[0, -4:].argmax(-1)
                count = int((draft[0, -3:] == chosen[:3]).long().cumprod(0).sum())
                ids = torch.cat([ids, chosen[None, : count + 1]], 1)
                cache.crop(ids.shape[1] - 1 - cache.get_seq_length())
        expected = model.generate(PROMPTS[1:], max_new_tokens=12, eos_token_id=None, pad_token_id=0)
        assert torch.equal(ids[:, :16], expected[:, :16])


def test_a_model_inside_a_processor_contrasts(pairs: list[tuple[Any, Any]]) -> None:
    found = []
    for _, model in pairs:

        def contrast(input_ids: Any, scores: Any, model: Any = model) -> Any:
            with torch.no_grad():
                amateur = torch.log_softmax(model(input_ids).logits[:, -1] / 3, -1)
            expert = torch.log_softmax(scores, -1)
            unlikely = expert < expert.amax(-1, keepdim=True) + math.log(0.1)
            return (expert - amateur).masked_fill(unlikely, -float("inf"))

        found.append(model.generate(PROMPTS[1:], logits_processor=[Calls(contrast)], max_new_tokens=8, pad_token_id=0))
    assert torch.equal(found[0], found[1])


class Calls:
    """A processor that calls a function."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        return self.function(input_ids, scores)


def test_sampling_by_hand_draws_the_same_tokens(pairs: list[tuple[Any, Any]]) -> None:
    found = []
    for package, model in pairs:
        torch.manual_seed(0)
        ids = PROMPTS[1:]
        processors = package.LogitsProcessorList(
            [
                package.RepetitionPenaltyLogitsProcessor(1.2),
                package.MinLengthLogitsProcessor(15, eos_token_id=2),
                package.TemperatureLogitsWarper(0.8),
                package.TopKLogitsWarper(20),
                package.TopPLogitsWarper(0.9),
            ]
        )
        criteria = package.StoppingCriteriaList([package.MaxLengthCriteria(20)])
        with torch.no_grad():
            while not all(criteria(ids, None)):
                scores = processors(ids, model(ids).logits[:, -1])
                ids = torch.cat([ids, torch.multinomial(torch.softmax(scores, -1), 1)], -1)
        found.append(ids)
    assert torch.equal(found[0], found[1])
