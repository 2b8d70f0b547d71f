//! Models, configurations and tokenizers of GGUF files match `transformers` 5.23.0; see `tests/goldens/gguf`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use serde_json::{Map, Value, json};
use trustformers::models::{Dtype, ForwardCall, Head, LoadOptions, Model, PaddedArray};
use trustformers::tokenizers::{ChatOptions, EncodeOptions, TextInput, Tokenizer};
use trustformers::{DType, Device, ModelSource, gguf_config, gguf_tokenizer, load_model};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/gguf").join(name)
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&fs::read(golden(name)).unwrap()).unwrap()
}

fn loaded(name: &str, dtype: Dtype, dequantizes: bool) -> std::sync::Arc<dyn Model> {
    let options = LoadOptions { dtype, dequantizes, ..LoadOptions::default() };
    let file = golden(&format!("{name}.gguf"));
    let model = load_model(ModelSource::Gguf(&file), Head::CausalLm, Some(Device::Cpu), &options);
    model.unwrap_or_else(|error| panic!("{name}: {error}")).0
}

fn logits(model: &dyn Model, shape: &[usize], input_ids: &[i64]) -> Vec<f32> {
    let input_ids = Some(PaddedArray::new(input_ids, [shape[0], shape[1]]));
    ForwardCall { input_ids, ..ForwardCall::default() }.run(model, None).unwrap().logits.unwrap().data
}

fn largest_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

#[test]
fn models_match_the_reference() {
    let bytes = fs::read(golden("cases.safetensors")).unwrap();
    let cases = SafeTensors::deserialize(&bytes).unwrap();
    for name in read("manifest.json")["configs"].as_object().unwrap().keys() {
        let ids = cases.tensor(&format!("{name}.input_ids")).unwrap();
        let input_ids: Vec<i64> =
            ids.data().chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect();
        let expected = cases.tensor(&format!("{name}.logits")).unwrap();
        let expected: Vec<f32> =
            expected.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let model = loaded(name, Dtype::Auto, true);
        assert_eq!(model.dtype(), DType::F32);
        assert!(model.report().missing.is_empty() && model.report().unused.is_empty(), "{name}: {:?}", model.report());
        // Logits are within 8; the order of sums differs.
        let off = largest_difference(&logits(&*model, ids.shape(), &input_ids), &expected);
        assert!(off < 5e-5, "{name} is off by {off}");
        // Activations are quantized to 8 bits, or computed in bfloat16 as well.
        for (dtype, least) in [(Dtype::Auto, 0.999), (Dtype::Exactly(DType::BF16), 0.998)] {
            let found = cosine(&logits(&*loaded(name, dtype, false), ids.shape(), &input_ids), &expected);
            println!("{name} {dtype:?}: {found}");
            assert!(found > least, "{name} in {dtype:?} has a cosine of {found}");
        }
    }
}

#[test]
fn saved_models_are_checkpoints_of_their_family() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["llama", "gpt2", "bloom", "gemma2", "phi3", "qwen2moe"] {
        let dir = dir.path().join(name);
        let model = loaded(name, Dtype::Auto, true);
        model.save_pretrained(&dir).unwrap();
        let options = LoadOptions::default();
        let (again, _) = load_model(ModelSource::Dir(&dir), Head::CausalLm, Some(Device::Cpu), &options).unwrap();
        let ids = [3, 1, 4, 1, 5, 9, 2, 6];
        assert_eq!(logits(&*again, &[1, 8], &ids), logits(&*model, &[1, 8], &ids), "{name}");
    }
}

/// Whether values are equal up to the precision of float32.
fn agree(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-6 * expected.abs(),
        _ => found == expected,
    }
}

