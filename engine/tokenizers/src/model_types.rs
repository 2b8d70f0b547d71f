//! The tokenizer class of each `model_type`, and the classes whose pipelines are not implemented here.
//! Source: `models/auto/tokenization_auto.py` of transformers 5.23.0.

/// The tokenizer class of a `model_type`; `None` for a type without one.
pub(crate) fn class_of_model_type(model_type: &str) -> Option<&'static str> {
    Some(match model_type {
        "albert" | "yoso" => "AlbertTokenizer",
        "florence2" => "BartTokenizer",
        "barthez" => "BarthezTokenizer",
        "bartpho" => "BartphoTokenizer",
        "bert-generation" => "BertGenerationTokenizer",
        "bert-japanese" => "BertJapaneseTokenizer",
        "align" | "bark" | "bert" | "blip" | "bros" | "chinese_clip" | "convbert" | "distilbert" | "electra"
        | "ernie" | "flava" | "git" | "grounding-dino" | "layoutlm" | "megatron-bert" | "mm-grounding-dino"
        | "nezha" | "nomic_bert" | "qdqbert" | "realm" | "retribert" | "squeezebert" | "tvp" | "vilt"
        | "visual_bert" => "BertTokenizer",
        "bertweet" => "BertweetTokenizer",
        "big_bird" => "BigBirdTokenizer",
        "biogpt" => "BioGptTokenizer",
        "blenderbot-small" => "BlenderbotSmallTokenizer",
        "blenderbot" => "BlenderbotTokenizer",
        "byt5" => "ByT5Tokenizer",
        "aimv2" | "clip" | "clipseg" | "groupvit" | "omdet-turbo" | "oneformer" | "owlv2" | "owlvit" | "sam3"
        | "sam3_video" | "xclip" => "CLIPTokenizer",
        "ctrl" => "CTRLTokenizer",
        "camembert" => "CamembertTokenizer",
        "canine" => "CanineTokenizer",
        "clvp" => "ClvpTokenizer",
        "code_llama" => "CodeLlamaTokenizer",
        "aya_vision" | "cohere" | "cohere2" => "CohereTokenizer",
        "cpmant" => "CpmAntTokenizer",
        "cpm" => "CpmTokenizer",
        "dpr" => "DPRQuestionEncoderTokenizer",
        "deberta" => "DebertaTokenizer",
        "deberta-v2" => "DebertaV2Tokenizer",
        "dia" => "DiaTokenizer",
        "esm" => "EsmTokenizer",
        "esmc" | "esmfold2" => "EsmcTokenizer",
        "fnet" => "FNetTokenizer",
        "fsmt" => "FSMTTokenizer",
        "flaubert" => "FlaubertTokenizer",
        "funnel" => "FunnelTokenizer",
        "blip-2"
        | "codegen"
        | "dbrx"
        | "emu3"
        | "gpt2"
        | "gpt_neo"
        | "gptj"
        | "hyperclovax_vision_v2"
        | "instructblip"
        | "instructblipvideo"
        | "jais2"
        | "opt"
        | "phi"
        | "starcoder2" => "GPT2Tokenizer",
        "gpt_neox_japanese" => "GPTNeoXJapaneseTokenizer",
        "falcon_mamba" | "gpt_neox" | "mamba" | "mamba2" | "mpt" | "olmo" | "olmoe" | "rwkv" | "xlstm" => {
            "GPTNeoXTokenizer"
        }
        "gpt-sw3" => "GPTSw3Tokenizer",
        "diffusion_gemma" | "gemma" | "gemma2" | "gemma3" | "gemma3_text" | "gemma3n" | "gemma3n_text"
        | "recurrent_gemma" | "shieldgemma2" | "t5gemma" | "zaya" => "GemmaTokenizer",
        "herbert" => "HerbertTokenizer",
        "led" => "LEDTokenizer",
        "lasr_ctc" | "lasr_encoder" => "LasrTokenizer",
        "layoutlmv2" => "LayoutLMv2Tokenizer",
        "layoutlmv3" => "LayoutLMv3Tokenizer",
        "layoutxlm" => "LayoutXLMTokenizer",
        "idefics" | "idefics2" => "LlamaTokenizer",
        "luke" => "LukeTokenizer",
        "lxmert" => "LxmertTokenizer",
        "m2m_100" => "M2M100Tokenizer",
        "mbart50" => "MBart50Tokenizer",
        "mbart" => "MBartTokenizer",
        "mluke" => "MLukeTokenizer",
        "mpnet" => "MPNetTokenizer",
        "marian" => "MarianTokenizer",
        "markuplm" => "MarkupLMTokenizer",
        "mgp-str" => "MgpstrTokenizer",
        "mobilebert" => "MobileBertTokenizer",
        "mvp" => "MvpTokenizer",
        "myt5" => "MyT5Tokenizer",
        "nllb" | "nllb-moe" => "NllbTokenizer",
        "nougat" | "pp_formulanet" => "NougatTokenizer",
        "openai-gpt" => "OpenAIGPTTokenizer",
        "plbart" => "PLBartTokenizer",
        "granite_speech5_ctc"
        | "nemotron3_5_asr"
        | "nemotron_asr_streaming"
        | "parakeet_ctc"
        | "parakeet_rnnt"
        | "parakeet_tdt" => "ParakeetTokenizer",
        "pegasus" => "PegasusTokenizer",
        "perceiver" => "PerceiverTokenizer",
        "phobert" => "PhobertTokenizer",
        "prophetnet" => "ProphetNetTokenizer",
        "audioflamingo3"
        | "colqwen2"
        | "cosmos3_omni"
        | "dots3_note"
        | "fun_asr_nano"
        | "hunyuan_vl"
        | "internvl"
        | "lighton_ocr"
        | "moss_transcribe_diarize"
        | "ovis2"
        | "qianfan_ocr"
        | "qwen2"
        | "qwen2_5_omni"
        | "qwen2_5_vl"
        | "qwen2_audio"
        | "qwen2_moe"
        | "qwen2_vl"
        | "qwen3"
        | "qwen3_asr"
        | "qwen3_moe"
        | "qwen3_next"
        | "qwen3_omni_moe"
        | "qwen3_vl"
        | "qwen3_vl_moe"
        | "vibevoice" => "Qwen2Tokenizer",
        "qwen3_5" | "qwen3_5_moe" | "qwen3_5_moe_text" | "qwen3_5_text" | "qwen4_exp" => "Qwen3_5Tokenizer",
        "rag" => "RagTokenizer",
        "reformer" => "ReformerTokenizer",
        "rembert" => "RemBertTokenizer",
        "roc_bert" => "RoCBertTokenizer",
        "roformer" => "RoFormerTokenizer",
        "bart"
        | "bridgetower"
        | "clap"
        | "data2vec-text"
        | "ibert"
        | "lilt"
        | "longformer"
        | "mega"
        | "mra"
        | "roberta"
        | "roberta-prelayernorm" => "RobertaTokenizer",
        "seamless_m4t" | "seamless_m4t_v2" => "SeamlessM4TTokenizer",
        "siglip2" => "Siglip2Tokenizer",
        "siglip" => "SiglipTokenizer",
        "speech_to_text" => "Speech2TextTokenizer",
        "speecht5" => "SpeechT5Tokenizer",
        "splinter" => "SplinterTokenizer",
        "mt5" | "musicgen" | "musicgen_melody" | "switch_transformers" | "t5" => "T5Tokenizer",
        "tapas" => "TapasTokenizer",
        "tipsv2" => "Tipsv2Tokenizer",
        "EvollaModel" | "arctic" | "aria" | "beam" | "bigbird_pegasus" | "camembertv2-base" | "canary" | "chatlm"
        | "cohere_asr" | "ernie4_5" | "ernie4_5_moe" | "flex_olmo" | "fuyu" | "glm" | "glm4" | "glm4_moe"
        | "glm4_moe_lite" | "glm4v" | "glm4v_moe" | "glm_image" | "glmasr" | "got_ocr2" | "gpt_bigcode"
        | "gradium_phonon_tts" | "granite" | "granitemoe" | "granitemoehybrid" | "granitemoeshared" | "h2ovl_chat"
        | "hyperclovax" | "hyperclovax_vlm" | "internlm2" | "internlm3" | "iquestcoder" | "jamba" | "kimi_k25"
        | "kimi_linear" | "kosmos-2" | "llava" | "llava_next" | "mimo_v2_flash" | "minicpm3" | "minicpm_ocr"
        | "minicpmv" | "minicpmv4_6" | "minicpmv4_7" | "minimax_m2" | "ministral" | "ministral3" | "mistral"
        | "mistral3" | "mistral_large4" | "mixtral" | "modernbert" | "modernbert-decoder" | "molmo" | "molmo2"
        | "nemo_speechlm" | "nemotron" | "nvfp4" | "nystromformer" | "olmo2" | "olmo3" | "olmo_hybrid" | "opencua"
        | "openvla" | "paddleocr_vl" | "pegasus_x" | "persimmon" | "phi3" | "phi3_v" | "phimoe" | "pix2struct"
        | "pixtral" | "pocket_tts" | "smolvlm" | "stablelm" | "step3_vl" | "umt5" | "vipllava" | "voxtral"
        | "voxtral_realtime" | "xlm-roberta-xl" => "TokenizersBackend",
        "udop" => "UdopTokenizer",
        "videoprism" => "VideoPrismTokenizer",
        "vits" => "VitsTokenizer",
        "data2vec-audio" | "hubert" | "unispeech" | "unispeech-sat" | "wav2vec2" | "wav2vec2-bert"
        | "wav2vec2-conformer" => "Wav2Vec2CTCTokenizer",
        "wav2vec2_phoneme" => "Wav2Vec2PhonemeCTCTokenizer",
        "whisper" => "WhisperTokenizer",
        "xglm" => "XGLMTokenizer",
        "gte" | "jina_embeddings_v3" | "metaclip_2" | "trocr" | "xlm-roberta" | "xmod" => "XLMRobertaTokenizer",
        "xlm" => "XLMTokenizer",
        "xlnet" => "XLNetTokenizer",
        _ => return None,
    })
}

