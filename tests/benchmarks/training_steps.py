"""The process that `training.py` measures: loads a model, then trains a step for each line that it reads."""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from contestants import OURS
from first_result import memory

LEARNING_RATE = 5e-5
MAX_NORM = 1.0

Step = Callable[[], float]


def main() -> None:
    package, case = sys.argv[1], json.loads(sys.argv[2])
    # Whatever a library prints must not come between the lines.
    answers, sys.stdout = sys.stdout, sys.stderr
    evaluate, step = {OURS: ours, "torch": torch_steps}[package](case)
    print(json.dumps({"loss": evaluate()}), file=answers, flush=True)
    began = time.process_time()
    for _ in sys.stdin:
        start = time.perf_counter()
        loss = step()
        row = {"seconds": time.perf_counter() - start, "loss": loss, "cpu_seconds": time.process_time() - began}
        print(json.dumps(row | memory()), file=answers, flush=True)


def batch(case: dict[str, Any]) -> dict[str, Any]:
    """Rows of one length, or of lengths from 16 to that."""
    rng = np.random.default_rng(0)
    rows, seq = case["batch"], case["seq"]
    ids = rng.integers(1000, 30000, (rows, seq))
    lengths = np.linspace(16, seq, rows).astype(int) if case["mixed"] else np.full(rows, seq)
    mask = (np.arange(seq)[None] < lengths[:, None]).astype(np.int64)
    labels = ids if case["head"].endswith("CausalLM") else rng.integers(0, 2, rows)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def ours(case: dict[str, Any]) -> tuple[Step, Step]:
    import trustformers as tf
    from trustformers.training import AdamW, clip_grad_norm_

    autocast: Any = nullcontext
    if case["precision"] == "bfloat16":
        from trustformers import training

        autocast = lambda: training.autocast("cpu", "bfloat16")  # noqa: E731
    model = getattr(tf, case["head"]).from_pretrained(Path(case["path"]), dtype="float32", **case["settings"])
    if case["activation_checkpointing"]:
        model.activation_checkpointing_enable()
    inputs = batch(case)

    def loss() -> Any:
        with autocast():
            return model(**inputs).loss

    return evaluation(model, loss, tf.no_grad), training_step(model, loss, AdamW, clip_grad_norm_)


def torch_steps(case: dict[str, Any]) -> tuple[Step, Step]:
    import torch
    import transformers

    torch.set_num_threads(int(os.environ["TRUSTFORMERS_NUM_THREADS"]))
    model = getattr(transformers, case["head"]).from_pretrained(case["path"], dtype=torch.float32, **case["settings"])
    if case["activation_checkpointing"]:
        model.activation_checkpointing_enable()
    inputs = {name: torch.from_numpy(value) for name, value in batch(case).items()}

    def loss() -> Any:
        with torch.autocast("cpu", torch.bfloat16, enabled=case["precision"] == "bfloat16"):
            return model(**inputs).loss

    return evaluation(model, loss, torch.no_grad), training_step(
        model, loss, torch.optim.AdamW, torch.nn.utils.clip_grad_norm_
    )


def evaluation(model: Any, loss: Callable[[], Any], no_grad: Callable[[], Any]) -> Step:
    """The loss without dropout, in which both libraries must agree."""

    def evaluate() -> float:
        model.eval()
        with no_grad():
            return float(loss())

    return evaluate


def training_step(model: Any, loss: Callable[[], Any], optimizer_class: Any, clip: Callable[..., Any]) -> Step:
    optimizer = optimizer_class(model.parameters(), lr=LEARNING_RATE)

    def step() -> float:
        model.train()
        found = loss()
        found.backward()
        clip(model.parameters(), MAX_NORM)
        optimizer.step()
        optimizer.zero_grad()
        return float(found.item())

    return step


if __name__ == "__main__":
    main()
