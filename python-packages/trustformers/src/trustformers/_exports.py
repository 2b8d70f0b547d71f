"""The public names and modules of trustformers and its packages, each loaded on first use.

`import trustformers` must wait for neither NumPy nor the engine, so this module imports nothing, not even `typing`.
Type checkers read the `__init__.pyi` files instead, which ci/python_stubs.py writes.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Public names of trustformers, by module; the package of the module has them too.
NAMES = {
    "generation.config": ("CompileConfig", "GenerationConfig", "SynthIDTextWatermarkingConfig", "WatermarkingConfig"),
    "generation.mixin": ("GenerationMixin",),
    "generation.outputs": ("GenerateBeamDecoderOnlyOutput", "GenerateDecoderOnlyOutput"),
    "generation.logits_process": (
        "ClassifierFreeGuidanceLogitsProcessor",
        "EncoderNoRepeatNGramLogitsProcessor",
        "EncoderRepetitionPenaltyLogitsProcessor",
        "EpsilonLogitsWarper",
        "EtaLogitsWarper",
        "ExponentialDecayLengthPenalty",
        "ForcedBOSTokenLogitsProcessor",
        "ForcedEOSTokenLogitsProcessor",
        "InfNanRemoveLogitsProcessor",
        "LogitNormalization",
        "LogitsProcessor",
        "LogitsProcessorList",
        "MinLengthLogitsProcessor",
        "MinNewTokensLengthLogitsProcessor",
        "MinPLogitsWarper",
        "NoBadWordsLogitsProcessor",
        "NoRepeatNGramLogitsProcessor",
        "PrefixConstrainedLogitsProcessor",
        "RepetitionPenaltyLogitsProcessor",
        "SequenceBiasLogitsProcessor",
        "SuppressTokensAtBeginLogitsProcessor",
        "SuppressTokensLogitsProcessor",
        "SynthIDTextWatermarkLogitsProcessor",
        "TemperatureLogitsWarper",
        "TopHLogitsWarper",
        "TopKLogitsWarper",
        "TopPLogitsWarper",
        "TypicalLogitsWarper",
        "UnbatchedClassifierFreeGuidanceLogitsProcessor",
        "WatermarkLogitsProcessor",
    ),
    "generation.stopping_criteria": (
        "EosTokenCriteria",
        "MaxLengthCriteria",
        "MaxTimeCriteria",
        "StopStringCriteria",
        "StoppingCriteria",
        "StoppingCriteriaList",
    ),
    "generation.streamers": ("AsyncTextIteratorStreamer", "BaseStreamer", "TextIteratorStreamer", "TextStreamer"),
    "generation.watermarking": ("WatermarkDetector",),
    "models.auto": (
        "AutoModel",
        "AutoModelForCausalLM",
        "AutoModelForMaskedLM",
        "AutoModelForQuestionAnswering",
        "AutoModelForSeq2SeqLM",
        "AutoModelForSequenceClassification",
        "AutoModelForTextEncoding",
        "AutoModelForTokenClassification",
    ),
    "models.base": ("PreTrainedModel",),
    "models.cache": (
        "Cache",
        "CacheLayerMixin",
        "DynamicCache",
        "DynamicLayer",
        "EncoderDecoderCache",
        "HybridCache",
        "OffloadedCache",
        "QuantizedCache",
        "SlidingWindowCache",
        "StaticCache",
    ),
    "models.auto_config": ("AutoConfig",),
    "models.configuration": ("PreTrainedConfig", "PretrainedConfig"),
    "models.outputs": (
        "BaseModelOutputWithPast",
        "BaseModelOutputWithPooling",
        "CausalLMOutputWithPast",
        "MaskedLMOutput",
        "ModelOutput",
        "QuestionAnsweringModelOutput",
        "SequenceClassifierOutput",
        "TokenClassifierOutput",
    ),
    "pipelines.base": ("Pipeline",),
    "pipelines.classification": ("TextClassificationPipeline", "ZeroShotClassificationPipeline"),
    "pipelines.data_formats": (
        "CsvPipelineDataFormat",
        "JsonPipelineDataFormat",
        "PipedPipelineDataFormat",
        "PipelineDataFormat",
    ),
    "pipelines.factory": ("pipeline",),
    "pipelines.fill_mask": ("FillMaskPipeline",),
    "pipelines.question_answering": ("QuestionAnsweringPipeline",),
    "pipelines.ranking": ("TextRankingPipeline",),
    "pipelines.text2text_generation": (
        "SummarizationPipeline",
        "Text2TextGenerationPipeline",
        "TranslationPipeline",
    ),
    "pipelines.text_generation": ("TextGenerationPipeline",),
    "pipelines.registry": ("PipelineRegistry",),
    "pipelines.token_classification": ("NerPipeline", "TokenClassificationPipeline"),
    "pipelines.vectors": ("FeatureExtractionPipeline", "SentenceSimilarityPipeline"),
    "runtime.backends": (
        "HAS_CPU",
        "HAS_CUDA",
        "HAS_METAL",
        "HAS_ROCM",
        "DeviceInfo",
        "device_count",
        "is_available",
        "list_devices",
        "synchronize",
    ),
    "runtime.device": ("Device",),
    "runtime.jobs": ("Job",),
    "runtime.seed": ("enable_full_determinism", "set_seed"),
    "runtime.threads": ("get_num_threads", "set_num_threads"),
    "tensor.autograd": ("enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"),
    "tensor.namespace": ("Tensor",),
    "tokenizers.auto": ("AutoTokenizer",),
    "tokenizers.batch_encoding": ("BatchEncoding",),
    "tokenizers.base": ("PreTrainedTokenizerBase",),
    "tokenizers.collators": (
        "DataCollator",
        "DataCollatorForMultipleChoice",
        "DataCollatorForSeq2Seq",
        "DataCollatorForTokenClassification",
        "DataCollatorWithFlattening",
        "DataCollatorWithPadding",
        "DefaultDataCollator",
        "default_data_collator",
    ),
    "tokenizers.fast": ("PreTrainedTokenizerFast", "TokenizersBackend"),
    "tokenizers.language_modeling": (
        "DataCollatorForLanguageModeling",
        "DataCollatorForWholeWordMask",
    ),
    "tokenizers.python_backend": ("PreTrainedTokenizer", "PythonBackend", "SentencePieceBackend"),
    "tokenizers.special_tokens": ("AddedToken",),
    "utils": ("logging",),
}
# Public names that only the package of the module has.
PACKAGE_NAMES = {
    "generation.config": ("BaseWatermarkingConfig", "GenerationMode"),
    "generation.outputs": (
        "GenerateBeamEncoderDecoderOutput",
        "GenerateBeamOutput",
        "GenerateEncoderDecoderOutput",
        "GenerateNonBeamOutput",
        "GenerateOutput",
    ),
    "generation.stopping_criteria": ("ConfidenceCriteria", "validate_stopping_criteria"),
    "generation.watermarking": ("WatermarkDetectorOutput",),
    "generation.streams": ("AsyncTokenStream", "TokenStream"),
    "models.outputs": ("SentenceSimilarityOutput",),
    "models.submodules": ("Conv1D", "Embedding", "LayerNorm", "Linear", "Module", "ModuleList", "RMSNorm"),
    "models.weights": ("IncompatibleKeys",),
    "peft.auto": (
        "AutoPeftModel",
        "AutoPeftModelForCausalLM",
        "AutoPeftModelForFeatureExtraction",
        "AutoPeftModelForQuestionAnswering",
        "AutoPeftModelForSeq2SeqLM",
        "AutoPeftModelForSequenceClassification",
        "AutoPeftModelForTokenClassification",
    ),
    "peft.config": ("LoraConfig", "PeftConfig", "PeftType", "TaskType"),
    "peft.lora_model": ("LoraModel",),
    "peft.model": (
        "PeftModel",
        "PeftModelForCausalLM",
        "PeftModelForFeatureExtraction",
        "PeftModelForQuestionAnswering",
        "PeftModelForSeq2SeqLM",
        "PeftModelForSequenceClassification",
        "PeftModelForTokenClassification",
        "get_peft_model",
        "get_peft_model_state_dict",
        "prepare_model_for_kbit_training",
        "set_peft_model_state_dict",
    ),
    "pipelines.base": ("ArgumentHandler", "ChunkPipeline", "PipelineException"),
    "pipelines.classification": ("ZeroShotClassificationArgumentHandler",),
    "pipelines.datasets": ("KeyDataset", "KeyPairDataset"),
    "pipelines.entities": ("AggregationStrategy",),
    "pipelines.factory": ("get_task",),
    "pipelines.ranking": ("RankedText",),
    "pipelines.tasks": (
        "PIPELINE_REGISTRY",
        "SUPPORTED_TASKS",
        "TASK_ALIASES",
        "check_task",
        "get_default_model_and_revision",
        "get_supported_tasks",
    ),
    "pipelines.token_classification": ("TokenClassificationArgumentHandler",),
    "runtime.generators": ("Generator", "default_generator"),
    "tensor.autograd": ("grad",),
    "tensor.aliases": (
        "device",
        "double",
        "float",
        "get_default_dtype",
        "half",
        "int",
        "is_floating_point",
        "is_tensor",
        "long",
        "short",
    ),
    "tensor.activations": (
        "elu",
        "gelu",
        "leaky_relu",
        "log_softmax",
        "logsigmoid",
        "mish",
        "relu",
        "sigmoid",
        "silu",
        "softmax",
        "softplus",
    ),
    "tensor.arithmetic": (
        "addcdiv",
        "addcmul",
        "clamp",
        "copysign",
        "div",
        "erf",
        "exp2",
        "expm1",
        "fmod",
        "hypot",
        "lerp",
        "logaddexp",
        "mul",
        "nan_to_num",
        "neg",
        "nextafter",
        "rsqrt",
        "signbit",
        "sub",
        "true_divide",
    ),
    "tensor.comparison": (
        "allclose",
        "eq",
        "ge",
        "gt",
        "isclose",
        "le",
        "lt",
        "ne",
    ),
    "tensor.counting": (
        "amax",
        "amin",
        "bincount",
        "count_nonzero",
        "cummax",
        "cummin",
        "cumprod",
        "cumsum",
        "diff",
        "logsumexp",
        "median",
        "nanmean",
        "nansum",
        "norm",
        "numel",
        "quantile",
        "searchsorted",
        "topk",
        "unique",
        "unique_all",
        "unique_counts",
        "unique_inverse",
        "unique_values",
    ),
    "tensor.creation": (
        "as_tensor",
        "from_numpy",
        "meshgrid",
        "tensor",
        "tril_indices",
        "triu_indices",
    ),
    "tensor.joining": (
        "argwhere",
        "chunk",
        "concatenate",
        "diag",
        "diag_embed",
        "diagonal",
        "flatten",
        "gather",
        "hstack",
        "index_add",
        "index_select",
        "masked_fill",
        "masked_select",
        "moveaxis",
        "movedim",
        "narrow",
        "permute",
        "ravel",
        "repeat",
        "repeat_interleave",
        "roll",
        "scatter",
        "scatter_add",
        "split",
        "swapaxes",
        "t",
        "transpose",
        "tril",
        "triu",
        "unbind",
        "unsqueeze",
        "vstack",
    ),
    "tensor.products": (
        "addmm",
        "baddbmm",
        "bmm",
        "dot",
        "einsum",
        "mm",
        "mv",
        "outer",
        "tensordot",
        "trace",
        "vecdot",
    ),
    "tensor.sampling": (
        "bernoulli",
        "manual_seed",
        "multinomial",
        "rand",
        "rand_like",
        "randint",
        "randn",
        "randn_like",
        "randperm",
    ),
    "tensor.size": ("Size",),
    "tensor.functional": (
        "binary_cross_entropy_with_logits",
        "cosine_similarity",
        "dropout",
        "linear",
        "mse_loss",
        "nll_loss",
        "normalize",
        "one_hot",
        "pad",
        "scaled_dot_product_attention",
    ),
    "tensor.elementwise": (
        "abs",
        "acos",
        "acosh",
        "add",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "bitwise_and",
        "bitwise_invert",
        "bitwise_left_shift",
        "bitwise_or",
        "bitwise_right_shift",
        "bitwise_xor",
        "ceil",
        "clip",
        "cos",
        "cosh",
        "divide",
        "equal",
        "exp",
        "floor",
        "floor_divide",
        "greater",
        "greater_equal",
        "isfinite",
        "isinf",
        "isnan",
        "less",
        "less_equal",
        "log",
        "log10",
        "log1p",
        "log2",
        "logical_and",
        "logical_not",
        "logical_or",
        "logical_xor",
        "maximum",
        "minimum",
        "multiply",
        "negative",
        "not_equal",
        "positive",
        "pow",
        "reciprocal",
        "remainder",
        "round",
        "sign",
        "sin",
        "sinh",
        "sqrt",
        "square",
        "subtract",
        "tan",
        "tanh",
        "trunc",
    ),
    "tensor.manipulation": (
        "broadcast_arrays",
        "broadcast_to",
        "concat",
        "expand_dims",
        "flip",
        "matmul",
        "matrix_transpose",
        "nonzero",
        "permute_dims",
        "reshape",
        "squeeze",
        "take",
        "take_along_axis",
        "tile",
        "unstack",
    ),
    "tensor.namespace": (
        "DType",
        "__array_namespace_info__",
        "arange",
        "asarray",
        "astype",
        "bfloat16",
        "bool",
        "can_cast",
        "cat",
        "cross_entropy",
        "e",
        "embedding",
        "empty",
        "empty_like",
        "eye",
        "finfo",
        "float16",
        "float32",
        "float64",
        "from_dlpack",
        "full",
        "full_like",
        "iinfo",
        "inf",
        "int16",
        "int32",
        "int64",
        "int8",
        "isdtype",
        "layer_norm",
        "linspace",
        "nan",
        "newaxis",
        "ones",
        "ones_like",
        "pi",
        "result_type",
        "rms_norm",
        "stack",
        "uint16",
        "uint32",
        "uint64",
        "uint8",
        "where",
        "zeros",
        "zeros_like",
    ),
    "tensor.statistics": (
        "all",
        "any",
        "argmax",
        "argmin",
        "argsort",
        "cumulative_prod",
        "cumulative_sum",
        "max",
        "mean",
        "min",
        "prod",
        "sort",
        "std",
        "sum",
        "var",
    ),
    "distributed.operations": (
        "all_gather_object",
        "all_reduce",
        "barrier",
        "broadcast",
        "broadcast_object_list",
        "get_local_rank",
        "get_rank",
        "get_world_size",
        "is_initialized",
    ),
    "tokenizers.batch_encoding": ("CharSpan", "Encoding", "TokenSpan"),
    "tokenizers.collators": ("DataCollatorMixin",),
    "tokenizers.tool_schemas": ("get_json_schema",),
    "training.adafactor": ("Adafactor", "AdafactorSchedule", "get_adafactor_schedule"),
    "training.adamw_8bit": ("AdamW8bit",),
    "training.mixed_precision": ("autocast",),
    "training.clipping": ("clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"),
    "training.dataloader": ("DataLoader", "skip_first_batches"),
    "training.evaluation": ("EvalLoopContainer", "LabelSmoother"),
    "training.lr_scheduler": ("LRScheduler", "LambdaLR", "ReduceLROnPlateau"),
    "training.optimizer_base": ("Optimizer",),
    "training.parallel": ("DistributedDataParallel",),
    "training.optimizers": ("SGD", "Adam", "AdamW"),
    "training.samplers": (
        "BatchSampler",
        "LengthGroupedSampler",
        "RandomSampler",
        "Sampler",
        "SeedableRandomSampler",
        "SequentialSampler",
    ),
    "training.scaling": ("GradScaler",),
    "training.sharded_optimizer": ("ZeroRedundancyOptimizer",),
    "training.shards": ("DistributedSampler",),
    "training.schedules": (
        "get_constant_schedule",
        "get_constant_schedule_with_warmup",
        "get_cosine_schedule_with_warmup",
        "get_cosine_with_hard_restarts_schedule_with_warmup",
        "get_cosine_with_min_lr_schedule_with_warmup",
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
        "get_inverse_sqrt_schedule",
        "get_linear_schedule_with_warmup",
        "get_polynomial_decay_schedule_with_warmup",
        "get_reduce_on_plateau_schedule",
        "get_scheduler",
        "get_wsd_schedule",
    ),
    "training.strategies": ("SchedulerType",),
    "training.trainer": ("Trainer",),
}
# Modules whose `__all__` are names of modules of transformers; `_reference.py` says of which.
PATH_MODULES = (
    "activations",
    "hf_argparser",
    "models.mappings",
    "models.other_outputs",
    "models.quantization_configs",
    "models.shifting",
    "peft.mixin",
    "tokenizers.inputs",
    "tokenizers.processors",
    "training.accelerator",
    "training.arguments",
    "training.callbacks",
    "training.adafactor",
    "training.checkpoints",
    "training.early_stopping",
    "training.columns",
    "training.evaluation",
    "training.integrations",
    "training.loops",
    "training.optimizer_names",
    "training.process",
    "training.progress",
    "training.results",
    "training.samplers",
    "training.state",
    "training.schedules",
    "training.strategies",
    "training.arguments_seq2seq",
    "training.trainer",
    "training.trainer_checkpoints",
    "training.trainer_metrics",
    "training.trainer_optimization",
    "training.trainer_seq2seq",
    "training.trainer_special_tokens",
    "utils.availability",
    "utils.callables",
    "utils.capture",
    "utils.conversions",
    "utils.docstrings",
    "utils.enums",
    "utils.hub_files",
    "utils.other_families",
    "utils.refused",
    "utils.requirements",
)
# Only the engine knows the classes of families; these packages look up other capitalized names there.
FAMILIES = "models.families"
TOKENIZER_FAMILIES = "tokenizers.families"
WITH_FAMILIES = ("trustformers", "trustformers.models")

_ABSENT = object()


def homes(package: str) -> dict[str, str]:
    """The module of each name of a package, by name."""
    if package == "trustformers":
        return {name: module for module, names in NAMES.items() for name in names}
    prefix = package.removeprefix("trustformers.") + "."
    tables = (NAMES, PACKAGE_NAMES)
    return {
        name: module
        for table in tables
        for module, names in table.items()
        if module.startswith(prefix)
        for name in names
    }


def home(name: str) -> str:
    """The module of a name that transformers has too."""
    for table in (NAMES, PACKAGE_NAMES):
        for module, names in table.items():
            if name in names and not module.startswith("tensor."):
                return module
    from trustformers._reference import home

    return home(name) or _family_module(name)


def _family_module(name: str) -> str:
    return TOKENIZER_FAMILIES if "Tokenizer" in name else FAMILIES


def value(name: str) -> "Any":
    """The object of a name that transformers has too."""
    from importlib import import_module

    return getattr(import_module(f"trustformers.{home(name)}"), name)


def exports(package: str) -> "tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]":
    """The `__getattr__`, `__dir__` and `__all__` of a package."""
    known = homes(package)

    def load(name: str) -> "Any":
        from importlib import import_module

        module = known.get(name)
        if module is None and package in WITH_FAMILIES and name[0].isupper():
            module = _family_module(name)
        found = _ABSENT
        if module is not None:
            found = getattr(import_module(f"trustformers.{module}"), name, _ABSENT)
        elif name.islower() and not name.startswith("_"):
            found = _submodule(f"{package}.{name}")
        if found is _ABSENT:
            found = find(package, name)
        setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        from trustformers._reference import names

        path = package.partition(".")[2]
        return sorted({*vars(sys.modules[package]), *known, *(names(path) or ())})

    return load, names, sorted(known)


def lookup(package: str) -> "Callable[[str], Any]":
    """The `__getattr__` of a module of transformers."""

    def load(name: str) -> "Any":
        found = find(package, name)
        setattr(sys.modules[package], name, found)
        return found

    return load


def find(package: str, name: str) -> "Any":
    """A name, or a module, of a module of transformers.

    Raises
    ------
    AttributeError
        trustformers has no such name; an `UnsupportedError` with the reason if transformers has it.
    """
    if name.startswith("_"):
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    from trustformers._reference import names

    path = package.removeprefix("trustformers").removeprefix(".")
    if name in (names(path) or ()):
        return value(name)
    if names(f"{path}.{name}".removeprefix(".")) is not None:
        from importlib import import_module

        return import_module(f"{package}.{name}")
    from trustformers._absent import missing_attribute

    raise missing_attribute(package, name)


def _submodule(path: str) -> object:
    from importlib import import_module

    try:
        return import_module(path)
    except ImportError as error:
        # An error of the module itself, not of finding it.
        package, _, name = f"{error.name}.".partition(".")
        if package not in ("trustformers", "transformers") or not f"{path}.".partition(".")[2].startswith(name):
            raise
        return _ABSENT
