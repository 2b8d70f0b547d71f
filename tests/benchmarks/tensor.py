"""Speed of tensor operations beside NumPy and torch on the cpu, all in one process with as many threads each.

Run `python tests/benchmarks/tensor.py` in an environment with trustformers, NumPy and torch; `--only` takes a regular
expression that a case's name, such as `sum first axis float32`, contains.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import Any

import numpy as np
import torch
import trustformers
import trustformers.tensor as tf
from machine import describe
from numpy.typing import NDArray

# A timed call repeats an operation for about this long.
TURN_SECONDS = 2e-3
# OpenMP's threads spin for some milliseconds after a call of torch and would take a core from the next contestant.
REST_SECONDS = 0.01
SIZES = (2**14, 2**16, 2**18, 2**20, 2**22, 2**24)
MATRICES = (64, 128, 256, 512, 1024, 2048, 4096)
OURS, NUMPY, TORCH = "ours", "numpy", "torch"

Call = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """An operation on operands of a size, once for each contestant that has it."""

    name: str
    size: int
    calls: dict[str, Call]


def operands(size: int, dtype: str) -> dict[str, dict[str, Any]]:
    """Operands of everyone with equal elements: vectors `a`, `b` and `p` (positive), a matrix, a mask and indices."""
    source = np.random.default_rng(size)
    a, b = (source.standard_normal(size, dtype=np.float32) for _ in range(2))
    width = 1 << (size.bit_length() - 1) // 2
    floats: dict[str, NDArray[np.float32]] = {
        "a": a,
        "b": b,
        "p": np.abs(a) + 0.5,
        "m": a.reshape(-1, width),
        "m2": b.reshape(-1, width),
        "row": b[:width].copy(),
        "col": b[: size // width].reshape(-1, 1).copy(),
    }
    exact: dict[str, NDArray[Any]] = {
        "mask": b > 0,
        "rows": source.integers(0, size // width, size // width),
        "at": source.integers(0, size // width, (size // width, width)),
    }
    made: dict[str, dict[str, Any]] = {OURS: {}, NUMPY: {}, TORCH: {}}
    for name, array in (floats | exact).items():
        made[NUMPY][name] = array
        made[TORCH][name] = torch.from_numpy(array)
        made[OURS][name] = tf.asarray(array)
        if name in floats:
            made[TORCH][name] = made[TORCH][name].to(getattr(torch, dtype))
            made[OURS][name] = made[OURS][name].to(dtype)
    if dtype != "float32":
        del made[NUMPY]
    # Assigned to, so not the memory of another tensor.
    for of in made.values():
        of["t"] = of["a"] + of["b"]
    return made


def assign(target: Any, index: Any, value: Any) -> None:
    target[index] = value


OTHER = {"float32": "bfloat16", "bfloat16": "float32"}
# Calls of ours, NumPy's and torch's; one stands for all of them, and None for an operation that NumPy has not.
OPERATIONS: dict[str, tuple[Callable[[Any], object] | None, ...]] = {
    "add": (lambda o: o["a"] + o["b"],),
    "mul": (lambda o: o["a"] * o["b"],),
    "div": (lambda o: o["a"] / o["p"],),
    "add scalar": (lambda o: o["a"] + 2.5,),
    "add row": (lambda o: o["m"] + o["row"],),
    "add column": (lambda o: o["m"] + o["col"],),
    "maximum": (
        lambda o: tf.maximum(o["a"], o["b"]),
        lambda o: np.maximum(o["a"], o["b"]),
        lambda o: torch.maximum(o["a"], o["b"]),
    ),
    "neg": (lambda o: -o["a"],),
    "sqrt": (lambda o: o["p"].sqrt(), lambda o: np.sqrt(o["p"]), lambda o: o["p"].sqrt()),
    "exp": (lambda o: o["a"].exp(), lambda o: np.exp(o["a"]), lambda o: o["a"].exp()),
    "log": (lambda o: o["p"].log(), lambda o: np.log(o["p"]), lambda o: o["p"].log()),
    "sin": (lambda o: o["a"].sin(), lambda o: np.sin(o["a"]), lambda o: o["a"].sin()),
    "tanh": (lambda o: o["a"].tanh(), lambda o: np.tanh(o["a"]), lambda o: o["a"].tanh()),
    "sigmoid": (lambda o: o["a"].sigmoid(), lambda o: 1 / (1 + np.exp(-o["a"])), lambda o: o["a"].sigmoid()),
    "relu": (lambda o: o["a"].relu(), lambda o: np.maximum(o["a"], 0), lambda o: o["a"].relu()),
    "gelu": (lambda o: o["a"].gelu(), None, lambda o: torch.nn.functional.gelu(o["a"])),
    "where": (
        lambda o: tf.where(o["mask"], o["a"], o["b"]),
        lambda o: np.where(o["mask"], o["a"], o["b"]),
        lambda o: torch.where(o["mask"], o["a"], o["b"]),
    ),
    "less": (lambda o: o["a"] < o["b"],),
    "greater scalar": (lambda o: o["a"] > 0.5,),
    "isnan": (lambda o: o["a"].isnan(), lambda o: np.isnan(o["a"]), lambda o: o["a"].isnan()),
    "sum": (lambda o: o["a"].sum(),),
    "sum last axis": (lambda o: o["m"].sum(1),),
    "sum first axis": (lambda o: o["m"].sum(0),),
    "mean": (lambda o: o["a"].mean(),),
    "max": (lambda o: o["a"].max(),),
    "max last axis": (lambda o: o["m"].amax(1), lambda o: o["m"].max(1), lambda o: o["m"].amax(1)),
    "max first axis": (lambda o: o["m"].amax(0), lambda o: o["m"].max(0), lambda o: o["m"].amax(0)),
    "argmax": (lambda o: o["a"].argmax(),),
    "argmax last axis": (lambda o: o["m"].argmax(1),),
    "any": (lambda o: o["mask"].any(),),
    "cumsum": (lambda o: o["a"].cumsum(0),),
    "softmax": (lambda o: o["m"].softmax(-1), None, lambda o: o["m"].softmax(-1)),
    "cast": (None,),
    "contiguous transpose": (
        lambda o: o["m"].transpose(0, 1).contiguous(),
        lambda o: np.ascontiguousarray(o["m"].T),
        lambda o: o["m"].T.contiguous(),
    ),
    "concat": (
        lambda o: tf.concat([o["a"], o["b"]], axis=0),
        lambda o: np.concatenate([o["a"], o["b"]]),
        lambda o: torch.cat([o["a"], o["b"]]),
    ),
    "concat columns": (
        lambda o: tf.concat([o["m"], o["m2"]], axis=1),
        lambda o: np.concatenate([o["m"], o["m2"]], 1),
        lambda o: torch.cat([o["m"], o["m2"]], 1),
    ),
    "index rows": (lambda o: o["m"][o["rows"]],),
    "index_select": (
        lambda o: o["m"].index_select(0, o["rows"]),
        lambda o: np.take(o["m"], o["rows"], 0),
        lambda o: o["m"].index_select(0, o["rows"]),
    ),
    "gather": (
        lambda o: o["m"].gather(0, o["at"]),
        lambda o: np.take_along_axis(o["m"], o["at"], 0),
        lambda o: o["m"].gather(0, o["at"]),
    ),
    "masked select": (lambda o: o["a"][o["mask"]],),
    "nonzero": (lambda o: o["mask"].nonzero(),),
    "assign slice": (lambda o: assign(o["t"], slice(8, 2048), 1.5),),
    "assign slice of a tensor": (lambda o: assign(o["t"], slice(0, len(o["t"]) // 2), o["a"][: len(o["t"]) // 2]),),
    "assign mask": (lambda o: assign(o["t"], o["mask"], 1.5),),
    "topk": (
        lambda o: o["m"].topk(8, -1),
        lambda o: np.partition(o["m"], -8, -1)[..., -8:],
        lambda o: o["m"].topk(8, -1),
    ),
    "sort": (lambda o: o["a"].sort(), lambda o: np.sort(o["a"]), lambda o: o["a"].sort()),
    "sort rows": (lambda o: o["m"].sort(-1), lambda o: np.sort(o["m"], -1), lambda o: o["m"].sort(-1)),
}  # fmt: skip
# Operations of bfloat16 that the benchmark has.
HALF = re.compile("^(add|mul|add scalar|exp|tanh|gelu|where|less|sum|sum last axis|max|softmax|cast|argmax)$")


def cases(options: argparse.Namespace) -> Iterator[Case]:
    wanted: re.Pattern[str] = options.only
    for dtype in ("float32", "bfloat16"):
        for name, size in ((name, size) for name in OPERATIONS for size in options.sizes):
            label = f"{name} {dtype}"
            if not wanted.search(label) or (dtype == "bfloat16" and not HALF.search(name)):
                continue
            made = operands(size, dtype)
            if name == "cast":
                other = OTHER[dtype]
                torch_other = getattr(torch, other)
                calls: dict[str, Call] = {
                    OURS: lambda of=made[OURS]["a"], to=other: of.to(to),
                    TORCH: lambda of=made[TORCH]["a"], to=torch_other: of.to(to),
                }
            else:
                own = OPERATIONS[name]
                both = dict(zip((OURS, NUMPY, TORCH), own if len(own) == 3 else own * 3, strict=True))
                calls = {who: lambda f=f, o=made[who]: f(o) for who, f in both.items() if f and who in made}
            yield Case(label, size, calls)
        for size in options.matrices:
            yield from products(size, dtype, wanted)


def products(size: int, dtype: str, wanted: re.Pattern[str]) -> Iterator[Case]:
    """Square products, products of few rows, of a transposed matrix, and of a batch."""
    shapes = {
        "matmul": ((size, size), (size, size)),
        "matmul of 4 rows": ((4, size), (size, size)),
        "matmul transposed": ((size, size), (size, size)),
        "matmul of a batch": ((16, size // 4, size // 4), (16, size // 4, size // 4)),
    }
    for name, (left, right) in shapes.items():
        if not wanted.search(f"{name} {dtype}") or (size > 1024 and name == "matmul of a batch"):
            continue
        source = np.random.default_rng(size)
        a, b = (source.standard_normal(shape, dtype=np.float32) for shape in (left, right))
        made: dict[str, list[Any]] = {
            OURS: [tf.asarray(x).to(dtype) for x in (a, b)],
            TORCH: [torch.from_numpy(x).to(getattr(torch, dtype)) for x in (a, b)],
        }
        if dtype == "float32":
            made[NUMPY] = [a, b]
        if name == "matmul transposed":
            made = {who: [x, y.T] for who, (x, y) in made.items()}
        yield Case(f"{name} {dtype}", size, {who: lambda x=x, y=y: x @ y for who, (x, y) in made.items()})


def small() -> Iterator[Case]:
    """Operations on 16 elements, whose time is overhead."""
    made = operands(16, "float32")
    names = ("add", "add scalar", "add row", "exp", "less", "sum", "max", "argmax", "softmax", "where", "index_select")
    for name in names:
        own = OPERATIONS[name]
        both = dict(zip((OURS, NUMPY, TORCH), own if len(own) == 3 else own * 3, strict=True))
        yield Case(name, 16, {who: lambda f=f, o=made[who]: f(o) for who, f in both.items() if f})
    yield Case("matmul", 16, {who: lambda o=o: o["m"] @ o["m"] for who, o in made.items()})


def measure(case: Case, rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    """The median microseconds of a call, with the contestants in turns."""
    repeats = {}
    for who, call in case.calls.items():
        call()
        start = time.perf_counter()
        call()
        repeats[who] = max(1, min(1000, int(TURN_SECONDS / max(1e-7, time.perf_counter() - start))))
    times: dict[str, list[float]] = {who: [] for who in case.calls}
    for number in range(rounds):
        order = list(case.calls)
        for who in order if number % 2 == 0 else reversed(order):
            call = case.calls[who]
            time.sleep(REST_SECONDS)
            call()
            start = clock()
            for _ in range(repeats[who]):
                call()
            times[who].append((clock() - start) / repeats[who] * 1e6)
    return {who: median(found) for who, found in times.items()}


def main() -> None:
    """Prints one line of JSON per case; a ratio above 1 means that ours is faster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--matrices", type=int, nargs="*", default=MATRICES)
    parser.add_argument("--small", action="store_true", help="also operations on 16 elements")
    parser.add_argument("--only", type=re.compile, default=re.compile(""))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=trustformers.get_num_threads())
    options = parser.parse_args()
    # Processor time hardly depends on the processes beside this one.
    clock = time.perf_counter if options.threads > 1 else time.process_time
    trustformers.set_num_threads(options.threads)
    torch.set_num_threads(options.threads)
    print(json.dumps(describe()))
    few = small() if options.small else iter(())
    for case in chain((case for case in few if options.only.search(case.name)), cases(options)):
        found = measure(case, options.rounds, clock)
        row: dict[str, Any] = {"case": case.name, "size": case.size}
        row |= {f"{who}_us": round(value, 2) for who, value in found.items()}
        row |= {f"to_{who}": round(value / found[OURS], 2) for who, value in found.items() if who != OURS}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
