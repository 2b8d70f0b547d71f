"""The trainings whose curves are recorded: a checkpoint, a data set and the arguments of each."""

from dataclasses import dataclass, field
from typing import Any

STEPS = 60
# Every training has these; a case may change them.
COMMON = {
    "max_steps": STEPS,
    "per_device_train_batch_size": 8,
    "per_device_eval_batch_size": 5,
    "learning_rate": 1e-3,
    "logging_steps": 1,
    "save_strategy": "no",
}
# Dropout would make the curves depend on the generator of torch.
SETTINGS = {
    "encoders/bert": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    "decoders/gpt2": {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0, "summary_first_dropout": 0.0},
    "decoders/llama": {},
}
TOKENIZERS = {
    "encoders/bert": "pipelines/tokenizer",
    "decoders/gpt2": "text_generation/tokenizer",
    "decoders/llama": "text_generation/tokenizer",
}
EVERY_TEN = {"eval_strategy": "steps", "eval_steps": 10}
EVERY_EPOCH = {"eval_strategy": "epoch"}


@dataclass
class Case:
    name: str
    model: str
    task: str
    arguments: dict[str, Any] = field(default_factory=dict)
    metric: str | None = None
    # The step after which a second training resumes.
    resumes_after: int | None = None


def bert(name: str, task: str, metric: str | None = None, resumes_after: int | None = None, **arguments: Any) -> Case:
    return Case(name, "encoders/bert", task, arguments, metric, resumes_after)


def causal(name: str, model: str = "decoders/llama", resumes_after: int | None = None, **arguments: Any) -> Case:
    return Case(name, model, "causal_lm", arguments, None, resumes_after)


CASES = [
    bert("sequence_classification", "sequence_classification"),
    bert("token_classification", "token_classification"),
    bert("masked_lm", "masked_lm"),
    bert("regression", "regression"),
    causal("causal_lm"),
    causal("causal_lm_with_tied_embeddings", "decoders/gpt2"),
    # The last update of an epoch has two batches.
    causal("accumulation", per_device_train_batch_size=4, gradient_accumulation_steps=4),
    bert("batches_of_sixteen", "sequence_classification", per_device_train_batch_size=16, learning_rate=3e-4),
    bert("warmup_and_cosine", "sequence_classification", warmup_steps=12, lr_scheduler_type="cosine"),
    causal("warmup_ratio_and_restarts", warmup_steps=0.1, lr_scheduler_type="cosine_with_restarts"),
    bert("polynomial", "regression", lr_scheduler_type="polynomial"),
    causal("inverse_sqrt", warmup_steps=5, lr_scheduler_type="inverse_sqrt"),
    bert("constant_with_warmup", "masked_lm", warmup_steps=7, lr_scheduler_type="constant_with_warmup"),
    bert("clipping", "token_classification", max_grad_norm=0.1),
    causal("no_clipping", max_grad_norm=0.0),
    bert("weight_decay", "sequence_classification", weight_decay=0.2, adam_beta1=0.8, adam_beta2=0.99),
    causal("weight_decay_of_a_decoder", weight_decay=0.2, adam_epsilon=1e-6),
    bert("label_smoothing", "token_classification", label_smoothing_factor=0.1),
    causal("label_smoothing_of_shifted_labels", label_smoothing_factor=0.2),
    bert("group_by_length", "sequence_classification", train_sampling_strategy="group_by_length"),
    causal("sequential", train_sampling_strategy="sequential"),
    bert("dropped_last_batch", "sequence_classification", per_device_train_batch_size=7, dataloader_drop_last=True),
    causal("another_seed", seed=7, data_seed=3),
    bert("sgd", "sequence_classification", optim="sgd", learning_rate=0.05),
    causal("adafactor", optim="adafactor"),
    causal("evaluation_without_metrics", **EVERY_TEN),
    bert("evaluation_of_tokens", "token_classification", "accuracy", max_steps=-1, num_train_epochs=6.6, **EVERY_EPOCH),
    bert(
        "reduce_lr_on_plateau",
        "token_classification",
        learning_rate=2e-3,
        lr_scheduler_type="reduce_lr_on_plateau",
        lr_scheduler_kwargs={"patience": 0, "factor": 0.5},
        metric_for_best_model="eval_loss",
        **EVERY_TEN,
    ),
    bert(
        "best_model",
        "sequence_classification",
        "accuracy",
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        save_strategy="steps",
        save_steps=10,
        save_total_limit=2,
        learning_rate=2e-3,
        **EVERY_TEN,
    ),
    # In the middle of the third epoch, and of a warm-up.
    bert("resume", "masked_lm", save_strategy="steps", save_steps=25, warmup_steps=30, resumes_after=25),
    causal(
        "resume_with_accumulation",
        per_device_train_batch_size=4,
        gradient_accumulation_steps=4,
        lr_scheduler_type="cosine",
        save_strategy="steps",
        save_steps=22,
        resumes_after=22,
    ),
]
