"""Writes the goldens of training: data sets, and what each step of the reference's Trainer computes.

Run with torch, transformers and accelerate installed:  python tests/goldens/training/generate.py [--case NAME] ...

The models are the tiny checkpoints of the goldens beside these, in float32 and without dropout. A case records its
training arguments, the rows of each batch, every step's loss, gradient norm and learning rate, every evaluation, and of
the final weights each tensor's norm, its distance from the initial one, and a few values.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import data
import numpy as np
import torch
import transformers
from cases import CASES, COMMON, SETTINGS, TOKENIZERS, Case
from safetensors.torch import load_file, save_file

GOLDENS = Path(__file__).parent.parent
HEADS = {
    "sequence_classification": "AutoModelForSequenceClassification",
    "token_classification": "AutoModelForTokenClassification",
    "masked_lm": "AutoModelForMaskedLM",
    "regression": "AutoModelForSequenceClassification",
    "causal_lm": "AutoModelForCausalLM",
}
VALUES = 4


class Rows(list):
    """A data set that records which rows were asked for, in order."""

    def __init__(self, rows: list[data.Example]):
        super().__init__(rows)
        self.asked: list[int] = []

    def __getitem__(self, index: int) -> data.Example:
        self.asked.append(index)
        return super().__getitem__(index)


class Began(transformers.TrainerCallback):
    """Forgets what was asked for before the first step, such as the rows' lengths."""

    def __init__(self, rows: Rows):
        self.rows = rows

    def on_train_begin(self, *args: object, **kwargs: object) -> None:
        self.rows.asked.clear()


def load(case: Case, settings: dict[str, Any]) -> transformers.PreTrainedModel:
    source = GOLDENS / case.model
    config = json.loads((source / "config.json").read_text()) | settings
    tensors = load_file(source / "model.safetensors")
    if case.task == "regression":
        overlay = json.loads((source / "manifest.json").read_text())["overlays"]["regression"]
        config |= overlay["config"]
        tensors |= load_file(source / overlay["weights"])
    with tempfile.TemporaryDirectory() as folder:
        save_file(tensors, Path(folder) / "model.safetensors", metadata={"format": "pt"})
        (Path(folder) / "config.json").write_text(json.dumps(config))
        return getattr(transformers, HEADS[case.task]).from_pretrained(folder, dtype=torch.float32)


def collator(task: str, tokenizer: transformers.PreTrainedTokenizerBase) -> Any:
    if task == "causal_lm":
        return transformers.DataCollatorForLanguageModeling(tokenizer, mlm=False)
    if task in ("token_classification", "masked_lm"):
        return transformers.DataCollatorForTokenClassification(tokenizer)
    return transformers.DataCollatorWithPadding(tokenizer)


def accuracy(prediction: transformers.EvalPrediction) -> dict[str, float]:
    counted = prediction.label_ids != data.IGNORED
    found = prediction.predictions.argmax(-1)
    return {"accuracy": float((found == prediction.label_ids)[counted].mean())}


def trainer(case: Case, sets: dict[str, list[data.Example]], folder: Path) -> transformers.Trainer:
    tokenizer = transformers.AutoTokenizer.from_pretrained(GOLDENS / TOKENIZERS[case.model])
    arguments = COMMON | case.arguments
    rows = Rows(sets["train"])
    found = transformers.Trainer(
        model=load(case, SETTINGS[case.model]),
        args=transformers.TrainingArguments(str(folder), use_cpu=True, disable_tqdm=True, **arguments),
        train_dataset=rows,
        eval_dataset=sets["eval"] if "eval_strategy" in arguments else None,
        data_collator=collator(case.task, tokenizer),
        compute_metrics=accuracy if case.metric else None,
        callbacks=[Began(rows)],
    )
    found.remove_callback(transformers.PrinterCallback)
    return found


def steps_of(history: list[dict[str, float]]) -> dict[str, list[float]]:
    logged = [row for row in history if "loss" in row]
    names = [name for name in ("loss", "grad_norm", "learning_rate") if name in logged[0]]
    return {name: [seven_digits(row[name]) for row in logged] for name in names}


def evaluations_of(history: list[dict[str, float]]) -> list[dict[str, float]]:
    """The time that an evaluation took is left out."""
    found = [row for row in history if "eval_loss" in row]
    return [
        {name: seven_digits(value) for name, value in row.items() if not name.endswith(("runtime", "second"))}
        for row in found
    ]


def seven_digits(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.7g}")


