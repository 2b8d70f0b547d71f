"""What is run in the environments."""

from __future__ import annotations

from pathlib import Path

BERT = Path(__file__).parent.parent / "goldens" / "base_model"

# Everything that a user asks first, and one golden; the last line is JSON.
LOOK = f"""
import json, logging, struct, sys, time
start = time.perf_counter()
import trustformers
seconds = time.perf_counter() - start
import numpy as np
from trustformers import AutoModel, Device, is_available, list_devices
kinds = ("cpu", "cuda", "rocm", "metal")
data = open({str(BERT / "cases.safetensors")!r}, "rb").read()
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + length])
def tensor(name, dtype):
    first, last = header[name]["data_offsets"]
    return np.frombuffer(data[8 + length + first:8 + length + last], dtype).reshape(header[name]["shape"])
model = AutoModel.from_pretrained({str(BERT)!r}, dtype="float32")
state = model(tensor("no_mask.input_ids", np.int64)).last_hidden_state
from trustformers.runtime.backend import choice
print(json.dumps({{
    "version": trustformers.__version__,
    "python": sys.version.split()[0],
    "import_seconds": seconds,
    "has": [kind for kind in kinds if getattr(trustformers, "HAS_" + kind.upper())],
    "available": [kind for kind in kinds if is_available(kind)],
    "engine": choice().kind,
    "passed_over": choice().passed_over,
    "device": str(model.device),
    "difference": float(np.abs(state - tensor("no_mask.last_hidden_state", np.float32)).max()),
}}))
"""

# The time of a first import in a process, the best of several.
IMPORT_TIME = """
import json, subprocess, sys
code = "import time; s = time.perf_counter(); import trustformers; print(time.perf_counter() - s)"
print(json.dumps(min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5))))
"""

# The message of the error that a program raises.
REFUSED = """
import json
try:
    {}
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""

# NVRTC of NVIDIA's wheels compiles what cubecl includes; that needs no driver.
NVRTC = r"""
import ctypes, json
from trustformers_cuda import _nvrtc
root = _nvrtc.load_installed()
library = ctypes.CDLL("libnvrtc.so.13")
source = b'''
#include <cuda_runtime.h>
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <cuda_fp6.h>
#include <cuda_fp4.h>
#include <mma.h>
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cuda/barrier>
#include <cuda/pipeline>
#include <cuda/ptx>
extern "C" __global__ void twice(__half *x) { x[threadIdx.x] = __hadd(x[threadIdx.x], x[threadIdx.x]); }
'''
program = ctypes.c_void_p()
assert library.nvrtcCreateProgram(ctypes.byref(program), source, b"twice.cu", 0, None, None) == 0
options = [f"--include-path={root}/include", f"--include-path={root}/include/cccl", "--gpu-architecture=compute_90"]
options = (ctypes.c_char_p * 3)(*(option.encode() for option in options))
status = library.nvrtcCompileProgram(program, 3, options)
size = ctypes.c_size_t()
library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
log = ctypes.create_string_buffer(size.value)
library.nvrtcGetProgramLog(program, log)
print(json.dumps([status, log.value.decode()[:2000]]))
"""
