"""The process that `cold.py` measures: loads a model, computes once, prints what that took. Its few imports count."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from contestants import OURS, load_torch, load_trustformers

LOADERS = {OURS: load_trustformers, "torch": load_torch}


def main() -> None:
    package, precision, root = sys.argv[1:]
    ids = np.arange(1000, 1016)[None]
    start = time.perf_counter()
    bind = LOADERS[package](precision)(Path(root), int(os.environ["TRUSTFORMERS_NUM_THREADS"]))
    loaded = time.perf_counter()
    bind({"input_ids": ids, "attention_mask": np.ones_like(ids)})()
    row: dict[str, float] = {"first_result_at": time.monotonic()}
    row |= {"import_and_load_s": loaded - start, "first_call_s": time.perf_counter() - loaded}
    print(json.dumps(row | memory()))


def memory() -> dict[str, float]:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {"peak_rss_bytes": peak, "ru_maxrss_bytes": peak}
    pairs = [(key, value.split()) for key, _, value in (line.partition(":") for line in lines)]
    status = {key: int(words[0]) * 1024 for key, words in pairs if words[1:] == ["kB"]}
    # ru_maxrss also counts the parent's memory, which this process was a copy of before it was replaced.
    return {"peak_rss_bytes": status["VmHWM"], "ru_maxrss_bytes": peak, "anonymous_bytes": status["RssAnon"]}


if __name__ == "__main__":
    main()