def with_gradient(name: str, tensor: torch.Tensor) -> torch.Tensor | None:
    """Without the bias of keys: no attention depends on it, its gradient is rounding errors, and AdamW scales them."""
    if name.endswith("key.bias"):
        return None
    return torch.cat([tensor.chunk(3)[0], tensor.chunk(3)[2]]) if name.endswith("c_attn.bias") else tensor


def digest(initial: dict[str, torch.Tensor], final: dict[str, torch.Tensor]) -> dict[str, dict[str, Any]]:
    """Of each tensor: its norm, how far it is from the initial one, and values at even distances."""
    found = {}
    for name in final:
        first, last = with_gradient(name, initial[name]), with_gradient(name, final[name])
        if last is None:
            continue
        flat = last.flatten().double()
        places = np.linspace(0, len(flat) - 1, min(VALUES, len(flat))).astype(int)
        moved = (flat - first.flatten().double()).norm().item()
        values = {int(place): seven_digits(flat[place].item()) for place in places}
        found[name] = {"norm": seven_digits(flat.norm().item()), "moved": seven_digits(moved), "values": values}
    return found


def batches_of(asked: list[int], args: transformers.TrainingArguments, steps: int) -> list[list[list[int]]]:
    """The rows of each step's batches. A batch and a step end with their epoch; the loader reads ahead."""
    size, accumulated = args.per_device_train_batch_size, args.gradient_accumulation_steps
    count = data.COUNTS["train"]
    rows = count // size * size if args.dataloader_drop_last else count
    found = []
    for start in range(0, len(asked), rows):
        epoch = asked[start : start + rows]
        batches = [epoch[first : first + size] for first in range(0, len(epoch), size)]
        found += [batches[first : first + accumulated] for first in range(0, len(batches), accumulated)]
    return found[:steps]


def parameters(model: transformers.PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def run(case: Case, sets: dict[str, list[data.Example]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        training = trainer(case, sets, Path(folder))
        initial = parameters(training.model)
        output = training.train()
        state = training.state
        result = {
            "model": case.model,
            "task": case.task,
            "head": HEADS[case.task],
            "settings": SETTINGS[case.model],
            "tokenizer": TOKENIZERS[case.model],
            "arguments": COMMON | case.arguments,
            "metric": case.metric,
            "steps": steps_of(state.log_history),
            "train_loss": seven_digits(output.training_loss),
            "epochs": seven_digits(state.epoch),
            "batches": batches_of(training.train_dataset.asked, training.args, state.global_step),
            "evaluations": evaluations_of(state.log_history),
            "weights": digest(initial, parameters(training.model)),
        }
        if state.best_model_checkpoint:
            result["best"] = {"metric": state.best_metric, "step": state.best_global_step}
            result["folders"] = sorted(path.name for path in Path(folder).glob("checkpoint-*"))
        if case.resumes_after:
            checkpoint = Path(folder) / f"checkpoint-{case.resumes_after}"
            resumed = trainer(case, sets, Path(folder))
            resumed.train(resume_from_checkpoint=str(checkpoint))
            again = steps_of(resumed.state.log_history)
            assert again == result["steps"], f"{case.name}: the reference resumes on another curve"
            result["resumes_after"] = case.resumes_after
    return result


def write(path: Path, result: dict[str, Any]) -> None:
    """One line for each list or example, so that a difference can be read."""
    lines = [f"{json.dumps(key)}: {text(value)}" for key, value in result.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def text(value: object) -> str:
    if isinstance(value, dict) and any(isinstance(entry, (dict, list)) for entry in value.values()):
        return "{\n" + ",\n".join(f" {json.dumps(key)}: {json.dumps(entry)}" for key, entry in value.items()) + "\n}"
    if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        return "[\n" + ",\n".join(f" {json.dumps(entry)}" for entry in value) + "\n]"
    return json.dumps(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="all when left out")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=7, help="of the data; %(default)s")
    args = parser.parse_args()
    # The order of sums, and so the last bits, would depend on the number of threads.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    sets = data.make(args.seed)
    (args.out / "curves").mkdir(parents=True, exist_ok=True)
    write(
        args.out / "data.json",
        {f"{task}.{split}": rows for task, splits in sets.items() for split, rows in splits.items()},
    )
    for case in CASES:
        if args.case and case.name not in args.case:
            continue
        result = run(case, sets[case.task])
        write(args.out / "curves" / f"{case.name}.json", result)
        losses = result["steps"]["loss"]
        print(f"{case.name}: loss {losses[0]:.3f} to {losses[-1]:.3f} in {len(losses)} steps")
    versions = {"transformers": transformers.__version__, "torch": torch.__version__, "seed": args.seed}
    (args.out / "manifest.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
