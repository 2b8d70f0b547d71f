"""The files that the contestants load: a checkpoint with random weights and what peers need it converted to."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from contestants import CHECKPOINT, ONNX, ONNX_INT8, OPENVINO_INT8
from machine import version_of


def make(root: Path) -> None:
    """Writes the files that are not there yet and whose packages are installed."""
    root.mkdir(parents=True, exist_ok=True)
    for name, packages, write in (
        (CHECKPOINT, ("torch", "transformers"), write_checkpoint),
        (ONNX, ("torch", "transformers", "onnx"), write_onnx),
        (ONNX_INT8, ("onnx", "onnxruntime"), write_onnx_int8),
        (OPENVINO_INT8, ("openvino", "nncf"), write_openvino_int8),
    ):
        missing = [package for package in packages if version_of(package) is None]
        if (root / name).exists():
            print(f"{name}: is there")
        elif missing:
            print(f"{name}: not made, these are not installed: {', '.join(missing)}")
        else:
            with TemporaryDirectory(dir=root) as temporary:
                write(root, Path(temporary) / name)
                for written in sorted(Path(temporary).iterdir()):
                    shutil.move(written, root)
            print(f"{name}: written")


def write_checkpoint(_root: Path, target: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig()).save_pretrained(target)


def write_onnx(root: Path, target: Path) -> None:
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(root / CHECKPOINT, attn_implementation="eager").eval()
    forward = model.forward

    def last_hidden_state(input_ids: Any, attention_mask: Any) -> Any:
        return forward(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    # The exporter calls with positional arguments, which the model's own forward does not take.
    model.forward = last_hidden_state
    inputs, output = ["input_ids", "attention_mask"], "last_hidden_state"
    ids = torch.randint(0, 30000, (2, 16))
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        target,
        input_names=inputs,
        output_names=[output],
        dynamic_axes={name: {0: "batch", 1: "seq"} for name in [*inputs, output]},
        opset_version=17,
        dynamo=False,
    )


def write_onnx_int8(root: Path, target: Path) -> None:
    from onnxruntime.quantization import quantize_dynamic

    quantize_dynamic(root / ONNX, target)


def write_openvino_int8(root: Path, target: Path) -> None:
    import nncf
    import openvino

    rng = np.random.default_rng(0)
    mask = np.ones((1, 128), np.int64)
    samples = [{"input_ids": rng.integers(0, 30000, mask.shape), "attention_mask": mask} for _ in range(16)]
    quantized = nncf.quantize(
        openvino.Core().read_model(root / ONNX),
        nncf.Dataset(samples),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(samples),
    )
    openvino.save_model(quantized, target)
