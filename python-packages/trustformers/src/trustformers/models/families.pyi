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
    TextEncoder,
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
    "AlbertPreTrainedModel",
    "ArceeConfig",
    "ArceeForCausalLM",
    "ArceeForSequenceClassification",
    "ArceeForTokenClassification",
    "ArceeModel",
    "ArceePreTrainedModel",
    "BartConfig",
    "BartForConditionalGeneration",
    "BartForQuestionAnswering",
    "BartForSequenceClassification",
    "BartModel",
    "BartPreTrainedModel",
    "BertConfig",
    "BertForMaskedLM",
    "BertForQuestionAnswering",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertModel",
    "BertPreTrainedModel",
    "BlenderbotConfig",
    "BlenderbotForConditionalGeneration",
    "BlenderbotModel",
    "BlenderbotPreTrainedModel",
    "BlenderbotSmallConfig",
    "BlenderbotSmallForConditionalGeneration",
    "BlenderbotSmallModel",
    "BlenderbotSmallPreTrainedModel",
    "BloomConfig",
    "BloomForCausalLM",
    "BloomForSequenceClassification",
    "BloomForTokenClassification",
    "BloomModel",
    "BloomPreTrainedModel",
    "CamembertConfig",
    "CamembertForMaskedLM",
    "CamembertForQuestionAnswering",
    "CamembertForSequenceClassification",
    "CamembertForTokenClassification",
    "CamembertModel",
    "CamembertPreTrainedModel",
    "CohereConfig",
    "CohereForCausalLM",
    "CohereModel",
    "CoherePreTrainedModel",
    "Data2VecTextConfig",
    "Data2VecTextForMaskedLM",
    "Data2VecTextForQuestionAnswering",
    "Data2VecTextForSequenceClassification",
    "Data2VecTextForTokenClassification",
    "Data2VecTextModel",
    "Data2VecTextPreTrainedModel",
    "DebertaV2Config",
    "DebertaV2ForMaskedLM",
    "DebertaV2ForQuestionAnswering",
    "DebertaV2ForSequenceClassification",
    "DebertaV2ForTokenClassification",
    "DebertaV2Model",
    "DebertaV2PreTrainedModel",
    "DistilBertConfig",
    "DistilBertForMaskedLM",
    "DistilBertForQuestionAnswering",
    "DistilBertForSequenceClassification",
    "DistilBertForTokenClassification",
    "DistilBertModel",
    "DistilBertPreTrainedModel",
    "ElectraConfig",
    "ElectraForMaskedLM",
    "ElectraForQuestionAnswering",
    "ElectraForSequenceClassification",
    "ElectraForTokenClassification",
    "ElectraModel",
    "ElectraPreTrainedModel",
    "Ernie4_5Config",
    "Ernie4_5ForCausalLM",
    "Ernie4_5Model",
    "Ernie4_5PreTrainedModel",
    "ErnieConfig",
    "ErnieForMaskedLM",
    "ErnieForQuestionAnswering",
    "ErnieForSequenceClassification",
    "ErnieForTokenClassification",
    "ErnieModel",
    "ErniePreTrainedModel",
    "EuroBertConfig",
    "EuroBertForMaskedLM",
    "EuroBertForSequenceClassification",
    "EuroBertForTokenClassification",
    "EuroBertModel",
    "EuroBertPreTrainedModel",
    "Exaone4Config",
    "Exaone4ForCausalLM",
    "Exaone4ForSequenceClassification",
    "Exaone4ForTokenClassification",
    "Exaone4Model",
    "Exaone4PreTrainedModel",
    "FalconConfig",
    "FalconForCausalLM",
    "FalconForSequenceClassification",
    "FalconForTokenClassification",
    "FalconModel",
    "FalconPreTrainedModel",
    "GPT2Config",
    "GPT2ForSequenceClassification",
    "GPT2ForTokenClassification",
    "GPT2LMHeadModel",
    "GPT2Model",
    "GPT2PreTrainedModel",
    "GPTJConfig",
    "GPTJForCausalLM",
    "GPTJForSequenceClassification",
    "GPTJModel",
    "GPTJPreTrainedModel",
    "GPTNeoConfig",
    "GPTNeoForCausalLM",
    "GPTNeoForSequenceClassification",
    "GPTNeoForTokenClassification",
    "GPTNeoModel",
    "GPTNeoPreTrainedModel",
    "GPTNeoXConfig",
    "GPTNeoXForCausalLM",
    "GPTNeoXForSequenceClassification",
    "GPTNeoXForTokenClassification",
    "GPTNeoXModel",
    "GPTNeoXPreTrainedModel",
    "Gemma2Config",
    "Gemma2ForCausalLM",
    "Gemma2ForSequenceClassification",
    "Gemma2ForTokenClassification",
    "Gemma2Model",
    "Gemma2PreTrainedModel",
    "Gemma3ForCausalLM",
    "Gemma3PreTrainedModel",
    "Gemma3TextConfig",
    "Gemma3TextForSequenceClassification",
    "Gemma3TextModel",
    "GemmaConfig",
    "GemmaForCausalLM",
    "GemmaForSequenceClassification",
    "GemmaForTokenClassification",
    "GemmaModel",
    "GemmaPreTrainedModel",
    "Glm4Config",
    "Glm4ForCausalLM",
    "Glm4ForSequenceClassification",
    "Glm4ForTokenClassification",
    "Glm4Model",
    "Glm4PreTrainedModel",
    "GlmConfig",
    "GlmForCausalLM",
    "GlmForSequenceClassification",
    "GlmForTokenClassification",
    "GlmModel",
    "GlmPreTrainedModel",
    "GptOssConfig",
    "GptOssForCausalLM",
    "GptOssForSequenceClassification",
    "GptOssForTokenClassification",
    "GptOssModel",
    "GptOssPreTrainedModel",
    "GraniteConfig",
    "GraniteForCausalLM",
    "GraniteModel",
    "GranitePreTrainedModel",
    "HeliumConfig",
    "HeliumForCausalLM",
    "HeliumForSequenceClassification",
    "HeliumForTokenClassification",
    "HeliumModel",
    "HeliumPreTrainedModel",
    "HunYuanDenseV1Config",
    "HunYuanDenseV1ForCausalLM",
    "HunYuanDenseV1ForSequenceClassification",
    "HunYuanDenseV1Model",
    "HunYuanDenseV1PreTrainedModel",
    "LlamaConfig",
    "LlamaForCausalLM",
    "LlamaForSequenceClassification",
    "LlamaForTokenClassification",
    "LlamaModel",
    "LlamaPreTrainedModel",
    "M2M100Config",
    "M2M100ForConditionalGeneration",
    "M2M100Model",
    "M2M100PreTrainedModel",
    "MBartConfig",
    "MBartForConditionalGeneration",
    "MBartForQuestionAnswering",
    "MBartForSequenceClassification",
    "MBartModel",
    "MBartPreTrainedModel",
    "MPNetConfig",
    "MPNetForMaskedLM",
    "MPNetForQuestionAnswering",
    "MPNetForSequenceClassification",
    "MPNetForTokenClassification",
    "MPNetModel",
    "MPNetPreTrainedModel",
    "MT5Config",
    "MT5EncoderModel",
    "MT5ForConditionalGeneration",
    "MT5ForQuestionAnswering",
    "MT5ForSequenceClassification",
    "MT5ForTokenClassification",
    "MT5Model",
    "MT5PreTrainedModel",
    "MarianConfig",
    "MarianMTModel",
    "MarianModel",
    "MarianPreTrainedModel",
    "MegatronBertConfig",
    "MegatronBertForMaskedLM",
    "MegatronBertForQuestionAnswering",
    "MegatronBertForSequenceClassification",
    "MegatronBertForTokenClassification",
    "MegatronBertModel",
    "MegatronBertPreTrainedModel",
    "MistralConfig",
    "MistralForCausalLM",
    "MistralForSequenceClassification",
    "MistralForTokenClassification",
    "MistralModel",
    "MistralPreTrainedModel",
    "MixtralConfig",
    "MixtralForCausalLM",
    "MixtralForSequenceClassification",
    "MixtralForTokenClassification",
    "MixtralModel",
    "MixtralPreTrainedModel",
    "MobileBertConfig",
    "MobileBertForMaskedLM",
    "MobileBertForQuestionAnswering",
    "MobileBertForSequenceClassification",
    "MobileBertForTokenClassification",
    "MobileBertModel",
    "MobileBertPreTrainedModel",
    "ModernBertConfig",
    "ModernBertForMaskedLM",
    "ModernBertForQuestionAnswering",
    "ModernBertForSequenceClassification",
    "ModernBertForTokenClassification",
    "ModernBertModel",
    "ModernBertPreTrainedModel",
    "NomicBertConfig",
    "NomicBertForMaskedLM",
    "NomicBertForSequenceClassification",
    "NomicBertForTokenClassification",
    "NomicBertModel",
    "NomicBertPreTrainedModel",
    "OPTConfig",
    "OPTForCausalLM",
    "OPTForSequenceClassification",
    "OPTModel",
    "OPTPreTrainedModel",
    "Olmo2Config",
    "Olmo2ForCausalLM",
    "Olmo2ForSequenceClassification",
    "Olmo2Model",
    "Olmo2PreTrainedModel",
    "Olmo3Config",
    "Olmo3ForCausalLM",
    "Olmo3ForSequenceClassification",
    "Olmo3Model",
    "Olmo3PreTrainedModel",
    "OlmoConfig",
    "OlmoForCausalLM",
    "OlmoForSequenceClassification",
    "OlmoModel",
    "OlmoPreTrainedModel",
    "PegasusConfig",
    "PegasusForConditionalGeneration",
    "PegasusModel",
    "PegasusPreTrainedModel",
    "Phi3Config",
    "Phi3ForCausalLM",
    "Phi3ForSequenceClassification",
    "Phi3ForTokenClassification",
    "Phi3Model",
    "Phi3PreTrainedModel",
    "PhiConfig",
    "PhiForCausalLM",
    "PhiForSequenceClassification",
    "PhiForTokenClassification",
    "PhiModel",
    "PhiPreTrainedModel",
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
    "Qwen2MoePreTrainedModel",
    "Qwen2PreTrainedModel",
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
    "Qwen3MoePreTrainedModel",
    "Qwen3PreTrainedModel",
    "RemBertConfig",
    "RemBertForMaskedLM",
    "RemBertForQuestionAnswering",
    "RemBertForSequenceClassification",
    "RemBertForTokenClassification",
    "RemBertModel",
    "RemBertPreTrainedModel",
    "RoFormerConfig",
    "RoFormerForMaskedLM",
    "RoFormerForQuestionAnswering",
    "RoFormerForSequenceClassification",
    "RoFormerForTokenClassification",
    "RoFormerModel",
    "RoFormerPreTrainedModel",
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
    "RobertaPreLayerNormPreTrainedModel",
    "RobertaPreTrainedModel",
    "SeedOssConfig",
    "SeedOssForCausalLM",
    "SeedOssForSequenceClassification",
    "SeedOssForTokenClassification",
    "SeedOssModel",
    "SeedOssPreTrainedModel",
    "SmolLM3Config",
    "SmolLM3ForCausalLM",
    "SmolLM3ForSequenceClassification",
    "SmolLM3ForTokenClassification",
    "SmolLM3Model",
    "SmolLM3PreTrainedModel",
    "SqueezeBertConfig",
    "SqueezeBertForMaskedLM",
    "SqueezeBertForQuestionAnswering",
    "SqueezeBertForSequenceClassification",
    "SqueezeBertForTokenClassification",
    "SqueezeBertModel",
    "SqueezeBertPreTrainedModel",
    "StableLmConfig",
    "StableLmForCausalLM",
    "StableLmForSequenceClassification",
    "StableLmForTokenClassification",
    "StableLmModel",
    "StableLmPreTrainedModel",
    "Starcoder2Config",
    "Starcoder2ForCausalLM",
    "Starcoder2ForSequenceClassification",
    "Starcoder2ForTokenClassification",
    "Starcoder2Model",
    "Starcoder2PreTrainedModel",
    "T5Config",
    "T5EncoderModel",
    "T5ForConditionalGeneration",
    "T5ForQuestionAnswering",
    "T5ForSequenceClassification",
    "T5ForTokenClassification",
    "T5Model",
    "T5PreTrainedModel",
    "UMT5Config",
    "UMT5EncoderModel",
    "UMT5ForConditionalGeneration",
    "UMT5ForQuestionAnswering",
    "UMT5ForSequenceClassification",
    "UMT5ForTokenClassification",
    "UMT5Model",
    "UMT5PreTrainedModel",
    "XLMRobertaConfig",
    "XLMRobertaForMaskedLM",
    "XLMRobertaForQuestionAnswering",
    "XLMRobertaForSequenceClassification",
    "XLMRobertaForTokenClassification",
    "XLMRobertaModel",
    "XLMRobertaPreTrainedModel",
    "XLMRobertaXLConfig",
    "XLMRobertaXLForMaskedLM",
    "XLMRobertaXLForQuestionAnswering",
    "XLMRobertaXLForSequenceClassification",
    "XLMRobertaXLForTokenClassification",
    "XLMRobertaXLModel",
    "XLMRobertaXLPreTrainedModel",
]

