"""Examples come in the order of transformers' `Trainer`, recorded in tests/goldens/orders."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from trustformers import set_seed
from trustformers.runtime.generators import Generator, default_generator
from trustformers.training.dataloader import DataLoader
from trustformers.training.samplers import LengthGroupedSampler, RandomSampler, SequentialSampler, seedable

GOLDEN = json.loads((Path(__file__).parents[2] / "goldens" / "orders" / "orders.json").read_text(encoding="utf-8"))


class Examples:
    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": [1 + index] * (1 + 7 * index % 13), "index": index}


def indices(rows: list[dict[str, Any]]) -> list[int]:
    return [row["index"] for row in rows]


def drawing(rows: list[dict[str, Any]]) -> list[int]:
    """The indices, and a number as masks need them."""
    return [*indices(rows), default_generator.random64() % 2**63]


def sampler_of(data: Examples, arguments: dict[str, Any]) -> Any:
    strategy = arguments.get("train_sampling_strategy")
    if strategy == "sequential":
        return SequentialSampler(data)
    if strategy == "group_by_length":
        return LengthGroupedSampler(GOLDEN["batch_size"] * arguments.get("gradient_accumulation_steps", 1), data)
    sampler = RandomSampler(data)
    return sampler if "accelerator_config" in arguments else seedable(sampler, arguments.get("data_seed"))


def evaluated(arguments: dict[str, Any], collate: Any) -> list[list[int]]:
    data = Examples(GOLDEN["evaluated"])
    sampler: Any = SequentialSampler(data)
    if arguments.get("train_sampling_strategy") == "group_by_length":
        generator = Generator().manual_seed(arguments.get("data_seed", arguments.get("seed", 42)))
        sampler = LengthGroupedSampler(GOLDEN["eval_batch_size"], data, generator=generator)
    return list(DataLoader(data, GOLDEN["eval_batch_size"], sampler=sampler, collate_fn=collate))


@pytest.mark.parametrize("factor", [None, 0, 5])
@pytest.mark.parametrize("name", GOLDEN["runs"])
def test_training_and_evaluations_see_batches_in_the_order_of_transformers(name: str, factor: int | None) -> None:
    run = GOLDEN["runs"][name]
    arguments = run["arguments"]
    collate = drawing if name.startswith("drawing") else indices
    set_seed(arguments.get("seed", 42))
    data = Examples(run["examples"])
    loader = DataLoader(
        data,
        GOLDEN["batch_size"],
        sampler=sampler_of(data, arguments),
        drop_last=arguments.get("dataloader_drop_last", False),
        collate_fn=collate,
        prefetch_factor=factor,
    )
    train: list[list[int]] = []
    evaluations: list[list[list[int]]] = []
    if arguments.get("eval_on_start"):
        evaluations.append(evaluated(arguments, collate))
    accumulation = arguments.get("gradient_accumulation_steps", 1)
    step = 0
    for epoch in range(GOLDEN["epochs"]):
        loader.set_epoch(epoch)
        batches = iter(loader)
        while accumulated := list(islice(batches, min(accumulation, len(loader) * (epoch + 1) - len(train)))):
            train += accumulated
            step += 1
            is_last = epoch == GOLDEN["epochs"] - 1 and len(train) == len(loader) * GOLDEN["epochs"]
            if arguments.get("eval_strategy") == "steps" and (step % arguments["eval_steps"] == 0 or is_last):
                evaluations.append(evaluated(arguments, collate))
            if step == arguments.get("max_steps"):
                break
        if arguments.get("eval_strategy") == "epoch":
            evaluations.append(evaluated(arguments, collate))
        if step == arguments.get("max_steps"):
            break
    # The record has a batch that was made and not used.
    assert train == run["train"][: len(train)]
    assert len(run["train"]) == len(train) + ("max_steps" in arguments)
    assert evaluations == run["eval"]


@pytest.mark.parametrize("case", GOLDEN["permutations"], ids=lambda case: f"{case['n']}-{case['seed']}")
def test_permutations_are_those_of_torch(case: dict[str, Any]) -> None:
    assert list(Generator().manual_seed(case["seed"]).randperm(case["n"])) == case["order"]
