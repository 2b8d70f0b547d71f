"""Why names and modules of transformers are absent from trustformers, as rules; the first that matches decides.

`ci/compatibility.py` writes them into the package, where they are the end of the messages of errors, and into
docs/compatibility.md. A name or module of transformers that neither works nor has a rule fails `make check`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

REFUSED, NOT_PLANNED = "refused", "not planned"


class Rule(NamedTuple):
    """A state and its reason for names that match `names` in modules that match `modules`.

    `kinds` are those of families; a rule with them is for modules of families alone. A rule without `names` is for
    modules too.
    """

    state: str
    group: str
    reason: str
    modules: str = ""
    names: str = ""
    kinds: tuple[str, ...] = ()

    def matches(self, module: str, name: str, kind: str) -> bool:
        """Whether the rule is for a name of a module, or for the module if the name is empty."""
        if self.kinds and kind not in self.kinds:
            return False
        if self.names and not (name and re.fullmatch(self.names, name)):
            return False
        return not self.modules or re.fullmatch(f"(?:{self.modules})(?:\\..*)?", module) is not None


# Kinds of families that their files and tasks do not tell.
KINDS = {
    **dict.fromkeys(("autoformer", "informer", "time_series_transformer"), "time series"),
    **dict.fromkeys(
        ("audioflamingo3", "higgs_audio_v2_tokenizer", "mimi", "moshi", "musicflamingo", "pe_audio_video"), "audio"
    ),
    **dict.fromkeys(("pocket_tts_audio_tokenizer", "wav2vec2_phoneme", "wav2vec2_with_lm", "xcodec"), "audio"),
    **dict.fromkeys(("colmodernvbert", "colpali", "colqwen2", "groupvit", "layoutxlm", "lxmert", "mgp_str"), "vision"),
    **dict.fromkeys(("bros", "lilt", "modernvbert", "muse_glimmer_assistant", "radio", "sam3_lite_text"), "vision"),
    **dict.fromkeys(("sam3_tracker_video", "trocr", "vision_text_dual_encoder", "visual_bert", "x_clip"), "vision"),
    **dict.fromkeys(("decision_transformer", "jev"), "decision"),
    **dict.fromkeys(("esm", "esmc", "esmfold2"), "proteins"),
    **dict.fromkeys(("dpr", "rag"), "text"),
}

_AUDIO = r"Audio|Speech|CTC|Whisper|Waveform|Spectrogram|RNNT|TDT|Wav2Vec2|XVector"
_VISION = (
    r"Image|Video|Vision|Visual|Depth|Segment|Segmentation|Object|Keypoint|Mask(?:Generation)|Pixel|Backbone|Document"
    r"|Table|Multimodal|Pointmap|Pose|Normal(?:Estimation)|Any(?:ToAny)|Torchvision|PilBackend|Annotation|Recognition"
)

HEADS = (
    "families have no such head here; supported are base models, causal and masked language models, encoder-decoders "
    "that generate, and classifiers of sequences, of tokens and of answers"
)

RULES = (
    # Kinds of models.
    Rule(
        NOT_PLANNED,
        "images and video",
        "models of images and video are not planned: trustformers is about text; use transformers for them",
        modules=r"models\.\w+",
        kinds=("vision",),
    ),
    Rule(
        NOT_PLANNED,
        "audio",
        "models of audio are not planned: trustformers is about text; use transformers for them",
        modules=r"models\.\w+",
        kinds=("audio",),
    ),
    Rule(
        NOT_PLANNED,
        "time series",
        "models of time series are not planned: trustformers is about text; use transformers for them",
        modules=r"models\.\w+|time_series_utils",
        kinds=("time series",),
    ),
    Rule(
        NOT_PLANNED,
        "proteins",
        "models of proteins are not planned: trustformers is about text; use transformers for them",
        modules=r"models\.\w+",
        kinds=("proteins",),
    ),
    Rule(
        NOT_PLANNED,
        "decisions",
        "decision models are not planned: trustformers is about text; use transformers for them",
        modules=r"models\.\w+",
        kinds=("decision", "other"),
    ),
    Rule(NOT_PLANNED, "decisions", "decision models are not planned; use transformers for them", modules="decision"),
    Rule(
        NOT_PLANNED,
        "decisions",
        "decision models are not planned; use transformers for them",
        names=r"\w*Decision\w*|\w*_DECISION_\w*",
    ),
    Rule(
        NOT_PLANNED,
        "images and video",
        "images and video are not planned: trustformers is about text; use transformers for them",
        modules=(
            r"image_\w+|video_\w+|vision_utils|backbone_utils|utils\.backbone_utils|processing_utils|utils\.constants"
            r"|feature_extraction_\w+|models\.auto\.(?:image|video|feature|process)\w+|loss\.loss_(?!utils)\w+"
            r"|pipelines\.(?:any|depth|document|image|keypoint|mask_|object|table|video|zero_shot_image|zero_shot_obj)\w+"
        ),
    ),
    Rule(
        NOT_PLANNED,
        "audio",
        "audio is not planned: trustformers is about text; use transformers for it",
        modules=r"audio_utils|pipelines\.(?:audio|automatic_speech|text_to_audio|zero_shot_audio)\w+",
    ),
    Rule(
        NOT_PLANNED,
        "time series",
        "time series are not planned: trustformers is about text; use transformers for them",
        names=r"\w*TimeSeries\w*|\w*_TIME_SERIES_\w*|\w*TSPrediction\w*|Seq2SeqTS\w+",
    ),
    Rule(
        NOT_PLANNED,
        "time series",
        "time series are not planned: trustformers is about text; use transformers for them",
        modules="time_series_utils",
    ),
    Rule(
        NOT_PLANNED,
        "audio",
        "audio is not planned: trustformers is about text; use transformers for it",
        modules=r"models\.auto|modeling_\w+|generation|pipelines|utils|tokenization\w*",
        names=rf"(?:\w*(?:{_AUDIO}|ALTERNATING|Bark|Dia[A-Z])\w*|\w*_(?:AUDIO|SPEECH|CTC|TDT|RNNT|TEXT_TO)_\w*"
        rf"|AlternatingCodebooks\w+|AUDIO_\w+|ClassifierFreeGuidanceLogitsProcessor)",
    ),
    Rule(
        NOT_PLANNED,
        "images and video",
        "images and video are not planned: trustformers is about text; use transformers for them",
        modules=r"models\.auto|modeling_\w+|generation|pipelines|utils",
        names=rf"\w*(?:{_VISION})\w*|\w*_(?:IMAGE|VIDEO|VISUAL|DEPTH|OBJECT|KEYPOINT|SEGMENTATION|MASK_GENERATION|BACKBONE"
        r"|DOCUMENT|TABLE|MULTIMODAL|POINTMAP|POSE|NORMAL|TEXT_RECOGNITION)_\w*|(?:IMAGE|VIDEO|PROCESSOR|FEATURE|MULTIMODAL)_\w+"
        r"|PROCESSOR_MAPPING\w*|AutoProcessor|SemanticSegmenterOutput|ImageClassifierOutput\w*|BatchFeature",
    ),
    # Families of text.
    Rule(
        REFUSED,
        "parts of models",
        "only families that are here have a base class of their own; use PreTrainedModel",
        modules=r"models\.\w+",
        names=r"\w+PreTrainedModel",
        kinds=("text", "supported"),
    ),
    Rule(
        REFUSED,
        "tokenizers",
        "this class is not here; AutoTokenizer loads the tokenizer.json of any tokenizer",
        modules=r"models\.\w+|tokenization_\w+",
        names=r"\w*Tokenizer(?:Fast|Legacy)?|\w+Backend",
    ),
    Rule(
        REFUSED,
        "heads",
        HEADS,
        modules=r"models\.\w+",
        names=(
            r"\w+For(?:PreTraining|MultipleChoice|NextSentencePrediction|ConditionalGeneration|Retrieval\w*)"
            r"|\w+(?:LMHeadModel|DoubleHeadsModel|Decoder\w*|Encoder\w*)|\w+For(?:CausalLM|MaskedLM|QuestionAnswering\w*)"
            r"|\w+For(?:SequenceClassification|TokenClassification|InformationExtraction|ConditionalLM)"
        ),
        kinds=("supported",),
    ),
    Rule(
        REFUSED,
        "parts of models",
        "layers have no classes here: the engine runs whole models; their weights are in model.state_dict()",
        modules=r"models\.\w+",
        kinds=("supported",),
    ),
    Rule(
        REFUSED,
        "families of text models",
        "this family is not supported; README lists the supported ones",
        modules=r"models\.\w+",
        kinds=("text",),
    ),
    Rule(
        REFUSED,
        "encoder-decoders",
        "this output belongs to encoder-decoders that are not supported; Seq2SeqLMOutput is that of the others",
        names=r"\w*Seq2Seq(?!Trainer|Training|\w*Exportable)\w*|\w*SEQ_TO_SEQ\w*|EncoderDecoderCache|Generate\w*EncoderDecoder\w+|Encoder\w+LogitsProcessor",
    ),
    Rule(
        REFUSED,
        "heads",
        HEADS,
        modules=r"models\.auto",
        names=r"AutoModelFor\w+|MODEL_FOR_\w+",
    ),
    # Training.
    Rule(
        REFUSED,
        "training",
        "the schedule 'greedy' is not supported; get_reduce_on_plateau_schedule lowers learning rates by a metric too",
        modules=r"optimization",
        names=r"(?!is_)\w+",
    ),
    Rule(
        REFUSED,
        "training",
        "logs of a Trainer go to TensorBoard, or to a TrainerCallback of your own",
        modules=r"integrations\.integration_utils|integrations(?!\.)",
        names=r"\w+Callback|NeptuneMissingConfiguration|WandbLogModel|save_model_architecture_to_file",
    ),
    Rule(
        REFUSED,
        "training",
        "hyperparameters are not searched; train once for each choice",
        modules=r"integrations\.integration_utils|trainer_utils|hyperparameter_search|utils\.hp_naming",
        names=r"hp_params|run_hp_search_\w+|default_hp_\w+|\w+Backend|TrialShortNamer",
    ),
    Rule(
        REFUSED,
        "training",
        "the Trainer here trains in one process, and has no such part of transformers' Trainer",
        modules=(
            r"trainer\w*|training_args\w*|optimization|hyperparameter_search|utils\.hp_naming|modelcard|data"
            r"|integrations\.(?:integration_utils|deepspeed|fsdp|neftune|liger|peft|tpu|heterogeneity)|integrations(?!\.)|debug_utils"
        ),
        names=r"(?!is_)\w+",
    ),
    Rule(
        REFUSED,
        "training",
        "the Trainer here trains in one process, and has no such part of transformers' Trainer",
        modules=r"trainer|trainer_(?:callback|pt_utils|seq2seq|utils)|training_args\w*|optimization|integrations(?!\.)|data",
    ),
    Rule(
        NOT_PLANNED,
        "training",
        "services and devices of the Trainer of transformers are not planned",
        modules=(
            r"trainer_\w+|training_args_\w+|hyperparameter_search|utils\.hp_naming|modelcard|debug_utils"
            r"|integrations\.(?:deepspeed|fsdp|neftune|liger|peft|tpu|heterogeneity)"
        ),
    ),
    # What the engine does otherwise.
    Rule(
        REFUSED,
        "quantization by other packages",
        "this method of quantization is not supported; BitsAndBytesConfig, load_in_8bit and load_in_4bit quantize, and "
        "GPTQ, AWQ and MXFP4 checkpoints are read",
        modules=r"quantizers(?!\.)",
    ),
    Rule(
        NOT_PLANNED,
        "quantization by other packages",
        "the packages that quantize torch's layers are not used here: load_in_8bit, load_in_4bit "
        "and quantization_config "
        "of from_pretrained quantize, and GPTQ, AWQ and MXFP4 checkpoints are read",
        modules=(
            r"quantizers|integrations\.(?:aqlm|awq|bitnet|bitsandbytes|compressed_tensors|eetq|fbgemm_fp8|finegrained_fp8"
            r"|fouroversix|fp_quant|gemma_quant|higgs|hqq|metal_quantization|mxfp4|nvfp4|quanto|sinq|spqr|torchao|vptq)"
        ),
    ),
    Rule(
        REFUSED,
        "quantization by other packages",
        "this method of quantization is not supported; BitsAndBytesConfig, load_in_8bit and load_in_4bit quantize, and "
        "GPTQ, AWQ and MXFP4 checkpoints are read",
        modules=r"utils\.quantization_config",
    ),
    Rule(
        NOT_PLANNED,
        "torch's modules and kernels",
        "it works on torch's modules or kernels, which trustformers does not have: the engine runs whole models",
        modules=(
            r"activations|conversion_mapping|core_model_loading|fusion_mapping|initialization|loss|masking_utils"
            r"|model_debugging_utils|modeling_(?:attn_mask_utils|flash_attention_utils|layers|rope_utils|utils)"
            r"|monkey_patching|pytorch_utils|integrations\.(?!ggml|gguf|mistral|tiktoken)\w+|safetensors_conversion"
            r"|utils\.(?:attention_visualizer|kernel_config|loading_report|output_capturing|peft_utils)"
        ),
    ),
    Rule(
        REFUSED,
        "tokenizers",
        "tokenizers have no such part here; see PreTrainedTokenizerFast",
        modules=r"tokenization_utils\w*|tokenization_python",
    ),
    Rule(
        NOT_PLANNED,
        "checkpoints of other formats",
        "the engine reads GGUF files, tiktoken's and SentencePiece's models itself: AutoModel and "
        "AutoTokenizer load them",
        modules=(
            r"integrations\.(?:ggml|gguf|mistral|tiktoken)|convert_slow_tokenizer\w*|modeling_gguf_pytorch_utils"
            r"|tokenization_\w+"
        ),
    ),
    Rule(
        NOT_PLANNED,
        "distribution of one model",
        "splitting a model over processes or devices is not planned",
        modules=r"distributed",
    ),
    Rule(
        NOT_PLANNED,
        "export",
        "exporting models to other runtimes is not planned: trustformers is one",
        modules=r"exporters",
    ),
    Rule(
        NOT_PLANNED,
        "code from repositories",
        "code from repositories is never run (trust_remote_code)",
        modules=r"dynamic_module_utils",
    ),
    Rule(
        REFUSED,
        "continuous batching",
        "the classes of transformers' batching are not here: generate_async and stream_async batch "
        "requests of one model "
        "by themselves",
        modules=r"generation\.continuous_batching",
    ),
    Rule(
        REFUSED,
        "continuous batching",
        "the classes of transformers' batching are not here: generate_async and stream_async batch "
        "requests of one model "
        "by themselves",
        names=r"Continuous\w+",
    ),
    Rule(
        REFUSED,
        "generation",
        "generate() has no such part here; see GenerationConfig for the settings that are supported",
        modules=r"generation",
    ),
    Rule(
        REFUSED,
        "caches",
        "caches have no such part here; DynamicCache, StaticCache and QuantizedCache are supported",
        modules=r"cache_utils",
    ),
    Rule(
        REFUSED,
        "outputs",
        "models have no such output here; those of trustformers.modeling_outputs are supported",
        modules=r"modeling_outputs",
    ),
    Rule(
        REFUSED,
        "pipelines",
        "pipelines have no such part here; see pipeline() and Pipeline",
        modules=r"pipelines",
    ),
    Rule(
        REFUSED,
        "configurations",
        "configurations have no such part here; see PreTrainedConfig",
        modules=r"configuration_utils",
    ),
    Rule(
        REFUSED,
        "auto classes",
        "the auto classes have no such table here; AutoConfig, AutoModel and AutoTokenizer know the supported families",
        modules=r"models\.auto",
    ),
    Rule(
        REFUSED,
        "making transformers",
        "this module of version 4 has no such name here; see trustformers.utils",
        modules=r"file_utils",
    ),
    Rule(
        NOT_PLANNED,
        "making transformers",
        "it is for those who write transformers itself",
        modules=r"utils|dependency_versions_\w+|hf_argparser|testing_utils",
    ),
)

_TORCH = (
    r"register_\w+|retain_grad|add_module|ipu|xpu|mtia|share_memory|compile|get_extra_state|set_extra_state|to_empty|type|apply"
    r"|get_submodule|set_submodule|get_buffer|get_parameter|buffers|named_buffers|zero_grad|dequantize|call_super_init|dump_patches"
    r"|T_destination|delete_adapter|active_adapters?|add_adapter|set_adapter|disable_adapters|enable_adapters|load_adapter"
    r"|get_adapter_state_dict|enable_peft_hotswap|named_children|named_modules|\w*(?:gradient_checkpointing|input_require_grads)"
    r"|tp_\w+|pp_\w+|supports_\w+|get_init_context|init_weights|initialize_weights|post_init|smart_apply|is_backend_compatible"
    r"|is_remote_code|kernelize|get_decoder_config|get_correct_attn_implementation|get_parameter_or_buffer|use_kernels"
)
# Members of classes that are absent, by class and member; the first that matches decides.
MEMBERS = (
    (
        r"\w+",
        r"(?:set_)?push_to_hub",
        REFUSED,
        "nothing is uploaded; huggingface_hub.upload_folder does",
    ),
    (
        r"\w+",
        r"register_for_auto_class",
        REFUSED,
        "code is not saved with models, as code from repositories is never run",
    ),
    (r"Bert\w+|GPT2\w+", _TORCH, NOT_PLANNED, "it works on torch's modules, which the engine does not have"),
    # Methods that raise, and say what to do instead.
    (
        r"PreTrainedTokenizerFast|DynamicCache|BertConfig|Trainer|TrainingArguments",
        r"\w+",
        REFUSED,
        "its error says what to do instead",
    ),
)
