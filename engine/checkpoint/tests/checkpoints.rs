//! Single-file, sharded and damaged checkpoints.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use burn::backend::Flex;
use burn::module::Module;
use burn::tensor::backend::Backend;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize_to_file};
use tempfile::TempDir;
use trustformers_checkpoint::{Checkpoint, Rule, Rules, cast, load, save};
use trustformers_core::{DType, Result};
use trustformers_nn::Linear;

fn rules() -> Rules {
    Rules(vec![Rule::Rename { field: "first", stored: "First" }])
}

#[derive(Module, Debug)]
struct Pair<B: Backend> {
    first: Linear<B>,
    second: Linear<B>,
}

fn pair(in_features: usize, out_features: usize) -> Pair<Flex> {
    let device = Default::default();
    Pair { first: Linear::new(in_features, out_features, &device), second: Linear::new(2, 3, &device) }
}

fn loaded(dir: &Path, dtype: DType) -> Result<Pair<Flex>> {
    load::<Flex, _>(pair(4, 5), &Checkpoint::open(dir)?, &rules(), false).map(|loaded| cast(loaded.module, dtype))
}

fn message(dir: &Path) -> String {
    let error = loaded(dir, DType::F32).unwrap_err();
    assert_eq!(error.code(), "weights", "{error}");
    error.to_string()
}

struct Stored {
    name: &'static str,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

fn f32s(name: &'static str, shape: &[usize]) -> Stored {
    let count: usize = shape.iter().product();
    let bytes = (0..count).flat_map(|i| (i as f32 * 0.5 - 1.0).to_le_bytes()).collect();
    Stored { name, dtype: Dtype::F32, shape: shape.to_vec(), bytes }
}

fn right() -> Vec<Stored> {
    vec![
        f32s("First.weight", &[5, 4]),
        f32s("First.bias", &[5]),
        f32s("second.weight", &[3, 2]),
        f32s("second.bias", &[3]),
    ]
}

fn write(file: &Path, tensors: &[Stored]) {
    let views = tensors.iter().map(|t| (t.name, TensorView::new(t.dtype, t.shape.clone(), &t.bytes).unwrap()));
    serialize_to_file(views, None, file).unwrap();
}

fn single(tensors: &[Stored]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("model.safetensors"), tensors);
    dir
}

fn sharded(index: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let tensors = right();
    write(&dir.path().join("model-00001-of-00002.safetensors"), &tensors[..1]);
    write(&dir.path().join("model-00002-of-00002.safetensors"), &tensors[1..]);
    fs::write(dir.path().join("model.safetensors.index.json"), index).unwrap();
    dir
}

const INDEX: &str = r#"{"metadata": {}, "weight_map": {
    "First.weight": "model-00001-of-00002.safetensors", "First.bias": "model-00002-of-00002.safetensors",
    "second.weight": "model-00002-of-00002.safetensors", "second.bias": "model-00002-of-00002.safetensors"}}"#;

fn first_weight(module: &Pair<Flex>) -> Vec<f32> {
    module.first.weight.dense(&Default::default()).into_data().convert::<f32>().into_vec().unwrap()
}

#[test]
fn shards_load_like_a_single_file() {
    let one = loaded(single(&right()).path(), DType::F32).unwrap();
    let many = loaded(sharded(INDEX).path(), DType::F32).unwrap();
    assert_eq!(first_weight(&one), first_weight(&many));
    assert_eq!(first_weight(&one)[..3], [-1.0, -0.5, 0.0]);
}

#[test]
fn half_precision_files_load_in_every_dtype() {
    for dtype in [Dtype::F16, Dtype::BF16] {
        let mut tensors = right();
        for tensor in &mut tensors {
            let values = tensor.bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()));
            tensor.bytes = match dtype {
                Dtype::F16 => values.flat_map(|x| burn::tensor::f16::from_f32(x).to_le_bytes()).collect(),
                _ => values.flat_map(|x| burn::tensor::bf16::from_f32(x).to_le_bytes()).collect(),
            };
            tensor.dtype = dtype;
        }
        let dir = single(&tensors);
        let expected = first_weight(&loaded(single(&right()).path(), DType::F32).unwrap());
        for compute in [DType::F32, DType::F16, DType::BF16] {
            assert_eq!(first_weight(&loaded(dir.path(), compute).unwrap()), expected, "{dtype:?} as {compute}");
        }
    }
}

#[test]
fn missing_unexpected_and_misshapen_tensors_are_all_named() {
    let mut tensors = right();
    tensors[0] = f32s("First.weight", &[4, 5]);
    tensors[1] = f32s("First.scale", &[5]);
    tensors[2].dtype = Dtype::F8_E8M0;
    tensors[2].bytes.truncate(6);
    let message = message(single(&tensors).path());
    for part in [
        "1 missing: First.bias",
        "1 unexpected: First.scale",
        "First.weight is [4, 5], expected [5, 4]",
        "second.weight is F8_E8M0",
        "model.safetensors",
    ] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
}

#[test]
fn an_unexpected_tensor_is_reported_if_nothing_is_missing() {
    let mut tensors = right();
    tensors.push(f32s("First.scale", &[5]));
    let dir = single(&tensors);
    let checkpoint = Checkpoint::open(dir.path()).unwrap();
    let loaded = load::<Flex, _>(pair(4, 5), &checkpoint, &rules(), false).unwrap();
    assert_eq!(loaded.report.unused, ["First.scale"]);
}

