"""Writes what the reference computes from models with the keys of published `config.json` files.

Run with torch and transformers installed:  python tests/goldens/published/generate.py [--case NAME ...]
The keys of `configs.json` are those of published files, with smaller sizes. A case has the class that computes
(`head`), the keys (`config`), and maybe the number of tokens (`length`) and keys that only the reference needs
(`reference`).
"""

import argparse
import json
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers
import weights
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

HERE = Path(__file__).parent
LENGTH = 21
# Of a sequence, the positions whose results are kept, counted from the end where negative.
POSITIONS = (1, 9, -2, -1)
CHECKPOINT = "model.safetensors"


def compute(directory: Path, head: str, ids: torch.Tensor, dtype: torch.dtype) -> np.ndarray:
    model = getattr(transformers, head).from_pretrained(directory, dtype=dtype, experts_implementation="eager").eval()
    with torch.no_grad():
        output = model(input_ids=ids)
    if hasattr(output, "start_logits"):
        found = torch.stack([output.start_logits, output.end_logits], -1)
    else:
        found = output.logits if hasattr(output, "logits") else output.last_hidden_state
    return (found[0, list(POSITIONS)] if found.dim() == 3 else found[0]).float().numpy()


def run(case: dict, seed: int) -> tuple[dict[str, list[int]], np.ndarray, np.ndarray]:
    config = {**case["config"], **case.get("reference", {})}
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        (directory / "config.json").write_text(json.dumps(config))
        loader = getattr(transformers, case["head"])
        made = loader.from_config(transformers.AutoConfig.from_pretrained(directory))
        made.float().save_pretrained(directory)
        with safe_open(directory / CHECKPOINT, "np") as file:
            shapes = {name: file.get_slice(name).get_shape() for name in sorted(file.keys())}
        save_file(
            {name: weights.tensor(name, tuple(shape)) for name, shape in shapes.items()},
            directory / CHECKPOINT,
            {"format": "pt"},
        )
        (directory / "config.json").write_text(json.dumps(config))
        vocab_size = made.config.vocab_size
        for attempt in range(100):
            generator = torch.Generator().manual_seed(seed + attempt)
            ids = torch.randint(5, vocab_size, (1, case.get("length", LENGTH)), generator=generator)
            found = compute(directory, case["head"], ids, torch.float32)
            # Inputs with which the choice of an expert hangs on rounding are no test.
            exact = compute(directory, case["head"], ids, torch.float64)
            if np.abs(found - exact).max() < 2e-5 * max(1, np.abs(exact).max()):
                return shapes, ids[0].numpy(), found
    raise RuntimeError(f"no stable inputs for {case}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", nargs="*")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    transformers.logging.disable_progress_bar()
    cases = json.loads((HERE / "configs.json").read_text())
    arrays, tensors = {}, {}
    if args.case and (HERE / "expected.safetensors").exists():
        arrays = load_file(HERE / "expected.safetensors")
        tensors = json.loads((HERE / "tensors.json").read_text())["cases"]
        lists = json.loads((HERE / "tensors.json").read_text())["lists"]
        tensors = {name: lists[index] for name, index in tensors.items()}
    for name in args.case or cases:
        seed = weights.fnv1a(name) % 1_000_000
        shapes, ids, found = run(cases[name], seed)
        assert np.isfinite(found).all() and np.abs(found).max() > 1e-2, name
        arrays |= {f"{name}.ids": ids, f"{name}.expected": found}
        by_shape: dict[str, list[str]] = {}
        for tensor, shape in shapes.items():
            by_shape.setdefault(",".join(map(str, shape)), []).append(tensor)
        tensors[name] = by_shape
        print(name, tuple(found.shape), float(np.abs(found).max()), flush=True)
    kept = {key: value for key, value in arrays.items() if key.rsplit(".", 1)[0] in cases}
    save_file(kept, HERE / "expected.safetensors")
    lists: list[dict[str, list[str]]] = []
    indices = {}
    for name in sorted(set(tensors) & set(cases)):
        if tensors[name] not in lists:
            lists.append(tensors[name])
        indices[name] = lists.index(tensors[name])
    manifest = {
        "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "tolerance": 2e-4,
        "positions": POSITIONS,
        "cases": indices,
    }
    rows = ",\n".join("    " + json.dumps(tensors, separators=(",", ":")) for tensors in lists)
    head = json.dumps(manifest, indent=2)[:-2]
    (HERE / "tensors.json").write_text(f'{head},\n  "lists": [\n{rows}\n  ]\n}}\n')


if __name__ == "__main__":
    main()
