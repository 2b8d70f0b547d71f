//! `generate` reads, extends and returns key/value caches.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trustformers::generation::{GenerationConfig, PaddedPrompts, Settings, Streamer};
use trustformers::models::{Dtype, Head, LoadOptions, Model, SharedCache};
use trustformers::{
    AssistantModel, DType, Device, GenerateRequest, Generation, ModelSource, Result, generate, load_model,
};

struct Ignored;

impl Streamer for Ignored {
    fn put_prompts(&mut self, _prompts: &[&[i64]]) -> Result<()> {
        Ok(())
    }

    fn put_tokens(&mut self, _tokens: &[(usize, i64)]) -> Result<()> {
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        Ok(())
    }
}

fn model() -> Arc<dyn Model> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/decoders/gemma");
    let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), ..LoadOptions::default() };
    load_model(ModelSource::Dir(&dir), Head::CausalLm, Some(Device::Cpu), &options).unwrap().0
}

fn settings(options: &Value) -> Settings {
    let mut keys = json!({"max_new_tokens": 4, "do_sample": false, "eos_token_id": null, "pad_token_id": 0});
    keys.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    Settings::new(&GenerationConfig::default(), None, &keys).unwrap()
}

fn continued(model: &Arc<dyn Model>, tokens: &[i64], options: &Value, cache: Option<&SharedCache>) -> Generation {
    let settings = settings(options);
    let prompts = PaddedPrompts::new(tokens.to_vec(), [1, tokens.len()], None, &settings).unwrap();
    let request = GenerateRequest { past_key_values: cache, ..GenerateRequest::new(&prompts, &settings, 0) };
    generate(model, request).unwrap()
}

#[test]
fn a_cache_holds_all_but_the_last_token_and_is_continued() {
    let model = model();
    let (prompt, cache) = ([5, 6, 7], SharedCache::default());
    let first = continued(&model, &prompt, &json!({}), Some(&cache));
    assert!(first.past_key_values.is_none());
    assert_eq!(cache.shape().unwrap(), Some([1, 6]));
    let tokens = first.generated.rows[0].tokens.clone();
    let second = continued(&model, &tokens, &json!({}), Some(&cache));
    assert_eq!(cache.shape().unwrap(), Some([1, 10]));
    let alone = continued(&model, &prompt, &json!({"max_new_tokens": 8}), None);
    assert_eq!(second.generated.rows[0].tokens, alone.generated.rows[0].tokens);
}

#[test]
fn beam_search_caches_the_prompts_alone() {
    let model = model();
    let (prompt, cache) = ([5, 6, 7], SharedCache::default());
    let options = json!({"num_beams": 2, "return_dict_in_generate": true});
    let found = continued(&model, &prompt, &options, Some(&cache));
    assert_eq!(cache.shape().unwrap(), Some([1, 2]));
    let alone = continued(&model, &prompt, &options, None);
    assert_eq!(found.generated.rows[0].tokens, alone.generated.rows[0].tokens);
    assert!(alone.past_key_values.is_none());
}

#[test]
fn an_output_object_has_a_new_cache_unless_caching_is_off() {
    let model = model();
    let shape = |options: Value| {
        let found = continued(&model, &[5, 6, 7], &options, None);
        found.past_key_values.map(|cache| cache.shape().unwrap().unwrap())
    };
    assert_eq!(shape(json!({"return_dict_in_generate": true})), Some([1, 6]));
    assert_eq!(shape(json!({})), None);
    assert_eq!(shape(json!({"return_dict_in_generate": true, "use_cache": false})), None);
}

#[test]
fn an_assistant_does_not_change_the_tokens() {
    let model = model();
    let settings = settings(&json!({"max_new_tokens": 8}));
    let prompts = PaddedPrompts::new(vec![5, 6, 7], [1, 3], None, &settings).unwrap();
    let assistant = AssistantModel { model: model.clone(), config: GenerationConfig::default() };
    let request = GenerateRequest { assistant: Some(assistant), ..GenerateRequest::new(&prompts, &settings, 0) };
    let drafted = generate(&model, request).unwrap();
    let alone = generate(&model, GenerateRequest::new(&prompts, &settings, 0)).unwrap();
    assert_eq!(drafted.generated.rows[0].tokens, alone.generated.rows[0].tokens);
}

#[test]
fn rejects_streamed_beams_and_a_cache_in_use() {
    let model = model();
    let cache = SharedCache::default();
    let refused = |settings: &Settings, streams: bool| {
        let prompts = PaddedPrompts::new(vec![5, 6, 7], [1, 3], None, settings).unwrap();
        let mut streamer = Ignored;
        let request = GenerateRequest {
            streamer: streams.then_some(&mut streamer as &mut dyn Streamer),
            past_key_values: Some(&cache),
            ..GenerateRequest::new(&prompts, settings, 0)
        };
        generate(&model, request).err().unwrap().to_string()
    };
    let error = refused(&settings(&json!({"num_beams": 2})), true);
    assert!(error.starts_with("streamer: beams cannot be streamed"), "{error}");
    assert_eq!(cache.shape().unwrap(), None);
    let error = refused(&settings(&json!({"use_cache": false})), false);
    assert!(error.starts_with("use_cache"), "{error}");
    let lease = cache.lease().unwrap();
    let error = refused(&settings(&json!({})), false);
    assert!(error.starts_with("past_key_values: another call is using the cache"), "{error}");
    drop(lease);
    assert_eq!(continued(&model, &[5, 6, 7], &json!({}), Some(&cache)).generated.rows.len(), 1);
}
