"""The CPUs of actors: shares, and what would leave none for tasks that read."""

from typing import Any

import pytest
import ray
from trustformers.errors import InputError
from trustformers.ray import map_pipeline
from trustformers.ray.placement import actor_cpus


@pytest.mark.parametrize(
    ("nodes", "held", "actors", "cpus"),
    [
        ([16], 0, 1, 15),
        ([16], 0, 2, 7),
        ([16], 0, 4, 3),
        ([16], 4, 2, 5),
        ([3], 0, 2, 1),
        ([2], 0, 1, 1),
        ([8, 8], 0, 2, 7),
        ([8, 8], 0, 3, 4),
        ([8, 2], 0, 1, 8),
    ],
)
def test_actors_share_whole_cpus_but_one(nodes: list[float], held: float, actors: int, cpus: float) -> None:
    assert actor_cpus(nodes, held, actors, actors, None) == cpus


@pytest.mark.parametrize(
    ("nodes", "held", "actors", "num_cpus", "advice"),
    [
        ([2], 0, 2, None, "lower concurrency to 1 or num_cpus to 0.5$"),
        ([4], 0, 4, 1, "lower concurrency to 3 or num_cpus to 0.75$"),
        ([4], 0, 1, 4, "lower num_cpus to 3$"),
        ([1], 0, 1, None, r"start Ray with more, as in ray.init\(num_cpus=...\)$"),
        ([2], 1, 1, 1, "2 CPUs, of which 1 are in use, for tasks"),
        ([2, 2], 0, 4, 1, "lower concurrency to 3"),
        ([2, 2], 0, 1, 3, "lower num_cpus to 1$"),
    ],
)
def test_actors_on_all_cpus_are_refused(
    nodes: list[float], held: float, actors: int, num_cpus: float | None, advice: str
) -> None:
    with pytest.raises(InputError, match=f"Ray Data would wait without end.*{advice}|{advice}"):
        actor_cpus(nodes, held, actors, actors, num_cpus)


def test_an_actor_may_have_a_part_of_a_cpu_or_none() -> None:
    assert actor_cpus([2], 0, 2, 2, 0.5) == 0.5
    assert actor_cpus([2], 0, 10, 10, 0.1) == 0.1
    assert actor_cpus([1], 0, 5, 5, 0) == 0


def test_a_growing_pool_needs_room_for_its_smallest_size() -> None:
    assert actor_cpus([3], 0, 1, 8, None) == 1
    with pytest.raises(InputError, match="concurrency: 3 actors"):
        actor_cpus([3], 0, 3, 8, None)


@pytest.mark.usefixtures("cluster")
def test_pools_of_one_dataset_share_the_cpus(minilm_path: str) -> None:
    dataset: Any = ray.data.range(4).map(lambda row: {"text": str(row["id"])})
    with pytest.raises(InputError, match="3 actors with num_cpus=1 would leave none of Ray's 3 CPUs"):
        map_pipeline(dataset, "sentence-similarity", minilm_path, concurrency=3)
    first = map_pipeline(dataset, "sentence-similarity", minilm_path, output_prefix="a_", num_cpus=1)
    with pytest.raises(InputError, match="2 actors .* of which 1 are in use"):
        map_pipeline(first, "sentence-similarity", minilm_path, output_prefix="b_", concurrency=2)
    both = map_pipeline(first, "sentence-similarity", minilm_path, output_prefix="b_")
    assert both.count() == 4


class Holder:
    """An actor that holds CPUs."""

    def ready(self) -> bool:
        return True


@pytest.mark.usefixtures("cluster")
def test_cpus_that_others_use_are_warned_of(minilm_path: str, caplog: pytest.LogCaptureFixture) -> None:
    remote: Any = ray.remote(num_cpus=2)(Holder)
    holder = remote.remote()
    assert ray.get(holder.ready.remote())
    map_pipeline(ray.data.from_items([{"text": "a"}]), "sentence-similarity", minilm_path)
    assert "concurrency: 1 with num_cpus=2 waits until other programs" in caplog.text
    ray.kill(holder)
