//! Generation of prompts that grow beyond the length at which rotary frequencies change matches `generate` of
//! `transformers` 5.23.0.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use serde_json::{Value, json};
use trustformers::generation::{Call, GenerationConfig, Settings, generate};
use trustformers::models::{Dtype, Head, LoadOptions, PastKeyValues, Prompts};
use trustformers::{DType, Device, ModelSource, Sequences, load_model};
use trustformers_core::{Feed, LogitsOf};

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens")
}

fn ids(json: &Value) -> Vec<i64> {
    json.as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

fn assert_near(name: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let difference = found.iter().zip(expected).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
    assert!(difference < 2e-4, "{name} is off by {difference:e}");
}

/// Generates with a cache that holds the first turn, if the case has one.
fn run(case: &Value, past: &mut PastKeyValues) -> trustformers::generation::Generated {
    let mut options = case["options"].clone();
    let keys = options.as_object_mut().unwrap();
    let first_turn = keys.remove("first_turn").map(|len| len.as_u64().unwrap() as usize);
    keys.extend(
        json!({"eos_token_id": null, "pad_token_id": 0, "return_dict_in_generate": true, "output_logits": true})
            .as_object()
            .unwrap()
            .clone(),
    );
    let mut turn = |prompt: &[i64], options: &Value| {
        let settings = Settings::new(&GenerationConfig::default(), None, options).unwrap();
        let (tokens, mask) = ([prompt.to_vec()], vec![1; prompt.len()]);
        let prompts = Prompts { tokens: &tokens, mask: &mask, num_slots: settings.num_slots(1) };
        let run = |sequences: &mut dyn Sequences, held: &[Vec<i64>]| {
            generate(sequences, &tokens, &settings, Call { past: held, ..Call::default() })
        };
        if settings.num_beams() > 1 {
            return past.resume_from_copy(&prompts, run).unwrap();
        }
        let found = past.resume(&prompts, run).unwrap();
        past.remember(&prompts, found.rows.iter().map(|row| &row.tokens[..]));
        found
    };
    let prompt = ids(&case["prompt"]);
    if let Some(len) = first_turn {
        turn(&prompt[..len], &json!({"max_new_tokens": 1, "eos_token_id": null}));
    }
    turn(&prompt, &options)
}

/// The logits of a sequence whose tokens after the prompt are read one by one.
fn steps(sequences: &mut dyn Sequences, tokens: &[i64], prompt: usize) -> Vec<f32> {
    let mut logits = sequences.read(&[Feed::new(0, &tokens[..prompt])], LogitsOf::Last).unwrap();
    for at in prompt..tokens.len() - 1 {
        logits.extend(sequences.read(&[Feed::new(0, &tokens[at..=at])], LogitsOf::Last).unwrap());
    }
    logits
}

#[test]
fn prompts_beyond_the_limit_match_the_reference() {
    let dir = goldens().join("rotary_lengths");
    let manifest: Value = serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    let bytes = fs::read(dir.join("cases.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |name: &str| -> Vec<f32> {
        let data = file.tensor(name).unwrap().data().chunks_exact(4);
        data.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    };
    let cases = manifest["cases"].as_array().unwrap();
    for case in cases {
        let (variant, name) = (case["variant"].as_str().unwrap(), case["name"].as_str().unwrap());
        let variant_of = &manifest["variants"][variant];
        let checkpoint = goldens().join("decoders").join(variant_of["family"].as_str().unwrap());
        let overrides = variant_of["config"].clone();
        let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), overrides, ..LoadOptions::default() };
        let source = ModelSource::Dir(&checkpoint);
        let (model, _) = load_model(source, Head::CausalLm, Some(Device::Cpu), &options).unwrap();
        let name = format!("{variant}.{name}");
        let expected: Vec<Vec<i64>> = case["sequences"].as_array().unwrap().iter().map(ids).collect();
        if case["options"]["do_sample"] == true {
            let mut sequences = model.sequences(1).unwrap();
            let found = steps(&mut *sequences, &expected[0], case["prompt"].as_array().unwrap().len());
            assert_near(&name, &found, &floats(&format!("{name}.logits")));
            continue;
        }
        let mut past = PastKeyValues::new(model, 1).unwrap();
        let found = run(case, &mut past);
        let tokens: Vec<_> = found.rows.iter().map(|row| row.tokens.clone()).collect();
        assert_eq!(tokens, expected, "{name}");
        if case["options"]["num_beams"].is_null() {
            assert_near(&name, &found.logits.concat(), &floats(&format!("{name}.logits")));
        } else {
            let scores: Vec<_> = found.rows.iter().map(|row| row.score.unwrap()).collect();
            assert_near(&name, &scores, &floats(&format!("{name}.sequences_scores")));
        }
    }
    assert_eq!(cases.len(), 28);
}
