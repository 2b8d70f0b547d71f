//! GGUF files: blocks against the `gguf` package 0.19.0, metadata, and damaged files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use serde_json::{Value, json};
use tempfile::TempDir;
use trustformers_checkpoint::{Checkpoint, GgufFile};
use trustformers_core::Result;

const TYPES: [&str; 8] = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"];
const TYPES_OF_FEW_BITS: [&str; 4] = ["Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/gguf").join(name)
}

/// Reads a file as loading does before the model is built.
fn read(file: &Path) -> Result<()> {
    let file = GgufFile::open(file)?;
    file.config()?;
    Checkpoint::of_gguf(&file).map(drop)
}

fn written(bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("model.gguf");
    fs::write(&file, bytes).unwrap();
    (dir, file)
}

fn message(bytes: &[u8]) -> String {
    let (_dir, file) = written(bytes);
    let error = read(&file).unwrap_err();
    assert!(error.to_string().contains("model.gguf"), "{error}");
    assert!(["weights", "unsupported"].contains(&error.code()), "{error}");
    error.to_string()
}

#[test]
fn blocks_dequantize_like_the_gguf_package() {
    check_blocks("blocks", &TYPES);
    check_blocks("blocks_of_few_bits", &TYPES_OF_FEW_BITS);
}

fn check_blocks(stem: &str, types: &[&str]) {
    let file = GgufFile::open(&golden(&format!("{stem}.gguf"))).unwrap();
    let bytes = fs::read(golden(&format!("{stem}.safetensors"))).unwrap();
    let expected = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensors().len(), types.len());
    for &name in types {
        let tensor = &file.tensors()[name];
        let data = expected.tensor(name).unwrap();
        let values: Vec<f32> = data.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!((tensor.element.to_string(), &tensor.shape[..]), (name.to_owned(), data.shape()));
        assert_eq!(tensor.dequantized().unwrap(), values, "{name}");
        let groups = tensor.groups().unwrap();
        assert_eq!(groups.values(), values, "{name}");
        assert_eq!(groups.shape, [4, 512]);
        assert!(groups.quantized.iter().all(|code| usize::from(*code) < groups.grouping.bits.num_levels()), "{name}");
        assert_eq!(groups.scales.len() * groups.grouping.group_size, values.len());
        assert!(groups.mins.is_empty() || groups.mins.len() == groups.scales.len());
    }
}

/// Builder of a GGUF file.
#[derive(Clone, Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn header(version: u32, num_tensors: u64, num_keys: u64) -> Self {
        Self(b"GGUF".to_vec()).u32(version).u64(num_tensors).u64(num_keys)
    }

    fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn text(mut self, text: &str) -> Self {
        self = self.u64(text.len() as u64);
        self.0.extend(text.as_bytes());
        self
    }

    fn count(self, key: &str, value: u32) -> Self {
        self.text(key).u32(4).u32(value)
    }

    fn tensor(self, name: &str, dims: &[u64], kind: u32, offset: u64) -> Self {
        let begun = self.text(name).u32(dims.len() as u32);
        dims.iter().fold(begun, |bytes, size| bytes.u64(*size)).u32(kind).u64(offset)
    }

    fn filled(mut self, data: usize) -> Self {
        self.0.resize(self.0.len().next_multiple_of(32) + data, 0);
        self
    }
}

