//! What `transformers` 5.23.0 computes from models with the keys of published `config.json` files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype as Stored, SafeTensors};
use serde_json::Value;
use trustformers_core::{DType, Result};
use trustformers_models::{Dtype, Head, LoadOptions, ModelInput, OutputFlags, load_model};
use trustformers_ops::Flex;

/// Cases that need what does not exist here, and the key that the error names.
const REFUSED: &[(&str, &str)] = &[];

fn golden(file: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/published");
    fs::read(root.join(file)).unwrap()
}

fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3))
}

/// The values of a tensor, as `weights.py` beside the goldens makes them.
fn weights(name: &str, shape: &[usize]) -> Vec<u8> {
    let seed = fnv1a(name);
    let unit = |index: u64| {
        let mut z = seed.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
    };
    let value = |unit: f32| match shape {
        [_, .., last] => unit * 2f32.powi(-((usize::BITS - last.leading_zeros()) as i32 / 2)),
        _ => unit / 4.0 + if name.ends_with("weight") { 1.0 } else { 0.0 },
    };
    let count = shape.iter().product::<usize>() as u64;
    (0..count).flat_map(|index| value(unit(index)).to_le_bytes()).collect()
}

fn write_checkpoint(dir: &Path, config: &Value, tensors: &Value) {
    fs::write(dir.join("config.json"), config.to_string()).unwrap();
    let mut stored = BTreeMap::new();
    for (shape, names) in tensors.as_object().unwrap() {
        let shape: Vec<usize> = shape.split(',').map(|size| size.parse().unwrap()).collect();
        for name in names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
            stored.insert(name, (shape.clone(), weights(name, &shape)));
        }
    }
    let views = stored
        .iter()
        .map(|(name, (shape, bytes))| (name.to_owned(), TensorView::new(Stored::F32, shape.clone(), bytes).unwrap()));
    safetensors::serialize_to_file(views, None, &dir.join("model.safetensors")).unwrap();
}

fn head(class: &str) -> Head {
    match class {
        "AutoModel" => Head::Base,
        "AutoModelForCausalLM" => Head::CausalLm,
        "AutoModelForMaskedLM" => Head::MaskedLm,
        "AutoModelForSequenceClassification" => Head::SequenceClassification,
        "AutoModelForTokenClassification" => Head::TokenClassification,
        "AutoModelForQuestionAnswering" => Head::QuestionAnswering,
        other => panic!("{other} is no class of a head"),
    }
}

/// What the model computes at the positions.
fn run(dir: &Path, class: &str, ids: &[i64], positions: &[i64]) -> Result<Vec<f32>> {
    let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), ..LoadOptions::default() };
    let model = load_model::<Flex>(dir, head(class), &options, &Default::default())?;
    let input = ModelInput { batch: 1, seq: ids.len(), input_ids: ids, ..ModelInput::default() };
    let output = model.forward(&input, OutputFlags::default())?;
    let found = output.logits.or(output.last_hidden_state).unwrap();
    let [_, seq, width] = found.shape[..] else { return Ok(found.data) };
    let rows = positions.iter().map(|position| position.rem_euclid(seq as i64) as usize * width);
    Ok(rows.flat_map(|start| found.data[start..start + width].to_vec()).collect())
}

#[test]
fn published_configurations_compute_what_the_reference_computes() {
    let cases: Value = serde_json::from_slice(&golden("configs.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&golden("tensors.json")).unwrap();
    let bytes = golden("expected.safetensors");
    let expected = SafeTensors::deserialize(&bytes).unwrap();
    let tolerance = manifest["tolerance"].as_f64().unwrap() as f32;
    let positions: Vec<i64> =
        manifest["positions"].as_array().unwrap().iter().map(|position| position.as_i64().unwrap()).collect();
    let mut failures = Vec::new();
    for (name, case) in cases.as_object().unwrap() {
        let list = manifest["cases"][name].as_u64().unwrap_or_else(|| panic!("{name} has no golden"));
        let dir = tempfile::tempdir().unwrap();
        write_checkpoint(dir.path(), &case["config"], &manifest["lists"][list as usize]);
        let values = |part: &str| expected.tensor(&format!("{name}.{part}")).unwrap().data().to_vec();
        let ids: Vec<i64> = values("ids").chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect();
        let expected: Vec<f32> =
            values("expected").chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let refused = REFUSED.iter().find(|(refused, _)| refused == name);
        match (run(dir.path(), case["head"].as_str().unwrap(), &ids, &positions), refused) {
            (Ok(_), Some(_)) => failures.push(format!("{name} is not refused")),
            (Err(error), Some((_, key))) if error.to_string().contains(key) => {}
            (Err(error), _) => failures.push(format!("{name}: {error}")),
            (Ok(found), None) => {
                assert_eq!(found.len(), expected.len(), "{name}");
                let differences: Vec<f32> = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).collect();
                let error = differences.iter().copied().fold(0.0, f32::max);
                println!("{name}: {error:e}");
                if error > tolerance || differences.iter().any(|difference| difference.is_nan()) {
                    failures.push(format!("{name} is off by {error:e}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