FILES: dict[str, tuple[str, str]]
TEXT_ENCODERS: tuple[str, ...]
def classes() -> dict[str, type[Any]]: ...
def modules() -> dict[str, dict[str, type[Any]]]: ...
def base_name(prefix: str) -> str: ...
def model_class(model_type: str, head: str) -> type[PreTrainedModel]: ...
def text_encoder_class(model_type: str, _head: str = "encoder") -> type[PreTrainedModel]: ...

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

class AlbertForMaskedLM(ModelForMaskedLM, AlbertPreTrainedModel): ...
class AlbertForQuestionAnswering(ModelForQuestionAnswering, AlbertPreTrainedModel): ...
class AlbertForSequenceClassification(ModelForSequenceClassification, AlbertPreTrainedModel): ...
class AlbertForTokenClassification(ModelForTokenClassification, AlbertPreTrainedModel): ...
class AlbertModel(BaseModel, AlbertPreTrainedModel): ...
class AlbertPreTrainedModel(PreTrainedModel): ...
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

class ArceeForCausalLM(ModelForCausalLM, ArceePreTrainedModel): ...
class ArceeForSequenceClassification(ModelForSequenceClassification, ArceePreTrainedModel): ...
class ArceeForTokenClassification(ModelForTokenClassification, ArceePreTrainedModel): ...
class ArceeModel(BaseModel, ArceePreTrainedModel): ...
class ArceePreTrainedModel(PreTrainedModel): ...
class BartConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    encoder_layers: Any
    encoder_ffn_dim: Any
    encoder_attention_heads: Any
    decoder_layers: Any
    decoder_ffn_dim: Any
    decoder_attention_heads: Any
    encoder_layerdrop: Any
    decoder_layerdrop: Any
    activation_function: Any
    d_model: Any
    dropout: Any
    attention_dropout: Any
    activation_dropout: Any
    init_std: Any
    classifier_dropout: Any
    scale_embedding: Any
    use_cache: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    decoder_start_token_id: Any
    forced_eos_token_id: Any
    is_decoder: Any
    tie_word_embeddings: bool
    hidden_size: Any
    num_attention_heads: Any
    num_hidden_layers: Any

