//! `torch.save` files, with the values that torch reads from them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use trustformers_checkpoint::{Checkpoint, ElementType};
use trustformers_core::{Error, WeightFiles};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/repositories").join(name)
}

fn open(dir: &Path, use_safetensors: Option<bool>) -> Result<Checkpoint, Error> {
    Checkpoint::open_files(dir, &WeightFiles { variant: None, use_safetensors })
}

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (from, to) in files {
        fs::copy(golden(from), dir.path().join(to)).unwrap();
    }
    dir
}

#[test]
fn every_layout_loads_the_values_of_torch() {
    let expected = directory(&[("state.safetensors", "model.safetensors")]);
    let expected = open(expected.path(), None).unwrap();
    for name in ["state.bin", "state_protocol_4.bin", "legacy.bin"] {
        let dir = directory(&[(name, "pytorch_model.bin")]);
        let found = open(dir.path(), None).unwrap();
        assert_eq!(found.tensors().len(), expected.tensors().len(), "{name}");
        assert_eq!(found.tensors()["e4m3"].element, ElementType::Plain(Dtype::F8_E4M3));
        for (tensor, expected) in expected.tensors() {
            let found = &found.tensors()[tensor];
            assert_eq!((found.element, &found.shape), (expected.element, &expected.shape), "{tensor} of {name}");
            assert_eq!(found.bytes, expected.bytes, "{tensor} of {name}");
        }
    }
}

#[test]
fn safetensors_are_preferred_unless_disabled() {
    let dir = directory(&[("state.safetensors", "model.safetensors"), ("state.bin", "pytorch_model.bin")]);
    for (asked, expected) in [(None, "safetensors"), (Some(true), "safetensors"), (Some(false), "bin")] {
        assert_eq!(open(dir.path(), asked).unwrap().root().extension().unwrap(), expected);
    }
}

#[test]
fn shards_and_variants_are_found() {
    let dir = directory(&[("state.bin", "pytorch_model.fp16-00001-of-00001.bin")]);
    let index = r#"{"weight_map": {"scalar": "pytorch_model.fp16-00001-of-00001.bin"}}"#;
    fs::write(dir.path().join("pytorch_model.bin.index.fp16.json"), format!("\u{feff}{index}")).unwrap();
    let files = WeightFiles { variant: Some("fp16".to_owned()), use_safetensors: None };
    assert!(Checkpoint::open_files(dir.path(), &files).unwrap().tensors().contains_key("tied.part"));
    let message = open(dir.path(), None).unwrap_err().to_string();
    assert!(message.contains("variant=\"fp16\""), "{message}");
}

#[test]
fn files_without_a_state_dict_are_rejected_with_advice() {
    for (name, parts) in
        [("nested.bin", ["below the key \"state_dict\"", "save"]), ("global.bin", ["pathlib", "not run"])]
    {
        let dir = directory(&[(name, "pytorch_model.bin")]);
        let message = open(dir.path(), None).unwrap_err().to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("pytorch_model.bin"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
        .unwrap();
    let message = open(dir.path(), None).unwrap_err().to_string();
    assert!(message.contains("git lfs pull"), "{message}");
}

#[test]
fn damaged_files_never_panic() {
    let mut seed = 1_u64;
    let mut random = move |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % most
    };
    for name in ["state.bin", "state_protocol_4.bin", "legacy.bin"] {
        let whole = fs::read(golden(name)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pytorch_model.bin");
        for case in 0..2000 {
            let mut damaged = whole.clone();
            for _ in 0..=random(4) {
                // Most of the structure is in the pickle at the start and in the directory at the end.
                let near = random(2000.min(whole.len()));
                let at = if case % 2 == 0 { near } else { whole.len() - 1 - near };
                damaged[at] = random(256) as u8;
            }
            if case % 7 == 0 {
                damaged.truncate(random(whole.len()));
            }
            fs::write(&file, &damaged).unwrap();
            // Some damage only changes a value; what matters is that reading returns.
            let _ = open(dir.path(), None);
        }
    }
}
