use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use crate::dropout::next_mask;
use crate::linear::joined;
use crate::{EngineBackend, Epilogue, LinearPart, LinearWeight, LowRank};

/// `activation(x * transpose(weight) + bias) + residual`; the parts' outputs are concatenated along the last dimension.
/// A part's low-rank updates are added to its weight.
///
/// **Shapes:** `x: [rows, in_features]`; returns `[rows, sum of out_features]`.
pub fn linear<B: EngineBackend>(x: Tensor<B, 2>, parts: &[LinearPart<B>], epilogue: Epilogue<B>) -> Tensor<B, 2> {
    if parts.iter().all(|part| part.low_rank.is_empty()) {
        return <B as EngineBackend>::linear(x, parts, epilogue);
    }
    // The updates enter before the activation, so the epilogue cannot be fused.
    epilogue.apply(joined(linears(x, parts)))
}

/// The outputs of several linear layers that share an input, without an activation.
///
/// **Shapes:** `x: [rows, in_features]`; returns `[rows, out_features]` for each part.
pub fn linears<B: EngineBackend>(x: Tensor<B, 2>, parts: &[LinearPart<B>]) -> Vec<Tensor<B, 2>> {
    if parts.iter().all(|part| part.low_rank.is_empty()) {
        return <B as EngineBackend>::linears(x, parts);
    }
    let outputs = <B as EngineBackend>::linears(x.clone(), parts);
    updated(&x, parts, outputs)
}

/// The input of an adapter's update in one product.
struct Input<B: Backend> {
    adapter: usize,
    /// The input after dropout; `None` if nothing is dropped.
    dropped: Option<Tensor<B, 2>>,
    /// `scale * dropped * transpose(a)`. **Shapes:** `[rows, rank]`.
    projected: Tensor<B, 2>,
}

impl<B: EngineBackend> Input<B> {
    fn new(low_rank: &LowRank<B>, x: &Tensor<B, 2>) -> Self {
        let dropped = next_mask(|_| low_rank.dropout).map(|mask| B::drop(x.clone(), &mask));
        let projected = product(dropped.as_ref().unwrap_or(x).clone(), &low_rank.a, None);
        let projected = if low_rank.scale == 1.0 { projected } else { projected * low_rank.scale };
        Self { adapter: low_rank.adapter, dropped, projected }
    }
}

/// Adds the parts' low-rank updates to their outputs.
///
/// **Shapes:** `x: [rows, in_features]`, `outputs: [rows, out_features]` for each part; returns the shapes of `outputs`.
fn updated<B: EngineBackend>(
    x: &Tensor<B, 2>,
    parts: &[LinearPart<B>],
    outputs: Vec<Tensor<B, 2>>,
) -> Vec<Tensor<B, 2>> {
    let mut inputs: Vec<Input<B>> = Vec::new();
    let mut update = |(part, own): (&LinearPart<B>, Tensor<B, 2>)| {
        part.low_rank.iter().fold(own.clone(), |out, low_rank| {
            let known = inputs.iter().position(|input| input.adapter == low_rank.adapter);
            if known.is_none() {
                inputs.push(Input::new(low_rank, x));
            }
            let input = &inputs[known.unwrap_or(inputs.len() - 1)];
            let Some(gain) = &low_rank.gain else {
                return product(input.projected.clone(), &low_rank.b, Some(out));
            };
            let gain = gain.clone().cast(x.dtype()).unsqueeze::<2>();
            let base = without_bias(part, &own, input.dropped.as_ref());
            out + base * (gain.clone() - 1.0) + product(input.projected.clone(), &low_rank.b, None) * gain
        })
    };
    parts.iter().zip(outputs).map(&mut update).collect()
}

/// The product of a part's weight with its input after dropout; `own` is the part's output for the whole input.
fn without_bias<B: EngineBackend>(
    part: &LinearPart<B>,
    own: &Tensor<B, 2>,
    dropped: Option<&Tensor<B, 2>>,
) -> Tensor<B, 2> {
    match (dropped, &part.bias) {
        (None, None) => own.clone(),
        (None, Some(bias)) => own.clone() - bias.clone().cast(own.dtype()).unsqueeze::<2>(),
        (Some(x), _) => {
            let weight = LinearPart { weight: part.weight.clone(), bias: None, low_rank: Vec::new() };
            <B as EngineBackend>::linear(x.clone(), &[weight], Epilogue::default())
        }
    }
}

/// `x * transpose(factor) + residual`.
fn product<B: EngineBackend>(x: Tensor<B, 2>, factor: &Tensor<B, 2>, residual: Option<Tensor<B, 2>>) -> Tensor<B, 2> {
    let weight = LinearWeight::Dense(factor.clone().cast(x.dtype()));
    let part = LinearPart { weight, bias: None, low_rank: Vec::new() };
    <B as EngineBackend>::linear(x, &[part], Epilogue { activation: None, residual })
}