/// Model types whose repositories are known to name a wrong tokenizer class.
const WRONGLY_NAMED: &[&str] = &[
    "arctic",
    "camembertv2-base",
    "chatlm",
    "cohere_asr",
    "ernie4_5",
    "ernie4_5_moe",
    "fuyu",
    "h2ovl_chat",
    "hyperclovax",
    "hyperclovax_vision_v2",
    "hyperclovax_vlm",
    "internlm2",
    "internlm3",
    "iquestcoder",
    "jamba",
    "llava",
    "llava_next",
    "minicpm3",
    "minicpmv",
    "minimax_m2",
    "modernbert",
    "modernbert-decoder",
    "molmo",
    "molmo2",
    "nemotron",
    "nvfp4",
    "opencua",
    "openvla",
    "paddleocr_vl",
    "phi3",
    "phi3_v",
    "phimoe",
    "qwen2",
    "qwen3_5",
    "qwen3_5_moe",
    "qwen3_5_moe_text",
    "qwen4_exp",
    "siglip2",
    "smolvlm",
    "step3_vl",
    "vipllava",
];

/// The class that uses the pipeline of a `tokenizer.json` as is.
pub(crate) const GENERIC: &str = "PreTrainedTokenizerFast";

/// The tokenizer class of a repository, from the class that its files state and its `model_type`; `is_byte_level`
/// describes its `tokenizer.json`.
pub(crate) fn selected_class(stated: Option<&str>, model_type: &str, is_byte_level: bool) -> String {
    let own = class_of_model_type(model_type);
    let Some(stated) = stated else { return own.map_or(GENERIC, named).to_owned() };
    let stated = without_fast(stated);
    let is_wrong = WRONGLY_NAMED.contains(&model_type);
    if is_byte_level && stated == "LlamaTokenizer" && !is_wrong {
        return GENERIC.to_owned();
    }
    match own {
        Some(own) if own != stated && own == "TokenizersBackend" => GENERIC,
        Some(own) if own != stated && is_wrong => own,
        _ => named(stated),
    }
    .to_owned()
}

