"""`Trainer`, which trains and evaluates a model."""

from __future__ import annotations

import inspect
import logging
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from trustformers._checks.arguments import kind
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.base import PreTrainedModel
from trustformers.runtime.seed import enable_full_determinism, set_seed
from trustformers.tokenizers.base import PreTrainedTokenizerBase
from trustformers.tokenizers.collators import DataCollatorWithPadding, default_data_collator
from trustformers.training.arguments import TrainingArguments
from trustformers.training.callbacks import CallbackHandler, DefaultFlowCallback, TrainerCallback
from trustformers.training.columns import label_names_of, unwrapped
from trustformers.training.evaluation import LabelSmoother
from trustformers.training.integrations import get_reporting_integration_callbacks
from trustformers.training.loops import has_length, number_of_arguments
from trustformers.training.processes import Processes
from trustformers.training.progress import PrinterCallback, ProgressCallback
from trustformers.training.scaling import GradScaler
from trustformers.training.state import ExportableState, TrainerControl, TrainerState
from trustformers.training.strategies import IntervalStrategy
from trustformers.training.trainer_base import logger
from trustformers.training.trainer_card import CardMixin
from trustformers.training.trainer_loop import LoopMixin
from trustformers.training.trainer_metrics import MetricsMixin
from trustformers.training.trainer_unsupported import UnsupportedTrainerMethods
from trustformers.utils.availability import is_in_notebook
from trustformers.utils.notebook import NotebookProgressCallback

__all__ = ["DEFAULT_CALLBACKS", "DEFAULT_PROGRESS_CALLBACK", "Trainer"]

DEFAULT_CALLBACKS: list[type[TrainerCallback]] = [DefaultFlowCallback]
DEFAULT_PROGRESS_CALLBACK: type[TrainerCallback] = ProgressCallback


