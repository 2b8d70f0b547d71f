//! The model zoo: a file for each family, and the registry.

mod albert;
mod arcee;
mod bart;
mod bert;
mod blenderbot;
mod bloom;
mod cohere;
mod data2vec_text;
mod deberta_v2;
mod distilbert;
mod electra;
mod ernie;
mod ernie4_5;
mod eurobert;
mod exaone4;
mod falcon;
mod gemma;
mod gemma2;
mod glm;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod gpt_oss;
mod gptj;
mod granite;
mod helium;
mod hunyuan;
pub(crate) mod keys;
mod llama;
mod m2m_100;
mod marian;
mod mbart;
mod megatron_bert;
mod mistral;
mod mixtral;
mod mobilebert;
mod modernbert;
mod mpnet;
mod nomic_bert;
mod olmo;
mod olmo2;
mod olmo3;
mod opt;
mod pegasus;
mod phi;
mod phi3;
mod qwen;
mod qwen_moe;
mod rembert;
mod roberta;
mod roberta_prelayernorm;
mod roformer;
mod seed_oss;
mod smollm3;
mod squeezebert;
mod stablelm;
mod starcoder2;
mod t5;
mod xlm_roberta_xl;

registry! {
    encoders, encoder, of_encoder: [
        albert::AlbertConfig,
        bert::BertConfig,
        data2vec_text::Data2VecTextConfig,
        deberta_v2::DebertaV2Config,
        distilbert::DistilBertConfig,
        electra::ElectraConfig,
        ernie::ErnieConfig,
        eurobert::EuroBertConfig,
        megatron_bert::MegatronBertConfig,
        mobilebert::MobileBertConfig,
        modernbert::ModernBertConfig,
        mpnet::MpnetConfig,
        nomic_bert::NomicBertConfig,
        rembert::RemBertConfig,
        roberta::RobertaConfig,
        roberta_prelayernorm::RobertaPreLayerNormConfig,
        roformer::RoFormerConfig,
        squeezebert::SqueezeBertConfig,
        xlm_roberta_xl::XlmRobertaXlConfig,
    ],
    decoders, decoder, of_decoder: [
        arcee::ArceeConfig,
        bloom::BloomConfig,
        cohere::CohereConfig,
        ernie4_5::Ernie45Config,
        exaone4::Exaone4Config,
        falcon::FalconConfig,
        gemma2::Gemma2Config,
        gemma2::Gemma3Config,
        gemma::GemmaConfig,
        glm::Glm4Config,
        glm::GlmConfig,
        gpt2::Gpt2Config,
        gpt_neo::GptNeoConfig,
        gpt_neox::GptNeoXConfig,
        gpt_oss::GptOssConfig,
        gptj::GptJConfig,
        granite::GraniteConfig,
        helium::HeliumConfig,
        hunyuan::HunYuanDenseConfig,
        llama::LlamaConfig,
        mistral::MistralConfig,
        mixtral::MixtralConfig,
        olmo2::Olmo2Config,
        olmo3::Olmo3Config,
        olmo::OlmoConfig,
        opt::OptConfig,
        phi3::Phi3Config,
        phi::PhiConfig,
        qwen::Qwen2Config,
        qwen::Qwen3Config,
        qwen_moe::Qwen2MoeConfig,
        qwen_moe::Qwen3MoeConfig,
        seed_oss::SeedOssConfig,
        smollm3::SmolLm3Config,
        stablelm::StableLmConfig,
        starcoder2::Starcoder2Config,
    ],
    encoder_decoders, encoder_decoder, of_encoder_decoder: [
        bart::BartConfig,
        blenderbot::BlenderbotConfig,
        blenderbot::BlenderbotSmallConfig,
        m2m_100::M2m100Config,
        marian::MarianConfig,
        mbart::MBartConfig,
        pegasus::PegasusConfig,
        t5::T5Config,
    ],
}
