//! Quantized checkpoints (GPTQ, AWQ, MXFP4) of `tests/goldens/quantized`.

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use trustformers_checkpoint::{Checkpoint, PackedScheme};
use trustformers_core::DType;
use trustformers_models::{Dtype, ForwardCall, Head, LoadOptions, PaddedArray, Quantization};

use crate::shared::{Load, load_model};

type Tensors<'a> = Vec<(String, TensorView<'a>)>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/quantized")
}

fn read_json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn schemes() -> Vec<PathBuf> {
    let manifest = read_json(&root().join("manifest.json"));
    manifest["schemes"].as_array().unwrap().iter().map(|name| root().join(name.as_str().unwrap())).collect()
}

fn ids() -> Vec<Vec<i64>> {
    serde_json::from_value(read_json(&root().join("manifest.json"))["ids"].clone()).unwrap()
}

fn floats(view: &TensorView<'_>) -> Vec<f32> {
    view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

fn logits(load: Load, dir: &Path, dtype: DType) -> Vec<f32> {
    let options = LoadOptions { dtype: Dtype::Exactly(dtype), ..LoadOptions::default() };
    let model = load(dir, Head::CausalLm, &options).unwrap();
    let ids = ids();
    let flat = ids.concat();
    let input_ids = Some(PaddedArray::new(&flat, [ids.len(), ids[0].len()]));
    ForwardCall { input_ids, ..ForwardCall::default() }.run(&*model, None).unwrap().logits.unwrap().data
}

fn expected(dir: &Path) -> Vec<u8> {
    fs::read(dir.join("expected.safetensors")).unwrap()
}

#[test]
fn unpacked_weights_match_the_reference() {
    // Stacked experts are covered by the logits test.
    for dir in schemes().into_iter().filter(|dir| !dir.ends_with("mxfp4")) {
        let config = dir.join("config.json");
        let scheme = PackedScheme::read(&config, &read_json(&config)["quantization_config"]).unwrap();
        let mut checkpoint = Checkpoint::open(&dir).unwrap();
        checkpoint.join(scheme).unwrap();
        assert!(checkpoint.tensors().keys().all(|name| !name.ends_with("qweight") && !name.ends_with("g_idx")));
        let expected = expected(&dir);
        let mut compared = 0;
        for (name, view) in SafeTensors::deserialize(&expected).unwrap().iter() {
            let Some(name) = name.strip_prefix("weights.") else { continue };
            let stored = &checkpoint.tensors()[name];
            assert_eq!(stored.shape, view.shape(), "{}: {name}", dir.display());
            let found = match stored.groups() {
                Some(groups) => groups.values(),
                None => stored.bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect(),
            };
            for (found, expected) in found.iter().zip(floats(&view)) {
                // The scale times the quantized value and the scale times the zero point are each rounded.
                let error = (found - expected).abs();
                assert!(error <= 3e-7, "{}: {name}: {found}, not {expected}", dir.display());
            }
            compared += 1;
        }
        assert!(compared >= 2, "{}", dir.display());
    }
}

#[test]
fn logits_have_a_high_cosine_with_the_reference() {
    for dir in schemes() {
        for (dtype, least) in [(DType::F32, 0.9995), (DType::F16, 0.9995), (DType::BF16, 0.999)] {
            let found = logits(load_model, &dir, dtype);
            let bytes = expected(&dir);
            let expected = floats(&SafeTensors::deserialize(&bytes).unwrap().tensor("logits").unwrap());
            assert_eq!(found.len(), expected.len());
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
            let cosine = dot(&found, &expected) / (dot(&found, &found) * dot(&expected, &expected)).sqrt();
            println!("{} {dtype:?}: cosine {cosine}", dir.file_name().unwrap().display());
            // bf16 rounding may send a token to another expert.
            let least = if dtype == DType::BF16 && dir.ends_with("mxfp4") { 0.98 } else { least };
            assert!(cosine > least, "{} {dtype:?}: cosine {cosine}", dir.display());
        }
    }
}

/// Without quantized kernels the weights are dequantized, so that only the order of summation differs.
#[cfg(feature = "candle")]
#[test]
fn logits_on_candle_match_the_reference() {
    for dir in schemes() {
        let found = logits(crate::shared::load_on_candle, &dir, DType::F32);
        let bytes = expected(&dir);
        let expected = floats(&SafeTensors::deserialize(&bytes).unwrap().tensor("logits").unwrap());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 2e-4, "{}: {found}, not {expected}", dir.display());
        }
    }
}