class BartForConditionalGeneration(Seq2SeqForConditionalGeneration, BartPreTrainedModel): ...
class BartForQuestionAnswering(Seq2SeqForQuestionAnswering, BartPreTrainedModel): ...
class BartForSequenceClassification(Seq2SeqForSequenceClassification, BartPreTrainedModel): ...
class BartModel(Seq2SeqBaseModel, BartPreTrainedModel): ...
class BartPreTrainedModel(PreTrainedModel): ...
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

class BertForMaskedLM(ModelForMaskedLM, BertPreTrainedModel): ...
class BertForQuestionAnswering(ModelForQuestionAnswering, BertPreTrainedModel): ...
class BertForSequenceClassification(ModelForSequenceClassification, BertPreTrainedModel): ...
class BertForTokenClassification(ModelForTokenClassification, BertPreTrainedModel): ...
class BertModel(BaseModel, BertPreTrainedModel): ...
class BertPreTrainedModel(PreTrainedModel): ...
class BlenderbotConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    encoder_layerdrop: float
    decoder_layerdrop: float
    use_cache: bool
    activation_function: str
    d_model: int
    dropout: float
    attention_dropout: float
    activation_dropout: float
    init_std: float
    decoder_start_token_id: int
    scale_embedding: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    encoder_no_repeat_ngram_size: int
    forced_eos_token_id: Any
    is_decoder: bool
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class BlenderbotForConditionalGeneration(Seq2SeqForConditionalGeneration, BlenderbotPreTrainedModel): ...
class BlenderbotModel(Seq2SeqBaseModel, BlenderbotPreTrainedModel): ...
class BlenderbotPreTrainedModel(PreTrainedModel): ...
class BlenderbotSmallConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    encoder_layerdrop: float
    decoder_layerdrop: float
    use_cache: bool
    activation_function: str
    d_model: int
    dropout: float
    attention_dropout: float
    activation_dropout: float
    init_std: float
    decoder_start_token_id: Any
    scale_embedding: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    forced_eos_token_id: Any
    is_decoder: bool
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class BlenderbotSmallForConditionalGeneration(Seq2SeqForConditionalGeneration, BlenderbotSmallPreTrainedModel): ...
class BlenderbotSmallModel(Seq2SeqBaseModel, BlenderbotSmallPreTrainedModel): ...
class BlenderbotSmallPreTrainedModel(PreTrainedModel): ...
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

class BloomForCausalLM(ModelForCausalLM, BloomPreTrainedModel): ...
class BloomForSequenceClassification(ModelForSequenceClassification, BloomPreTrainedModel): ...
class BloomForTokenClassification(ModelForTokenClassification, BloomPreTrainedModel): ...
class BloomModel(BaseModel, BloomPreTrainedModel): ...
class BloomPreTrainedModel(PreTrainedModel): ...
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

class CamembertForMaskedLM(ModelForMaskedLM, CamembertPreTrainedModel): ...
class CamembertForQuestionAnswering(ModelForQuestionAnswering, CamembertPreTrainedModel): ...
class CamembertForSequenceClassification(ModelForSequenceClassification, CamembertPreTrainedModel): ...
class CamembertForTokenClassification(ModelForTokenClassification, CamembertPreTrainedModel): ...
class CamembertModel(BaseModel, CamembertPreTrainedModel): ...
class CamembertPreTrainedModel(PreTrainedModel): ...
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

class CohereForCausalLM(ModelForCausalLM, CoherePreTrainedModel): ...
class CohereModel(BaseModel, CoherePreTrainedModel): ...
class CoherePreTrainedModel(PreTrainedModel): ...
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

