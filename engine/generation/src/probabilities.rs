/// The largest value; NaN is larger than any other, as in torch.
pub(crate) fn maximum(values: &[f32]) -> f32 {
    // Separate lanes let the compiler vectorize; NaN never compares as larger and is tracked by itself.
    let mut most = [f32::NEG_INFINITY; 16];
    let mut has_nan = [false; 16];
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        for (lane, &value) in chunk.iter().enumerate() {
            most[lane] = if value > most[lane] { value } else { most[lane] };
            has_nan[lane] |= value.is_nan();
        }
    }
    if has_nan.contains(&true) || rest.iter().any(|value| value.is_nan()) {
        return f32::NAN;
    }
    most.iter().chain(rest).fold(f32::NEG_INFINITY, |most, &value| most.max(value))
}

/// Writes the softmax of `logits` to `probabilities`; logits of minus infinity skip the exponential.
///
/// The sum is taken in f64: over a large vocabulary f32 would lose the tail.
pub(crate) fn softmax(logits: &[f32], probabilities: &mut Vec<f32>) {
    let most = maximum(logits);
    let mut sum = 0.0;
    probabilities.clear();
    probabilities.extend(logits.iter().map(|&logit| {
        let exp = if logit == f32::NEG_INFINITY && most != logit { 0.0 } else { (logit - most).exp() };
        sum += f64::from(exp);
        exp
    }));
    for probability in probabilities {
        *probability = (f64::from(*probability) / sum) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustformers_kernels::softmax::log_softmax;

    #[test]
    fn probabilities_sum_to_one_and_keep_their_ratios() {
        let mut probabilities = Vec::new();
        softmax(&[1000.0, 1000.0 + 2f32.ln(), f32::NEG_INFINITY], &mut probabilities);
        assert!((probabilities[0] - 1.0 / 3.0).abs() < 1e-4 && (probabilities[1] - 2.0 / 3.0).abs() < 1e-4);
        assert_eq!(probabilities[2], 0.0);
    }

    #[test]
    fn logarithms_agree_with_probabilities() {
        let logits = [0.5, -3.0, 2.25, f32::NEG_INFINITY];
        let (mut probabilities, mut logarithms) = (Vec::new(), logits);
        softmax(&logits, &mut probabilities);
        log_softmax(&mut logarithms, logits.len());
        for (probability, logarithm) in probabilities.iter().zip(logarithms) {
            assert!((probability - logarithm.exp()).abs() < 1e-6);
        }
    }

    #[test]
    fn forbidden_and_nan_logits_give_nan_probabilities() {
        for logits in [[f32::NEG_INFINITY; 2], [f32::NAN, 1.0]] {
            let mut probabilities = Vec::new();
            softmax(&logits, &mut probabilities);
            assert!(probabilities.iter().all(|probability| probability.is_nan()));
        }
        assert!(maximum(&[1.0, f32::NAN, 2.0]).is_nan());
    }
}
