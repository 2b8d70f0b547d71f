"""Writes what transformers generates with a toy model, beside this script.

Run in an environment with torch and transformers 5.23.0.
"""

import json
import random
import warnings
from pathlib import Path

import torch
import transformers
from cases import (
    ALONE,
    ASSISTED,
    BATCH,
    BEAMS,
    GREEDY,
    LONG,
    LOOKUP,
    ONE,
    PREFIX,
    PROMPT,
    REFUSED,
    SAMPLING,
    WITH_BEAMS,
    allowed,
)
from toy import ROWS, SCALE, Toy, ToyConfig

HERE = Path(__file__).parent
VOCAB = 40

warnings.simplefilter("ignore")
transformers.logging.set_verbosity_error()


def table(rng: random.Random) -> list[list[int]]:
    return [rng.sample(range(-4 * SCALE, 4 * SCALE), VOCAB) for _ in range(ROWS)]


def perturbed(rows: list[list[int]], rng: random.Random) -> list[list[int]]:
    """A table whose likeliest tokens are mostly the same."""
    return [[value + rng.randrange(-24, 24) for value in row] for row in rows]


def padded(prompts: list[list[int]]) -> dict[str, torch.Tensor]:
    longest = max(map(len, prompts))
    return {
        "input_ids": torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts]),
        "attention_mask": torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]),
    }


def plain(values: torch.Tensor) -> list:
    """Nested lists that JSON can hold: null is minus infinity."""
    if values.dim() > 1:
        return [plain(row) for row in values]
    return [None if value == float("-inf") else value for value in values.tolist()]


def run(model: Toy, prompts: list[list[int]], kwargs: dict, **more) -> dict:
    output = model.generate(
        **padded(prompts), **kwargs, **more, return_dict_in_generate=True, output_scores=True, output_logits=True
    )
    case = {"prompts": prompts, "kwargs": kwargs, "sequences": output.sequences.tolist()}
    if output.get("beam_indices") is not None:
        case["beam_indices"] = output.beam_indices.tolist()
        case["sequences_scores"] = output.sequences_scores.tolist()
    return case


def first_scores(model: Toy, prompt: list[int], kwargs: dict) -> dict:
    torch.manual_seed(0)
    output = model.generate(
        **padded([prompt]),
        **kwargs,
        do_sample=True,
        max_new_tokens=2,
        return_dict_in_generate=True,
        output_scores=True,
    )
    return {"prompt": prompt, "kwargs": kwargs, "scores": plain(output.scores[0][0])}


def refusal(model: Toy, kwargs: dict) -> dict:
    try:
        model.generate(**padded([PROMPT]), **kwargs)
    except (ValueError, IndexError, TypeError) as error:
        return {"kwargs": kwargs, "error": str(error)}
    raise SystemExit(f"transformers does not refuse {kwargs}")


def main() -> None:
    rng = random.Random(20)
    rows = table(rng)
    assistant_rows = perturbed(rows, rng)
    model = Toy(ToyConfig(vocab_size=VOCAB), rows).eval()
    assistant = Toy(ToyConfig(vocab_size=VOCAB), assistant_rows).eval()
    golden = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "scale": SCALE,
        "table": rows,
        "assistant_table": assistant_rows,
        "greedy": [run(model, prompts, kwargs) for kwargs in GREEDY for prompts in ([PROMPT], [ONE], [LONG], BATCH)]
        + [run(model, [prompt], kwargs) for kwargs in ALONE for prompt in (PROMPT, ONE, LONG)],
        "beams": [run(model, prompts, kwargs) for kwargs in BEAMS for prompts in ([PROMPT], [ONE], BATCH)],
        "lookup": [run(model, [prompt], kwargs) for kwargs in LOOKUP for prompt in (PROMPT, LONG, LONG + LONG[:4])],
        "assisted": [
            run(model, [prompt], kwargs, assistant_model=assistant) for kwargs in ASSISTED for prompt in (PROMPT, LONG)
        ],
        "prefix": [
            run(model, prompts, kwargs, prefix_allowed_tokens_fn=allowed)
            for kwargs in PREFIX
            for prompts in ([PROMPT], [ONE], [LONG], BATCH)
        ],
        "sampling": [
            first_scores(model, prompt, kwargs) for kwargs in SAMPLING + WITH_BEAMS for prompt in (PROMPT, LONG)
        ],
        "refused": [refusal(model, kwargs) for kwargs in REFUSED],
    }
    sections = [f'"{name}": {lines(value)}' for name, value in golden.items()]
    (HERE / "toy.json").write_text("{\n" + ",\n".join(sections) + "\n}\n")


def lines(value) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"


if __name__ == "__main__":
    main()