class Trainer(LoopMixin, MetricsMixin, CardMixin, UnsupportedTrainerMethods):
    """Trains and evaluates a model, as the `Trainer` of transformers does.

    Parameters
    ----------
    model
        The model.
    args
        The settings; by default those of `TrainingArguments("tmp_trainer")`.
    data_collator
        Makes a batch of a list of examples; by default `DataCollatorWithPadding` with a tokenizer, and
        `default_data_collator` without one.
    train_dataset
        A `datasets.Dataset`, a data set of torch, anything with `__len__` and `__getitem__`, or an iterable of
        examples. Columns that the model does not take are left out.
    eval_dataset
        A data set, or several by name.
    processing_class
        The tokenizer, which is saved with the model.
    model_init
        Returns the model, of which each call of `train` begins with a new one.
    compute_loss_func
        The loss of the outputs of the model, the labels and `num_items_in_batch`.
    compute_metrics
        A dict of metrics of an `EvalPrediction`.
    callbacks
        Callbacks beside the default ones.
    optimizers
        The optimizer and the schedule, each by default as the settings say.
    optimizer_cls_and_kwargs
        The class of the optimizer and its arguments.
    preprocess_logits_for_metrics
        What to keep of the logits and labels of a batch in an evaluation.
    tokenizer
        The name of `processing_class` in transformers 4.

    Raises
    ------
    InputError
        An argument is wrong, or contradicts another.

    Examples
    --------
    >>> from trustformers import Trainer, TrainingArguments
    >>> args = TrainingArguments(output_dir="out", num_train_epochs=3, per_device_train_batch_size=16)
    >>> trainer = Trainer(model=model, args=args, train_dataset=rows, processing_class=tokenizer)
    >>> trainer.train()
    >>> trainer.save_model()
    """

    # For type checkers, to which an assignment in a subclass is a declaration without a type.
    args: TrainingArguments
    model_wrapped: Any
    data_collator: Callable[..., Any]
    train_dataset: Any
    eval_dataset: Any
    processing_class: Any
    optimizer: Any
    lr_scheduler: Any
    scaler: GradScaler | None
    callback_handler: CallbackHandler
    state: TrainerState
    control: TrainerControl
    label_names: list[str]
    label_smoother: Any
    model_accepts_loss_kwargs: bool
    current_flos: float
    current_gradient_accumulation_steps: int

    def __init__(  # noqa: PLR0917  # as in transformers
        self,
        model: Any = None,
        args: TrainingArguments | None = None,
        data_collator: Callable[[list[Any]], Any] | None = None,
        train_dataset: Any = None,
        eval_dataset: Any = None,
        processing_class: Any = None,
        model_init: Callable[..., Any] | None = None,
        compute_loss_func: Callable[..., Any] | None = None,
        compute_metrics: Callable[..., Any] | None = None,
        callbacks: Sequence[TrainerCallback | type[TrainerCallback]] | None = None,
        optimizers: tuple[Any, Any] = (None, None),
        optimizer_cls_and_kwargs: tuple[Any, dict[str, Any]] | None = None,
        preprocess_logits_for_metrics: Callable[[Any, Any], Any] | None = None,
        *,
        tokenizer: Any = None,
    ) -> None:
        if tokenizer is not None:
            if processing_class is not None:
                raise InputError("tokenizer: is the former name of processing_class; pass only processing_class")
            warnings.warn(
                "tokenizer is the former name of processing_class; use processing_class", FutureWarning, stacklevel=2
            )
            processing_class = tokenizer
        self.args = TrainingArguments("tmp_trainer") if args is None else args
        if not isinstance(self.args, TrainingArguments):
            raise InputError(f"args: expected TrainingArguments, found {type(args).__name__}")
        args = self.args
        self._processes = Processes(args)
        (enable_full_determinism if args.full_determinism else set_seed)(args.seed)
        logging.getLogger("trustformers").setLevel(args.get_process_log_level())
        self.compute_loss_func = compute_loss_func
        self.compute_metrics = compute_metrics
        self.preprocess_logits_for_metrics = preprocess_logits_for_metrics
        self.train_dataset, self.eval_dataset = train_dataset, eval_dataset
        self.processing_class = processing_class
        is_tokenizer = isinstance(processing_class, PreTrainedTokenizerBase)
        self.data_collator = data_collator or (
            DataCollatorWithPadding(processing_class) if is_tokenizer else default_data_collator
        )
        self.optimizer, self.lr_scheduler = _pair(optimizers)
        self.optimizer_cls_and_kwargs = optimizer_cls_and_kwargs
        self.model_init = model_init
        if (model is None) == (model_init is None):
            raise InputError("model: expected either model or model_init")
        self.label_smoother = None
        self._set_model(self.call_model_init() if model is None else model)
        self._validate_args()
        self.scaler = GradScaler() if args.mixed_precision == "fp16" else None
        self.is_in_train = self._was_trained = self._created_lr_scheduler = False
        self.current_flos = self._initial_num_input_tokens_seen = 0
        self.current_gradient_accumulation_steps = args.gradient_accumulation_steps
        self._train_batch_size = args.train_batch_size
        self._resumed = None
        self._tr_loss, self._globalstep_last_logged = 0.0, 0
        if args.should_save:
            Path(str(args.output_dir)).mkdir(parents=True, exist_ok=True)
        self._begin_callbacks(callbacks or ())

    @property
    def tokenizer(self) -> Any:
        """The name of `processing_class` in transformers 4."""
        return self.processing_class

    @tokenizer.setter
    def tokenizer(self, tokenizer: Any) -> None:
        self.processing_class = tokenizer

    def _begin_callbacks(self, callbacks: Sequence[TrainerCallback | type[TrainerCallback]]) -> None:
        args = self.args
        if isinstance(callbacks, (str, TrainerCallback)) or not isinstance(callbacks, Iterable):
            raise InputError(f"callbacks: expected a list of callbacks, found {kind(callbacks)}")
        for callback in callbacks:
            if not hasattr(callback, "on_init_end"):
                raise InputError(f"callbacks: expected a TrainerCallback, found {kind(callback)}")
        services: list[Any] = get_reporting_integration_callbacks(args.report_to)
        everything = [*DEFAULT_CALLBACKS, *services, *callbacks]
        self.callback_handler = CallbackHandler(
            everything, self.model, self.processing_class, self.optimizer, self.lr_scheduler
        )
        self.add_callback(PrinterCallback if args.disable_tqdm else _progress_callback())
        self.control = TrainerControl()
        known = [*self.callback_handler.callbacks, self.control]
        self.state = TrainerState(
            is_local_process_zero=self.is_local_process_zero(),
            is_world_process_zero=self.is_world_process_zero(),
            stateful_callbacks=[callback for callback in known if isinstance(callback, ExportableState)],
        )
        self.control = self.callback_handler.on_init_end(args, self.state, self.control)

    def _set_model(self, model: Any) -> None:
        """Takes a model, and finds what its losses and labels are."""
        if isinstance(model, type) or not callable(model):
            raise _no_model(model)
        torch: Any = sys.modules.get("torch")
        if torch is not None and isinstance(model, torch.nn.Module):
            raise UnsupportedError(
                f"not supported: training {type(model).__name__}, a module of torch, whose parameters the engine does "
                "not change; train it with transformers, or a model of trustformers"
            )
        head = getattr(model, "base_head", None)
        base = unwrapped(model)
        if head == "base" and type(base).__module__.startswith("trustformers."):
            raise InputError(
                f"model: {type(base).__name__} has no head, and takes no labels; load it with a class such as "
                "AutoModelForSequenceClassification"
            )
        if getattr(model, "is_quantized", False) and not getattr(model, "peft_config", None):
            raise InputError(
                f"model: its weights are quantized to {model.quantization_method}, and only adapters of it can be "
                "trained; add one, or load the model without quantization"
            )
        self.model = self.model_wrapped = model
        if hasattr(model, "to") and hasattr(model, "device"):
            model.to(device=self.args.device)
        own = label_names_of(model)
        self.label_names = own if self.args.label_names is None else self.args.label_names
        self.can_return_loss = False
        accepts = getattr(model, "accepts_loss_kwargs", None)
        self.model_accepts_loss_kwargs = _takes_any_argument(base) if accepts is None else bool(accepts)
        # transformers counts the first labels too for classes with another name, such as GPT2LMHeadModel.
        self._loss_shifts_labels = any(
            "ForCausalLM" in cls.__name__ for cls in type(base).__mro__ if cls.__name__ != "ModelForCausalLM"
        )
        self._signature_columns = None
        config = getattr(model, "config", None)
        if config is not None:
            config.use_cache = self.args.use_cache
        if self.args.label_smoothing_factor == 0:
            return
        if getattr(config, "problem_type", None) == "multi_label_classification":
            warnings.warn(
                "label_smoothing_factor has no effect on labels of several classes", UserWarning, stacklevel=3
            )
            return
        self.label_smoother = LabelSmoother(epsilon=self.args.label_smoothing_factor)

    def call_model_init(self, trial: Any = None) -> Any:
        """A new model of `model_init`.

        Raises
        ------
        InputError
            The function takes more than one argument, or returns no model.
        """
        init = self.model_init
        if init is None:
            raise InputError("model_init: missing")
        if isinstance(init, PreTrainedModel):
            raise InputError(
                f"model_init: expected a function that returns a model, found the model {type(init).__name__}; pass it "
                "as model"
            )
        count = number_of_arguments(init)
        if count > 1:
            raise InputError(f"model_init: expected a function of no argument, found one of {count}")
        model = init(trial) if count else init()
        if model is None:
            raise InputError("model_init: expected a model, found None")
        return model

    def _validate_args(self) -> None:
        """Checks arguments that contradict each other.

        Raises
        ------
        InputError
            Two do.
        """
        args = self.args
        self.autocast_smart_context_manager()
        given = self.optimizer is not None
        functions = ("data_collator", "compute_metrics", "compute_loss_func", "preprocess_logits_for_metrics")
        for name in functions:
            if (found := getattr(self, name)) is not None and not callable(found):
                raise InputError(f"{name}: expected a function, found {kind(found)}")
        metrics = self.compute_metrics if args.batch_eval_metrics else None
        if metrics is not None and "compute_result" not in inspect.signature(metrics).parameters:
            raise InputError(
                "compute_metrics: with batch_eval_metrics=True it is called for each batch, and needs an argument "
                "compute_result, which is True for the last one"
            )
        if args.eval_strategy != IntervalStrategy.NO and self.eval_dataset is None:
            raise InputError(
                f"eval_dataset: missing; eval_strategy={IntervalStrategy(args.eval_strategy).value!r} evaluates it"
            )
        if given and self.optimizer_cls_and_kwargs is not None:
            raise InputError("optimizers: leave them out with optimizer_cls_and_kwargs, or the opposite")
        if self.model_init is not None and (given or self.lr_scheduler is not None):
            raise InputError(
                "optimizers: an optimizer has the parameters of one model, and model_init makes others; override "
                "create_optimizer instead"
            )
        if self.train_dataset is not None and not has_length(self.train_dataset) and args.max_steps <= 0:
            raise InputError("max_steps: missing; it is needed for a train_dataset without a length")
        overrides = type(self).compute_loss is not LoopMixin.compute_loss
        if overrides and args.gradient_accumulation_steps > 1 and self.loss_is_scaled_for_ga is None:
            logger.info(
                "compute_loss is overridden: set loss_is_scaled_for_ga = False on the class if it returns the mean "
                "over a batch, or True if it divides by num_items_in_batch"
            )