class Data2VecTextForMaskedLM(ModelForMaskedLM, Data2VecTextPreTrainedModel): ...
class Data2VecTextForQuestionAnswering(ModelForQuestionAnswering, Data2VecTextPreTrainedModel): ...
class Data2VecTextForSequenceClassification(ModelForSequenceClassification, Data2VecTextPreTrainedModel): ...
class Data2VecTextForTokenClassification(ModelForTokenClassification, Data2VecTextPreTrainedModel): ...
class Data2VecTextModel(BaseModel, Data2VecTextPreTrainedModel): ...
class Data2VecTextPreTrainedModel(PreTrainedModel): ...
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

class DebertaV2ForMaskedLM(ModelForMaskedLM, DebertaV2PreTrainedModel): ...
class DebertaV2ForQuestionAnswering(ModelForQuestionAnswering, DebertaV2PreTrainedModel): ...
class DebertaV2ForSequenceClassification(ModelForSequenceClassification, DebertaV2PreTrainedModel): ...
class DebertaV2ForTokenClassification(ModelForTokenClassification, DebertaV2PreTrainedModel): ...
class DebertaV2Model(BaseModel, DebertaV2PreTrainedModel): ...
class DebertaV2PreTrainedModel(PreTrainedModel): ...
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

class DistilBertForMaskedLM(ModelForMaskedLM, DistilBertPreTrainedModel): ...
class DistilBertForQuestionAnswering(ModelForQuestionAnswering, DistilBertPreTrainedModel): ...
class DistilBertForSequenceClassification(ModelForSequenceClassification, DistilBertPreTrainedModel): ...
class DistilBertForTokenClassification(ModelForTokenClassification, DistilBertPreTrainedModel): ...
class DistilBertModel(BaseModel, DistilBertPreTrainedModel): ...
class DistilBertPreTrainedModel(PreTrainedModel): ...
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

class ElectraForMaskedLM(ModelForMaskedLM, ElectraPreTrainedModel): ...
class ElectraForQuestionAnswering(ModelForQuestionAnswering, ElectraPreTrainedModel): ...
class ElectraForSequenceClassification(ModelForSequenceClassification, ElectraPreTrainedModel): ...
class ElectraForTokenClassification(ModelForTokenClassification, ElectraPreTrainedModel): ...
class ElectraModel(BaseModel, ElectraPreTrainedModel): ...
class ElectraPreTrainedModel(PreTrainedModel): ...
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

class Ernie4_5ForCausalLM(ModelForCausalLM, Ernie4_5PreTrainedModel): ...
class Ernie4_5Model(BaseModel, Ernie4_5PreTrainedModel): ...
class Ernie4_5PreTrainedModel(PreTrainedModel): ...
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

class ErnieForMaskedLM(ModelForMaskedLM, ErniePreTrainedModel): ...
class ErnieForQuestionAnswering(ModelForQuestionAnswering, ErniePreTrainedModel): ...
class ErnieForSequenceClassification(ModelForSequenceClassification, ErniePreTrainedModel): ...
class ErnieForTokenClassification(ModelForTokenClassification, ErniePreTrainedModel): ...
class ErnieModel(BaseModel, ErniePreTrainedModel): ...
class ErniePreTrainedModel(PreTrainedModel): ...
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

class EuroBertForMaskedLM(ModelForMaskedLM, EuroBertPreTrainedModel): ...
class EuroBertForSequenceClassification(ModelForSequenceClassification, EuroBertPreTrainedModel): ...
class EuroBertForTokenClassification(ModelForTokenClassification, EuroBertPreTrainedModel): ...
class EuroBertModel(BaseModel, EuroBertPreTrainedModel): ...
class EuroBertPreTrainedModel(PreTrainedModel): ...
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

class Exaone4ForCausalLM(ModelForCausalLM, Exaone4PreTrainedModel): ...
class Exaone4ForSequenceClassification(ModelForSequenceClassification, Exaone4PreTrainedModel): ...
class Exaone4ForTokenClassification(ModelForTokenClassification, Exaone4PreTrainedModel): ...
class Exaone4Model(BaseModel, Exaone4PreTrainedModel): ...
class Exaone4PreTrainedModel(PreTrainedModel): ...
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

class FalconForCausalLM(ModelForCausalLM, FalconPreTrainedModel): ...
class FalconForSequenceClassification(ModelForSequenceClassification, FalconPreTrainedModel): ...
class FalconForTokenClassification(ModelForTokenClassification, FalconPreTrainedModel): ...
class FalconModel(BaseModel, FalconPreTrainedModel): ...
class FalconPreTrainedModel(PreTrainedModel): ...
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

class GPT2ForSequenceClassification(ModelForSequenceClassification, GPT2PreTrainedModel): ...
class GPT2ForTokenClassification(ModelForTokenClassification, GPT2PreTrainedModel): ...
class GPT2LMHeadModel(ModelForCausalLM, GPT2PreTrainedModel): ...
class GPT2Model(BaseModel, GPT2PreTrainedModel): ...
class GPT2PreTrainedModel(PreTrainedModel): ...
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

class GPTJForCausalLM(ModelForCausalLM, GPTJPreTrainedModel): ...
class GPTJForSequenceClassification(ModelForSequenceClassification, GPTJPreTrainedModel): ...
class GPTJModel(BaseModel, GPTJPreTrainedModel): ...
class GPTJPreTrainedModel(PreTrainedModel): ...
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

class GPTNeoForCausalLM(ModelForCausalLM, GPTNeoPreTrainedModel): ...
class GPTNeoForSequenceClassification(ModelForSequenceClassification, GPTNeoPreTrainedModel): ...
class GPTNeoForTokenClassification(ModelForTokenClassification, GPTNeoPreTrainedModel): ...
class GPTNeoModel(BaseModel, GPTNeoPreTrainedModel): ...
class GPTNeoPreTrainedModel(PreTrainedModel): ...
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

class GPTNeoXForCausalLM(ModelForCausalLM, GPTNeoXPreTrainedModel): ...
class GPTNeoXForSequenceClassification(ModelForSequenceClassification, GPTNeoXPreTrainedModel): ...
class GPTNeoXForTokenClassification(ModelForTokenClassification, GPTNeoXPreTrainedModel): ...
class GPTNeoXModel(BaseModel, GPTNeoXPreTrainedModel): ...
class GPTNeoXPreTrainedModel(PreTrainedModel): ...
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

