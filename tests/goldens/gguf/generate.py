"""Writes the goldens of GGUF files: tiny files, and what the reference computes from them.

Run with torch, transformers and gguf installed:  python tests/goldens/gguf/generate.py [--out DIR] [--seed N]
"""

import argparse
import json
import tempfile
import zlib
from pathlib import Path

import blocks
import models
import numpy as np
import torch
import transformers
import vocabularies
from gguf import GGMLQuantizationType, GGUFWriter
from safetensors.numpy import save_file

# It is asked for to place weights on devices, and not used for a model that lies on the cpu.
transformers.modeling_utils.is_accelerate_available = lambda: True


def logits(model: transformers.PreTrainedModel, ids: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return model(input_ids=ids).logits.float().numpy()


def write_models(out: Path, seed: int) -> dict:
    cases, configs = {}, {}
    for name, setting in models.SETTINGS.items():
        own = zlib.crc32(f"{seed} {name}".encode())
        source = models.build(setting, own)
        draw = torch.Generator().manual_seed(own)
        ids = torch.randint(0, source.config.vocab_size, (1, 13), generator=draw)
        with tempfile.TemporaryDirectory() as scratch:
            exact = Path(scratch) / "exact.gguf"
            models.write(exact, setting, source, own, ["F32"])
            again = logits(models.load(exact, setting, source.config), ids)
        off = np.abs(again - logits(source, ids)).max()
        assert off < 1e-4, f"{name}: the reference reads another model than was written, off by {off}"
        file = out / f"{name}.gguf"
        models.write(file, setting, source, own, setting.types)
        loaded = models.load(file, setting, source.config)
        assert loaded.dtype == torch.float32
        found = logits(loaded, ids)
        print(f"{name}: {file.stat().st_size} bytes, logits within {np.abs(found).max():.2f}")
        cases |= {f"{name}.input_ids": ids.numpy(), f"{name}.logits": found}
        configs[name] = json.loads(loaded.config.to_json_string(use_diff=False))
        configs[name].pop("quantization_config", None)
    save_file(cases, out / "cases.safetensors")
    return configs


def write_blocks(out: Path, stem: str, types: list[str], seed: int) -> None:
    writer = GGUFWriter(out / f"{stem}.gguf", "none")
    rng = np.random.default_rng(seed)
    values = {}
    for kind in types:
        encoded = blocks.random_blocks(kind, 4, 512, rng, 1.5)
        values[kind] = blocks.decode(encoded, kind)
        assert np.isfinite(values[kind]).all() and 0.1 < np.abs(values[kind]).max() < 10, kind
        writer.add_tensor(kind, encoded, raw_dtype=GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(values, out / f"{stem}.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    # The order of sums, and so the last bits, would depend on the number of threads.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    write_blocks(args.out, "blocks", blocks.TYPES, args.seed)
    write_blocks(args.out, "blocks_of_few_bits", blocks.TYPES_OF_FEW_BITS, args.seed)
    vocabularies.write_all(args.out)
    manifest = {
        "reference": {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]},
        "configs": write_models(args.out, args.seed),
    }
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