#[test]
fn invalid_headers_are_rejected() {
    let whole = |tensor: Bytes| message(&tensor.filled(256).0);
    let one = || Bytes::header(3, 1, 0);
    let huge = 1 << 62;
    let f32 = 0;
    for (found, expected) in [
        (message(b"GGML"), "begins with \"GGML\""),
        (message(b""), "goes beyond the file's 0 bytes"),
        (message(&Bytes::header(1, 0, 0).0), "version 1"),
        (message(&Bytes::header(3u32.swap_bytes(), 0, 0).0), "big-endian"),
        (message(&Bytes::header(3, u64::MAX, 0).0), "tensor 0 of"),
        (message(&Bytes::header(3, 0, u64::MAX).0), "key 0 of"),
        (message(&Bytes::header(3, 0, 1).u64(u64::MAX).0), "key 0 of 1"),
        (message(&Bytes::header(3, 0, 1).text("a").u32(99).0), "key \"a\": unknown type 99"),
        (message(&Bytes::header(3, 0, 1).text("a").u32(9).u32(8).u64(huge).0), "key \"a\""),
        (message(&Bytes::header(3, 0, 1).text("a").u32(9).u32(10).u64(huge).0), "key \"a\""),
        (message(&Bytes::header(3, 0, 1).text("a").u32(9).u32(9).u64(1).0), "a list of values of type 9"),
        (message(&Bytes::header(3, 0, 2).count("a", 1).count("a", 1).0), "key \"a\" appears twice"),
        (message(&Bytes::header(3, 0, 1).count("general.alignment", 3).0), "general.alignment"),
        (message(&Bytes::header(3, 0, 1).count("general.name", 3).0), "general.architecture"),
        (whole(one().tensor("t", &[], f32, 0)), "tensor t: 0 dimensions"),
        (whole(one().tensor("t", &[1, 1, 1, 1, 1], f32, 0)), "tensor t: 5 dimensions"),
        (whole(one().tensor("t", &[0], f32, 0)), "tensor t: a dimension that is zero"),
        (whole(one().tensor("t", &[huge, huge, huge], f32, 0)), "tensor t: rows of"),
        (whole(one().tensor("t", &[4, huge, huge], f32, 0)), "tensor t: F32 of shape"),
        (whole(one().tensor("t", &[65], f32, 0)), "tensor t: F32 of shape [65] at 0 ends beyond the 256 bytes"),
        (whole(one().tensor("t", &[8], f32, 256)), "tensor t: F32 of shape [8] at 256"),
        (whole(one().tensor("t", &[8], f32, u64::MAX - 31)), "tensor t: F32 of shape [8]"),
        (whole(one().tensor("t", &[8], f32, 4)), "tensor t: begins at 4"),
        (
            whole(one().tensor("t", &[40], 8, 0)),
            "tensor t: rows of 40 elements are not a multiple of the block size of Q8_0",
        ),
        (whole(one().tensor("t", &[32], 15, 0)), "tensor t of"),
        (whole(one().tensor("t", &[32], 15, 0)), "ggml type Q8_K"),
        (whole(one().tensor("t", &[32], 77, 0)), "tensor t: unknown ggml type 77"),
        (whole(Bytes::header(3, 2, 0).tensor("t", &[8], f32, 0).tensor("t", &[8], f32, 32)), "tensor t appears twice"),
    ] {
        assert!(found.contains(expected), "{expected} is not in: {found}");
    }
}

/// A GGUF file with the given metadata and tensors.
fn model(architecture: &str, keys: &[(&str, u32)], tensors: &[&str]) -> Vec<u8> {
    let header = Bytes::header(3, tensors.len() as u64, 1 + keys.len() as u64);
    let named = header.text("general.architecture").u32(8).text(architecture);
    let keyed = keys.iter().fold(named, |bytes, (key, value)| bytes.count(&format!("{architecture}.{key}"), *value));
    tensors.iter().fold(keyed, |bytes, name| bytes.tensor(name, &[8, 6], 0, 0)).filled(256).0
}

