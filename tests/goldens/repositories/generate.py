"""State dicts as torch.save writes them, and the same tensors in safetensors."""

from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

OUT = Path(__file__).parent

torch.manual_seed(0)
shared = torch.randn(6, 4)
state = OrderedDict(
    {
        "float32": torch.randn(3, 4),
        "float64": torch.randn(5, dtype=torch.float64),
        "float16": torch.randn(5).half(),
        "bfloat16": torch.randn(5).bfloat16(),
        "e4m3": torch.randn(7).to(torch.float8_e4m3fn),
        "e5m2": torch.randn(7).to(torch.float8_e5m2),
        "int64": torch.arange(5).expand(1, -1),
        "int32": torch.arange(-2, 3, dtype=torch.int32),
        "int8": torch.arange(-2, 3, dtype=torch.int8),
        "uint8": torch.arange(5, dtype=torch.uint8),
        "uint16": torch.arange(4).to(torch.uint16),
        "bool": torch.tensor([True, False, True]),
        "transposed": torch.randn(3, 4).t(),
        "strided": torch.randn(4, 6)[1::2, ::3],
        "expanded": torch.randn(3, 1).expand(3, 4),
        "tied.first": shared,
        "tied.second": shared,
        "tied.part": shared[2:4],
        "parameter": torch.nn.Parameter(torch.randn(2, 2)),
        "scalar": torch.tensor(2.5),
        "empty": torch.empty(0, 3),
    }
)
state._metadata = OrderedDict({"": {"version": 1}})
extras = {"step": 3, "names": ["a", None, 1.5], "sizes": torch.Size([2]), "device": torch.device("cpu")}
torch.save(OrderedDict(state, **extras), OUT / "state.bin")
torch.save(OrderedDict(state, **extras), OUT / "state_protocol_4.bin", pickle_protocol=4)
torch.save(state, OUT / "legacy.bin", _use_new_zipfile_serialization=False)
torch.save({"state_dict": {"a": torch.ones(2)}}, OUT / "nested.bin")
torch.save({"a": torch.ones(2), "args": Path("x")}, OUT / "global.bin")
save_file({name: tensor.detach().clone().contiguous() for name, tensor in state.items()}, OUT / "state.safetensors")