def _progress_callback() -> type[TrainerCallback]:
    """The default callback that shows progress: in a notebook a table, which transformers chooses on import."""
    shows_bars = DEFAULT_PROGRESS_CALLBACK is ProgressCallback
    return NotebookProgressCallback if shows_bars and is_in_notebook() else DEFAULT_PROGRESS_CALLBACK


def _no_model(model: Any) -> InputError:
    if isinstance(model, type):
        what = f"the class {model.__name__}; load a model with {model.__name__}.from_pretrained"
    elif isinstance(model, str):
        what = f"{kind(model)}; load it, for example with AutoModelForSequenceClassification.from_pretrained({model!r})"
    else:
        what = kind(model)
    return InputError(f"model: expected a model, found {what}")


def _pair(optimizers: Any) -> tuple[Any, Any]:
    if not isinstance(optimizers, (tuple, list)) or len(optimizers) != 2:
        raise InputError(f"optimizers: expected a pair of an optimizer and a schedule, found {kind(optimizers)}")
    optimizer, schedule = optimizers
    if optimizer is not None and not hasattr(optimizer, "param_groups"):
        raise InputError(f"optimizers: expected an optimizer, found {kind(optimizer)}")
    return optimizer, schedule


def _takes_any_argument(model: Any) -> bool:
    """Whether `forward` of a model takes further arguments, as those of transformers do, and their losses are means."""
    forward = getattr(model, "forward", None)
    if forward is None:
        return False
    return any(one.kind is one.VAR_KEYWORD for one in inspect.signature(forward).parameters.values())
