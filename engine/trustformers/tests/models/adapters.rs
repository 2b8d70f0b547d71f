//! Models with low-rank adapters beside models with merged weights.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use trustformers_core::{DType, Device};
use trustformers_models::{
    Adapter, Dtype, ForwardCall, Head, HostTensor, LoadOptions, Model, ModelOutput, PaddedArray, Quantization,
    Recording, State, WantedWeights, quantization,
};
use trustformers_tensor::{Tensor, TensorDevice};

use crate::shared::load_model;

const RANK: usize = 3;
const IDS: [i64; 8] = [5, 6, 7, 8, 9, 10, 11, 12];
const MASK: [i64; 8] = [1, 1, 1, 1, 1, 1, 0, 0];
const SCALE: f64 = 1.5;

fn device() -> TensorDevice {
    trustformers::tensor_device(Device::Cpu).unwrap()
}

fn quantized(bits: Option<u8>) -> Option<Quantization> {
    bits.map(|bits| quantization(bits, (bits == 4).then_some(32), true).unwrap())
}

fn load(golden: &str, head: Head, bits: Option<u8>) -> Arc<dyn Model> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens").join(golden);
    let (dtype, quantization) = (Dtype::Exactly(DType::F32), quantized(bits));
    let options = LoadOptions { dtype, quantization, ..LoadOptions::default() };
    load_model(&dir, head, &options).unwrap()
}

/// Values between -1 and 1 that differ with the seed.
fn values(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|at| ((at * 7 + seed * 13 + 3) % 23) as f32 / 11.5 - 1.0).collect()
}

fn tensor(values: Vec<f32>, shape: &[usize]) -> Tensor {
    Tensor::from_f32(values, shape, &device()).unwrap()
}

/// Modules whose checkpoints store `[in_features, out_features]`.
fn is_transposed(module: &str) -> bool {
    module.contains(".c_")
}

/// Outputs and inputs of a module, of which those of a table are ids.
fn sizes(model: &dyn Model, module: &str) -> [usize; 2] {
    let known = model.parameters(&|_| false, &device()).unwrap();
    let found = known.into_iter().find(|found| found.name == format!("{module}.weight")).unwrap();
    match found.is_embedding || is_transposed(module) {
        true => [found.shape[1], found.shape[0]],
        false => [found.shape[0], found.shape[1]],
    }
}

fn adapter(model: &dyn Model, module: &str, name: &str, seed: usize) -> Adapter {
    let [out, input] = sizes(model, module);
    Adapter {
        module: module.to_owned(),
        name: name.to_owned(),
        a: tensor(values(RANK * input, seed), &[RANK, input]),
        b: tensor(values(out * RANK, seed + 1).into_iter().map(|value| value * 0.1).collect(), &[out, RANK]),
        scale: SCALE,
        magnitude: None,
        dropout: 0.0,
    }
}

/// The model with the adapters' updates added to its weights, which are dequantized.
fn merged(golden: &str, head: Head, model: &dyn Model, adapters: &[Adapter]) -> Arc<dyn Model> {
    let weights = model.parameters(&|_| true, &device()).unwrap();
    let mut weights: BTreeMap<String, (Vec<f32>, Vec<usize>, bool)> = weights
        .into_iter()
        .map(|own| (own.name, (own.values.unwrap().to_f32().unwrap(), own.shape, own.is_embedding)))
        .collect();
    for own in adapters {
        let [out, input] = sizes(model, &own.module);
        let (a, b) = (own.a.to_f32().unwrap(), own.b.to_f32().unwrap());
        let (weight, _, is_embedding) = weights.get_mut(&format!("{}.weight", own.module)).unwrap();
        let is_transposed = *is_embedding || is_transposed(&own.module);
        for row in 0..out {
            let at = |column: usize| if is_transposed { column * out + row } else { row * input + column };
            for column in 0..input {
                let update: f32 = (0..RANK).map(|rank| b[row * RANK + rank] * a[rank * input + column]).sum();
                weight[at(column)] += own.scale as f32 * update;
            }
            if let Some(magnitude) = &own.magnitude {
                let norm = (0..input).map(|column| weight[at(column)].powi(2)).sum::<f32>().sqrt();
                let gain = magnitude.to_f32().unwrap()[row] / norm;
                (0..input).for_each(|column| weight[at(column)] *= gain);
            }
        }
    }
    let tensors = weights.into_iter().map(|(name, (weight, shape, _))| (name, tensor(weight, &shape))).collect();
    let state = State { tensors, is_strict: true, quantization: None, device: &device() };
    trustformers::with_state(&*load(golden, head, None), Device::Cpu, state).unwrap().0
}

