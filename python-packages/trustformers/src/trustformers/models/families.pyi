"""The configuration and model classes of every family. Written by ci/python_stubs.py."""

from typing import Any

from trustformers.models.configuration import PreTrainedConfig
from trustformers.models.heads import (
    BaseModel,
    ModelForCausalLM,
    ModelForMaskedLM,
    ModelForQuestionAnswering,
    ModelForSequenceClassification,
    ModelForTokenClassification,
)
from trustformers.models.base import PreTrainedModel
from trustformers.models.seq2seq import (
    Seq2SeqBaseModel,
    Seq2SeqForConditionalGeneration,
    Seq2SeqForQuestionAnswering,
    Seq2SeqForSequenceClassification,
)


__all__ = [
    "AlbertConfig",
    "AlbertForMaskedLM",
    "AlbertForQuestionAnswering",
    "AlbertForSequenceClassification",
    "AlbertForTokenClassification",
    "AlbertModel",
    "ArceeConfig",
    "ArceeForCausalLM",
    "ArceeForSequenceClassification",
    "ArceeForTokenClassification",
    "ArceeModel",
    "BartConfig",
    "BartForConditionalGeneration",
    "BartForQuestionAnswering",
    "BartForSequenceClassification",
    "BartModel",
    "BertConfig",
    "BertForMaskedLM",
    "BertForQuestionAnswering",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertModel",
    "BlenderbotConfig",
    "BlenderbotForConditionalGeneration",
    "BlenderbotModel",
    "BlenderbotSmallConfig",
    "BlenderbotSmallForConditionalGeneration",
    "BlenderbotSmallModel",
    "BloomConfig",
    "BloomForCausalLM",
    "BloomForSequenceClassification",
    "BloomForTokenClassification",
    "BloomModel",
    "CamembertConfig",
    "CamembertForMaskedLM",
    "CamembertForQuestionAnswering",
    "CamembertForSequenceClassification",
    "CamembertForTokenClassification",
    "CamembertModel",
    "CohereConfig",
    "CohereForCausalLM",
    "CohereModel",
    "Data2VecTextConfig",
    "Data2VecTextForMaskedLM",
    "Data2VecTextForQuestionAnswering",
    "Data2VecTextForSequenceClassification",
    "Data2VecTextForTokenClassification",
    "Data2VecTextModel",
    "DebertaV2Config",
    "DebertaV2ForMaskedLM",
    "DebertaV2ForQuestionAnswering",
    "DebertaV2ForSequenceClassification",
    "DebertaV2ForTokenClassification",
    "DebertaV2Model",
    "DistilBertConfig",
    "DistilBertForMaskedLM",
    "DistilBertForQuestionAnswering",
    "DistilBertForSequenceClassification",
    "DistilBertForTokenClassification",
    "DistilBertModel",
    "ElectraConfig",
    "ElectraForMaskedLM",
    "ElectraForQuestionAnswering",
    "ElectraForSequenceClassification",
    "ElectraForTokenClassification",
    "ElectraModel",
    "Ernie4_5Config",
    "Ernie4_5ForCausalLM",
    "Ernie4_5Model",
    "ErnieConfig",
    "ErnieForMaskedLM",
    "ErnieForQuestionAnswering",
    "ErnieForSequenceClassification",
    "ErnieForTokenClassification",
    "ErnieModel",
    "EuroBertConfig",
    "EuroBertForMaskedLM",
    "EuroBertForSequenceClassification",
    "EuroBertForTokenClassification",
    "EuroBertModel",
    "Exaone4Config",
    "Exaone4ForCausalLM",
    "Exaone4ForSequenceClassification",
    "Exaone4ForTokenClassification",
    "Exaone4Model",
    "FalconConfig",
    "FalconForCausalLM",
    "FalconForSequenceClassification",
    "FalconForTokenClassification",
    "FalconModel",
    "GPT2Config",
    "GPT2ForSequenceClassification",
    "GPT2ForTokenClassification",
    "GPT2LMHeadModel",
    "GPT2Model",
    "GPTJConfig",
    "GPTJForCausalLM",
    "GPTJForSequenceClassification",
    "GPTJModel",
    "GPTNeoConfig",
    "GPTNeoForCausalLM",
    "GPTNeoForSequenceClassification",
    "GPTNeoForTokenClassification",
    "GPTNeoModel",
    "GPTNeoXConfig",
    "GPTNeoXForCausalLM",
    "GPTNeoXForSequenceClassification",
    "GPTNeoXForTokenClassification",
    "GPTNeoXModel",
    "Gemma2Config",
    "Gemma2ForCausalLM",
    "Gemma2ForSequenceClassification",
    "Gemma2ForTokenClassification",
    "Gemma2Model",
    "Gemma3ForCausalLM",
    "Gemma3TextConfig",
    "Gemma3TextForSequenceClassification",
    "Gemma3TextModel",
    "GemmaConfig",
    "GemmaForCausalLM",
    "GemmaForSequenceClassification",
    "GemmaForTokenClassification",
    "GemmaModel",
    "Glm4Config",
    "Glm4ForCausalLM",
    "Glm4ForSequenceClassification",
    "Glm4ForTokenClassification",
    "Glm4Model",
    "GlmConfig",
    "GlmForCausalLM",
    "GlmForSequenceClassification",
    "GlmForTokenClassification",
    "GlmModel",
    "GptOssConfig",
    "GptOssForCausalLM",
    "GptOssForSequenceClassification",
    "GptOssForTokenClassification",
    "GptOssModel",
    "GraniteConfig",
    "GraniteForCausalLM",
    "GraniteModel",
    "HeliumConfig",
    "HeliumForCausalLM",
    "HeliumForSequenceClassification",
    "HeliumForTokenClassification",
    "HeliumModel",
    "HunYuanDenseV1Config",
    "HunYuanDenseV1ForCausalLM",
    "HunYuanDenseV1ForSequenceClassification",
    "HunYuanDenseV1Model",
    "LlamaConfig",
    "LlamaForCausalLM",
    "LlamaForSequenceClassification",
    "LlamaForTokenClassification",
    "LlamaModel",
    "M2M100Config",
    "M2M100ForConditionalGeneration",
    "M2M100Model",
    "MBartConfig",
    "MBartForConditionalGeneration",
    "MBartForQuestionAnswering",
    "MBartForSequenceClassification",
    "MBartModel",
    "MPNetConfig",
    "MPNetForMaskedLM",
    "MPNetForQuestionAnswering",
    "MPNetForSequenceClassification",
    "MPNetForTokenClassification",
    "MPNetModel",
    "MT5Config",
    "MT5ForConditionalGeneration",
    "MT5ForQuestionAnswering",
    "MT5ForSequenceClassification",
    "MT5Model",
    "MarianConfig",
    "MarianMTModel",
    "MarianModel",
    "MegatronBertConfig",
    "MegatronBertForMaskedLM",
    "MegatronBertForQuestionAnswering",
    "MegatronBertForSequenceClassification",
    "MegatronBertForTokenClassification",
    "MegatronBertModel",
    "MistralConfig",
    "MistralForCausalLM",
    "MistralForSequenceClassification",
    "MistralForTokenClassification",
    "MistralModel",
    "MixtralConfig",
    "MixtralForCausalLM",
    "MixtralForSequenceClassification",
    "MixtralForTokenClassification",
    "MixtralModel",
    "MobileBertConfig",
    "MobileBertForMaskedLM",
    "MobileBertForQuestionAnswering",
    "MobileBertForSequenceClassification",
    "MobileBertForTokenClassification",
    "MobileBertModel",
    "ModernBertConfig",
    "ModernBertForMaskedLM",
    "ModernBertForQuestionAnswering",
    "ModernBertForSequenceClassification",
    "ModernBertForTokenClassification",
    "ModernBertModel",
    "NomicBertConfig",
    "NomicBertForMaskedLM",
    "NomicBertForSequenceClassification",
    "NomicBertForTokenClassification",
    "NomicBertModel",
    "OPTConfig",
    "OPTForCausalLM",
    "OPTForSequenceClassification",
    "OPTModel",
    "Olmo2Config",
    "Olmo2ForCausalLM",
    "Olmo2ForSequenceClassification",
    "Olmo2Model",
    "Olmo3Config",
    "Olmo3ForCausalLM",
    "Olmo3ForSequenceClassification",
    "Olmo3Model",
    "OlmoConfig",
    "OlmoForCausalLM",
    "OlmoForSequenceClassification",
    "OlmoModel",
    "PegasusConfig",
    "PegasusForConditionalGeneration",
    "PegasusModel",
    "Phi3Config",
    "Phi3ForCausalLM",
    "Phi3ForSequenceClassification",
    "Phi3ForTokenClassification",
    "Phi3Model",
    "PhiConfig",
    "PhiForCausalLM",
    "PhiForSequenceClassification",
    "PhiForTokenClassification",
    "PhiModel",
    "Qwen2Config",
    "Qwen2ForCausalLM",
    "Qwen2ForSequenceClassification",
    "Qwen2ForTokenClassification",
    "Qwen2Model",
    "Qwen2MoeConfig",
    "Qwen2MoeForCausalLM",
    "Qwen2MoeForSequenceClassification",
    "Qwen2MoeForTokenClassification",
    "Qwen2MoeModel",
    "Qwen3Config",
    "Qwen3ForCausalLM",
    "Qwen3ForSequenceClassification",
    "Qwen3ForTokenClassification",
    "Qwen3Model",
    "Qwen3MoeConfig",
    "Qwen3MoeForCausalLM",
    "Qwen3MoeForSequenceClassification",
    "Qwen3MoeForTokenClassification",
    "Qwen3MoeModel",
    "RemBertConfig",
    "RemBertForMaskedLM",
    "RemBertForQuestionAnswering",
    "RemBertForSequenceClassification",
    "RemBertForTokenClassification",
    "RemBertModel",
    "RoFormerConfig",
    "RoFormerForMaskedLM",
    "RoFormerForQuestionAnswering",
    "RoFormerForSequenceClassification",
    "RoFormerForTokenClassification",
    "RoFormerModel",
    "RobertaConfig",
    "RobertaForMaskedLM",
    "RobertaForQuestionAnswering",
    "RobertaForSequenceClassification",
    "RobertaForTokenClassification",
    "RobertaModel",
    "RobertaPreLayerNormConfig",
    "RobertaPreLayerNormForMaskedLM",
    "RobertaPreLayerNormForQuestionAnswering",
    "RobertaPreLayerNormForSequenceClassification",
    "RobertaPreLayerNormForTokenClassification",
    "RobertaPreLayerNormModel",
    "SeedOssConfig",
    "SeedOssForCausalLM",
    "SeedOssForSequenceClassification",
    "SeedOssForTokenClassification",
    "SeedOssModel",
    "SmolLM3Config",
    "SmolLM3ForCausalLM",
    "SmolLM3ForSequenceClassification",
    "SmolLM3ForTokenClassification",
    "SmolLM3Model",
    "SqueezeBertConfig",
    "SqueezeBertForMaskedLM",
    "SqueezeBertForQuestionAnswering",
    "SqueezeBertForSequenceClassification",
    "SqueezeBertForTokenClassification",
    "SqueezeBertModel",
    "StableLmConfig",
    "StableLmForCausalLM",
    "StableLmForSequenceClassification",
    "StableLmForTokenClassification",
    "StableLmModel",
    "Starcoder2Config",
    "Starcoder2ForCausalLM",
    "Starcoder2ForSequenceClassification",
    "Starcoder2ForTokenClassification",
    "Starcoder2Model",
    "T5Config",
    "T5ForConditionalGeneration",
    "T5ForQuestionAnswering",
    "T5ForSequenceClassification",
    "T5Model",
    "UMT5Config",
    "UMT5ForConditionalGeneration",
    "UMT5ForQuestionAnswering",
    "UMT5ForSequenceClassification",
    "UMT5Model",
    "XLMRobertaConfig",
    "XLMRobertaForMaskedLM",
    "XLMRobertaForQuestionAnswering",
    "XLMRobertaForSequenceClassification",
    "XLMRobertaForTokenClassification",
    "XLMRobertaModel",
    "XLMRobertaXLConfig",
    "XLMRobertaXLForMaskedLM",
    "XLMRobertaXLForQuestionAnswering",
    "XLMRobertaXLForSequenceClassification",
    "XLMRobertaXLForTokenClassification",
    "XLMRobertaXLModel",
]

