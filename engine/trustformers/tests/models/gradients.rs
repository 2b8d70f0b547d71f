//! Gradients of weights beside differences of outputs.

use std::path::Path;
use std::sync::Arc;

use trustformers_core::{DType, Device};
use trustformers_models::{
    Dtype, ForwardCall, Head, HostTensor, Labels, LoadOptions, Model, ModelOutput, PaddedArray, Recording, State,
    WantedWeights, quantization,
};
use trustformers_tensor::{Tensor, TensorDevice};

use crate::shared::load_model;

const IDS: [i64; 8] = [5, 6, 7, 8, 9, 10, 11, 12];
const MASK: [i64; 8] = [1, 1, 1, 1, 1, 1, 0, 0];
const STEP: f32 = 2e-2;

fn device() -> TensorDevice {
    trustformers::tensor_device(Device::Cpu).unwrap()
}

fn load(golden: &str, head: Head, options: LoadOptions) -> Arc<dyn Model> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens").join(golden);
    load_model(&dir, head, &LoadOptions { dtype: Dtype::Exactly(DType::F32), ..options }).unwrap()
}

fn call<'a>(labels: Option<Labels<'a>>) -> ForwardCall<'a> {
    let array = |values| Some(PaddedArray::new(values, [2, 4]));
    ForwardCall { input_ids: array(&IDS), attention_mask: array(&MASK), labels, ..ForwardCall::default() }
}

/// A weight of each kind of layer agrees with the difference of `total` where one element moves both ways.
fn check(model: &Arc<dyn Model>, found: &[(String, Tensor)], total: impl Fn(&dyn Model) -> f32) {
    let device = device();
    for (at, (name, gradient)) in found.iter().enumerate() {
        let gradient = gradient.to_f32().unwrap();
        // The element with the largest gradient, whose difference is the least lost in rounding.
        let element = (0..gradient.len()).max_by(|a, b| gradient[*a].abs().total_cmp(&gradient[*b].abs())).unwrap();
        if at % 3 != 0 || gradient[element].abs() < 1e-3 {
            continue;
        }
        let moved = |step: f32| {
            let weights = model.parameters(&|known| known == name, &device).unwrap();
            let weight = weights.into_iter().find(|weight| weight.name == *name).unwrap();
            let mut values = weight.values.unwrap().to_f32().unwrap();
            values[element] += step;
            let tensor = Tensor::from_f32(values, &weight.shape, &device).unwrap();
            let tensors = vec![(name.clone(), tensor)];
            let state = State { tensors, is_strict: false, quantization: None, device: &device };
            total(&*trustformers::with_state(&**model, Device::Cpu, state).unwrap().0)
        };
        let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        let error = (gradient[element] - expected).abs() / expected.abs().max(0.05);
        assert!(error < 0.05, "{name}[{element}]: {} instead of {expected}", gradient[element]);
    }
}

#[test]
fn gradients_of_weights_are_differences_of_the_loss() {
    for (golden, head, labels) in [
        ("encoders/bert", Head::MaskedLm, &[3, 4, -100, 5, 6, 7, -100, -100][..]),
        ("encoders/bert", Head::SequenceClassification, &[1, 0]),
        ("decoders/llama", Head::CausalLm, &[3, 4, 5, 6, 7, 8, -100, -100]),
        ("decoders/gpt2", Head::CausalLm, &[3, 4, 5, 6, 7, 8, -100, -100]),
    ] {
        let model = load(golden, head, LoadOptions::default());
        let call = call(Some(Labels::Classes(labels)));
        let recording = Recording { wanted: Some(&|_| true), ..Recording::default() };
        let (output, pass) = call.record(&*model, recording).unwrap();
        let evaluated = call.run(&*model, None).unwrap();
        assert!((output.loss.unwrap() - evaluated.loss.unwrap()).abs() < 1e-5);
        let gradients = ModelOutput { loss: Some(1.0), ..ModelOutput::default() };
        let wanted = WantedWeights { names: &|_| true, device: &device() };
        let (embeddings, found) = call.backward(&*model, pass, gradients, &output, Some(wanted)).unwrap();
        assert!(embeddings.is_none() && found.len() > 10, "{golden}: {} weights", found.len());
        check(&model, &found, |model| call.run(model, None).unwrap().loss.unwrap());
    }
}

#[test]
fn gradients_of_weights_are_those_that_are_wanted() {
    let model = load("decoders/llama", Head::CausalLm, LoadOptions::default());
    let names = |name: &str| name.ends_with("q_proj.weight");
    let (output, pass) =
        call(None).record(&*model, Recording { wanted: Some(&names), ..Recording::default() }).unwrap();
    let shape = output.logits.as_ref().unwrap().shape.clone();
    let logits = Some(HostTensor { data: vec![1.0; shape.iter().product()], shape });
    let wanted = WantedWeights { names: &names, device: &device() };
    let gradients = ModelOutput { logits, ..ModelOutput::default() };
    let (_, found) = call(None).backward(&*model, pass, gradients, &output, Some(wanted)).unwrap();
    assert!(!found.is_empty() && found.iter().all(|(name, _)| names(name)), "{found:?}");
}

#[test]
fn quantized_weights_have_no_gradients() {
    let quantization = Some(quantization(8, None, true).unwrap());
    let model = load("decoders/llama", Head::CausalLm, LoadOptions { quantization, ..LoadOptions::default() });
    let found = call(None).record(&*model, Recording { wanted: Some(&|_| true), ..Recording::default() });
    assert!(found.err().unwrap().to_string().contains("gradients of quantized weights"));
}