class Gemma2ForCausalLM(ModelForCausalLM, Gemma2PreTrainedModel): ...
class Gemma2ForSequenceClassification(ModelForSequenceClassification, Gemma2PreTrainedModel): ...
class Gemma2ForTokenClassification(ModelForTokenClassification, Gemma2PreTrainedModel): ...
class Gemma2Model(BaseModel, Gemma2PreTrainedModel): ...
class Gemma2PreTrainedModel(PreTrainedModel): ...
class Gemma3ForCausalLM(ModelForCausalLM, Gemma3PreTrainedModel): ...
class Gemma3PreTrainedModel(PreTrainedModel): ...
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

class Gemma3TextForSequenceClassification(ModelForSequenceClassification, Gemma3PreTrainedModel): ...
class Gemma3TextModel(BaseModel, Gemma3PreTrainedModel): ...
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

class GemmaForCausalLM(ModelForCausalLM, GemmaPreTrainedModel): ...
class GemmaForSequenceClassification(ModelForSequenceClassification, GemmaPreTrainedModel): ...
class GemmaForTokenClassification(ModelForTokenClassification, GemmaPreTrainedModel): ...
class GemmaModel(BaseModel, GemmaPreTrainedModel): ...
class GemmaPreTrainedModel(PreTrainedModel): ...
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

class Glm4ForCausalLM(ModelForCausalLM, Glm4PreTrainedModel): ...
class Glm4ForSequenceClassification(ModelForSequenceClassification, Glm4PreTrainedModel): ...
class Glm4ForTokenClassification(ModelForTokenClassification, Glm4PreTrainedModel): ...
class Glm4Model(BaseModel, Glm4PreTrainedModel): ...
class Glm4PreTrainedModel(PreTrainedModel): ...
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

class GlmForCausalLM(ModelForCausalLM, GlmPreTrainedModel): ...
class GlmForSequenceClassification(ModelForSequenceClassification, GlmPreTrainedModel): ...
class GlmForTokenClassification(ModelForTokenClassification, GlmPreTrainedModel): ...
class GlmModel(BaseModel, GlmPreTrainedModel): ...
class GlmPreTrainedModel(PreTrainedModel): ...
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

class GptOssForCausalLM(ModelForCausalLM, GptOssPreTrainedModel): ...
class GptOssForSequenceClassification(ModelForSequenceClassification, GptOssPreTrainedModel): ...
class GptOssForTokenClassification(ModelForTokenClassification, GptOssPreTrainedModel): ...
class GptOssModel(BaseModel, GptOssPreTrainedModel): ...
class GptOssPreTrainedModel(PreTrainedModel): ...
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

class GraniteForCausalLM(ModelForCausalLM, GranitePreTrainedModel): ...
class GraniteModel(BaseModel, GranitePreTrainedModel): ...
class GranitePreTrainedModel(PreTrainedModel): ...
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

class HeliumForCausalLM(ModelForCausalLM, HeliumPreTrainedModel): ...
class HeliumForSequenceClassification(ModelForSequenceClassification, HeliumPreTrainedModel): ...
class HeliumForTokenClassification(ModelForTokenClassification, HeliumPreTrainedModel): ...
class HeliumModel(BaseModel, HeliumPreTrainedModel): ...
class HeliumPreTrainedModel(PreTrainedModel): ...
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

class HunYuanDenseV1ForCausalLM(ModelForCausalLM, HunYuanDenseV1PreTrainedModel): ...
class HunYuanDenseV1ForSequenceClassification(ModelForSequenceClassification, HunYuanDenseV1PreTrainedModel): ...
class HunYuanDenseV1Model(BaseModel, HunYuanDenseV1PreTrainedModel): ...
class HunYuanDenseV1PreTrainedModel(PreTrainedModel): ...
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

