"""Trains with groups of named parameters, of which one is added later: by a divided optimizer, and by AdamW."""

from __future__ import annotations

from typing import Any

import numpy as np
from train import model_of
from trustformers.errors import InputError
from trustformers.training import AdamW, ZeroRedundancyOptimizer


def weights(make: Any) -> list[Any]:
    model = model_of("causal_lm").train()
    named = list(model.named_parameters())
    optimizer = make([{"params": named[:3]}, {"params": named[3:6], "lr": 1e-4}])
    optimizer.add_param_group({"params": named[6:], "lr": 1e-2})
    for _step in range(2):
        sum((parameter * parameter).sum() for parameter in model.parameters()).backward()
        optimizer.step()
        optimizer.zero_grad()
    return [parameter.detach().numpy() for parameter in model.parameters()]


def main() -> None:
    divided = weights(lambda groups: ZeroRedundancyOptimizer(groups, AdamW, lr=1e-3))
    for found, expected in zip(divided, weights(lambda groups: AdamW(groups, lr=1e-3)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    optimizer = ZeroRedundancyOptimizer(model_of("causal_lm").parameters(), AdamW, lr=1e-3)
    try:
        optimizer.load_state_dict({"state": {}, "param_groups": []})
    except InputError as error:
        print(error)


if __name__ == "__main__":
    main()
