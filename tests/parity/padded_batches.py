"""Batches of examples of several lengths, without a tokenizer."""

from __future__ import annotations

from typing import Any

import torch


def collate(features: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    length = max(len(row["input_ids"]) for row in features)
    pads = {"input_ids": 0, "attention_mask": 0, "labels": -100}
    return {
        name: torch.tensor(
            [
                row[name] + [pad] * (length - len(row["input_ids"])) if isinstance(row[name], list) else row[name]
                for row in features
            ]
        )
        for name, pad in pads.items()
    }
