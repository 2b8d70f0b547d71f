"""The settings of a `Trainer`."""
# ruff: noqa: RUF009  # _of makes fields

# Without postponed annotations, since libraries read the types of fields.
import json
import os
import warnings
from dataclasses import asdict, dataclass, field
from typing import Any

from trustformers.errors import InputError
from trustformers.training.accelerator import AcceleratorConfig
from trustformers.training.argument_checks import check, check_accelerator, check_types, convert
from trustformers.training.argument_groups import ArgumentGroups
from trustformers.training.former_arguments import AcceptsFormerArguments
from trustformers.training.integrations import get_supported_integrations
from trustformers.training.optimizer_names import OptimizerNames
from trustformers.training.process import Process
from trustformers.training.strategies import HubStrategy, IntervalStrategy, SaveStrategy, SchedulerType
from trustformers.utils import logging

__all__ = ["TrainingArguments"]

logger: logging.Logger = logging.get_logger(__name__)
_LEVELS = (*logging.log_levels, "passive")
_CHOICE = "'no', 'steps' or 'epoch'"


def _of(default: Any, text: str, **metadata: Any) -> Any:
    """A field with its default and the help of its option."""
    return field(default=default, metadata={"help": text, **metadata})


@dataclass(repr=False)
class TrainingArguments(Process, ArgumentGroups, metaclass=AcceptsFormerArguments):
    """The settings of a `Trainer`; fields and defaults are those of transformers.

    Names of transformers 4 work where their meaning is the same, with a warning. The metadata of each field has its
    description, which `HfArgumentParser` prints. Settings that the engine cannot honour raise `UnsupportedError`, and
    those that contradict each other `InputError`, at once.

    Examples
    --------
    >>> args = TrainingArguments("out", learning_rate=2e-5, eval_strategy="epoch")
    """

    _VALID_DICT_FIELDS = (
        "accelerator_config",
        "fsdp_config",
        "deepspeed",
        "activation_checkpointing_kwargs",
        "gradient_checkpointing_kwargs",
        "lr_scheduler_kwargs",
    )
    default_optim = "adamw_torch_fused"

    output_dir: str | None = _of(None, "The directory of checkpoints.")
    per_device_train_batch_size: int = _of(8, "Examples in a batch of training.")
    num_train_epochs: float = _of(3.0, "Passes over the training data.")
    max_steps: int = _of(-1, "Steps of training, instead of num_train_epochs; needed for data without a length.")
    learning_rate: float = _of(5e-5, "The highest learning rate.")
    lr_scheduler_type: SchedulerType | str = _of("linear", "The schedule of the learning rate.")
    lr_scheduler_kwargs: dict[str, Any] | str | None = _of(None, "Other settings of the schedule.")
    warmup_steps: float = _of(0, "Steps until the highest learning rate; below 1, a ratio of all steps.")
    optim: OptimizerNames | str = _of(default_optim, "The optimizer.")
    optim_args: str | None = _of(None, "Other settings of the optimizer, as key=value,key=value.")
    weight_decay: float = _of(0.0, "Weight decay of parameters other than biases and weights of norms.")
    adam_beta1: float = _of(0.9, "Decay of the mean of gradients in Adam.")
    adam_beta2: float = _of(0.999, "Decay of the mean of squared gradients in Adam.")
    adam_epsilon: float = _of(1e-8, "Added to the denominator in Adam.")
    optim_target_modules: str | list[str] | None = _of(None, "Modules of GaLore and APOLLO.")

    gradient_accumulation_steps: int = _of(1, "Batches whose gradients are added up for a step.")
    average_tokens_across_devices: bool = _of(True, "Whether losses are means over the tokens of all devices.")
    max_grad_norm: float = _of(1.0, "The norm to which gradients are clipped; 0 clips none.")
    label_smoothing_factor: float = _of(0.0, "Probability that is shared by all labels, 0 to 1.")

    bf16: bool = _of(False, "Mixed precision with bfloat16.")
    fp16: bool = _of(False, "Mixed precision with float16 and loss scaling.")
    bf16_full_eval: bool = _of(False, "Evaluation with weights in bfloat16.")
    fp16_full_eval: bool = _of(False, "Evaluation with weights in float16.")
    tf32: bool | None = _of(None, "Products in TF32, on GPUs that have it.")

    activation_checkpointing: bool | None = _of(
        None, "Recompute activations in the backward pass instead of keeping them.", nargs="?", const=True
    )
    activation_checkpointing_kwargs: dict[str, Any] | str | None = _of(None, "Settings of the recomputation.")
    gradient_checkpointing: bool | None = _of(None, "Former name of activation_checkpointing.", nargs="?", const=True)
    gradient_checkpointing_kwargs: dict[str, Any] | str | None = _of(
        None, "Former name of activation_checkpointing_kwargs."
    )

    torch_compile: bool = _of(False, "No effect: the engine compiles no models.")
    torch_compile_backend: str | None = _of(None, "No effect: the engine compiles no models.")
    torch_compile_mode: str | None = _of(None, "No effect: the engine compiles no models.")
    use_liger_kernel: bool = _of(False, "No effect: the engine has fused kernels of its own.")
    liger_kernel_config: dict[str, bool] | None = _of(None, "No effect: the engine has fused kernels of its own.")
    use_cache: bool = _of(False, "Whether the model keeps keys and values in training.")
    neftune_noise_alpha: float | None = _of(None, "Noise on token embeddings.")
    torch_empty_cache_steps: int | None = _of(None, "No effect: the engine frees memory at once.")
    auto_find_batch_size: bool = _of(False, "Halve the batch of training until it fits into memory.")

    logging_strategy: IntervalStrategy | str = _of("steps", f"When metrics are logged: {_CHOICE}.")
    logging_steps: float = _of(500, "Steps between logs; below 1, a ratio of all steps.")
    logging_first_step: bool = _of(False, "Whether the first step is logged.")
    log_on_each_node: bool = _of(True, "Whether each machine logs.")
    logging_nan_inf_filter: bool = _of(True, "Whether losses that are NaN or infinite are left out of logs.")
    include_num_input_tokens_seen: str | bool = _of("no", "Tokens that are counted: 'all', 'non_padding' or 'no'.")
    log_level: str = _of("passive", "The level of logs; 'passive' leaves it.", choices=_LEVELS)
    log_level_replica: str = _of("warning", "The level of logs in other processes.", choices=_LEVELS)
    disable_tqdm: bool | None = _of(None, "Print logs instead of a progress bar.")
    report_to: str | list[str] | None = _of("none", "Services that get the logs: 'tensorboard', 'all' or 'none'.")
    run_name: str | None = _of(None, "The name of the run in services.")
    project: str = _of("huggingface", "The project of the run in Trackio.")
    trackio_space_id: str | None = _of(None, "The Space of Trackio.")
    trackio_bucket_id: str | None = _of(None, "The bucket of Trackio.")
    trackio_static_space_id: str | None = _of(None, "The static Space of Trackio.")

    eval_strategy: IntervalStrategy | str = _of("no", f"When the model is evaluated: {_CHOICE}.")
    eval_steps: float | None = _of(None, "Steps between evaluations; below 1, a ratio; logging_steps without it.")
    eval_delay: float = _of(0, "Steps or epochs before the first evaluation.")
    per_device_eval_batch_size: int = _of(8, "Examples in a batch of evaluation.")
    prediction_loss_only: bool = _of(False, "Whether evaluations compute the loss alone.")
    eval_on_start: bool = _of(False, "Whether the model is evaluated before training.")
    eval_do_concat_batches: bool = _of(True, "Whether predictions of batches are joined.")
    eval_use_gather_object: bool = _of(False, "Whether predictions of processes are gathered as objects.")
    eval_accumulation_steps: int | None = _of(None, "Batches of predictions that stay on the device.")
    include_for_metrics: list[str] = field(
        default_factory=list, metadata={"help": "What compute_metrics gets besides: 'inputs', 'loss'."}
    )
    batch_eval_metrics: bool = _of(False, "Whether compute_metrics is called with each batch.")

    save_only_model: bool = _of(False, "Whether checkpoints have no state of the training, and cannot be resumed.")
    save_strategy: SaveStrategy | str = _of("steps", f"When checkpoints are saved: {_CHOICE}, or 'best'.")
    save_steps: float = _of(500, "Steps between checkpoints; below 1, a ratio of all steps.")
    save_on_each_node: bool = _of(False, "Whether each machine saves checkpoints.")
    save_total_limit: int | None = _of(None, "Checkpoints that are kept; older ones are deleted.")
    enable_jit_checkpoint: bool = _of(False, "Whether SIGTERM ends the training with a checkpoint.")

    push_to_hub: bool = _of(False, "Not supported: nothing is uploaded.")
    hub_token: str | None = _of(None, "The token of the hub.")
    hub_private_repo: bool | None = _of(None, "Whether the repository on the hub is private.")
    hub_model_id: str | None = _of(None, "The repository on the hub.")
    hub_strategy: HubStrategy | str = _of("every_save", "What is uploaded, and when.")
    hub_always_push: bool = _of(False, "Whether uploads begin before others end.")
    hub_revision: str | None = _of(None, "The branch of the repository on the hub.")

    load_best_model_at_end: bool = _of(False, "Whether the training ends with the weights of the best checkpoint.")
    metric_for_best_model: str | None = _of(None, "The metric that selects the best checkpoint.")
    greater_is_better: bool | None = _of(None, "Whether a greater metric is better; unless it is a loss, by default.")
    ignore_data_skip: bool = _of(False, "Whether a resumed training starts its data anew.")
    restore_callback_states_from_checkpoint: bool = _of(False, "Whether a resumed training restores its callbacks.")
    full_determinism: bool = _of(False, "Whether seeds are set as by enable_full_determinism.")
    seed: int = _of(42, "The seed of the training.")
    data_seed: int | None = _of(None, "The seed of the order of examples; seed without it.")

    use_cpu: bool = _of(False, "Whether the training runs on the cpu where there is a GPU.")
    accelerator_config: dict[str, Any] | str | None = _of(None, "Settings of several processes, or a JSON file.")
    parallelism_config: Any | None = _of(None, "Settings of tensor parallelism.")
    dataloader_drop_last: bool = _of(False, "Whether the last batch is left out if it is smaller.")
    dataloader_num_workers: int = _of(0, "Workers that prepare batches in advance.")
    dataloader_pin_memory: bool = _of(True, "Whether batches lie in pinned memory.")
    dataloader_persistent_workers: bool = _of(False, "Whether workers stay between epochs.")
    dataloader_prefetch_factor: int | None = _of(None, "Batches that each worker prepares in advance.")
    dataloader_multiprocessing_context: str | None = _of(
        None, "How workers start.", choices=["fork", "spawn", "forkserver"]
    )
    dataloader_in_order: bool = _of(True, "Whether batches keep their order among workers.")
    remove_unused_columns: bool = _of(True, "Whether columns that the model does not take are left out.")
    label_names: list[str] | None = _of(None, "The inputs that are labels.")
    train_sampling_strategy: str = _of(
        "random",
        "The order of examples in training.",
        choices=["random", "sequential", "group_by_length", "batch_rebalance"],
    )
    length_column_name: str = _of("length", "The column of lengths for group_by_length.")

    ddp_find_unused_parameters: bool | None = _of(None, "A setting of several processes.")
    ddp_bucket_cap_mb: int | None = _of(None, "A setting of several processes.")
    ddp_broadcast_buffers: bool | None = _of(None, "A setting of several processes.")
    ddp_static_graph: bool | None = _of(None, "A setting of several processes.")
    ddp_backend: str | None = _of(
        None,
        "A setting of several processes.",
        choices=["nccl", "gloo", "mpi", "xccl", "hccl", "cncl", "mccl"],
    )
    ddp_timeout: int = _of(1800, "Seconds that processes wait for each other.")
    fsdp: str | None = _of(None, "Not supported: models are not sharded.", nargs="?", const=True)
    fsdp_config: dict[str, Any] | str | None = _of(None, "Not supported: models are not sharded.")
    deepspeed: dict[str, Any] | str | None = _of(None, "Not supported: models are not sharded.")
    debug: str | list[str] = _of("", "Not supported: 'underflow_overflow', 'tpu_metrics_debug'.")
    skip_memory_metrics: bool = _of(True, "Whether metrics are without memory.")

    do_train: bool = _of(False, "For scripts: whether to train.")
    do_eval: bool = _of(False, "For scripts: whether to evaluate.")
    do_predict: bool = _of(False, "For scripts: whether to predict.")
    resume_from_checkpoint: str | None = _of(None, "For scripts: the checkpoint to resume from.")
    local_rank: int = _of(-1, "The process on this machine.")
    # What transformers does not have comes last.
    optim_shard: bool = _of(False, "Whether each process keeps the optimizer's states of a share of the weights.")

    def __post_init__(self) -> None:
        """Converts, derives and checks the settings."""
        if not isinstance(self.output_dir, (str, os.PathLike, type(None))):
            raise InputError(f"output_dir: expected a directory, found {self.output_dir!r}")
        check_types(self, TrainingArguments)
        self.output_dir = os.path.expanduser("trainer_output" if self.output_dir is None else self.output_dir)
        for name in self._VALID_DICT_FIELDS:
            text = getattr(self, name)
            if isinstance(text, str) and text.startswith("{"):
                setattr(self, name, _from_text(json.loads(text)))
        for old, new in (
            ("gradient_checkpointing", "activation_checkpointing"),
            ("gradient_checkpointing_kwargs", "activation_checkpointing_kwargs"),
        ):
            if getattr(self, new) is None and getattr(self, old) is not None:
                warnings.warn(f"{old} is the former name of {new}; use {new}", FutureWarning, stacklevel=4)
                setattr(self, new, getattr(self, old))
            setattr(self, old, getattr(self, new))
        if self.activation_checkpointing is None:
            self.activation_checkpointing = self.gradient_checkpointing = False
        if self.disable_tqdm is None:
            self.disable_tqdm = logging.get_verbosity() > logging.WARNING
        convert(self)
        self._derive()
        check(self)
        self.mixed_precision: str = (
            "fp16" if self.fp16 else "bf16" if self.bf16 else os.environ.get("ACCELERATE_MIXED_PRECISION", "no")
        )
        if self.use_cpu:
            self.dataloader_pin_memory = False

    def _derive(self) -> None:
        """Sets what follows from other settings."""
        if self.eval_strategy != IntervalStrategy.NO:
            self.do_eval = True
        if self.eval_strategy == IntervalStrategy.STEPS and not self.eval_steps:
            self.eval_steps = self.logging_steps
        selects = self.load_best_model_at_end or self.lr_scheduler_type in (
            SchedulerType.REDUCE_ON_PLATEAU,
            SchedulerType.GREEDY,
        )
        if selects and self.metric_for_best_model is None:
            self.metric_for_best_model = "loss"
        if self.greater_is_better is None and self.metric_for_best_model is not None:
            self.greater_is_better = not self.metric_for_best_model.endswith("loss")
        services = [self.report_to] if isinstance(self.report_to, str) or self.report_to is None else self.report_to
        if services == ["all"]:
            services = get_supported_integrations()
        self.report_to = [name for name in services if name is not None] if services != ["none"] else []
        config = self.accelerator_config
        if config is None or isinstance(config, dict):
            self.accelerator_config = AcceleratorConfig(**(config or {}))  # type: ignore[assignment]
        elif isinstance(config, str):
            self.accelerator_config = AcceleratorConfig.from_json_file(config)  # type: ignore[assignment]
        if isinstance(self.accelerator_config, AcceleratorConfig):
            check_accelerator(self.accelerator_config)

    def _validate_args(self) -> None:
        """Checks the settings again, which may have changed.

        Raises
        ------
        InputError, UnsupportedError
            As for a new instance.
        """
        check(self)

    def __repr__(self) -> str:
        fields = {
            name: f"<{name.upper()}>" if name.endswith("_token") else value for name, value in asdict(self).items()
        }
        return f"{type(self).__name__}(\n" + "".join(f"{name}={fields[name]},\n" for name in sorted(fields)) + ")"


def _from_text(keys: dict[str, Any]) -> dict[str, Any]:
    """The values of a JSON text of a command line, whose numbers and booleans may be texts."""
    return {name: _value(value) for name, value in keys.items()}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return _from_text(value)
    if not isinstance(value, str):
        return value
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value.isdigit():
        return int(value)
    return float(value) if value.replace(".", "", 1).isdigit() else value
