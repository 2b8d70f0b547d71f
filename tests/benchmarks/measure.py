"""Times calls in turns and compares their outputs."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from contestants import OURS, Call, Inputs
from machine import busy_seconds, cores
from numpy.typing import NDArray

# Threads that spin while they wait for work would take a core from the next contestant. Forbidding it slows peers in
# their calls: on two cores of Zen 4, BERT-base 1x16, OMP_WAIT_POLICY=PASSIVE takes torch bfloat16 from 25 to 42 ms, and
# allow_spinning=0 takes ONNX Runtime from 23 to 26 ms. So everyone keeps its defaults, and a rest follows each turn:
# torch's threads spin for up to 10 ms after a call, OpenVINO's do not. Those of ONNX Runtime would spin for more than
# 30 ms; `session.force_spinning_stop` ends that and costs nothing.
REST_SECONDS = 0.02
WATCH_SECONDS = 0.01
# A rest lets threads fall asleep and caches empty, which makes the next call up to 10 % longer where it takes 30 ms.
# Where everyone is faster than this, a turn begins with a call that is not timed.
PRIMED_BELOW_SECONDS = 0.25

WARMUP_CALLS = 3
WARMUP_SECONDS = 1.0
MIXED_LENGTHS = (8, 128)


@dataclass(frozen=True)
class Limits:
    """How often: no round starts after `seconds` once there are `least`, nor after `most`."""

    least: int = 7
    most: int = 41
    seconds: float = 60.0


@dataclass
class Times:
    """Milliseconds of each turn, and the cores that this process kept busy late in the rest after it."""

    turns: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


@dataclass
class Rounds:
    """Everyone's times, and the cores that other processes used meanwhile."""

    times: dict[str, Times]
    others_busy: float


def full_inputs(batch: int, seq: int) -> Inputs:
    ids = np.random.default_rng(batch * seq).integers(0, 30000, (batch, seq))
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def mixed_inputs(batch: int) -> Inputs:
    """Rows of lengths between 8 and 128, one of them 128, padded on the right."""
    shortest, longest = MIXED_LENGTHS
    lengths = np.random.default_rng(0).integers(shortest, longest + 1, batch)
    lengths[0] = longest
    inputs = full_inputs(batch, longest)
    mask = (np.arange(longest) < lengths[:, None]).astype(np.int64)
    return {"input_ids": inputs["input_ids"] * mask, "attention_mask": mask}


def interleave(calls: dict[str, Call], limits: Limits) -> Rounds:
    """Calls everyone once per round. Each begins a round in turn; when all have, they go on in reverse order."""
    allowed = cores()
    primed = max(warm_up(call, allowed) for call in calls.values()) < PRIMED_BELOW_SECONDS
    names = list(calls)
    times = {name: Times() for name in names}
    start, others = time.perf_counter(), busy_seconds() - time.process_time()
    for number in range(limits.most):
        if number >= limits.least and time.perf_counter() - start > limits.seconds:
            break
        first = number % len(names)
        order = names[first:] + names[:first]
        for name in order if number // len(names) % 2 == 0 else reversed(order):
            elapsed, busy = turn(calls[name], allowed, primed=primed)
            times[name].turns.append(elapsed)
            times[name].busy.append(busy)
    others = busy_seconds() - time.process_time() - others
    return Rounds(times, max(0.0, others / (time.perf_counter() - start)))


def warm_up(call: Call, allowed: set[int]) -> float:
    """The seconds that the last of a few calls took."""
    start = time.perf_counter()
    for _ in range(WARMUP_CALLS):
        elapsed, _ = turn(call, allowed, primed=False)
        if time.perf_counter() - start > WARMUP_SECONDS:
            break
    return elapsed / 1e3


def turn(call: Call, allowed: set[int], *, primed: bool) -> tuple[float, float]:
    """A call and the rest after it: its milliseconds, and the cores that the process keeps busy late in the rest."""
    if primed:
        call()
    start = time.perf_counter()
    output = call()
    elapsed = (time.perf_counter() - start) * 1e3
    del output
    if hasattr(os, "sched_setaffinity"):
        # OpenVINO may pin the thread that calls it.
        os.sched_setaffinity(0, allowed)
    time.sleep(REST_SECONDS)
    start, used = time.perf_counter(), time.process_time()
    time.sleep(WATCH_SECONDS)
    return elapsed, (time.process_time() - used) / (time.perf_counter() - start)


def summarize(rounds: Rounds, names: Iterable[str]) -> dict[str, Any]:
    """Medians in ms of those named, the fastest peer among them, and our time relative to its."""
    times = {name: rounds.times[name] for name in names}
    medians = {name: median(found.turns) for name, found in times.items()}
    peers = [name for name in times if name != OURS]
    fastest = min(peers, key=lambda name: medians[name], default=None)
    summary: dict[str, Any] = {
        "rounds": len(next(iter(times.values())).turns),
        "median_ms": rounded(medians),
        "least_ms": rounded({name: min(found.turns) for name, found in times.items()}),
        "busy_after_rest": rounded({name: median(found.busy) for name, found in times.items()}),
        "others_busy": round(rounds.others_busy, 3),
        "fastest_peer": fastest,
    }
    if fastest is not None and OURS in times:
        summary["ours_to_fastest_peer"] = {
            "median_of_ratios": round(relative(times[OURS].turns, times[fastest].turns), 3),
            "ratio_of_medians": round(medians[OURS] / medians[fastest], 3),
        }
    return summary


def relative(times: list[float], base: list[float]) -> float:
    """The median over the rounds of one's time divided by the other's."""
    return median(mine / other for mine, other in zip(times, base, strict=True))


def rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def agreement(found: NDArray[np.float32], expected: NDArray[np.float32], mask: NDArray[np.int64]) -> dict[str, float]:
    """How far outputs of shape (batch, seq, hidden) are apart at tokens that the mask (batch, seq) keeps."""
    if found.shape != expected.shape:
        raise ValueError(f"last_hidden_state: found the shape {found.shape}, expected {expected.shape}")
    a, b = found[mask == 1].astype(np.float64), expected[mask == 1].astype(np.float64)
    cosines = (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))
    return {"max_abs_diff": float(np.abs(a - b).max()), "lowest_cosine": float(cosines.min())}