#[test]
fn configurations_match_the_reference() {
    for (name, expected) in read("manifest.json")["configs"].as_object().unwrap() {
        let found = gguf_config(&golden(&format!("{name}.gguf"))).unwrap();
        let rope = &expected["rope_parameters"];
        let rope = rope.get("full_attention").unwrap_or(rope);
        for (key, value) in found.as_object().unwrap() {
            let expected = match key.as_str() {
                "rope_theta" | "partial_rotary_factor" => &rope[key],
                // The reference omits a width that follows from another.
                "n_inner" => &json!(4 * found["n_embd"].as_u64().unwrap()),
                "num_experts" if name == "qwen3moe" => &expected["num_local_experts"],
                _ => &expected[key],
            };
            assert!(agree(value, expected), "{name}: {key} is {value}, expected {expected}");
        }
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn ids(tokenizer: &Tokenizer, input: TextInput<'_>) -> Value {
    json!(tokenizer.encode(input, &EncodeOptions::default()).unwrap().get_ids())
}

#[test]
fn tokenizers_match_the_reference() {
    let goldens = read("tokenizers.json");
    for (name, golden_of) in goldens["tokenizers"].as_object().unwrap() {
        let tokenizer = gguf_tokenizer(&golden(&format!("tokenizer_{name}.gguf")), &Map::new()).unwrap();
        for (index, text) in texts(&goldens["texts"]).into_iter().enumerate() {
            let found = ids(&tokenizer, TextInput::Single(text));
            assert_eq!(found, golden_of["ids"][index], "{name}: {text:?}");
            let row: Vec<u32> = serde_json::from_value(found).unwrap();
            for (field, skips) in [("decoded", false), ("plain", true)] {
                let decoded = tokenizer.decode(&row, skips, None).unwrap();
                assert_eq!(json!(decoded), golden_of[field][index], "{name}: {text:?}");
            }
        }
        assert_eq!(ids(&tokenizer, TextInput::Pair("The dog", "a fox")), golden_of["pair"], "{name}");
        let special: Map<String, Value> =
            tokenizer.special_tokens_map().into_iter().map(|(role, token)| (role.to_owned(), json!(token))).collect();
        assert_eq!(&Value::Object(special), &golden_of["special_tokens"], "{name}");
        assert_eq!(json!(tokenizer.padding_side().name()), golden_of["padding_side"], "{name}");
        assert_eq!(json!(tokenizer.vocab_size_with_added_tokens()), golden_of["size"], "{name}");
        let options = ChatOptions::from_json(r#"{"add_generation_prompt": true}"#, None, None).unwrap();
        let chats = json!([goldens["chat"]]).to_string();
        let chat = tokenizer.render_json_chats(&chats, &options).unwrap();
        assert_eq!(json!(chat[0].text), golden_of["chat"], "{name}");
    }
}

#[test]
fn call_settings_override_file_settings() {
    let file = golden("tokenizer_llama.gguf");
    let overrides = json!({"add_bos_token": false, "padding_side": "left"});
    let tokenizer = gguf_tokenizer(&file, overrides.as_object().unwrap()).unwrap();
    assert_eq!(tokenizer.padding_side().name(), "left");
    assert_eq!(tokenizer.num_special_tokens_to_add(false), 0);
    let again = Tokenizer::from_files(gguf_tokenizer(&file, &Map::new()).unwrap().to_files().unwrap()).unwrap();
    assert_eq!(
        ids(&again, TextInput::Single("The dog")),
        ids(&gguf_tokenizer(&file, &Map::new()).unwrap(), "The dog".into())
    );
}

#[test]
fn damaged_vocabularies_are_errors() {
    let whole = fs::read(golden("tokenizer_llama_bpe.gguf")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("model.gguf");
    for at in (0..whole.len()).step_by(11) {
        let mut damaged = whole.clone();
        damaged[at] = damaged[at].wrapping_add(0x81);
        fs::write(&file, &damaged).unwrap();
        // Some damage only changes a token; what matters is that reading returns.
        let _ = gguf_tokenizer(&file, &Map::new());
    }
    let error = gguf_tokenizer(&golden("llama.gguf"), &Map::new()).unwrap_err().to_string();
    assert!(error.contains("llama.gguf") && error.contains("tokenizer.ggml.model"), "{error}");
}

#[test]
fn damaged_models_are_errors() {
    let whole = fs::read(golden("qwen3moe.gguf")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("model.gguf");
    for at in (0..whole.len().min(3500)).step_by(5) {
        for value in [0, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            fs::write(&file, &damaged).unwrap();
            let options = LoadOptions::default();
            // Some damage only changes a value; what matters is that loading returns.
            let _ = load_model(ModelSource::Gguf(&file), Head::CausalLm, Some(Device::Cpu), &options);
        }
    }
}
