//! Load-balancing loss of experts, arXiv 2101.03961 equations 4 to 6.

use crate::HostTensor;

/// The loss that a causal language model with experts adds to that of its labels, as in transformers 5.23.0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadBalance {
    /// Number of experts per token.
    pub num_experts_per_tok: usize,
    /// Factor of the loss in that of labels (`router_aux_loss_coef`).
    pub coefficient: f64,
}

/// Means over the counted tokens of all layers, by expert.
struct Shares {
    num_tokens: f64,
    /// How often an expert is selected.
    selected: Vec<f64>,
    /// The router's probability of an expert.
    probability: Vec<f64>,
}

impl LoadBalance {
    /// The loss of the routers' logits; only tokens that are `counted` take part.
    ///
    /// **Shapes:** `layers: [rows, num_experts]` each, `counted: [rows]`.
    pub(crate) fn loss(&self, layers: &[HostTensor], counted: &[bool]) -> f32 {
        let Shares { selected, probability, .. } = self.shares(layers, counted);
        let sum: f64 = selected.iter().zip(&probability).map(|(selected, probability)| selected * probability).sum();
        (sum * selected.len() as f64) as f32
    }

    /// Gradients of the routers' logits, times `factor`. **Shapes:** as [`LoadBalance::loss`]; returns those of `layers`.
    pub(crate) fn gradients(&self, layers: &[HostTensor], counted: &[bool], factor: f32) -> Vec<HostTensor> {
        let Shares { num_tokens, selected, .. } = self.shares(layers, counted);
        let factor = f64::from(factor) * selected.len() as f64 / num_tokens;
        let of_layer = |HostTensor { shape, data }: &HostTensor| {
            let width = shape[1].max(1);
            let mut found = HostTensor { shape: shape.clone(), data: vec![0.0; data.len()] };
            let rows = data.chunks_exact(width).zip(found.data.chunks_exact_mut(width)).zip(counted);
            for ((logits, found), _) in rows.filter(|(_, is_counted)| **is_counted) {
                let probabilities = softmax(logits);
                let mean: f64 = probabilities.iter().zip(&selected).map(|(p, selected)| p * selected).sum();
                for ((found, p), selected) in found.iter_mut().zip(&probabilities).zip(&selected) {
                    *found = (p * (selected - mean) * factor) as f32;
                }
            }
            found
        };
        layers.iter().map(of_layer).collect()
    }

    fn shares(&self, layers: &[HostTensor], counted: &[bool]) -> Shares {
        let num_experts = layers.first().map_or(0, |layer| layer.shape[1]);
        let num_tokens = (layers.len() * counted.iter().filter(|is_counted| **is_counted).count()) as f64;
        let [mut selected, mut probability] = [(); 2].map(|()| vec![0.0; num_experts]);
        for layer in layers {
            let rows = layer.data.chunks_exact(num_experts.max(1)).zip(counted);
            for (logits, _) in rows.filter(|(_, is_counted)| **is_counted) {
                let mut order: Vec<usize> = (0..num_experts).collect();
                order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
                order.iter().take(self.num_experts_per_tok).for_each(|expert| selected[*expert] += 1.0 / num_tokens);
                probability.iter_mut().zip(softmax(logits)).for_each(|(sum, p)| *sum += p / num_tokens);
            }
        }
        Shares { num_tokens, selected, probability }
    }
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - largest).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALANCE: LoadBalance = LoadBalance { num_experts_per_tok: 2, coefficient: 1.0 };

    fn layers(data: [[f32; 9]; 2]) -> Vec<HostTensor> {
        data.map(|data| HostTensor { shape: vec![3, 3], data: data.to_vec() }).to_vec()
    }

    #[test]
    fn equal_use_of_experts_has_the_lowest_loss() {
        let even = layers([[0.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.0, -1.0, 0.0]; 2]);
        let found = BALANCE.loss(&even, &[true; 3]);
        assert!((found - 2.0).abs() < 1e-6, "{found}");
        let uneven = BALANCE.loss(&layers([[3.0, 2.0, -1.0, 3.0, 2.0, -1.0, 3.0, 2.0, -1.0]; 2]), &[true; 3]);
        assert!(uneven > 2.9, "{uneven}");
        assert_eq!(
            BALANCE.loss(&even, &[true, false, false]),
            BALANCE.loss(&layers([[0.0, 0.0, -1.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]; 2]), &[true, false, false])
        );
    }

    #[test]
    fn gradients_are_differences_of_the_loss() {
        const STEP: f32 = 1e-2;
        let data =
            [[0.5, -1.0, 0.25, 2.0, -0.5, 1.5, 0.0, -2.0, 0.75], [1.0, 0.0, -1.0, 0.5, 0.25, 3.0, -1.0, 2.0, 0.5]];
        let counted = [true, false, true];
        let found = BALANCE.gradients(&layers(data), &counted, 3.0);
        for (layer, at) in (0..18).map(|at| (at / 9, at % 9)) {
            let moved = |step: f32| {
                let mut moved = data;
                moved[layer][at] += step;
                BALANCE.loss(&layers(moved), &counted)
            };
            let expected = 3.0 * (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let found = found[layer].data[at];
            assert!((found - expected).abs() < 1e-3, "{layer} {at}: {found} {expected}");
        }
    }
}