class LlamaForCausalLM(ModelForCausalLM, LlamaPreTrainedModel): ...
class LlamaForSequenceClassification(ModelForSequenceClassification, LlamaPreTrainedModel): ...
class LlamaForTokenClassification(ModelForTokenClassification, LlamaPreTrainedModel): ...
class LlamaModel(BaseModel, LlamaPreTrainedModel): ...
class LlamaPreTrainedModel(PreTrainedModel): ...
class M2M100Config(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    encoder_layerdrop: float
    decoder_layerdrop: float
    use_cache: bool
    activation_function: str
    d_model: int
    dropout: float
    attention_dropout: float
    activation_dropout: float
    init_std: float
    decoder_start_token_id: Any
    scale_embedding: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class M2M100ForConditionalGeneration(Seq2SeqForConditionalGeneration, M2M100PreTrainedModel): ...
class M2M100Model(Seq2SeqBaseModel, M2M100PreTrainedModel): ...
class M2M100PreTrainedModel(PreTrainedModel): ...
class MBartConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    encoder_layerdrop: float
    decoder_layerdrop: float
    use_cache: bool
    activation_function: str
    d_model: int
    dropout: float
    attention_dropout: float
    activation_dropout: float
    init_std: float
    classifier_dropout: float
    scale_embedding: bool
    pad_token_id: Any
    bos_token_id: Any
    eos_token_id: Any
    decoder_start_token_id: Any
    forced_eos_token_id: Any
    is_decoder: bool
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class MBartForConditionalGeneration(Seq2SeqForConditionalGeneration, MBartPreTrainedModel): ...
class MBartForQuestionAnswering(Seq2SeqForQuestionAnswering, MBartPreTrainedModel): ...
class MBartForSequenceClassification(Seq2SeqForSequenceClassification, MBartPreTrainedModel): ...
class MBartModel(Seq2SeqBaseModel, MBartPreTrainedModel): ...
class MBartPreTrainedModel(PreTrainedModel): ...
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

class MPNetForMaskedLM(ModelForMaskedLM, MPNetPreTrainedModel): ...
class MPNetForQuestionAnswering(ModelForQuestionAnswering, MPNetPreTrainedModel): ...
class MPNetForSequenceClassification(ModelForSequenceClassification, MPNetPreTrainedModel): ...
class MPNetForTokenClassification(ModelForTokenClassification, MPNetPreTrainedModel): ...
class MPNetModel(BaseModel, MPNetPreTrainedModel): ...
class MPNetPreTrainedModel(PreTrainedModel): ...
class MT5Config(PreTrainedConfig):
    vocab_size: int
    d_model: int
    d_kv: int
    d_ff: int
    num_layers: int
    num_decoder_layers: int
    num_heads: int
    relative_attention_num_buckets: int
    relative_attention_max_distance: int
    dropout_rate: float
    layer_norm_epsilon: float
    initializer_factor: float
    feed_forward_proj: str
    use_cache: bool
    tie_word_embeddings: bool
    bos_token_id: Any
    pad_token_id: Any
    eos_token_id: Any
    decoder_start_token_id: Any
    classifier_dropout: float
    is_decoder: bool
    head_dim: int
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class MT5EncoderModel(TextEncoder, MT5PreTrainedModel): ...
class MT5ForConditionalGeneration(Seq2SeqForConditionalGeneration, MT5PreTrainedModel): ...
class MT5ForQuestionAnswering(Seq2SeqForQuestionAnswering, MT5PreTrainedModel): ...
class MT5ForSequenceClassification(Seq2SeqForSequenceClassification, MT5PreTrainedModel): ...
class MT5ForTokenClassification(ModelForTokenClassification, MT5PreTrainedModel): ...
class MT5Model(Seq2SeqBaseModel, MT5PreTrainedModel): ...
class MT5PreTrainedModel(PreTrainedModel): ...
class MarianConfig(PreTrainedConfig):
    vocab_size: int
    decoder_vocab_size: int
    max_position_embeddings: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    encoder_layerdrop: float
    decoder_layerdrop: float
    use_cache: bool
    activation_function: str
    d_model: int
    dropout: float
    attention_dropout: float
    activation_dropout: float
    init_std: float
    decoder_start_token_id: int
    scale_embedding: bool
    pad_token_id: Any
    eos_token_id: Any
    bos_token_id: Any
    forced_eos_token_id: Any
    share_encoder_decoder_embeddings: bool
    is_decoder: bool
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class MarianMTModel(Seq2SeqForConditionalGeneration, MarianPreTrainedModel): ...
class MarianModel(Seq2SeqBaseModel, MarianPreTrainedModel): ...
class MarianPreTrainedModel(PreTrainedModel): ...
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

class MegatronBertForMaskedLM(ModelForMaskedLM, MegatronBertPreTrainedModel): ...
class MegatronBertForQuestionAnswering(ModelForQuestionAnswering, MegatronBertPreTrainedModel): ...
class MegatronBertForSequenceClassification(ModelForSequenceClassification, MegatronBertPreTrainedModel): ...
class MegatronBertForTokenClassification(ModelForTokenClassification, MegatronBertPreTrainedModel): ...
class MegatronBertModel(BaseModel, MegatronBertPreTrainedModel): ...
class MegatronBertPreTrainedModel(PreTrainedModel): ...
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

class MistralForCausalLM(ModelForCausalLM, MistralPreTrainedModel): ...
class MistralForSequenceClassification(ModelForSequenceClassification, MistralPreTrainedModel): ...
class MistralForTokenClassification(ModelForTokenClassification, MistralPreTrainedModel): ...
class MistralModel(BaseModel, MistralPreTrainedModel): ...
class MistralPreTrainedModel(PreTrainedModel): ...
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

class MixtralForCausalLM(ModelForCausalLM, MixtralPreTrainedModel): ...
class MixtralForSequenceClassification(ModelForSequenceClassification, MixtralPreTrainedModel): ...
class MixtralForTokenClassification(ModelForTokenClassification, MixtralPreTrainedModel): ...
class MixtralModel(BaseModel, MixtralPreTrainedModel): ...
class MixtralPreTrainedModel(PreTrainedModel): ...
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

class MobileBertForMaskedLM(ModelForMaskedLM, MobileBertPreTrainedModel): ...
class MobileBertForQuestionAnswering(ModelForQuestionAnswering, MobileBertPreTrainedModel): ...
class MobileBertForSequenceClassification(ModelForSequenceClassification, MobileBertPreTrainedModel): ...
class MobileBertForTokenClassification(ModelForTokenClassification, MobileBertPreTrainedModel): ...
class MobileBertModel(BaseModel, MobileBertPreTrainedModel): ...
class MobileBertPreTrainedModel(PreTrainedModel): ...
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

class ModernBertForMaskedLM(ModelForMaskedLM, ModernBertPreTrainedModel): ...
class ModernBertForQuestionAnswering(ModelForQuestionAnswering, ModernBertPreTrainedModel): ...
class ModernBertForSequenceClassification(ModelForSequenceClassification, ModernBertPreTrainedModel): ...
class ModernBertForTokenClassification(ModelForTokenClassification, ModernBertPreTrainedModel): ...
class ModernBertModel(BaseModel, ModernBertPreTrainedModel): ...
class ModernBertPreTrainedModel(PreTrainedModel): ...
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

class NomicBertForMaskedLM(ModelForMaskedLM, NomicBertPreTrainedModel): ...
class NomicBertForSequenceClassification(ModelForSequenceClassification, NomicBertPreTrainedModel): ...
class NomicBertForTokenClassification(ModelForTokenClassification, NomicBertPreTrainedModel): ...
class NomicBertModel(BaseModel, NomicBertPreTrainedModel): ...
class NomicBertPreTrainedModel(PreTrainedModel): ...
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

class OPTForCausalLM(ModelForCausalLM, OPTPreTrainedModel): ...
class OPTForSequenceClassification(ModelForSequenceClassification, OPTPreTrainedModel): ...
class OPTModel(BaseModel, OPTPreTrainedModel): ...
class OPTPreTrainedModel(PreTrainedModel): ...
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

class Olmo2ForCausalLM(ModelForCausalLM, Olmo2PreTrainedModel): ...
class Olmo2ForSequenceClassification(ModelForSequenceClassification, Olmo2PreTrainedModel): ...
class Olmo2Model(BaseModel, Olmo2PreTrainedModel): ...
class Olmo2PreTrainedModel(PreTrainedModel): ...
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

class Olmo3ForCausalLM(ModelForCausalLM, Olmo3PreTrainedModel): ...
class Olmo3ForSequenceClassification(ModelForSequenceClassification, Olmo3PreTrainedModel): ...
class Olmo3Model(BaseModel, Olmo3PreTrainedModel): ...
class Olmo3PreTrainedModel(PreTrainedModel): ...
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

class OlmoForCausalLM(ModelForCausalLM, OlmoPreTrainedModel): ...
class OlmoForSequenceClassification(ModelForSequenceClassification, OlmoPreTrainedModel): ...
class OlmoModel(BaseModel, OlmoPreTrainedModel): ...
class OlmoPreTrainedModel(PreTrainedModel): ...
class PegasusConfig(PreTrainedConfig):
    vocab_size: int
    max_position_embeddings: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    encoder_layerdrop: float
    decoder_layerdrop: float
    use_cache: bool
    activation_function: str
    d_model: int
    dropout: float
    attention_dropout: float
    activation_dropout: float
    init_std: float
    decoder_start_token_id: Any
    scale_embedding: bool
    pad_token_id: Any
    eos_token_id: Any
    forced_eos_token_id: Any
    is_decoder: bool
    tie_word_embeddings: bool
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class PegasusForConditionalGeneration(Seq2SeqForConditionalGeneration, PegasusPreTrainedModel): ...
class PegasusModel(Seq2SeqBaseModel, PegasusPreTrainedModel): ...
class PegasusPreTrainedModel(PreTrainedModel): ...
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

class Phi3ForCausalLM(ModelForCausalLM, Phi3PreTrainedModel): ...
class Phi3ForSequenceClassification(ModelForSequenceClassification, Phi3PreTrainedModel): ...
class Phi3ForTokenClassification(ModelForTokenClassification, Phi3PreTrainedModel): ...
class Phi3Model(BaseModel, Phi3PreTrainedModel): ...
class Phi3PreTrainedModel(PreTrainedModel): ...
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

class PhiForCausalLM(ModelForCausalLM, PhiPreTrainedModel): ...
class PhiForSequenceClassification(ModelForSequenceClassification, PhiPreTrainedModel): ...
class PhiForTokenClassification(ModelForTokenClassification, PhiPreTrainedModel): ...
class PhiModel(BaseModel, PhiPreTrainedModel): ...
class PhiPreTrainedModel(PreTrainedModel): ...
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

class Qwen2ForCausalLM(ModelForCausalLM, Qwen2PreTrainedModel): ...
class Qwen2ForSequenceClassification(ModelForSequenceClassification, Qwen2PreTrainedModel): ...
class Qwen2ForTokenClassification(ModelForTokenClassification, Qwen2PreTrainedModel): ...
class Qwen2Model(BaseModel, Qwen2PreTrainedModel): ...
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

class Qwen2MoeForCausalLM(ModelForCausalLM, Qwen2MoePreTrainedModel): ...
class Qwen2MoeForSequenceClassification(ModelForSequenceClassification, Qwen2MoePreTrainedModel): ...
class Qwen2MoeForTokenClassification(ModelForTokenClassification, Qwen2MoePreTrainedModel): ...
class Qwen2MoeModel(BaseModel, Qwen2MoePreTrainedModel): ...
class Qwen2MoePreTrainedModel(PreTrainedModel): ...
class Qwen2PreTrainedModel(PreTrainedModel): ...
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

class Qwen3ForCausalLM(ModelForCausalLM, Qwen3PreTrainedModel): ...
class Qwen3ForSequenceClassification(ModelForSequenceClassification, Qwen3PreTrainedModel): ...
class Qwen3ForTokenClassification(ModelForTokenClassification, Qwen3PreTrainedModel): ...
class Qwen3Model(BaseModel, Qwen3PreTrainedModel): ...
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

class Qwen3MoeForCausalLM(ModelForCausalLM, Qwen3MoePreTrainedModel): ...
class Qwen3MoeForSequenceClassification(ModelForSequenceClassification, Qwen3MoePreTrainedModel): ...
class Qwen3MoeForTokenClassification(ModelForTokenClassification, Qwen3MoePreTrainedModel): ...
class Qwen3MoeModel(BaseModel, Qwen3MoePreTrainedModel): ...
class Qwen3MoePreTrainedModel(PreTrainedModel): ...
class Qwen3PreTrainedModel(PreTrainedModel): ...
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

class RemBertForMaskedLM(ModelForMaskedLM, RemBertPreTrainedModel): ...
class RemBertForQuestionAnswering(ModelForQuestionAnswering, RemBertPreTrainedModel): ...
class RemBertForSequenceClassification(ModelForSequenceClassification, RemBertPreTrainedModel): ...
class RemBertForTokenClassification(ModelForTokenClassification, RemBertPreTrainedModel): ...
class RemBertModel(BaseModel, RemBertPreTrainedModel): ...
class RemBertPreTrainedModel(PreTrainedModel): ...
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

class RoFormerForMaskedLM(ModelForMaskedLM, RoFormerPreTrainedModel): ...
class RoFormerForQuestionAnswering(ModelForQuestionAnswering, RoFormerPreTrainedModel): ...
class RoFormerForSequenceClassification(ModelForSequenceClassification, RoFormerPreTrainedModel): ...
class RoFormerForTokenClassification(ModelForTokenClassification, RoFormerPreTrainedModel): ...
class RoFormerModel(BaseModel, RoFormerPreTrainedModel): ...
class RoFormerPreTrainedModel(PreTrainedModel): ...
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

class RobertaForMaskedLM(ModelForMaskedLM, RobertaPreTrainedModel): ...
class RobertaForQuestionAnswering(ModelForQuestionAnswering, RobertaPreTrainedModel): ...
class RobertaForSequenceClassification(ModelForSequenceClassification, RobertaPreTrainedModel): ...
class RobertaForTokenClassification(ModelForTokenClassification, RobertaPreTrainedModel): ...
class RobertaModel(BaseModel, RobertaPreTrainedModel): ...
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

class RobertaPreLayerNormForMaskedLM(ModelForMaskedLM, RobertaPreLayerNormPreTrainedModel): ...
class RobertaPreLayerNormForQuestionAnswering(ModelForQuestionAnswering, RobertaPreLayerNormPreTrainedModel): ...
class RobertaPreLayerNormForSequenceClassification(ModelForSequenceClassification, RobertaPreLayerNormPreTrainedModel): ...
class RobertaPreLayerNormForTokenClassification(ModelForTokenClassification, RobertaPreLayerNormPreTrainedModel): ...
class RobertaPreLayerNormModel(BaseModel, RobertaPreLayerNormPreTrainedModel): ...
class RobertaPreLayerNormPreTrainedModel(PreTrainedModel): ...
class RobertaPreTrainedModel(PreTrainedModel): ...
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

class SeedOssForCausalLM(ModelForCausalLM, SeedOssPreTrainedModel): ...
class SeedOssForSequenceClassification(ModelForSequenceClassification, SeedOssPreTrainedModel): ...
class SeedOssForTokenClassification(ModelForTokenClassification, SeedOssPreTrainedModel): ...
class SeedOssModel(BaseModel, SeedOssPreTrainedModel): ...
class SeedOssPreTrainedModel(PreTrainedModel): ...
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

class SmolLM3ForCausalLM(ModelForCausalLM, SmolLM3PreTrainedModel): ...
class SmolLM3ForSequenceClassification(ModelForSequenceClassification, SmolLM3PreTrainedModel): ...
class SmolLM3ForTokenClassification(ModelForTokenClassification, SmolLM3PreTrainedModel): ...
class SmolLM3Model(BaseModel, SmolLM3PreTrainedModel): ...
class SmolLM3PreTrainedModel(PreTrainedModel): ...
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

class SqueezeBertForMaskedLM(ModelForMaskedLM, SqueezeBertPreTrainedModel): ...
class SqueezeBertForQuestionAnswering(ModelForQuestionAnswering, SqueezeBertPreTrainedModel): ...
class SqueezeBertForSequenceClassification(ModelForSequenceClassification, SqueezeBertPreTrainedModel): ...
class SqueezeBertForTokenClassification(ModelForTokenClassification, SqueezeBertPreTrainedModel): ...
class SqueezeBertModel(BaseModel, SqueezeBertPreTrainedModel): ...
class SqueezeBertPreTrainedModel(PreTrainedModel): ...
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

class StableLmForCausalLM(ModelForCausalLM, StableLmPreTrainedModel): ...
class StableLmForSequenceClassification(ModelForSequenceClassification, StableLmPreTrainedModel): ...
class StableLmForTokenClassification(ModelForTokenClassification, StableLmPreTrainedModel): ...
class StableLmModel(BaseModel, StableLmPreTrainedModel): ...
class StableLmPreTrainedModel(PreTrainedModel): ...
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

class Starcoder2ForCausalLM(ModelForCausalLM, Starcoder2PreTrainedModel): ...
class Starcoder2ForSequenceClassification(ModelForSequenceClassification, Starcoder2PreTrainedModel): ...
class Starcoder2ForTokenClassification(ModelForTokenClassification, Starcoder2PreTrainedModel): ...
class Starcoder2Model(BaseModel, Starcoder2PreTrainedModel): ...
class Starcoder2PreTrainedModel(PreTrainedModel): ...
class T5Config(PreTrainedConfig):
    vocab_size: int
    d_model: int
    d_kv: int
    d_ff: int
    num_layers: int
    num_decoder_layers: int
    num_heads: int
    relative_attention_num_buckets: int
    relative_attention_max_distance: int
    dropout_rate: float
    layer_norm_epsilon: float
    initializer_factor: float
    feed_forward_proj: str
    use_cache: bool
    pad_token_id: Any
    eos_token_id: Any
    classifier_dropout: float
    is_decoder: bool
    head_dim: int
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class T5EncoderModel(TextEncoder, T5PreTrainedModel): ...
class T5ForConditionalGeneration(Seq2SeqForConditionalGeneration, T5PreTrainedModel): ...
class T5ForQuestionAnswering(Seq2SeqForQuestionAnswering, T5PreTrainedModel): ...
class T5ForSequenceClassification(Seq2SeqForSequenceClassification, T5PreTrainedModel): ...
class T5ForTokenClassification(ModelForTokenClassification, T5PreTrainedModel): ...
class T5Model(Seq2SeqBaseModel, T5PreTrainedModel): ...
class T5PreTrainedModel(PreTrainedModel): ...
class UMT5Config(PreTrainedConfig):
    vocab_size: int
    d_model: int
    d_kv: int
    d_ff: int
    num_layers: int
    num_decoder_layers: int
    num_heads: int
    relative_attention_num_buckets: int
    relative_attention_max_distance: int
    dropout_rate: float
    layer_norm_epsilon: float
    initializer_factor: float
    feed_forward_proj: str
    use_cache: bool
    pad_token_id: Any
    eos_token_id: Any
    decoder_start_token_id: Any
    classifier_dropout: float
    is_decoder: bool
    head_dim: int
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int

class UMT5EncoderModel(TextEncoder, UMT5PreTrainedModel): ...
class UMT5ForConditionalGeneration(Seq2SeqForConditionalGeneration, UMT5PreTrainedModel): ...
class UMT5ForQuestionAnswering(Seq2SeqForQuestionAnswering, UMT5PreTrainedModel): ...
class UMT5ForSequenceClassification(Seq2SeqForSequenceClassification, UMT5PreTrainedModel): ...
class UMT5ForTokenClassification(ModelForTokenClassification, UMT5PreTrainedModel): ...
class UMT5Model(Seq2SeqBaseModel, UMT5PreTrainedModel): ...
class UMT5PreTrainedModel(PreTrainedModel): ...
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

class XLMRobertaForMaskedLM(ModelForMaskedLM, XLMRobertaPreTrainedModel): ...
class XLMRobertaForQuestionAnswering(ModelForQuestionAnswering, XLMRobertaPreTrainedModel): ...
class XLMRobertaForSequenceClassification(ModelForSequenceClassification, XLMRobertaPreTrainedModel): ...
class XLMRobertaForTokenClassification(ModelForTokenClassification, XLMRobertaPreTrainedModel): ...
class XLMRobertaModel(BaseModel, XLMRobertaPreTrainedModel): ...
class XLMRobertaPreTrainedModel(PreTrainedModel): ...
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

class XLMRobertaXLForMaskedLM(ModelForMaskedLM, XLMRobertaXLPreTrainedModel): ...
class XLMRobertaXLForQuestionAnswering(ModelForQuestionAnswering, XLMRobertaXLPreTrainedModel): ...
class XLMRobertaXLForSequenceClassification(ModelForSequenceClassification, XLMRobertaXLPreTrainedModel): ...
class XLMRobertaXLForTokenClassification(ModelForTokenClassification, XLMRobertaXLPreTrainedModel): ...
class XLMRobertaXLModel(BaseModel, XLMRobertaXLPreTrainedModel): ...
class XLMRobertaXLPreTrainedModel(PreTrainedModel): ...
