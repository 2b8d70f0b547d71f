//! Rejected, empty and partly unknown configurations.

use std::sync::Arc;

use serde_json::{Value, json};
use trustformers::{Device, ModelSource, Result};
use trustformers_models::{Head, LoadOptions, Model, complete_config, model_types, unknown_config_keys};

use crate::shared::load_model;

/// A model of random weights on the cpu.
fn new_model(config: Value, options: &LoadOptions) -> Result<Arc<dyn Model>> {
    Ok(trustformers::load_model(ModelSource::Config(config), Head::Base, Some(Device::Cpu), options)?.0)
}

#[test]
fn model_type_alone_is_a_complete_configuration() {
    for model_type in model_types() {
        let defaults = complete_config(json!({"model_type": model_type})).unwrap();
        assert!(defaults.as_object().unwrap().contains_key("vocab_size"), "{model_type}");
    }
}

#[test]
fn invalid_configurations_are_errors_that_name_the_key() {
    let neo = |kinds: Value| json!({"attention_types": kinds, "num_layers": 2});
    let falcon = |key: &str, value: Value| json!({"new_decoder_architecture": true, key: value});
    for (model_type, keys, named) in [
        ("gemma", json!({"use_bidirectional_attention": true}), "use_bidirectional_attention"),
        ("gemma2", json!({"query_pre_attn_scalar": 0}), "query_pre_attn_scalar"),
        ("gemma2", json!({"sliding_window": 0}), "sliding_window"),
        ("gemma3_text", json!({"sliding_window_pattern": 0}), "sliding_window_pattern"),
        ("gemma3_text", json!({"layer_types": ["full_attention"]}), "layer_types"),
        ("mistral", json!({"sliding_window": 0}), "sliding_window"),
        ("phi3", json!({"rope_scaling": {"type": "yarn", "factor": 4.0}}), "short_factor"),
        ("phi3", json!({"rope_scaling": {"type": "linear", "factor": 4.0}}), "rope_type"),
        ("phi", json!({"partial_rotary_factor": 0.52}), "partial_rotary_factor"),
        ("llama", json!({"rope_scaling": {"type": "linear", "factor": 0.0}}), "factor"),
        ("granite", json!({"attention_multiplier": 0.0}), "attention_multiplier"),
        ("gptj", json!({"rotary_dim": 7}), "rotary_dim"),
        ("gpt_neo", neo(json!([[["global"], 3]])), "attention_types"),
        ("gpt_neo", neo(json!([[["sideways"], 2]])), "attention_types"),
        ("opt", json!({"num_attention_heads": 0}), "num_attention_heads"),
        ("opt", json!({"num_hidden_layers": 100_000}), "num_hidden_layers"),
        ("bloom", json!({"n_head": 7}), "n_head"),
        ("falcon", falcon("num_ln_in_parallel_attn", json!(3)), "num_ln_in_parallel_attn"),
        ("falcon", falcon("parallel_attn", json!(false)), "parallel_attn"),
        ("falcon", json!({"multi_query": false, "num_kv_heads": 2}), "num_kv_heads"),
        ("mixtral", json!({"num_experts_per_tok": 9}), "num_experts_per_tok"),
        ("mixtral", json!({"num_experts": 0}), "num_local_experts"),
        ("llama", json!({"per_layer_config": {"0": {"intermediate_size": 8}}}), "per_layer_config"),
        ("llama", json!({"rope_scaling": "linear"}), "rope_scaling"),
        ("llama", json!({"rope_scaling": {"type": 3}}), "rope_type"),
        ("llama", json!({"rope_theta": 0}), "rope_theta"),
        ("gemma2", json!({"attn_logit_softcapping": 0.0}), "attn_logit_softcapping"),
        ("qwen2_moe", json!({"decoder_sparse_step": 0}), "decoder_sparse_step"),
        ("qwen3_moe", json!({"use_sliding_window": true, "sliding_window": 0}), "sliding_window"),
        ("gpt_oss", json!({"swiglu_limit": 0.0}), "swiglu_limit"),
        ("llama", json!({"rms_norm_eps": -1e-6}), "rms_norm_eps"),
        ("bert", json!({"layer_norm_eps": -1.0}), "layer_norm_eps"),
        ("modernbert", json!({"norm_eps": -1e-5}), "norm_eps"),
        ("llama", json!({"rope_parameters": "linear"}), "rope_parameters"),
        ("gemma3_text", json!({"rope_parameters": {"full_attention": 3}}), "rope_parameters.full_attention"),
    ] {
        let mut config = json!({"model_type": model_type});
        config.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let made = new_model(config, &LoadOptions::default());
        let error = made.err().unwrap_or_else(|| panic!("{model_type} {keys} is accepted"));
        assert_eq!(error.code(), "config", "{model_type} {keys}: {error}");
        assert!(error.to_string().contains(named), "{model_type} {keys}: {error}");
    }
}

#[test]
fn unknown_keys_are_kept_and_listed() {
    let config = json!({
        "model_type": "olmo2", "vocab_size": 7, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "clip_qkv": 8.0, "a_null": null, "use_cache": true, "_name_or_path": "x",
    });
    let options = |strict_config| LoadOptions { strict_config, ..LoadOptions::default() };
    let make = |strict| new_model(config.clone(), &options(strict));
    let model = make(false).unwrap();
    assert_eq!(model.unknown_config_keys(), ["a_null", "clip_qkv"]);
    assert_eq!(unknown_config_keys("config", config.clone()).unwrap(), model.unknown_config_keys());
    let dir = tempfile::tempdir().unwrap();
    model.save_pretrained(dir.path()).unwrap();
    let saved: Value = serde_json::from_slice(&std::fs::read(dir.path().join("config.json")).unwrap()).unwrap();
    for (key, value) in config.as_object().unwrap() {
        assert_eq!((key, &saved[key]), (key, value));
    }
    let loaded = load_model(dir.path(), Head::Base, &options(false)).unwrap();
    assert_eq!(loaded.unknown_config_keys(), ["a_null", "clip_qkv"]);
    for error in [make(true).err().unwrap(), load_model(dir.path(), Head::Base, &options(true)).err().unwrap()] {
        assert_eq!(error.code(), "config");
        assert!(error.to_string().contains(r#"["a_null", "clip_qkv"]"#), "{error}");
    }
}
