//! `generate`: tokens, scores and logits.

use serde_json::Value;
use trustformers::generation::{Call, GenerationConfig, Settings, generate};
use trustformers::models::{Dtype, Head, LoadOptions};
use trustformers::{DType, Device, ModelSource, load_model};

use crate::golden::{self, Golden};

/// Whether the reference rotates all rows of a batch by the frequencies of the longest one.
fn changes_frequencies(name: &str) -> bool {
    name.contains("dynamic") || name.contains("longrope")
}

/// Whether the goldens come from an attention that adds the ALiBi bias twice; the reference's default adds it once.
fn adds_alibi_twice(model_type: &str, name: &str) -> bool {
    model_type == "falcon" && name.starts_with("alibi")
}

/// Cases in which the reference forbids bigrams that only the padding on the left repeats.
const FORBIDS_REPEATED_PADDING: [&str; 1] = ["gemma repetition"];

/// The rows of a padded batch without masked tokens.
fn prompts(golden: &Golden, key: &str) -> Vec<Vec<i64>> {
    let (ids, mask) = (golden.input(&format!("{key}.input_ids")), golden.input(&format!("{key}.attention_mask")));
    let width = ids.shape[1];
    let row =
        |(ids, mask): (&[i64], &[i64])| ids.iter().zip(mask).filter(|(_, m)| **m != 0).map(|(id, _)| *id).collect();
    ids.ints.chunks_exact(width).zip(mask.ints.chunks_exact(width)).map(row).collect()
}

#[test]
fn decoders_generate_like_the_reference() {
    let scratch = tempfile::tempdir().unwrap();
    let mut count = 0;
    for golden in Golden::all() {
        for case in golden.cases().filter(|case| case["head"] == "generate") {
            let name = case["name"].as_str().unwrap();
            if changes_frequencies(name) || adds_alibi_twice(golden.model_type(), name) {
                continue;
            }
            if FORBIDS_REPEATED_PADDING.contains(&&*format!("{} {name}", golden.model_type())) {
                continue;
            }
            let key = format!("generate.{name}");
            let named = format!("{} {key}", golden.model_type());
            let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), ..LoadOptions::default() };
            let dir = golden.checkpoint(case, scratch.path());
            let (model, _) = load_model(ModelSource::Dir(&dir), Head::CausalLm, Some(Device::Cpu), &options).unwrap();
            let settings = Settings::new(&GenerationConfig::default(), None, &call_of(case)).unwrap();
            let prompts = prompts(&golden, &key);
            let mut sequences = model.sequences(settings.num_slots(prompts.len())).unwrap();
            let found = generate(&mut *sequences, &prompts, &settings, Call::default()).unwrap();
            let expected = golden.input(&format!("{key}.sequences"));
            let (ids, width) = found.padded(case["options"]["pad_token_id"].as_i64().unwrap());
            assert_eq!((ids, width), (expected.ints, expected.shape[1]), "{named}");
            let outputs = case["outputs"].as_array().unwrap();
            for (output, steps) in [("scores", &found.scores), ("logits", &found.logits)] {
                if outputs.iter().any(|name| name == output) {
                    compare(&format!("{named}.{output}"), &golden, &format!("{key}.{output}"), &steps.concat());
                }
            }
            if outputs.iter().any(|name| name == "sequences_scores") {
                let scores: Vec<f32> = found.rows.iter().map(|row| row.score.unwrap()).collect();
                compare(&format!("{named}.sequences_scores"), &golden, &format!("{key}.sequences_scores"), &scores);
            }
            count += 1;
        }
    }
    assert!(count > 40 || golden::family().is_some(), "only {count} cases");
}

/// The options of a case, with the outputs that the case compares.
fn call_of(case: &Value) -> Value {
    let mut options = case["options"].clone();
    for (key, output) in [("output_scores", "scores"), ("output_logits", "logits")] {
        if case["outputs"].as_array().unwrap().iter().any(|name| name == output) {
            options[key] = true.into();
            options["return_dict_in_generate"] = true.into();
        }
    }
    options
}

fn compare(name: &str, golden: &Golden, key: &str, found: &[f32]) {
    let expected = golden.input(key).floats;
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(&expected) {
        let is_near = (found - expected).abs() < 2e-4 || found == expected;
        assert!(is_near, "{name}: {found} {expected}");
    }
}