/// The error of loading a copy of a golden with changed configuration keys or tensors.
fn error_of(scheme: &str, keys: &Value, change: impl Fn(&mut Tensors<'_>), options: &LoadOptions) -> String {
    let (from, to) = (root().join(scheme), tempfile::tempdir().unwrap());
    let mut config = read_json(&from.join("config.json"));
    config["quantization_config"].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    fs::write(to.path().join("config.json"), config.to_string()).unwrap();
    let bytes = fs::read(from.join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view)).collect();
    change(&mut tensors);
    safetensors::serialize_to_file(tensors, None, &to.path().join("model.safetensors")).unwrap();
    let error = load_model(to.path(), Head::CausalLm, options).err().unwrap();
    format!("{}: {error}", error.code())
}

#[test]
fn errors_name_what_does_not_fit() {
    const LAYER: &str = "model.layers.0.mlp.down_proj";
    let plain = LoadOptions::default();
    let check = |scheme: &str, keys: Value, change: &dyn Fn(&mut Tensors<'_>), parts: &[&str]| {
        let error = error_of(scheme, &keys, change, &plain);
        assert!(parts.iter().all(|part| error.contains(part)), "{error} does not say {parts:?}");
    };
    let keep = |_: &mut Tensors<'_>| {};
    check("gptq", json!({"bits": 3}), &keep, &["unsupported", "gptq to 3 bits"]);
    check("gptq", json!({"checkpoint_format": "marlin"}), &keep, &["unsupported", "marlin"]);
    check("awq", json!({"version": "gemv"}), &keep, &["unsupported", "gemv"]);
    check("awq", json!({"bits": 8}), &keep, &["unsupported", "awq to 8 bits"]);
    check("gptq", json!({"quant_method": "fp8"}), &keep, &["unsupported", "fp8"]);
    check("gptq", json!({"bits": "four"}), &keep, &["config", "quantization_config.bits"]);
    check("gptq", json!({"group_size": 0}), &keep, &["config", "quantization_config.group_size"]);
    check("gptq", json!({"group_size": 48}), &keep, &["weights", ".qweight", "groups of 48"]);
    check("gptq", json!({"group_size": 64}), &keep, &["weights", ".scales", "expected"]);
    for end in ["qzeros", "scales"] {
        let name = format!("{LAYER}.{end}");
        check("gptq", json!({}), &|tensors| tensors.retain(|(own, _)| *own != name), &["weights", &name, "missing"]);
    }
    let other = |end: &str, shape: [usize; 2], dtype: safetensors::Dtype, bytes: &'static [u8]| {
        let name = format!("{LAYER}.{end}");
        move |tensors: &mut Tensors<'_>| {
            let at = tensors.iter().position(|(own, _)| *own == name).unwrap();
            tensors[at].1 =
                TensorView::new(dtype, shape.to_vec(), &bytes[..shape[0] * shape[1] * dtype.bitsize() / 8]).unwrap();
        }
    };
    static BYTES: [u8; 1 << 15] = [0xff; 1 << 15];
    use safetensors::Dtype::{F16, I32, I64};
    check("gptq", json!({}), &other("qweight", [4, 4], I64, &BYTES), &["weights", "qweight", "I64"]);
    check("gptq", json!({}), &other("qzeros", [4, 9], I32, &BYTES), &["weights", "qzeros", "[4, 9]", "[4, 8]"]);
    check("gptq", json!({}), &other("scales", [4, 64], I32, &BYTES), &["weights", "scales", "I32"]);
    check("gptq", json!({}), &other("g_idx", [1, 128], F16, &BYTES), &["weights", "g_idx", "[128]"]);
    const EXPERTS: &str = "model.layers.0.mlp.experts.down_proj";
    let without = |end: &str| {
        let name = format!("{EXPERTS}{end}");
        move |tensors: &mut Tensors<'_>| tensors.retain(|(own, _)| *own != name)
    };
    check("mxfp4", json!({}), &without("_scales"), &["weights", EXPERTS, "_scales", "missing"]);
    check("mxfp4", json!({}), &without("_blocks"), &["weights", EXPERTS]);
    let quantization = LoadOptions { quantization: Some(Quantization::Int8), ..LoadOptions::default() };
    let error = error_of("awq", &json!({}), keep, &quantization);
    assert!(error.contains("input") && error.contains("awq already"), "{error}");
}

#[test]
fn saving_a_quantized_model_is_unsupported() {
    let model = load_model(&root().join("gptq"), Head::CausalLm, &LoadOptions::default());
    let error = model.unwrap().save_pretrained(tempfile::tempdir().unwrap().path()).unwrap_err();
    assert_eq!(error.code(), "unsupported");
}
