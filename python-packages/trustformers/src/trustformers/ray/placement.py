"""The CPUs of a Ray cluster and their division among actors."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import ray
from ray.data import ActorPoolStrategy

from trustformers._checks.arguments import kind
from trustformers.errors import InputError
from trustformers.utils import logging

__all__ = ["actor_cpus", "assigned_cpus", "check_gpus", "held_cpus", "node_cpus", "warn_if_busy"]

logger: logging.Logger = logging.get_logger(__name__)


def node_cpus() -> list[float]:
    """The CPUs of each node of the cluster, which is started if there is none."""
    if not ray.is_initialized():
        ray.init()
    return [float(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]


def check_gpus(actors: int, num_gpus: float | None) -> None:
    """Raises if a cluster has too few GPUs for actors, which Ray would wait for.

    Raises
    ------
    InputError
        There are too few.
    """
    found = ray.cluster_resources().get("GPU", 0)
    if num_gpus and actors * num_gpus > found:
        raise InputError(f"num_gpus: {actors} times {num_gpus:g} GPUs are more than the {found:g} of the cluster")


def warn_if_busy(actors: int, num_cpus: float) -> None:
    """Warns if others use the CPUs that actors need, for Ray then waits for them without a word."""

    def is_busy() -> bool:
        return bool(ray.available_resources().get("CPU", 0) < actors * num_cpus)

    if is_busy():
        # Ray releases the actors of a failed execution when nothing refers to its exception any more.
        gc.collect()
        if is_busy():
            logger.warning(
                "concurrency: %d with num_cpus=%g waits until other programs, or failed executions whose exceptions "
                "are still referenced, release CPUs of Ray, of which %g are free",
                actors,
                num_cpus,
                ray.available_resources().get("CPU", 0),
            )


def held_cpus(dataset: Any) -> float:
    """The CPUs that the actors of a dataset's earlier transformations hold, and the task or actor that calls."""
    held = assigned_cpus() or 0.0
    for operator in dataset._logical_plan.dag.post_order_iter():
        compute = getattr(operator, "compute", None)
        if isinstance(compute, ActorPoolStrategy):
            held += compute.min_size * (operator.ray_remote_args.get("num_cpus", 1) or 0)
    return held


def assigned_cpus() -> float | None:
    """The CPUs of the task or the actor that calls; None outside of both."""
    context = ray.get_runtime_context()
    if context.get_task_id() is None:
        return None
    return float(context.get_assigned_resources().get("CPU", 0))


def actor_cpus(nodes: Sequence[float], held: float, least: int, most: int, num_cpus: float | None) -> float:
    """The CPUs of each actor: `num_cpus`, or by default an even share of whole CPUs.

    One CPU stays free for the tasks that read data and write results: without it these would wait for the actors, and
    the actors for them.

    Parameters
    ----------
    nodes
        The CPUs of each node.
    held
        The number of CPUs that are in use.
    least, most
        The number of actors.
    num_cpus
        The number of CPUs of each actor; None divides what is free.

    Raises
    ------
    InputError
        The actors would leave no CPU free.
    """
    free = _without(nodes, held)
    if num_cpus is not None:
        if isinstance(num_cpus, bool) or not isinstance(num_cpus, (int, float)):
            raise InputError(f"num_cpus: expected a number, found {kind(num_cpus)}")
        if num_cpus < 0 or (num_cpus > 1 and num_cpus % 1):
            raise InputError(f"num_cpus: expected a number below 1 or a whole number of CPUs, found {num_cpus}")
    else:
        shares = range(int(max(free, default=0)), 1, -1)
        num_cpus = next((float(share) for share in shares if _fits(free, most, share)), 1.0)
    if not _fits(free, least, num_cpus):
        raise InputError(_refusal(nodes, free, least, num_cpus))
    return num_cpus


def _without(nodes: Sequence[float], held: float) -> list[float]:
    free = sorted(nodes, reverse=True)
    for index, cpus in enumerate(free):
        free[index] = max(0.0, cpus - held)
        held -= cpus - free[index]
    return free


def _fits(free: Sequence[float], actors: int, num_cpus: float) -> bool:
    """Whether nodes have room for actors, and one of them for a task of one CPU too."""

    def room(cpus: float) -> int:
        # Ray counts in units of 0.0001 CPUs.
        return int(cpus / num_cpus + 1e-4) if num_cpus else actors

    total = sum(map(room, free))
    return any(cpus >= 1 and total - room(cpus) + room(cpus - 1) >= actors for cpus in free)


def _refusal(nodes: Sequence[float], free: Sequence[float], actors: int, num_cpus: float) -> str:
    fewer = next((count for count in range(actors - 1, 0, -1) if _fits(free, count, num_cpus)), 0)
    smaller = int(100 * (max(free, default=0) - 1) / actors) / 100
    ways = [f"concurrency to {fewer}"] if fewer else []
    if 0 < smaller < num_cpus and _fits(free, actors, smaller):
        ways.append(f"num_cpus to {smaller:g}")
    advice = f"lower {' or '.join(ways)}" if ways else "start Ray with more, as in ray.init(num_cpus=...)"
    used = sum(nodes) - sum(free)
    in_use = f", of which {used:g} are in use," if used else ""
    plural = "s" if actors > 1 else ""
    return (
        f"concurrency: {actors} actor{plural} with num_cpus={num_cpus:g} would leave none of Ray's {sum(nodes):g} "
        f"CPUs{in_use} for tasks that read data, and Ray Data would wait without end; {advice}"
    )
