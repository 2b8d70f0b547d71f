//! A BERT without a head against `transformers` 5.23.0: every CPU backend, and saving.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use safetensors::SafeTensors;
use serde_json::Value;
use trustformers_core::DType;
use trustformers_models::{Dtype, ForwardCall, Head, HostTensor, LoadOptions, Model, ModelOutput, PaddedArray};
use trustformers_ops::Quantization;

use crate::shared::{self, Load, load_model};

struct Golden {
    dir: PathBuf,
    manifest: Value,
    bytes: Vec<u8>,
}

impl Golden {
    fn read() -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/base_model");
        let manifest = serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
        let bytes = fs::read(dir.join("cases.safetensors")).unwrap();
        Self { dir, manifest, bytes }
    }

    fn cases(&self) -> Vec<&str> {
        self.manifest["cases"].as_array().unwrap().iter().map(|case| case.as_str().unwrap()).collect()
    }

    fn ints(&self, case: &str, name: &str) -> Option<(Vec<usize>, Vec<i64>)> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(&format!("{case}.{name}")).ok()?;
        let values = view.data().chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect();
        Some((view.shape().to_vec(), values))
    }

    fn floats(&self, name: &str) -> HostTensor {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(name).unwrap();
        let data = view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        HostTensor { shape: view.shape().to_vec(), data }
    }

    /// The output of a model in a case, and the case's attention mask.
    fn run(&self, model: &dyn Model, case: &str) -> (ModelOutput, Option<Vec<i64>>) {
        let (shape, input_ids) = self.ints(case, "input_ids").unwrap();
        let optional = |name| self.ints(case, name).map(|(_, values)| values);
        let mask = optional("attention_mask");
        let types = optional("token_type_ids");
        let positions = optional("position_ids");
        let array = |values| PaddedArray::new(values, [shape[0], shape[1]]);
        let call = ForwardCall {
            input_ids: Some(array(&input_ids[..])),
            attention_mask: mask.as_deref().map(array),
            token_type_ids: types.as_deref().map(array),
            position_ids: positions.as_deref().map(array),
            ..ForwardCall::default()
        };
        (call.run(model, None).unwrap(), mask)
    }

    /// Asserts that the largest difference of any case is within the manifest's tolerance.
    fn check(&self, model: &dyn Model, dtype: DType) {
        let tolerance = self.manifest["tolerance"][dtype.name()].as_f64().unwrap() as f32;
        let suffix = if dtype == DType::F32 { String::new() } else { format!(".{dtype}") };
        for case in self.cases() {
            let (output, mask) = self.run(model, case);
            let mut hidden = self.floats(&format!("{case}.last_hidden_state{suffix}"));
            clear_hidden(&mut hidden, mask.as_deref());
            let outputs = [
                ("last_hidden_state", output.last_hidden_state.as_ref().unwrap(), hidden),
                (
                    "pooler_output",
                    output.pooler_output.as_ref().unwrap(),
                    self.floats(&format!("{case}.pooler_output{suffix}")),
                ),
            ];
            for (name, found, expected) in outputs {
                let error = largest_difference(found, &expected);
                println!("{case}.{name} {dtype}: {error:e}");
                assert!(error <= tolerance, "{case}.{name} in {dtype} is off by {error:e}");
            }
        }
    }
}

/// Zeroes padded positions, which our models do not compute.
fn clear_hidden(expected: &mut HostTensor, mask: Option<&[i64]>) {
    let Some(mask) = mask else { return };
    let width = expected.shape[2];
    for (vector, seen) in expected.data.chunks_exact_mut(width).zip(mask) {
        if *seen == 0 {
            vector.fill(0.0);
        }
    }
}

fn largest_difference(found: &HostTensor, expected: &HostTensor) -> f32 {
    assert_eq!(found.shape, expected.shape);
    let differences = found.data.iter().zip(&expected.data).map(|(a, b)| (a - b).abs());
    // `max` would swallow NaN.
    differences.fold(0.0, |most, d| if d <= most { most } else { d })
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn load(load: Load, dir: &Path, dtype: Dtype) -> Arc<dyn Model> {
    load(dir, Head::Base, &LoadOptions { dtype, ..LoadOptions::default() }).unwrap()
}

#[test]
fn bert_on_flex_equals_the_reference_in_f32() {
    let golden = Golden::read();
    golden.check(&*load(load_model, &golden.dir, Dtype::Auto), DType::F32);
}

#[test]
fn bert_on_flex_is_near_the_reference_in_bf16() {
    let golden = Golden::read();
    golden.check(&*load(load_model, &golden.dir, Dtype::Exactly(DType::BF16)), DType::BF16);
}

#[test]
fn bert_on_flex_in_8_bits_has_a_high_cosine_with_the_reference() {
    let golden = Golden::read();
    let options = LoadOptions { quantization: Some(Quantization::Int8), ..LoadOptions::default() };
    let model = load_model(&golden.dir, Head::Base, &options).unwrap();
    for case in golden.cases() {
        let (found, mask) = golden.run(&*model, case);
        let mut expected = golden.floats(&format!("{case}.last_hidden_state"));
        clear_hidden(&mut expected, mask.as_deref());
        let cosine = cosine(&found.last_hidden_state.unwrap().data, &expected.data);
        println!("{case} in 8 bits: cosine {cosine}");
        assert!(cosine > 0.999, "{case}: cosine {cosine}");
    }
    let error = model.save_pretrained(tempfile::tempdir().unwrap().path()).unwrap_err();
    assert_eq!(error.code(), "unsupported");
}

/// Runs the tests named `bert_on_flex...` in separate processes.
#[test]
fn goldens_hold_under_every_instruction_set() {
    shared::under_every_instruction_set("bert_on_flex");
}

#[cfg(feature = "candle")]
#[test]
fn bert_on_candle_equals_the_reference_in_f32() {
    let golden = Golden::read();
    golden.check(&*load(crate::shared::load_on_candle, &golden.dir, Dtype::Auto), DType::F32);
}

#[test]
fn saved_weights_and_names_equal_the_loaded_ones() {
    let golden = Golden::read();
    let saved = tempfile::tempdir().unwrap();
    load(load_model, &golden.dir, Dtype::Auto).save_pretrained(saved.path()).unwrap();
    let files = [&golden.dir, saved.path()].map(|dir| fs::read(dir.join("model.safetensors")).unwrap());
    let [first, second] = [&files[0], &files[1]].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let names = |file: &SafeTensors<'_>| {
        let mut names: Vec<_> = file.names().into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&first), names(&second));
    for name in names(&first) {
        assert_eq!(first.tensor(&name).unwrap(), second.tensor(&name).unwrap(), "{name}");
    }
    golden.check(&*load(load_model, saved.path(), Dtype::Auto), DType::F32);
}

#[test]
fn saving_over_the_mapped_checkpoint_keeps_the_loaded_model_alive() {
    let golden = Golden::read();
    let dir = tempfile::tempdir().unwrap();
    for name in ["config.json", "model.safetensors"] {
        fs::copy(golden.dir.join(name), dir.path().join(name)).unwrap();
    }
    let model = load(load_model, dir.path(), Dtype::Auto);
    model.save_pretrained(dir.path()).unwrap();
    golden.check(&*model, DType::F32);
    golden.check(&*load(load_model, dir.path(), Dtype::Auto), DType::F32);
}
