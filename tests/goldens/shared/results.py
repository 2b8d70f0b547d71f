"""What the reference computes for the cases of one family, and the files that tell it."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from shared.inputs import Case


def result(output: object, name: str) -> torch.Tensor:
    head, _, index = name.partition(".")
    value = getattr(output, head)
    return value[int(index)] if index else value


def compute(model: transformers.PreTrainedModel, case: Case) -> dict[str, torch.Tensor]:
    given = {name: torch.from_numpy(value) for name, value in case.inputs.items()}
    given = {name: value.to(model.dtype) if value.is_floating_point() else value for name, value in given.items()}
    if "encoder_outputs" in given:
        given["encoder_outputs"] = (given["encoder_outputs"],)
    # The reference writes what it inferred into its configuration.
    model.config.problem_type = case.problem_type
    with torch.inference_mode():
        output = model(**given, **case.options)
    for option in ("hidden_states", "attentions"):
        if case.options.get(f"output_{option}"):
            for name in (name for name, value in output.items() if name.endswith(option) and isinstance(value, tuple)):
                stored = [other for other in case.outputs if other.startswith(f"{name}.")]
                assert len(output[name]) == len(stored), f"{case.name}: {len(output[name])} {name}"
    return {name: result(output, name).float() for name in case.outputs}


def difference(case: Case, name: str, first: torch.Tensor, second: torch.Tensor) -> float:
    """The largest difference; what belongs to a masked token does not count."""
    error = (first - second).abs()
    is_of_decoder = "decoder_input_ids" in case.inputs and not name.startswith("encoder_")
    mask = case.inputs.get("decoder_attention_mask" if is_of_decoder else "attention_mask")
    if mask is not None and error.shape[: mask.ndim] == mask.shape and name != "pooler_output":
        error = error[torch.from_numpy(mask) == 1]
    return error.max().item()


def assert_differs(case: Case, results: "Results", model: transformers.PreTrainedModel) -> None:
    """The family without the variant computes something else."""
    shows = []
    for name, plain in compute(model, case).items():
        found = torch.from_numpy(results.arrays[f"{case.head}.{case.name}.{name}"])
        shows.append(found.shape != plain.shape or difference(case, name, found, plain) > 1e-2)
    assert any(shows), f"{case.overlay} does not show in {case.name}"


def rounded_up(value: float) -> float:
    """To one digit."""
    digits = -math.floor(math.log10(value))
    return round(math.ceil(value * 10**digits) / 10**digits, digits)


class Results:
    """Of one family."""

    def __init__(self, model_type: str):
        self.model_type = model_type
        self.arrays: dict[str, np.ndarray] = {}
        self.listed: list[dict] = []
        self.differences: dict[str, float] = {}

    def keep(self, case: Case, expected: dict[str, np.ndarray]) -> None:
        key = f"{case.head}.{case.name}"
        assert f"{key}.{next(iter(case.inputs))}" not in self.arrays, f"{self.model_type}: {key} twice"
        self.arrays |= {f"{key}.{name}": np.ascontiguousarray(value) for name, value in case.inputs.items()}
        self.arrays |= {f"{key}.{name}": np.asarray(value, order="C") for name, value in expected.items()}
        self.listed.append(self.describe(case))

    def add(self, case: Case, load: Callable[..., transformers.PreTrainedModel]) -> None:
        expected = compute(load(dtype=torch.float32), case)
        self.keep(case, {name: value.numpy() for name, value in expected.items()})
        if case.in_bfloat16:
            halved = compute(load(dtype=torch.bfloat16), case)
            key = f"{case.head}.{case.name}"
            self.arrays |= {f"{key}.{name}.bfloat16": value.numpy() for name, value in halved.items()}
            errors = [difference(case, name, halved[name], expected[name]) for name in case.outputs]
            self.differences[case.head] = max(self.differences.get(case.head, 0.0), *errors)

    @staticmethod
    def describe(case: Case) -> dict:
        described = {"name": case.name, "head": case.head, "inputs": list(case.inputs), "outputs": case.outputs}
        if case.name.startswith("labels") and case.head == "sequence_classification":
            described["problem_type"] = case.problem_type
        if case.overlay is not None:
            described["overlay"] = case.overlay
        if case.options:
            described["options"] = case.options | case.loading
        return described | {"dtypes": ["float32", "bfloat16"] if case.in_bfloat16 else ["float32"]}

    def write(self, out: Path, classes: dict[str, str], arguments: dict, **more: object) -> None:
        """cases.safetensors and manifest.json."""
        for name, value in self.arrays.items():
            assert np.isfinite(value).all(), f"{self.model_type}: {name} is not finite"
        save_file(dict(sorted(self.arrays.items())), out / "cases.safetensors")
        manifest = {
            "model_type": self.model_type,
            "classes": classes,
            # Two right answers in bfloat16 may be as far from float32 as the reference is, on either side.
            "tolerance": {"float32": 2e-4, "bfloat16": rounded_up(2 * max(self.differences.values()))},
            "bfloat16_difference": {head: float(f"{value:.2g}") for head, value in self.differences.items()},
            **more,
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "arguments": {name: value for name, value in arguments.items() if name not in ("out", "family")},
            "cases": self.listed,
        }
        (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        size = sum(path.stat().st_size for path in out.iterdir()) / 1000
        found = manifest["bfloat16_difference"]
        print(f"{self.model_type}: {len(self.listed)} cases, {size:.0f} kB, bfloat16 differs by {found}")
