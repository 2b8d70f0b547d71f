"""What a safetensors file says of its tensors."""

import json
import struct
from pathlib import Path
from typing import Any


def tensors_of(file: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """Dtype, shape and offsets of each tensor by name, and where offsets count from."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(length))
    header.pop("__metadata__", None)
    return header, 8 + length
