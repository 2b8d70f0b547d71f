"""A loop of one's own over a model that several processes train; rank 0 writes the losses and the weights.

loop.py OUT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from train import collate, examples, model_of
from trustformers import distributed
from trustformers.training import AdamW, DataLoader, DistributedDataParallel, DistributedSampler, clip_grad_norm_


def main() -> None:
    out = Path(sys.argv[1])
    rank, size = distributed.get_rank(), distributed.get_world_size()
    rows = examples("classification", 32, 3)
    sampler = DistributedSampler(rows, shuffle=True, seed=5)
    loader = DataLoader(rows, batch_size=8 // size, sampler=sampler, collate_fn=collate)
    model = DistributedDataParallel(model_of("classification").train())
    optimizer = AdamW(model.parameters(), lr=1e-3)
    losses: list[float] = []
    norms: list[float] = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        for index, batch in enumerate(loader):
            is_last = index % 2 == 1
            if is_last:
                loss = model(**batch).loss / 2
                loss.backward()
            else:
                with model.no_sync():
                    loss = model(**batch).loss / 2
                    loss.backward()
            losses.append(sum(distributed.all_gather_object(float(loss))) / size)
            if is_last:
                norms.append(float(clip_grad_norm_(model.parameters(), 1.0)))
                optimizer.step()
                model.zero_grad()
    total = distributed.all_reduce(distributed_tensor(rank))
    first = distributed.broadcast(distributed_tensor(rank + 10), src=size - 1)
    objects: list[Any] = [rank, "x"]
    distributed.broadcast_object_list(objects, src=size - 1)
    distributed.barrier()
    if rank == 0:
        weights: dict[str, Any] = {name: weight.detach().numpy() for name, weight in model.named_parameters()}
        np.savez(out / "weights.npz", **weights)
        found = {"total": total.tolist(), "first": first.tolist(), "objects": objects}
        (out / "log.json").write_text(json.dumps({"losses": losses, "norms": norms, **found}))


def distributed_tensor(value: int) -> Any:
    from trustformers import Tensor

    return Tensor([float(value), 1.0])


if __name__ == "__main__":
    main()
