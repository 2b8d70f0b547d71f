"""The process that `decoders.py cold` measures: loads a model and generates one token behind a prompt of 32."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from decoders import LOADERS


def main() -> None:
    package, precision, path = sys.argv[1:]
    ids = np.random.default_rng(0).integers(10, 50000, (1, 32))
    LOADERS[package](Path(path), precision)(ids, 1)
    print(json.dumps({"first_token_at": time.monotonic()}))


if __name__ == "__main__":
    main()
