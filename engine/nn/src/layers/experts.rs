use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor, TensorData, activation};
use trustformers_ops::{EngineBackend, int_vector, to_f32_data};

use crate::layers::feed_forward::{FeedForward, FeedForwardConfig};
use crate::{Linear, Preparation};

/// How the weights of a token's selected experts are computed from the router's logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutingWeights {
    /// Softmax over all experts.
    Softmax,
    /// Softmax over all experts, divided by the sum over the selected experts.
    SoftmaxNormalized,
    /// Softmax over the selected experts.
    SoftmaxSelected,
}

/// Configuration of [`Experts`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertsConfig {
    /// Number of experts.
    pub num_experts: usize,
    /// Number of experts per token (`num_experts_per_tok`).
    pub num_experts_per_tok: usize,
    /// How the weights of the selected experts are computed.
    pub routing: RoutingWeights,
    /// Whether the router has a bias.
    pub has_router_bias: bool,
    /// Configuration of each expert.
    pub expert: FeedForwardConfig,
    /// Configuration of the shared expert, which every token goes to with a sigmoid gate; `None` if there is none.
    pub shared: Option<FeedForwardConfig>,
}

/// A mixture of experts: a router selects feed-forward blocks for each token, arXiv 1701.06538.
#[derive(Module, Debug)]
pub struct Experts<B: Backend> {
    router: Linear<B>,
    experts: Vec<FeedForward<B>>,
    shared_expert: Option<FeedForward<B>>,
    shared_expert_gate: Option<Linear<B>>,
    #[module(skip)]
    routing: RoutingWeights,
    num_experts_per_tok: usize,
}

impl<B: EngineBackend> Experts<B> {
    /// A block with random weights until it is loaded.
    pub fn new(config: &ExpertsConfig, hidden_size: usize, device: &B::Device) -> Self {
        let ExpertsConfig { num_experts, num_experts_per_tok, routing, has_router_bias, expert, shared } = *config;
        Self {
            router: Linear::new(hidden_size, num_experts, device).with_bias(has_router_bias),
            experts: (0..num_experts).map(|_| FeedForward::new(&expert, hidden_size, device)).collect(),
            shared_expert: shared.map(|shared| FeedForward::new(&shared, hidden_size, device)),
            shared_expert_gate: shared.map(|_| Linear::new(hidden_size, 1, device).with_bias(false)),
            routing,
            num_experts_per_tok,
        }
    }

    /// Output of the experts plus `residual`. **Shapes:** `x, residual: [rows, hidden]`; returns the same.
    pub fn forward(&self, x: Tensor<B, 2>, residual: Option<Tensor<B, 2>>) -> Tensor<B, 2> {
        let mut out = self.routed(x.clone());
        if let (Some(shared), Some(gate)) = (&self.shared_expert, &self.shared_expert_gate) {
            out = out + activation::sigmoid(gate.forward(x.clone())) * shared.forward(x, None);
        }
        match residual {
            Some(residual) => out + residual,
            None => out,
        }
    }

    /// Weighted sum of the outputs of each token's selected experts; every expert runs once on all its tokens.
    fn routed(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let ([rows, hidden], device, dtype) = (x.dims(), x.device(), x.dtype());
        let logits = to_f32_data(self.router.forward(x.clone())).convert::<f32>();
        let logits = logits.as_slice::<f32>().expect("the router's logits were converted to f32");
        let selected: Vec<(usize, f32)> =
            logits.chunks_exact(self.experts.len()).flat_map(|logits| self.select(logits)).collect();
        let mut by_expert = vec![Vec::new(); self.experts.len()];
        for (at, (expert, _)) in selected.iter().enumerate() {
            by_expert[*expert].push(at);
        }
        let mut order = vec![0; selected.len()];
        for (row, at) in by_expert.iter().flatten().enumerate() {
            order[*at] = row as i64;
        }
        let outputs = self.experts.iter().zip(&by_expert).filter(|(_, tokens)| !tokens.is_empty());
        let outputs = outputs.map(|(expert, tokens)| {
            let tokens = tokens.iter().map(|at| (at / self.num_experts_per_tok) as i64).collect();
            expert.forward(x.clone().select(0, int_vector::<B>(tokens, &device)), None)
        });
        let outputs = Tensor::cat(outputs.collect(), 0).select(0, int_vector::<B>(order, &device));
        let routing = selected.iter().map(|(_, share)| *share).collect();
        let routing =
            Tensor::from_data(TensorData::new::<f32, _>(routing, [rows, self.num_experts_per_tok, 1]), &device);
        let outputs = outputs.cast(BurnDType::F32).reshape([rows, self.num_experts_per_tok, hidden]);
        (outputs * routing).sum_dim(1).reshape([rows, hidden]).cast(dtype)
    }

    /// The experts selected for a token and their weights; the lower index wins ties.
    fn select(&self, logits: &[f32]) -> Vec<(usize, f32)> {
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
        let most = logits[order[0]];
        let weight = |expert: usize| (logits[expert] - most).exp();
        let selected = &order[..self.num_experts_per_tok];
        let over = match self.routing {
            RoutingWeights::Softmax => &order[..],
            // Normalizing over the selected experts cancels the others.
            RoutingWeights::SoftmaxNormalized | RoutingWeights::SoftmaxSelected => selected,
        };
        let sum: f32 = over.iter().map(|expert| weight(*expert)).sum();
        selected.iter().map(|expert| (*expert, weight(*expert) / sum)).collect()
    }

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        // Quantized router weights would change which experts are selected.
        self.router.prepare(&plan.in_floats());
        self.experts.iter_mut().for_each(|expert| expert.prepare(plan));
        self.shared_expert.iter_mut().for_each(|shared| shared.prepare(plan));
    }
}

#[cfg(test)]
mod tests {
    use trustformers_ops::{Activation, Flex};

    use super::*;
    use crate::layers::feed_forward::Gate;

    fn experts(routing: RoutingWeights) -> Experts<Flex> {
        let expert = FeedForwardConfig {
            intermediate_size: 3,
            activation: Activation::Silu,
            gate: Gate::Activated,
            has_bias: false,
        };
        let config = ExpertsConfig {
            num_experts: 3,
            num_experts_per_tok: 2,
            routing,
            has_router_bias: true,
            expert,
            shared: None,
        };
        Experts::new(&config, 4, &Default::default())
    }

    #[test]
    fn shares_are_normalized_over_all_or_selected_experts() {
        let logits = [0.0, 2.0f32.ln(), 5.0f32.ln()];
        let routing = |kind| experts(kind).select(&logits).iter().map(|(_, share)| *share * 8.0).collect::<Vec<f32>>();
        for (kind, expected) in [
            (RoutingWeights::Softmax, [5.0, 2.0]),
            (RoutingWeights::SoftmaxNormalized, [40.0 / 7.0, 16.0 / 7.0]),
            (RoutingWeights::SoftmaxSelected, [40.0 / 7.0, 16.0 / 7.0]),
        ] {
            assert!(routing(kind).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{kind:?}");
        }
    }

    #[test]
    fn batched_tokens_get_the_same_expert_output_as_single_ones() {
        let experts = experts(RoutingWeights::Softmax);
        let x = Tensor::<Flex, 2>::random([7, 4], burn::tensor::Distribution::Default, &Default::default());
        let all = experts.forward(x.clone(), Some(x.clone()));
        for row in 0..7 {
            let one = x.clone().narrow(0, row, 1);
            let found = experts.forward(one.clone(), Some(one)).into_data();
            let expected = all.clone().narrow(0, row, 1).into_data();
            found.assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::absolute(1e-6));
        }
    }
}