FILES: dict[str, tuple[str, str]]
def classes() -> dict[str, type[Any]]: ...
def modules() -> dict[str, dict[str, type[Any]]]: ...
def model_class(model_type: str, head: str) -> type[PreTrainedModel]: ...

class AlbertConfig(PreTrainedConfig):
    vocab_size: int
    embedding_size: int
    hidden_size: int
    num_hidden_layers: int
    num_hidden_groups: int
    num_attention_heads: int
    intermediate_size: int
    inner_group_num: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    classifier_dropout_prob: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool

class AlbertForMaskedLM(ModelForMaskedLM): ...
class AlbertForQuestionAnswering(ModelForQuestionAnswering): ...
class AlbertForSequenceClassification(ModelForSequenceClassification): ...
class AlbertForTokenClassification(ModelForTokenClassification): ...
class AlbertModel(BaseModel): ...
class ArceeConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    mlp_bias: bool
    head_dim: int

class ArceeForCausalLM(ModelForCausalLM): ...
class ArceeForSequenceClassification(ModelForSequenceClassification): ...
class ArceeForTokenClassification(ModelForTokenClassification): ...
class ArceeModel(BaseModel): ...
class BartConfig(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class BartForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class BartForQuestionAnswering(Seq2SeqForQuestionAnswering): ...
class BartForSequenceClassification(Seq2SeqForSequenceClassification): ...
class BartModel(Seq2SeqBaseModel): ...
class BertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool

class BertForMaskedLM(ModelForMaskedLM): ...
class BertForQuestionAnswering(ModelForQuestionAnswering): ...
class BertForSequenceClassification(ModelForSequenceClassification): ...
class BertForTokenClassification(ModelForTokenClassification): ...
class BertModel(BaseModel): ...
class BlenderbotConfig(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class BlenderbotForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class BlenderbotModel(Seq2SeqBaseModel): ...
class BlenderbotSmallConfig(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class BlenderbotSmallForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class BlenderbotSmallModel(Seq2SeqBaseModel): ...
class BloomConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    n_layer: int
    n_head: int
    layer_norm_epsilon: float
    initializer_range: float
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    apply_residual_connection_post_layernorm: bool
    hidden_dropout: float
    attention_dropout: float
    pretraining_tp: int
    slow_but_exact: bool
    tie_word_embeddings: bool
    num_attention_heads: int
    num_hidden_layers: int

class BloomForCausalLM(ModelForCausalLM): ...
class BloomForSequenceClassification(ModelForSequenceClassification): ...
class BloomForTokenClassification(ModelForTokenClassification): ...
class BloomModel(BaseModel): ...
class CamembertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class CamembertForMaskedLM(ModelForMaskedLM): ...
class CamembertForQuestionAnswering(ModelForQuestionAnswering): ...
class CamembertForSequenceClassification(ModelForSequenceClassification): ...
class CamembertForTokenClassification(ModelForTokenClassification): ...
class CamembertModel(BaseModel): ...
class CohereConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    logit_scale: Any
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    layer_norm_eps: Any
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: Any
    use_qk_norm: Any

class CohereForCausalLM(ModelForCausalLM): ...
class CohereModel(BaseModel): ...
class Data2VecTextConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class Data2VecTextForMaskedLM(ModelForMaskedLM): ...
class Data2VecTextForQuestionAnswering(ModelForQuestionAnswering): ...
class Data2VecTextForSequenceClassification(ModelForSequenceClassification): ...
class Data2VecTextForTokenClassification(ModelForTokenClassification): ...
class Data2VecTextModel(BaseModel): ...
class DebertaV2Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    relative_attention: bool
    max_relative_positions: int
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    position_biased_input: bool
    pos_att_type: Any
    pooler_dropout: float
    pooler_hidden_act: str
    legacy: bool
    tie_word_embeddings: bool

class DebertaV2ForMaskedLM(ModelForMaskedLM): ...
class DebertaV2ForQuestionAnswering(ModelForQuestionAnswering): ...
class DebertaV2ForSequenceClassification(ModelForSequenceClassification): ...
class DebertaV2ForTokenClassification(ModelForTokenClassification): ...
class DebertaV2Model(BaseModel): ...
class DistilBertConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    sinusoidal_pos_embds: bool
    n_layers: int
    n_heads: int
    dim: int
    hidden_dim: int
    dropout: float
    attention_dropout: float
    activation: str
    initializer_range: float
    qa_dropout: float
    seq_classif_dropout: float
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class DistilBertForMaskedLM(ModelForMaskedLM): ...
class DistilBertForQuestionAnswering(ModelForQuestionAnswering): ...
class DistilBertForSequenceClassification(ModelForSequenceClassification): ...
class DistilBertForTokenClassification(ModelForTokenClassification): ...
class DistilBertModel(BaseModel): ...
class ElectraConfig(PreTrainedConfig):
    vocab_size: int
    embedding_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    summary_type: str
    summary_use_proj: bool
    summary_activation: str
    summary_last_dropout: float
    pad_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool

class ElectraForMaskedLM(ModelForMaskedLM): ...
class ElectraForQuestionAnswering(ModelForQuestionAnswering): ...
class ElectraForSequenceClassification(ModelForSequenceClassification): ...
class ElectraForTokenClassification(ModelForTokenClassification): ...
class ElectraModel(BaseModel): ...
class Ernie4_5Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: Any
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    use_bias: Any
    head_dim: int

class Ernie4_5ForCausalLM(ModelForCausalLM): ...
class Ernie4_5Model(BaseModel): ...
class ErnieConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    task_type_vocab_size: int
    use_task_id: bool
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool

class ErnieForMaskedLM(ModelForMaskedLM): ...
class ErnieForQuestionAnswering(ModelForQuestionAnswering): ...
class ErnieForSequenceClassification(ModelForSequenceClassification): ...
class ErnieForTokenClassification(ModelForTokenClassification): ...
class ErnieModel(BaseModel): ...
class EuroBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    pretraining_tp: int
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    mlp_bias: bool
    head_dim: int
    mask_token_id: int
    classifier_pooling: str

class EuroBertForMaskedLM(ModelForMaskedLM): ...
class EuroBertForSequenceClassification(ModelForSequenceClassification): ...
class EuroBertForTokenClassification(ModelForTokenClassification): ...
class EuroBertModel(BaseModel): ...
class Exaone4Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_dropout: float
    sliding_window: int
    sliding_window_pattern: int
    layer_types: list[str]

class Exaone4ForCausalLM(ModelForCausalLM): ...
class Exaone4ForSequenceClassification(ModelForSequenceClassification): ...
class Exaone4ForTokenClassification(ModelForTokenClassification): ...
class Exaone4Model(BaseModel): ...
class FalconConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_ln_in_parallel_attn: Any
    layer_norm_epsilon: Any
    initializer_range: float
    use_cache: bool
    hidden_dropout: Any
    attention_dropout: Any
    num_kv_heads: int
    alibi: Any
    new_decoder_architecture: Any
    multi_query: Any
    parallel_attn: Any
    bias: Any
    max_position_embeddings: int
    rope_parameters: dict[str, Any]
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    ffn_hidden_size: int
    activation: Any
    tie_word_embeddings: bool

class FalconForCausalLM(ModelForCausalLM): ...
class FalconForSequenceClassification(ModelForSequenceClassification): ...
class FalconForTokenClassification(ModelForTokenClassification): ...
class FalconModel(BaseModel): ...
class GPT2Config(PreTrainedConfig):
    vocab_size: int
    n_positions: int
    n_embd: int
    n_layer: int
    n_head: int
    n_inner: Any
    activation_function: str
    resid_pdrop: float
    embd_pdrop: float
    attn_pdrop: float
    layer_norm_epsilon: float
    initializer_range: float
    summary_type: str
    summary_use_proj: bool
    summary_activation: Any
    summary_proj_to_labels: bool
    summary_first_dropout: float
    scale_attn_weights: bool
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    scale_attn_by_inverse_layer_idx: bool
    reorder_and_upcast_attn: bool
    add_cross_attention: bool
    tie_word_embeddings: bool
    hidden_size: int
    max_position_embeddings: int
    num_attention_heads: int
    num_hidden_layers: int

class GPT2ForSequenceClassification(ModelForSequenceClassification): ...
class GPT2ForTokenClassification(ModelForTokenClassification): ...
class GPT2LMHeadModel(ModelForCausalLM): ...
class GPT2Model(BaseModel): ...
class GPTJConfig(PreTrainedConfig):
    vocab_size: int
    n_positions: int
    n_embd: int
    n_layer: int
    n_head: int
    rotary_dim: int
    n_inner: Any
    activation_function: str
    resid_pdrop: float
    embd_pdrop: float
    attn_pdrop: float
    layer_norm_epsilon: float
    initializer_range: float
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    tie_word_embeddings: bool
    hidden_size: int
    max_position_embeddings: int
    num_attention_heads: int
    num_hidden_layers: int

class GPTJForCausalLM(ModelForCausalLM): ...
class GPTJForSequenceClassification(ModelForSequenceClassification): ...
class GPTJModel(BaseModel): ...
class GPTNeoConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    hidden_size: int
    num_layers: int
    attention_types: list[list[Any]]
    num_heads: int
    intermediate_size: Any
    window_size: int
    activation_function: str
    resid_dropout: float
    embed_dropout: float
    attention_dropout: float
    classifier_dropout: float
    layer_norm_epsilon: float
    initializer_range: float
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    tie_word_embeddings: bool
    num_attention_heads: int
    num_hidden_layers: int

class GPTNeoForCausalLM(ModelForCausalLM): ...
class GPTNeoForSequenceClassification(ModelForSequenceClassification): ...
class GPTNeoForTokenClassification(ModelForTokenClassification): ...
class GPTNeoModel(BaseModel): ...
class GPTNeoXConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    attention_dropout: float
    hidden_dropout: float
    classifier_dropout: float
    max_position_embeddings: int
    initializer_range: float
    layer_norm_eps: float
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    tie_word_embeddings: bool
    use_parallel_residual: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    is_decoder: bool

class GPTNeoXForCausalLM(ModelForCausalLM): ...
class GPTNeoXForSequenceClassification(ModelForSequenceClassification): ...
class GPTNeoXForTokenClassification(ModelForTokenClassification): ...
class GPTNeoXModel(BaseModel): ...
class Gemma2Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_activation: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: Any
    query_pre_attn_scalar: int
    sliding_window: Any
    layer_types: list[str]
    final_logit_softcapping: Any
    attn_logit_softcapping: Any
    use_bidirectional_attention: Any

class Gemma2ForCausalLM(ModelForCausalLM): ...
class Gemma2ForSequenceClassification(ModelForSequenceClassification): ...
class Gemma2ForTokenClassification(ModelForTokenClassification): ...
class Gemma2Model(BaseModel): ...
class Gemma3ForCausalLM(ModelForCausalLM): ...
class Gemma3TextConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_activation: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: Any
    query_pre_attn_scalar: int
    sliding_window: Any
    layer_types: list[str]
    final_logit_softcapping: Any
    attn_logit_softcapping: Any
    use_bidirectional_attention: Any

class Gemma3TextForSequenceClassification(ModelForSequenceClassification): ...
class Gemma3TextModel(BaseModel): ...
class GemmaConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    use_bidirectional_attention: Any

class GemmaForCausalLM(ModelForCausalLM): ...
class GemmaForSequenceClassification(ModelForSequenceClassification): ...
class GemmaForTokenClassification(ModelForTokenClassification): ...
class GemmaModel(BaseModel): ...
class Glm4Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_act: str
    attention_dropout: float
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    pad_token_id: Any
    eos_token_id: list[int]
    bos_token_id: Any
    attention_bias: bool

class Glm4ForCausalLM(ModelForCausalLM): ...
class Glm4ForSequenceClassification(ModelForSequenceClassification): ...
class Glm4ForTokenClassification(ModelForTokenClassification): ...
class Glm4Model(BaseModel): ...
class GlmConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: Any
    head_dim: Any
    hidden_act: str
    attention_dropout: Any
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    pad_token_id: Any
    eos_token_id: list[int]
    bos_token_id: Any
    attention_bias: bool

class GlmForCausalLM(ModelForCausalLM): ...
class GlmForSequenceClassification(ModelForSequenceClassification): ...
class GlmForTokenClassification(ModelForTokenClassification): ...
class GlmModel(BaseModel): ...
class GptOssConfig(PreTrainedConfig):
    num_hidden_layers: int
    num_local_experts: int
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    head_dim: int
    num_attention_heads: int
    num_key_value_heads: int
    sliding_window: Any
    tie_word_embeddings: bool
    hidden_act: str
    initializer_range: float
    max_position_embeddings: int
    rms_norm_eps: float
    rope_parameters: dict[str, Any]
    attention_dropout: float
    num_experts_per_tok: int
    swiglu_alpha: float
    swiglu_limit: float
    router_aux_loss_coef: float
    output_router_logits: bool
    use_cache: bool
    layer_types: list[str]
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    attention_bias: bool
    num_experts: int

class GptOssForCausalLM(ModelForCausalLM): ...
class GptOssForSequenceClassification(ModelForSequenceClassification): ...
class GptOssForTokenClassification(ModelForTokenClassification): ...
class GptOssModel(BaseModel): ...
class GraniteConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    mlp_bias: bool
    embedding_multiplier: float
    logits_scaling: float
    residual_multiplier: float
    attention_multiplier: float

class GraniteForCausalLM(ModelForCausalLM): ...
class GraniteModel(BaseModel): ...
class HeliumConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_act: str
    attention_dropout: float
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    attention_bias: bool
    mlp_bias: bool

class HeliumForCausalLM(ModelForCausalLM): ...
class HeliumForSequenceClassification(ModelForSequenceClassification): ...
class HeliumForTokenClassification(ModelForTokenClassification): ...
class HeliumModel(BaseModel): ...
class HunYuanDenseV1Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    eod_token_id: Any
    pretraining_tp: int
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    head_dim: Any

class HunYuanDenseV1ForCausalLM(ModelForCausalLM): ...
class HunYuanDenseV1ForSequenceClassification(ModelForSequenceClassification): ...
class HunYuanDenseV1Model(BaseModel): ...
class LlamaConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    pretraining_tp: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: Any
    mlp_bias: bool
    head_dim: int

class LlamaForCausalLM(ModelForCausalLM): ...
class LlamaForSequenceClassification(ModelForSequenceClassification): ...
class LlamaForTokenClassification(ModelForTokenClassification): ...
class LlamaModel(BaseModel): ...
class M2M100Config(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class M2M100ForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class M2M100Model(Seq2SeqBaseModel): ...
class MBartConfig(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class MBartForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class MBartForQuestionAnswering(Seq2SeqForQuestionAnswering): ...
class MBartForSequenceClassification(Seq2SeqForSequenceClassification): ...
class MBartModel(Seq2SeqBaseModel): ...
class MPNetConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    initializer_range: float
    layer_norm_eps: float
    relative_attention_num_buckets: int
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool

class MPNetForMaskedLM(ModelForMaskedLM): ...
class MPNetForQuestionAnswering(ModelForQuestionAnswering): ...
class MPNetForSequenceClassification(ModelForSequenceClassification): ...
class MPNetForTokenClassification(ModelForTokenClassification): ...
class MPNetModel(BaseModel): ...
class MT5Config(PreTrainedConfig):
    head_dim: Any
    d_kv: Any
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    num_heads: Any
    num_hidden_layers: Any
    num_layers: Any

class MT5ForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class MT5ForQuestionAnswering(Seq2SeqForQuestionAnswering): ...
class MT5ForSequenceClassification(Seq2SeqForSequenceClassification): ...
class MT5Model(Seq2SeqBaseModel): ...
class MarianConfig(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class MarianMTModel(Seq2SeqForConditionalGeneration): ...
class MarianModel(Seq2SeqBaseModel): ...
class MegatronBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class MegatronBertForMaskedLM(ModelForMaskedLM): ...
class MegatronBertForQuestionAnswering(ModelForQuestionAnswering): ...
class MegatronBertForSequenceClassification(ModelForSequenceClassification): ...
class MegatronBertForTokenClassification(ModelForTokenClassification): ...
class MegatronBertModel(BaseModel): ...
class MistralConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    sliding_window: Any
    attention_dropout: float

class MistralForCausalLM(ModelForCausalLM): ...
class MistralForSequenceClassification(ModelForSequenceClassification): ...
class MistralForTokenClassification(ModelForTokenClassification): ...
class MistralModel(BaseModel): ...
class MixtralConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: Any
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    sliding_window: Any
    attention_dropout: float
    num_experts_per_tok: int
    num_local_experts: int
    output_router_logits: bool
    router_aux_loss_coef: float
    router_jitter_noise: float
    rope_parameters: dict[str, Any]
    num_experts: int

class MixtralForCausalLM(ModelForCausalLM): ...
class MixtralForSequenceClassification(ModelForSequenceClassification): ...
class MixtralForTokenClassification(ModelForTokenClassification): ...
class MixtralModel(BaseModel): ...
class MobileBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    embedding_size: int
    trigram_input: bool
    use_bottleneck: bool
    intra_bottleneck_size: int
    use_bottleneck_attention: bool
    key_query_shared_bottleneck: bool
    num_feedforward_networks: int
    normalization_type: str
    classifier_activation: bool
    classifier_dropout: Any
    tie_word_embeddings: bool

class MobileBertForMaskedLM(ModelForMaskedLM): ...
class MobileBertForQuestionAnswering(ModelForQuestionAnswering): ...
class MobileBertForSequenceClassification(ModelForSequenceClassification): ...
class MobileBertForTokenClassification(ModelForTokenClassification): ...
class MobileBertModel(BaseModel): ...
class ModernBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    hidden_activation: str
    max_position_embeddings: int
    initializer_range: float
    initializer_cutoff_factor: float
    norm_eps: float
    norm_bias: bool
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    cls_token_id: Any
    sep_token_id: Any
    attention_bias: bool
    attention_dropout: float
    layer_types: list[str]
    rope_parameters: dict[str, Any]
    local_attention: int
    embedding_dropout: float
    mlp_bias: bool
    mlp_dropout: float
    decoder_bias: bool
    classifier_pooling: str
    classifier_dropout: float
    classifier_bias: bool
    classifier_activation: str
    deterministic_flash_attn: bool
    sparse_prediction: bool
    sparse_pred_ignore_index: int
    tie_word_embeddings: bool

class ModernBertForMaskedLM(ModelForMaskedLM): ...
class ModernBertForQuestionAnswering(ModelForQuestionAnswering): ...
class ModernBertForSequenceClassification(ModelForSequenceClassification): ...
class ModernBertForTokenClassification(ModelForTokenClassification): ...
class ModernBertModel(BaseModel): ...
class NomicBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: int
    classifier_dropout: Any
    bos_token_id: Any
    eos_token_id: Any
    rope_parameters: dict[str, Any]
    head_dim: int

class NomicBertForMaskedLM(ModelForMaskedLM): ...
class NomicBertForSequenceClassification(ModelForSequenceClassification): ...
class NomicBertForTokenClassification(ModelForTokenClassification): ...
class NomicBertModel(BaseModel): ...
class OPTConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    ffn_dim: int
    max_position_embeddings: int
    do_layer_norm_before: bool
    _remove_final_layer_norm: bool
    word_embed_proj_dim: int
    dropout: float
    attention_dropout: float
    num_attention_heads: int
    activation_function: str
    layerdrop: float
    init_std: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    enable_bias: bool
    layer_norm_elementwise_affine: bool
    tie_word_embeddings: bool

class OPTForCausalLM(ModelForCausalLM): ...
class OPTForSequenceClassification(ModelForSequenceClassification): ...
class OPTModel(BaseModel): ...
class Olmo2Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    rms_norm_eps: float

class Olmo2ForCausalLM(ModelForCausalLM): ...
class Olmo2ForSequenceClassification(ModelForSequenceClassification): ...
class Olmo2Model(BaseModel): ...
class Olmo3Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    rms_norm_eps: float
    sliding_window: Any
    layer_types: list[str]

class Olmo3ForCausalLM(ModelForCausalLM): ...
class Olmo3ForSequenceClassification(ModelForSequenceClassification): ...
class Olmo3Model(BaseModel): ...
class OlmoConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_dropout: float
    clip_qkv: Any

class OlmoForCausalLM(ModelForCausalLM): ...
class OlmoForSequenceClassification(ModelForSequenceClassification): ...
class OlmoModel(BaseModel): ...
class PegasusConfig(PreTrainedConfig):
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    encoder_attention_heads: Any
    num_hidden_layers: Any
    encoder_layers: Any

class PegasusForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class PegasusModel(Seq2SeqBaseModel): ...
class Phi3Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    resid_pdrop: float
    embd_pdrop: float
    attention_dropout: float
    hidden_act: str
    max_position_embeddings: int
    original_max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    sliding_window: Any

class Phi3ForCausalLM(ModelForCausalLM): ...
class Phi3ForSequenceClassification(ModelForSequenceClassification): ...
class Phi3ForTokenClassification(ModelForTokenClassification): ...
class Phi3Model(BaseModel): ...
class PhiConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    resid_pdrop: float
    embd_pdrop: float
    attention_dropout: Any
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    layer_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    qk_layernorm: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any

class PhiForCausalLM(ModelForCausalLM): ...
class PhiForSequenceClassification(ModelForSequenceClassification): ...
class PhiForTokenClassification(ModelForTokenClassification): ...
class PhiModel(BaseModel): ...
class Qwen2Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    use_sliding_window: bool
    sliding_window: Any
    max_window_layers: int
    layer_types: list[str]
    attention_dropout: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any

class Qwen2ForCausalLM(ModelForCausalLM): ...
class Qwen2ForSequenceClassification(ModelForSequenceClassification): ...
class Qwen2ForTokenClassification(ModelForTokenClassification): ...
class Qwen2Model(BaseModel): ...
class Qwen2MoeConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: Any
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    use_sliding_window: bool
    sliding_window: int
    max_window_layers: int
    attention_dropout: float
    decoder_sparse_step: int
    moe_intermediate_size: int
    shared_expert_intermediate_size: int
    num_experts_per_tok: int
    num_experts: int
    norm_topk_prob: bool
    output_router_logits: bool
    router_aux_loss_coef: float
    mlp_only_layers: list[Any]
    qkv_bias: bool
    layer_types: list[str]
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any

class Qwen2MoeForCausalLM(ModelForCausalLM): ...
class Qwen2MoeForSequenceClassification(ModelForSequenceClassification): ...
class Qwen2MoeForTokenClassification(ModelForTokenClassification): ...
class Qwen2MoeModel(BaseModel): ...
class Qwen3Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    use_sliding_window: bool
    sliding_window: Any
    max_window_layers: int
    layer_types: list[str]
    attention_dropout: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any

class Qwen3ForCausalLM(ModelForCausalLM): ...
class Qwen3ForSequenceClassification(ModelForSequenceClassification): ...
class Qwen3ForTokenClassification(ModelForTokenClassification): ...
class Qwen3Model(BaseModel): ...
class Qwen3MoeConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    use_sliding_window: bool
    sliding_window: Any
    attention_dropout: float
    decoder_sparse_step: int
    moe_intermediate_size: int
    num_experts_per_tok: int
    num_experts: Any
    norm_topk_prob: bool
    output_router_logits: bool
    router_aux_loss_coef: float
    mlp_only_layers: list[Any]
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    num_local_experts: int

class Qwen3MoeForCausalLM(ModelForCausalLM): ...
class Qwen3MoeForSequenceClassification(ModelForSequenceClassification): ...
class Qwen3MoeForTokenClassification(ModelForTokenClassification): ...
class Qwen3MoeModel(BaseModel): ...
class RemBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    input_embedding_size: int
    output_embedding_size: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    classifier_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class RemBertForMaskedLM(ModelForMaskedLM): ...
class RemBertForQuestionAnswering(ModelForQuestionAnswering): ...
class RemBertForSequenceClassification(ModelForSequenceClassification): ...
class RemBertForTokenClassification(ModelForTokenClassification): ...
class RemBertModel(BaseModel): ...
class RoFormerConfig(PreTrainedConfig):
    vocab_size: int
    embedding_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    rotary_value: bool
    use_cache: bool
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class RoFormerForMaskedLM(ModelForMaskedLM): ...
class RoFormerForQuestionAnswering(ModelForQuestionAnswering): ...
class RoFormerForSequenceClassification(ModelForSequenceClassification): ...
class RoFormerForTokenClassification(ModelForTokenClassification): ...
class RoFormerModel(BaseModel): ...
class RobertaConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class RobertaForMaskedLM(ModelForMaskedLM): ...
class RobertaForQuestionAnswering(ModelForQuestionAnswering): ...
class RobertaForSequenceClassification(ModelForSequenceClassification): ...
class RobertaForTokenClassification(ModelForTokenClassification): ...
class RobertaModel(BaseModel): ...
class RobertaPreLayerNormConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class RobertaPreLayerNormForMaskedLM(ModelForMaskedLM): ...
class RobertaPreLayerNormForQuestionAnswering(ModelForQuestionAnswering): ...
class RobertaPreLayerNormForSequenceClassification(ModelForSequenceClassification): ...
class RobertaPreLayerNormForTokenClassification(ModelForTokenClassification): ...
class RobertaPreLayerNormModel(BaseModel): ...
class SeedOssConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    pretraining_tp: int
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    attention_bias: bool
    attention_out_bias: bool
    attention_dropout: float
    residual_dropout: float
    mlp_bias: bool
    head_dim: int

class SeedOssForCausalLM(ModelForCausalLM): ...
class SeedOssForSequenceClassification(ModelForSequenceClassification): ...
class SeedOssForTokenClassification(ModelForTokenClassification): ...
class SeedOssModel(BaseModel): ...
class SmolLM3Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    rms_norm_eps: float
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    rope_parameters: dict[str, Any]
    use_sliding_window: bool
    sliding_window: Any
    no_rope_layers: list[int]
    no_rope_layer_interval: int
    layer_types: list[str]
    attention_bias: bool
    attention_dropout: float
    mlp_bias: bool
    tie_word_embeddings: bool

class SmolLM3ForCausalLM(ModelForCausalLM): ...
class SmolLM3ForSequenceClassification(ModelForSequenceClassification): ...
class SmolLM3ForTokenClassification(ModelForTokenClassification): ...
class SmolLM3Model(BaseModel): ...
class SqueezeBertConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    embedding_size: int
    q_groups: int
    k_groups: int
    v_groups: int
    post_attention_groups: int
    intermediate_groups: int
    output_groups: int
    tie_word_embeddings: bool

class SqueezeBertForMaskedLM(ModelForMaskedLM): ...
class SqueezeBertForQuestionAnswering(ModelForQuestionAnswering): ...
class SqueezeBertForSequenceClassification(ModelForSequenceClassification): ...
class SqueezeBertForTokenClassification(ModelForTokenClassification): ...
class SqueezeBertModel(BaseModel): ...
class StableLmConfig(PreTrainedConfig):
    vocab_size: int
    intermediate_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    layer_norm_eps: float
    use_cache: bool
    tie_word_embeddings: bool
    rope_parameters: dict[str, Any]
    use_qkv_bias: bool
    qk_layernorm: bool
    use_parallel_residual: bool
    hidden_dropout: float
    attention_dropout: float
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any

class StableLmForCausalLM(ModelForCausalLM): ...
class StableLmForSequenceClassification(ModelForSequenceClassification): ...
class StableLmForTokenClassification(ModelForTokenClassification): ...
class StableLmModel(BaseModel): ...
class Starcoder2Config(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    hidden_act: str
    max_position_embeddings: int
    initializer_range: float
    norm_epsilon: float
    use_cache: bool
    bos_token_id: Any
    eos_token_id: Any
    pad_token_id: Any
    rope_parameters: dict[str, Any]
    sliding_window: Any
    attention_dropout: float
    residual_dropout: float
    embedding_dropout: float
    use_bias: bool
    tie_word_embeddings: bool

class Starcoder2ForCausalLM(ModelForCausalLM): ...
class Starcoder2ForSequenceClassification(ModelForSequenceClassification): ...
class Starcoder2ForTokenClassification(ModelForTokenClassification): ...
class Starcoder2Model(BaseModel): ...
class T5Config(PreTrainedConfig):
    head_dim: Any
    d_kv: Any
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    num_heads: Any
    num_hidden_layers: Any
    num_layers: Any

class T5ForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class T5ForQuestionAnswering(Seq2SeqForQuestionAnswering): ...
class T5ForSequenceClassification(Seq2SeqForSequenceClassification): ...
class T5Model(Seq2SeqBaseModel): ...
class UMT5Config(PreTrainedConfig):
    head_dim: Any
    d_kv: Any
    hidden_size: Any
    d_model: Any
    num_attention_heads: Any
    num_heads: Any
    num_hidden_layers: Any
    num_layers: Any

class UMT5ForConditionalGeneration(Seq2SeqForConditionalGeneration): ...
class UMT5ForQuestionAnswering(Seq2SeqForQuestionAnswering): ...
class UMT5ForSequenceClassification(Seq2SeqForSequenceClassification): ...
class UMT5Model(Seq2SeqBaseModel): ...
class XLMRobertaConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class XLMRobertaForMaskedLM(ModelForMaskedLM): ...
class XLMRobertaForQuestionAnswering(ModelForQuestionAnswering): ...
class XLMRobertaForSequenceClassification(ModelForSequenceClassification): ...
class XLMRobertaForTokenClassification(ModelForTokenClassification): ...
class XLMRobertaModel(BaseModel): ...
class XLMRobertaXLConfig(PreTrainedConfig):
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    max_position_embeddings: int
    type_vocab_size: int
    initializer_range: float
    layer_norm_eps: float
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    use_cache: bool
    classifier_dropout: Any
    is_decoder: bool
    add_cross_attention: bool
    tie_word_embeddings: bool

class XLMRobertaXLForMaskedLM(ModelForMaskedLM): ...
class XLMRobertaXLForQuestionAnswering(ModelForQuestionAnswering): ...
class XLMRobertaXLForSequenceClassification(ModelForSequenceClassification): ...
class XLMRobertaXLForTokenClassification(ModelForTokenClassification): ...
class XLMRobertaXLModel(BaseModel): ...
