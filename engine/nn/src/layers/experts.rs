use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor, activation};
use trustformers_ops::{EngineBackend, int_vector, to_f32_data};

use crate::layers::feed_forward::{FeedForward, FeedForwardConfig};
use crate::{LayerMut, Linear};

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

    /// Output of the experts plus `residual`; `keep` gets the router's logits.
    ///
    /// **Shapes:** `x, residual: [rows, hidden]`; returns the same. Logits are `[rows, num_experts]`.
    pub fn forward(
        &self,
        x: Tensor<B, 2>,
        residual: Option<Tensor<B, 2>>,
        keep: impl FnOnce(&Tensor<B, 2>),
    ) -> Tensor<B, 2> {
        let mut out = self.routed(x.clone(), keep);
        if let (Some(shared), Some(gate)) = (&self.shared_expert, &self.shared_expert_gate) {
            out = out + activation::sigmoid(gate.forward(x.clone())) * shared.forward(x, None);
        }
        match residual {
            Some(residual) => out + residual,
            None => out,
        }
    }

    /// Weighted sum of the outputs of each token's selected experts; every expert runs once on all its tokens.
    fn routed(&self, x: Tensor<B, 2>, keep: impl FnOnce(&Tensor<B, 2>)) -> Tensor<B, 2> {
        let ([rows, hidden], device, dtype) = (x.dims(), x.device(), x.dtype());
        let logits = self.router.forward(x.clone()).cast(BurnDType::F32);
        keep(&logits);
        let selected = self.select(logits.clone());
        let mut by_expert = vec![Vec::new(); self.experts.len()];
        for (at, expert) in selected.iter().enumerate() {
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
        let outputs = outputs.cast(BurnDType::F32).reshape([rows, self.num_experts_per_tok, hidden]);
        let weights = self.weights(logits, &selected).unsqueeze_dim::<3>(2);
        (outputs * weights).sum_dim(1).reshape([rows, hidden]).cast(dtype)
    }

    /// The experts selected for each token; the lower index wins ties.
    ///
    /// **Shapes:** `logits: [rows, num_experts]`; returns `[rows * num_experts_per_tok]`.
    fn select(&self, logits: Tensor<B, 2>) -> Vec<usize> {
        let logits = to_f32_data(logits).convert::<f32>();
        let logits = logits.as_slice::<f32>().expect("the router's logits were converted to f32");
        let of_token = |logits: &[f32]| {
            let mut order: Vec<usize> = (0..logits.len()).collect();
            order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
            order.truncate(self.num_experts_per_tok);
            order
        };
        logits.chunks_exact(self.experts.len()).flat_map(of_token).collect()
    }

    /// Weights of the selected experts, computed on the device so that the router has a gradient.
    ///
    /// **Shapes:** `logits: [rows, num_experts]`; returns `[rows, num_experts_per_tok]`.
    fn weights(&self, logits: Tensor<B, 2>, selected: &[usize]) -> Tensor<B, 2> {
        let rows = logits.dims()[0];
        let indices = int_vector::<B>(selected.iter().map(|expert| *expert as i64).collect(), &logits.device());
        let indices = indices.reshape([rows, self.num_experts_per_tok]);
        match self.routing {
            RoutingWeights::Softmax => activation::softmax(logits, 1).gather(1, indices),
            // Normalizing over the selected experts cancels the others.
            RoutingWeights::SoftmaxNormalized | RoutingWeights::SoftmaxSelected => {
                activation::softmax(logits.gather(1, indices), 1)
            }
        }
    }

    /// Visits the linear layers.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        // Quantized router weights would change which experts are selected; a gate has one row, too small to quantize.
        let floats = self.shared_expert_gate.iter_mut().chain([&mut self.router]);
        floats.for_each(|linear| visit(LayerMut::FloatLinear(linear)));
        self.experts.iter_mut().chain(&mut self.shared_expert).for_each(|expert| expert.each_layer(visit));
    }
}

#[cfg(test)]
mod tests {
    use trustformers_core::DType;
    use trustformers_ops::{Activation, Flex, Precision};

    use super::*;
    use crate::layers::feed_forward::Gate;
    use crate::{Preparation, Weight};

    fn experts(routing: RoutingWeights, is_shared: bool) -> Experts<Flex> {
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
            shared: is_shared.then_some(expert),
        };
        Experts::new(&config, 4, &Default::default())
    }

    #[test]
    fn routing_weights_are_normalized_over_all_or_selected_experts() {
        let logits =
            Tensor::<Flex, 2>::from_data([[0.0, 2.0f32.ln(), 5.0f32.ln()], [0.0, 0.0, 0.0]], &Default::default());
        for (kind, first, second) in [
            (RoutingWeights::Softmax, [5.0 / 8.0, 2.0 / 8.0], 1.0 / 3.0),
            (RoutingWeights::SoftmaxNormalized, [5.0 / 7.0, 2.0 / 7.0], 0.5),
            (RoutingWeights::SoftmaxSelected, [5.0 / 7.0, 2.0 / 7.0], 0.5),
        ] {
            let experts = experts(kind, false);
            let selected = experts.select(logits.clone());
            assert_eq!(selected, [2, 1, 0, 1]);
            let found = experts.weights(logits.clone(), &selected).into_data();
            let expected = burn::tensor::TensorData::from([first, [second, second]]);
            found.assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::absolute(1e-6));
        }
    }

    #[test]
    fn batched_tokens_get_the_same_expert_output_as_single_ones() {
        let experts = experts(RoutingWeights::Softmax, false);
        let x = Tensor::<Flex, 2>::random([7, 4], burn::tensor::Distribution::Default, &Default::default());
        let all = experts.forward(x.clone(), Some(x.clone()), |_| {});
        for row in 0..7 {
            let one = x.clone().narrow(0, row, 1);
            let found = experts.forward(one.clone(), Some(one), |_| {}).into_data();
            let expected = all.clone().narrow(0, row, 1).into_data();
            found.assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::absolute(1e-6));
        }
    }

    #[test]
    fn preparing_packs_every_linear_layer_without_changing_the_output() {
        let mut experts = experts(RoutingWeights::Softmax, true);
        let x = Tensor::<Flex, 2>::random([7, 4], burn::tensor::Distribution::Default, &Default::default());
        let expected = experts.forward(x.clone(), None, |_| {}).into_data();
        let precision = Precision::Float(DType::F32);
        let plan = Preparation { precision, dtype: DType::F32, quantized: &|_| None };
        experts.each_layer(&mut |layer| layer.prepare(&plan));
        let gate = experts.shared_expert_gate.as_ref().unwrap();
        assert!(matches!(gate.weight, Weight::Packed(_)) && matches!(experts.router.weight, Weight::Packed(_)));
        let found = experts.forward(x, None, |_| {}).into_data();
        found.assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::absolute(1e-6));
    }
}