fn call<'a>() -> ForwardCall<'a> {
    let array = |values| Some(PaddedArray::new(values, [2, 4]));
    ForwardCall { input_ids: array(&IDS), attention_mask: array(&MASK), ..ForwardCall::default() }
}

fn logits(model: &dyn Model) -> Vec<f32> {
    call().run(model, None).unwrap().logits.unwrap().data
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Logits with adapters are those of merged weights, with an error far below what the adapters change.
fn check_merged(golden: &str, head: Head, bits: Option<u8>, make: impl Fn(&dyn Model) -> Vec<Adapter>, tolerance: f32) {
    let model = load(golden, head, bits);
    let adapters = make(&*model);
    let adapted = model.with_adapters(adapters.clone()).unwrap();
    let expected = logits(&*merged(golden, head, &*model, &adapters));
    let (found, before) = (logits(&*adapted), logits(&*model));
    let (error, change) = (largest_difference(&found, &expected), largest_difference(&found, &before));
    assert!(change > 0.1 && error < tolerance * change, "{golden} with {bits:?} bits: {error} of {change}");
    assert_eq!(logits(&*adapted.with_adapters(Vec::new()).unwrap()), before, "{golden}");
}

const BERT: &str = "encoders/bert";
const GPT2: &str = "decoders/gpt2";
const BERT_QUERY: &str = "bert.encoder.layer.0.attention.self.query";
const GPT2_QKV: &str = "transformer.h.0.attn.c_attn";

#[test]
fn adapters_are_merged_weights() {
    let bert = |model: &dyn Model| {
        let modules = [BERT_QUERY, "bert.encoder.layer.1.intermediate.dense", "cls.predictions.transform.dense"];
        modules.map(|module| adapter(model, module, "default", module.len())).to_vec()
    };
    let gpt2 = |model: &dyn Model| {
        let modules = [GPT2_QKV, "transformer.h.1.mlp.c_proj"];
        modules.map(|module| adapter(model, module, "default", module.len())).to_vec()
    };
    // Inputs of quantized products are quantized to bytes, those of merged weights are not.
    for (bits, tolerance) in [(None, 1e-4), (Some(8), 0.05), (Some(4), 0.3)] {
        check_merged(BERT, Head::MaskedLm, bits, bert, tolerance);
        check_merged(GPT2, Head::CausalLm, bits, gpt2, tolerance);
    }
}

#[test]
fn interleaved_fused_layers_have_adapters_of_the_whole_layer() {
    let make = |model: &dyn Model| vec![adapter(model, "transformer.h.0.self_attention.query_key_value", "x", 2)];
    check_merged("decoders/falcon", Head::CausalLm, None, make, 1e-4);
}

#[test]
fn several_adapters_of_a_module_add_up() {
    let make = |model: &dyn Model| vec![adapter(model, BERT_QUERY, "one", 1), adapter(model, BERT_QUERY, "two", 5)];
    check_merged(BERT, Head::MaskedLm, None, make, 1e-4);
}

#[test]
fn tables_have_adapters() {
    let modules = ["word_embeddings", "position_embeddings"].map(|table| format!("bert.embeddings.{table}"));
    let make = |model: &dyn Model| modules.each_ref().map(|module| adapter(model, module, "default", 4)).to_vec();
    check_merged(BERT, Head::SequenceClassification, None, make, 1e-4);
}

#[test]
fn magnitudes_replace_the_norms_of_updated_weights() {
    let make = |model: &dyn Model| {
        let with_magnitude = |module| {
            let own = adapter(model, module, "default", 3);
            let out = own.b.shape()[0];
            let magnitude = values(out, 9).into_iter().map(|value| value + 1.5).collect();
            Adapter { magnitude: Some(tensor(magnitude, &[out])), ..own }
        };
        [BERT_QUERY, "bert.embeddings.word_embeddings"].map(with_magnitude).to_vec()
    };
    check_merged(BERT, Head::SequenceClassification, None, make, 1e-4);
    let make = |model: &dyn Model| {
        let own = adapter(model, GPT2_QKV, "default", 3);
        let out = own.b.shape()[0];
        vec![Adapter { magnitude: Some(tensor(vec![0.7; out], &[out])), ..own }]
    };
    check_merged(GPT2, Head::CausalLm, None, make, 1e-4);
}

/// Sum of the logits' products with fixed factors.
fn total(model: &dyn Model) -> f32 {
    let found = logits(model);
    found.iter().zip(values(found.len(), 1)).map(|(logit, factor)| logit * factor).sum()
}

#[test]
fn gradients_of_adapters_are_differences_of_the_logits() {
    for (golden, head, module, bits) in [
        (BERT, Head::SequenceClassification, BERT_QUERY, None),
        (BERT, Head::SequenceClassification, "bert.embeddings.word_embeddings", None),
        (GPT2, Head::CausalLm, GPT2_QKV, None),
        (GPT2, Head::CausalLm, GPT2_QKV, Some(8)),
    ] {
        let model = load(golden, head, bits);
        let adapted = model.with_adapters(vec![adapter(&*model, module, "default", 2)]).unwrap();
        let names = |name: &str| name.contains(".lora_");
        let all = adapted.parameters(&names, &device()).unwrap();
        let own = || all.iter().filter_map(|own| Some((own.name.clone(), own.values.clone()?)));
        let training = trustformers::for_training(&*adapted, Device::Cpu, own().collect()).unwrap();
        let recording = Recording { wanted: Some(&names), ..Recording::default() };
        let (output, pass) = call().record(&*training, recording).unwrap();
        let shape = output.logits.as_ref().unwrap().shape.clone();
        let logits = Some(HostTensor { data: values(shape.iter().product(), 1), shape });
        let wanted = WantedWeights { names: &names, device: &device() };
        let gradients = ModelOutput { logits, ..ModelOutput::default() };
        let (_, found) = call().backward(&*training, pass, gradients, &output, Some(wanted)).unwrap();
        assert_eq!(found.len(), 2, "{golden}: {found:?}");
        // Differences of quantized products are rounded too coarsely; their gradients are compared with those of
        // dequantized weights.
        if bits.is_some() {
            continue;
        }
        for (name, gradient) in &found {
            let gradient = gradient.to_f32().unwrap();
            let at = (0..gradient.len()).max_by(|a, b| gradient[*a].abs().total_cmp(&gradient[*b].abs())).unwrap();
            let moved = |step: f32| {
                let weights = own().map(|(known, tensor_of)| {
                    let mut data = tensor_of.to_f32().unwrap();
                    if known == *name {
                        data[at] += step;
                    }
                    (known, tensor(data, &tensor_of.shape()))
                });
                total(&*trustformers::for_training(&*adapted, Device::Cpu, weights.collect()).unwrap())
            };
            let expected = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            let error = (gradient[at] - expected).abs() / expected.abs().max(0.05);
            assert!(error < 0.02, "{golden}: {name}[{at}]: {} instead of {expected}", gradient[at]);
        }
    }
}

#[test]
fn a_quantized_model_without_a_wanted_weight_has_gradients_of_its_adapters_alone() {
    let model = load(GPT2, Head::CausalLm, Some(4));
    let adapted = model.with_adapters(vec![adapter(&*model, GPT2_QKV, "default", 2)]).unwrap();
    let refused = call().record(&*adapted, Recording { wanted: Some(&|_| true), ..Recording::default() });
    assert!(refused.err().unwrap().to_string().contains("gradients of quantized weights"));
    let names = |name: &str| name.contains(".lora_");
    call().record(&*adapted, Recording { wanted: Some(&names), ..Recording::default() }).unwrap();
}

#[test]
fn refused_adapters_are_named() {
    let model = load(BERT, Head::MaskedLm, None);
    let refused = |adapter: Adapter| model.with_adapters(vec![adapter]).err().unwrap().to_string();
    let good = adapter(&*model, BERT_QUERY, "default", 1);
    for (module, message) in [
        ("bert.encoder.layer.9.attention.self.query", "is not a module"),
        ("bert.embeddings.LayerNorm", "is not a linear layer or an embedding table"),
    ] {
        let found = refused(Adapter { module: module.to_owned(), ..good.clone() });
        assert!(found.contains(module) && found.contains(message), "{found}");
    }
    let found = refused(Adapter { b: tensor(vec![0.0; 6], &[2, 3]), ..good.clone() });
    assert!(found.contains(BERT_QUERY) && found.contains("b is [2, 3]"), "{found}");
    let found = refused(Adapter { dropout: 1.0, ..good });
    assert!(found.contains(BERT_QUERY) && found.contains("dropout"), "{found}");
}

#[test]
fn stacks_of_experts_have_no_adapters() {
    let model = load("decoders/gpt_oss", Head::CausalLm, None);
    let known = model.parameters(&|_| false, &device()).unwrap();
    let stack = known.iter().find(|own| own.name.contains("experts") && own.shape.len() == 3).unwrap();
    let module = stack.name.clone();
    let (a, b) = (tensor(vec![0.0; 6], &[2, 3]), tensor(vec![0.0; 6], &[3, 2]));
    let own = Adapter { module, name: String::new(), a, b, scale: 1.0, magnitude: None, dropout: 0.0 };
    let found = model.with_adapters(vec![own]).err().unwrap().to_string();
    assert!(found.contains(&stack.name) && found.contains("experts"), "{found}");
}

#[test]
fn tensors_of_adapters_are_parameters_that_are_not_saved() {
    let model = load(BERT, Head::MaskedLm, None);
    let adapted = model.with_adapters(vec![adapter(&*model, BERT_QUERY, "default", 1)]).unwrap();
    let [before, after] = [&model, &adapted].map(|model| model.parameters(&|_| false, &device()).unwrap().len());
    assert_eq!(after, before + 2);
    let dir = tempfile::tempdir().unwrap();
    adapted.save_pretrained(dir.path()).unwrap();
    let options = LoadOptions::default();
    let saved = load_model(dir.path(), Head::MaskedLm, &options).unwrap();
    assert_eq!(logits(&*saved), logits(&*model));
    assert!(saved.report().unused.is_empty(), "{:?}", saved.report());
}

#[test]
fn weights_that_are_not_given_are_those_of_the_model() {
    for (golden, head, bits) in [(BERT, Head::SequenceClassification, Some(4)), (GPT2, Head::CausalLm, None)] {
        let model = load(golden, head, bits);
        let module = if golden == BERT { BERT_QUERY } else { GPT2_QKV };
        let adapted = model.with_adapters(vec![adapter(&*model, module, "default", 1)]).unwrap();
        let given = if golden == BERT { "classifier.bias" } else { "transformer.wte.weight" };
        let known = adapted.parameters(&|name| name == given, &device()).unwrap();
        let own = known.into_iter().find(|own| own.name == given).unwrap();
        let before = own.values.unwrap().to_f32().unwrap();
        let doubled = before.iter().map(|value| 2.0 * value).collect();
        let weights = [(given.to_owned(), tensor(doubled, &own.shape))];
        let training = trustformers::for_training(&*adapted, Device::Cpu, weights.to_vec()).unwrap();
        let names = |name: &str| name == given || name.contains(".lora_");
        let recording = Recording { wanted: Some(&names), ..Recording::default() };
        let (output, pass) = call().record(&*training, recording).unwrap();
        let expected = match bits {
            // A state dict would quantize the weights again.
            Some(_) => logits(&*adapted).iter().zip(before.iter().cycle()).map(|(logit, bias)| logit + bias).collect(),
            None => {
                let state = State { tensors: weights.into(), is_strict: false, quantization: None, device: &device() };
                logits(&*trustformers::with_state(&*adapted, Device::Cpu, state).unwrap().0)
            }
        };
        let output_logits = output.logits.clone().unwrap();
        assert!(largest_difference(&output_logits.data, &expected) < 1e-3, "{golden}");
        let wanted = WantedWeights { names: &names, device: &device() };
        let gradients = ModelOutput { logits: Some(output_logits), ..ModelOutput::default() };
        let (_, found) = call().backward(&*training, pass, gradients, &output, Some(wanted)).unwrap();
        assert_eq!(found.len(), 3, "{golden}");
    }
}