/// The tokenizer class of a repository whose `model_type` selects the generic class, but which has only a vocabulary:
/// the class that its files state, or that its family had before there was a `tokenizer.json`.
pub(crate) fn class_of_vocabulary<'a>(stated: Option<&'a str>, model_type: &str) -> &'a str {
    match (stated, model_type) {
        (Some(stated), _) => named(without_fast(stated)),
        (None, "umt5") => "T5Tokenizer",
        (None, "bigbird_pegasus" | "pegasus_x") => "PegasusTokenizer",
        (None, _) => GENERIC,
    }
}

fn without_fast(class: &str) -> &str {
    class.strip_suffix("Fast").filter(|_| class != GENERIC).unwrap_or(class)
}

fn named(class: &str) -> &str {
    match class {
        "Phi3Tokenizer" => "LlamaTokenizer",
        "MT5Tokenizer" => "T5Tokenizer",
        "BloomTokenizer" => GENERIC,
        class => class,
    }
}

/// Classes whose own rules are not implemented here; any other unknown name means the generic class.
const NOT_BUILT: &[&str] = &[
    "BarthezTokenizer",
    "BartphoTokenizer",
    "BertGenerationTokenizer",
    "BertJapaneseTokenizer",
    "BertweetTokenizer",
    "BigBirdTokenizer",
    "BioGptTokenizer",
    "ByT5Tokenizer",
    "CLIPTokenizer",
    "CTRLTokenizer",
    "CanineTokenizer",
    "ClvpTokenizer",
    "CodeLlamaTokenizer",
    "CpmAntTokenizer",
    "CpmTokenizer",
    "DiaTokenizer",
    "EsmTokenizer",
    "EsmcTokenizer",
    "FNetTokenizer",
    "FSMTTokenizer",
    "FlaubertTokenizer",
    "FunnelTokenizer",
    "GPTNeoXJapaneseTokenizer",
    "GPTSw3Tokenizer",
    "HerbertTokenizer",
    "LasrTokenizer",
    "LayoutLMv2Tokenizer",
    "LayoutLMv3Tokenizer",
    "LayoutXLMTokenizer",
    "LukeTokenizer",
    "MLukeTokenizer",
    "MarkupLMTokenizer",
    "MgpstrTokenizer",
    "MistralCommonBackend",
    "MyT5Tokenizer",
    "NougatTokenizer",
    "OpenAIGPTTokenizer",
    "PLBartTokenizer",
    "PerceiverTokenizer",
    "PhobertTokenizer",
    "ProphetNetTokenizer",
    "Qwen3_5Tokenizer",
    "RagTokenizer",
    "ReformerTokenizer",
    "RoCBertTokenizer",
    "RoFormerTokenizer",
    "SeamlessM4TTokenizer",
    "Siglip2Tokenizer",
    "SiglipTokenizer",
    "Speech2TextTokenizer",
    "SpeechT5Tokenizer",
    "SplinterTokenizer",
    "TapasTokenizer",
    "Tipsv2Tokenizer",
    "UdopTokenizer",
    "VideoPrismTokenizer",
    "VitsTokenizer",
    "Wav2Vec2CTCTokenizer",
    "Wav2Vec2PhonemeCTCTokenizer",
    "WhisperTokenizer",
    "XGLMTokenizer",
    "XLMTokenizer",
    "XLNetTokenizer",
];

/// Whether a class has its own rules, which are not implemented here.
pub(crate) fn is_not_built(class: &str) -> bool {
    NOT_BUILT.contains(&class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_class_is_used_unless_model_type_overrides_it() {
        let class = |stated, model_type| selected_class(stated, model_type, false);
        assert_eq!(class(Some("LlamaTokenizerFast"), "llama"), "LlamaTokenizer");
        assert_eq!(class(Some("LlamaTokenizerFast"), "qwen2"), "Qwen2Tokenizer");
        assert_eq!(class(Some("GPT2Tokenizer"), "granite"), GENERIC);
        assert_eq!(class(Some("CodeGenTokenizer"), "phi"), "CodeGenTokenizer");
        assert_eq!(class(Some("LlamaTokenizer"), "phi3"), GENERIC);
        assert_eq!(class(Some(GENERIC), "bert"), GENERIC);
        assert_eq!(class(None, "electra"), "BertTokenizer");
        assert_eq!(class(None, "llama"), GENERIC);
        assert_eq!(selected_class(Some("LlamaTokenizerFast"), "llama", true), GENERIC);
        assert_eq!(selected_class(Some("LlamaTokenizerFast"), "qwen2", true), "Qwen2Tokenizer");
    }
}
