use std::sync::LazyLock;

use serde_json::Value;
use trustformers_core::Result;
use trustformers_generation::{Call, Generated, GenerationConfig, Settings, generate};

use crate::toy::Toy;

/// Outputs of transformers 5.23.0 for the toy model.
pub static GOLDEN: LazyLock<Value> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens/generation/toy.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
});

pub fn integers(json: &Value) -> Vec<i64> {
    json.as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect()
}

pub fn rows(json: &Value) -> Vec<Vec<i64>> {
    json.as_array().unwrap().iter().map(integers).collect()
}

/// The toy model's table of logits.
pub static TABLE: LazyLock<Vec<Vec<f32>>> = LazyLock::new(|| table("table"));

/// The assistant's table of logits.
pub static ASSISTANT_TABLE: LazyLock<Vec<Vec<f32>>> = LazyLock::new(|| table("assistant_table"));

fn table(key: &str) -> Vec<Vec<f32>> {
    let scale = GOLDEN["scale"].as_f64().unwrap() as f32;
    rows(&GOLDEN[key]).into_iter().map(|row| row.into_iter().map(|value| value as f32 / scale).collect()).collect()
}

/// The toy model of the goldens, with the slots that `settings` need.
pub fn toy(settings: &Settings, num_prompts: usize) -> Toy {
    Toy::new(TABLE.clone(), settings.num_slots(num_prompts))
}

pub fn settings(kwargs: &Value) -> Settings {
    Settings::new(&GenerationConfig::default(), None, kwargs).unwrap()
}

pub fn run(prompts: &[Vec<i64>], kwargs: &Value) -> Result<(Generated, Toy)> {
    let settings = Settings::new(&GenerationConfig::default(), None, kwargs)?;
    let mut toy = toy(&settings, prompts.len());
    let generated = generate(&mut toy, prompts, &settings, Call::default())?;
    Ok((generated, toy))
}

/// The sequences as transformers returns them, with prompts padded with 0.
pub fn rectangle(generated: &Generated) -> Vec<Vec<i64>> {
    let (tokens, width) = generated.padded(0);
    tokens.chunks(width).map(<[i64]>::to_vec).collect()
}