#[test]
fn unsupported_keys_and_tensors_are_rejected_by_name() {
    let keys = [("embedding_length", 8), ("block_count", 1), ("attention.head_count", 2)];
    let with = |more: (&'static str, u32)| [&keys[..], &[more]].concat();
    for (found, expected) in [
        (message(&model("mamba", &keys, &[])), "architecture \"mamba\""),
        (message(&model("llama", &keys[1..], &[])), "key \"llama.embedding_length\" is missing"),
        (message(&model("llama", &with(("attention.clamp_kqv", 8)), &[])), "\"llama.attention.clamp_kqv\" is 8"),
        (message(&model("llama", &with(("final_logit_softcapping", 30)), &[])), "llama.final_logit_softcapping"),
        (message(&model("llama", &with(("expert_count", 8)), &[])), "experts of the architecture \"llama\""),
        (message(&model("falcon", &with(("attention.head_count_kv", 2)), &[])), "falcon with 2 key/value heads"),
        (message(&model("llama", &with(("vocab_size", u32::MAX)), &[])), "llama.vocab_size"),
        (message(&model("llama", &keys, &["blk.0.attn_twist.weight"])), "tensor blk.0.attn_twist.weight"),
        (message(&model("llama", &keys, &["blk.x.attn_q.weight"])), "tensor blk.x.attn_q.weight"),
        (message(&model("llama", &keys, &["blk.0.attn_q.weight"])), "6 rows cannot be split into 2 heads"),
        (message(&model("qwen3moe", &keys, &["blk.0.ffn_up_exps.weight"])), "expected a stack"),
    ] {
        assert!(found.contains(expected), "{expected} is not in: {found}");
    }
}

#[test]
fn unknown_metadata_keys_are_listed() {
    let keys = [("embedding_length", 8), ("block_count", 1), ("attention.head_count", 2), ("twist", 1), ("a", 0)];
    let read = |architecture: &str, keys: &[(&str, u32)]| {
        let (_dir, file) = written(&model(architecture, keys, &[]));
        let file = GgufFile::open(&file).unwrap();
        file.config().unwrap();
        file.unknown_keys().unwrap()
    };
    assert_eq!(read("llama", &keys), ["llama.a", "llama.twist"]);
    let supported = [("final_logit_softcapping", 30), ("attention.sliding_window", 4)];
    assert!(read("gemma2", &[&keys[..3], &supported].concat()).is_empty());
}

#[test]
fn rope_scaling_is_read_from_the_metadata() {
    let config = |more: &[(&str, Value)], divisors: bool| {
        let sizes = [("embedding_length", json!(8)), ("block_count", json!(1)), ("attention.head_count", json!(2))];
        let keys = [&sizes[..], more].concat();
        let header = Bytes::header(3, u64::from(divisors), 1 + keys.len() as u64);
        let mut bytes = header.text("general.architecture").u32(8).text("llama");
        for (key, value) in keys {
            bytes = bytes.text(&format!("llama.{key}"));
            bytes = match (&value, value.as_u64()) {
                (Value::String(text), _) => bytes.u32(8).text(text),
                (_, Some(count)) => bytes.u32(4).u32(count as u32),
                _ => bytes.u32(6).u32((value.as_f64().unwrap() as f32).to_bits()),
            };
        }
        let bytes = if divisors { bytes.tensor("rope_freqs.weight", &[2], 0, 0) } else { bytes };
        let (_dir, file) = written(&bytes.filled(64).0);
        GgufFile::open(&file).and_then(|file| file.config())
    };
    let scaling = |more: &[(&str, Value)]| config(more, false).unwrap()["rope_scaling"].clone();
    let kind = |name: &str| ("rope.scaling.type", json!(name));
    let (factor, original) = (("rope.scaling.factor", json!(8.0)), ("rope.scaling.original_context_length", json!(64)));
    assert_eq!(scaling(&[]), Value::Null);
    assert_eq!(scaling(&[kind("none"), factor.clone()]), Value::Null);
    let linear = json!({"rope_type": "linear", "factor": 8.0});
    assert_eq!(scaling(&[kind("linear"), factor.clone()]), linear);
    assert_eq!(scaling(&[("rope.scale_linear", json!(8.0))]), linear);
    let yarn = json!({"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64});
    assert_eq!(scaling(&[kind("yarn"), factor.clone(), original]), yarn);
    let error = config(&[kind("twist"), factor.clone()], false).unwrap_err();
    assert!(error.to_string().contains("\"llama.rope.scaling.type\" is \"twist\""), "{error}");
    let divided = config(&[("context_length", json!(32))], true).unwrap()["rope_scaling"].clone();
    assert_eq!((&divided["rope_type"], &divided["short_factor"]), (&json!("longrope"), &json!([0.0, 0.0])));
    assert_eq!((&divided["long_factor"], &divided["attention_factor"]), (&json!([0.0, 0.0]), &json!(1.0)));
    assert!(config(&[kind("linear"), factor], true).unwrap_err().to_string().contains("rope_freqs.weight"));
    let partial = config(&[("attention.key_length", json!(4)), ("rope.dimension_count", json!(2))], false);
    assert!(partial.unwrap_err().to_string().contains("llama with 2 rotated elements of the 4 of a head"));
}

#[test]
fn a_truncated_file_is_an_error_at_any_length() {
    let whole = fs::read(golden("llama.gguf")).unwrap();
    let header = whole.len().min(4000);
    for len in (0..header).step_by(7).chain((header..whole.len()).step_by(997)).chain([whole.len() - 1]) {
        message(&whole[..len]);
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let whole = fs::read(golden("qwen3moe.gguf")).unwrap();
    let (_dir, file) = written(&whole);
    for at in (0..whole.len().min(3500)).step_by(3) {
        for value in [0, 0x7f, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            fs::write(&file, &damaged).unwrap();
            // Some damage only changes a value; what matters is that reading returns.
            let _ = read(&file);
        }
    }
}