#[test]
fn weights_of_other_modules_are_reported_as_unused() {
    let mut tensors = right();
    tensors.push(f32s("head.weight", &[2]));
    let dir = single(&tensors);
    let checkpoint = Checkpoint::open(dir.path()).unwrap();
    let loaded = load::<Flex, _>(pair(4, 5), &checkpoint, &rules(), false).unwrap();
    assert_eq!(loaded.report.unused, ["head.weight"]);
}

#[test]
fn optional_parameters_may_be_missing_or_mismatched() {
    let mut rules = rules();
    rules.0.push(Rule::Optional("second"));
    let mut tensors = right();
    tensors[2] = f32s("second.weight", &[7, 2]);
    tensors.truncate(3);
    let dir = single(&tensors);
    let checkpoint = Checkpoint::open(dir.path()).unwrap();
    let load = |ignores| load::<Flex, _>(pair(4, 5), &checkpoint, &rules, ignores);
    let report = load(true).unwrap().report;
    assert_eq!(report.missing, ["second.bias"]);
    assert_eq!(report.mismatched, [("second.weight".to_owned(), vec![7, 2], vec![3, 2])]);
    let message = load(false).unwrap_err().to_string();
    assert!(message.contains("second.weight is [7, 2], expected [3, 2]"), "{message}");
}

#[test]
fn a_truncated_file_is_named_at_any_length() {
    let dir = single(&right());
    let file = dir.path().join("model.safetensors");
    let whole = fs::read(&file).unwrap();
    for len in [0, 5, 8, 40, whole.len() - 1] {
        fs::write(&file, &whole[..len]).unwrap();
        let message = message(dir.path());
        assert!(message.contains("model.safetensors") && message.contains(&format!("{len} bytes")), "{message}");
    }
}

#[test]
fn damaged_bytes_in_the_header_never_panic() {
    let dir = single(&right());
    let file = dir.path().join("model.safetensors");
    let whole = fs::read(&file).unwrap();
    for at in 0..200.min(whole.len()) {
        for value in [0, b'9', b'"', 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            fs::write(&file, &damaged).unwrap();
            // Some damage only changes a value; what matters is that loading returns.
            let _ = loaded(dir.path(), DType::F32);
        }
    }
}

#[test]
fn a_directory_without_weights_lists_the_expected_files() {
    let dir = tempfile::tempdir().unwrap();
    assert!(message(dir.path()).contains("there is no model.safetensors, nor model.safetensors.index.json"));
    fs::write(dir.path().join("tf_model.h5"), b"x").unwrap();
    assert!(message(dir.path()).contains("found tf_model.h5"));
    fs::write(dir.path().join("pytorch_model.bin"), b"x").unwrap();
    assert!(message(dir.path()).contains("not a torch.save file"));
}

#[test]
fn an_index_cannot_name_arbitrary_files() {
    let wrong = INDEX.replacen("model-00001", "../model-00001", 1);
    assert!(message(sharded(&wrong).path()).contains("not a plain file name"));
    let wrong = INDEX.replacen("model-00001", "model-00009", 1);
    assert!(message(sharded(&wrong).path()).contains("shard model-00009"));
    assert!(message(sharded("{}").path()).contains("weight_map"));
}

#[test]
fn names_and_values_survive_saving() {
    let dir = single(&right());
    let saved = tempfile::tempdir().unwrap();
    save(&loaded(dir.path(), DType::F32).unwrap(), &rules(), saved.path()).unwrap();
    let files = [&dir, &saved].map(|dir| fs::read(dir.path().join("model.safetensors")).unwrap());
    let tensors = |bytes: &Vec<u8>| -> HashMap<String, Vec<u8>> {
        let file = SafeTensors::deserialize(bytes).unwrap();
        file.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect()
    };
    assert_eq!(tensors(&files[0]), tensors(&files[1]));
    assert_eq!(fs::read_dir(saved.path()).unwrap().count(), 1, "no part file is left");
}

#[test]
fn saving_to_an_unwritable_directory_is_an_io_error() {
    let dir = single(&right());
    let module = loaded(dir.path(), DType::F32).unwrap();
    let error = save(&module, &rules(), &dir.path().join("absent")).unwrap_err();
    assert_eq!(error.code(), "io");
    assert!(error.to_string().contains("absent"), "{error}");
}

/// Anonymous resident memory of this process in bytes.
#[cfg(target_os = "linux")]
fn anonymous_memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn loading_an_aligned_checkpoint_does_not_double_resident_memory() {
    const ROWS: usize = 4096;
    let bytes = 4 * ROWS * ROWS;
    let dir = {
        let mut tensors = right();
        tensors[0] = f32s("First.weight", &[ROWS, ROWS]);
        tensors[1] = f32s("First.bias", &[ROWS]);
        single(&tensors)
    };
    let before = anonymous_memory();
    let checkpoint = Checkpoint::open(dir.path()).unwrap();
    let module = load::<Flex, _>(pair(ROWS, ROWS), &checkpoint, &rules(), false).unwrap().module;
    let x = burn::tensor::Tensor::<Flex, 2>::ones([1, ROWS], &Default::default());
    let sum: f32 = module.first.forward(x).sum().into_scalar();
    assert!(sum.is_finite());
    let grown = anonymous_memory().saturating_sub(before);
    assert!(grown < bytes / 10, "{grown} bytes for {bytes} bytes of weights, all of which were read");
}
