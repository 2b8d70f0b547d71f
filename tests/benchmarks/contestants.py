"""Who runs in the benchmark. Each contestant loads the same checkpoint, with the same number of threads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CHECKPOINT = "bert-base"
ONNX = "bert-base.onnx"
ONNX_INT8 = "bert-base.int8.onnx"
OPENVINO_INT8 = "bert-base.ov-int8.xml"

OURS = "trustformers"
PRECISIONS = ("float32", "bfloat16", "int8")

Inputs = dict[str, NDArray[np.int64]]
# Runs the model once; `to_array` reads what it returns.
Call = Callable[[], Any]
# A loaded model. It takes the inputs first, so that what a peer makes of them once is not measured.
Bind = Callable[[Inputs], Call]
# Takes the directory that `make` wrote and the number of threads.
Load = Callable[[Path, int], Bind]


class Contestant(NamedTuple):
    """A package that computes in one precision."""

    package: str
    precision: str
    load: Load


def load_trustformers(precision: str) -> Load:
    def load(root: Path, threads: int) -> Bind:
        from trustformers import AutoModel

        # The engine reads TRUSTFORMERS_NUM_THREADS, which the program has set.
        keywords: dict[str, Any] = {"load_in_8bit": True} if precision == "int8" else {"dtype": precision}
        model = AutoModel.from_pretrained(root / CHECKPOINT, device="cpu", **keywords)
        return lambda inputs: lambda: model(**inputs).last_hidden_state

    return load


def load_torch(precision: str) -> Load:
    def load(root: Path, threads: int) -> Bind:
        import torch
        from transformers import AutoModel

        torch.set_num_threads(threads)
        model = AutoModel.from_pretrained(root / CHECKPOINT, dtype=getattr(torch, precision)).eval()

        def bind(inputs: Inputs) -> Call:
            tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}

            def call() -> Any:
                with torch.inference_mode():
                    return model(**tensors).last_hidden_state

            return call

        return bind

    return load


def load_onnxruntime(file: str) -> Load:
    def load(root: Path, threads: int) -> Bind:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Its threads spin during a call, which makes it 10 % faster, but not after it; see measure.REST_SECONDS.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        session = onnxruntime.InferenceSession(root / file, options, providers=["CPUExecutionProvider"])
        return lambda inputs: lambda: session.run(None, inputs)[0]

    return load


def load_openvino(file: str, hint: str | None = None) -> Load:
    def load(root: Path, threads: int) -> Bind:
        import openvino

        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        if hint:
            options["INFERENCE_PRECISION_HINT"] = hint
        compiled = openvino.Core().compile_model(root / file, "CPU", options)
        used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        if hint and used != hint:
            raise RuntimeError(f"OpenVINO computes in {used} on this processor, asked for {hint}")
        request = compiled.create_infer_request()
        return lambda inputs: lambda: request.infer(inputs, share_inputs=True, share_outputs=True)[0]

    return load


CONTESTANTS = (
    *(Contestant(OURS, precision, load_trustformers(precision)) for precision in PRECISIONS),
    *(Contestant("torch", precision, load_torch(precision)) for precision in ("float32", "bfloat16")),
    Contestant("onnxruntime", "float32", load_onnxruntime(ONNX)),
    Contestant("onnxruntime", "int8", load_onnxruntime(ONNX_INT8)),
    Contestant("openvino", "float32", load_openvino(ONNX, "f32")),
    Contestant("openvino", "bfloat16", load_openvino(ONNX, "bf16")),
    Contestant("openvino", "int8", load_openvino(OPENVINO_INT8)),
)
PEERS = ("torch", "onnxruntime", "openvino")


def to_array(output: Any) -> NDArray[np.float32]:
    """A copy of what a `Call` returned."""
    return np.array(output.float() if hasattr(output, "float") else output, dtype=np.float32)
