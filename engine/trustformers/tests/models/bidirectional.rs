//! Decoders with bidirectional attention against `transformers` 5.23.0.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use safetensors::SafeTensors;
use serde_json::{Value, json};
use trustformers_core::DType;
use trustformers_models::{AttentionKind, Dtype, ForwardCall, Head, LoadOptions, Model, PaddedArray};

use crate::shared::{self, Load, load_model};

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens")
}

fn load(load: Load, family: &str, head: Head, overrides: Value) -> Arc<dyn Model> {
    let dir = goldens().join("decoders").join(family);
    let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), overrides, ..LoadOptions::default() };
    load(&dir, head, &options).unwrap()
}

struct Cases(Vec<u8>);

impl Cases {
    fn ints(&self, name: &str) -> Option<(Vec<usize>, Vec<i64>)> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor(name).ok()?;
        let ints = view.data().chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()));
        Some((view.shape().to_vec(), ints.collect()))
    }

    fn floats(&self, name: &str) -> Option<Vec<f32>> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor(name).ok()?;
        Some(view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect())
    }
}

/// The largest difference of unmasked rows of `width` values.
fn difference(found: &[f32], expected: &[f32], is_seen: impl Fn(usize) -> bool, width: usize) -> f32 {
    assert_eq!(found.len(), expected.len());
    let rows = found.chunks_exact(width).zip(expected.chunks_exact(width)).enumerate();
    let pairs = rows.filter(|(row, _)| is_seen(*row)).flat_map(|(_, (a, b))| a.iter().zip(b));
    // `max` would swallow NaN.
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, |most, d| if d <= most { most } else { d })
}

fn check(load_model: Load) {
    let dir = goldens().join("bidirectional");
    let manifest: Value = serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    let cases = Cases(fs::read(dir.join("cases.safetensors")).unwrap());
    let tolerance = manifest["tolerance"].as_f64().unwrap() as f32;
    let mut failures = Vec::new();
    for listed in manifest["models"].as_array().unwrap() {
        let (family, overlay) = (listed["family"].as_str().unwrap(), listed["name"].as_str().unwrap());
        let model = load(load_model, family, Head::Base, listed["config"].clone());
        assert_eq!(model.attention(), AttentionKind::Bidirectional, "{family} {overlay}");
        let mut largest = 0.0f32;
        for case in manifest["cases"].as_array().unwrap().iter().map(|case| case.as_str().unwrap()) {
            let (shape, input_ids) = cases.ints(&format!("{family}.{case}.input_ids")).unwrap();
            let mask = cases.ints(&format!("{family}.{case}.attention_mask")).map(|(_, mask)| mask);
            let seq = shape[1];
            let array = |values| PaddedArray::new(values, [shape[0], seq]);
            let call = ForwardCall {
                input_ids: Some(array(&input_ids[..])),
                attention_mask: mask.as_deref().map(array),
                ..ForwardCall::default()
            };
            let is_seen = |index: usize| mask.as_ref().is_none_or(|mask| mask[index] == 1);
            let name = format!("{family}.{overlay}.{case}");
            let hidden = call.run(&*model, None).unwrap().last_hidden_state.unwrap();
            let error = difference(&hidden.data, &cases.floats(&name).unwrap(), is_seen, hidden.shape[2]);
            largest = if error <= largest { largest } else { error };
            let attentions = cases.floats(&format!("{family}.{overlay}.attentions"));
            if let Some(expected) = attentions.filter(|_| case == "right_padded") {
                let call = ForwardCall { attentions: true, ..call };
                let found = call.run(&*model, None).unwrap().attentions.pop().unwrap();
                let heads = found.shape[1];
                let is_seen = |row: usize| is_seen(row / (heads * seq) * seq + row % seq);
                let error = difference(&found.data, &expected, is_seen, seq);
                largest = if error <= largest { largest } else { error };
            }
        }
        println!("{family} {overlay}: {largest:e}");
        if largest.is_nan() || largest > tolerance {
            failures.push(format!("{family} {overlay} is off by {largest:e}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn bidirectional_decoders_on_flex_equal_the_reference() {
    check(load_model);
}

/// Runs the tests named `bidirectional_decoders_on_flex...` in separate processes.
#[test]
fn bidirectional_goldens_hold_under_every_instruction_set() {
    shared::under_every_instruction_set("bidirectional_decoders_on_flex");
}

#[cfg(feature = "candle")]
#[test]
fn bidirectional_decoders_on_candle_equal_the_reference() {
    check(crate::shared::load_on_candle);
}

#[test]
fn a_bidirectional_decoder_rejects_generation_and_caching() {
    let model = load(load_model, "gemma3_text", Head::CausalLm, json!({"use_bidirectional_attention": true}));
    for error in [model.clone().sequences(1).err().unwrap(), model.cached_sequences(1).err().unwrap()] {
        assert_eq!(error.code(), "unsupported");
        assert!(error.to_string().contains("bidirectional attention"), "{error}");
    }
}

#[test]
fn decoders_stay_causal_where_the_reference_keeps_them_causal() {
    let kind = |family, overrides| load(load_model, family, Head::Base, overrides).attention();
    assert_eq!(kind("qwen2", json!({"is_causal": true})), AttentionKind::Causal);
    assert_eq!(kind("gemma3_text", json!({"use_bidirectional_attention": null})), AttentionKind::Causal);
    assert_eq!(kind("gpt_neo", json!({"is_causal": false})), AttentionKind::Causal);
}
