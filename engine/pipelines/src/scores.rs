use std::cmp::Ordering;

/// Softmax of the logits; zero for logits of minus infinity.
pub(crate) fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut scores: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    scores
}

pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Index of the largest score, the first among equals.
pub(crate) fn argmax(scores: &[f32]) -> usize {
    let better = |best: usize, index: usize| if scores[index] > scores[best] { index } else { best };
    (0..scores.len()).reduce(better).unwrap_or(0)
}

/// Indices of the `count` largest scores, largest first; of equal scores, the lower index first.
pub(crate) fn largest(scores: &[f32], count: usize) -> Vec<usize> {
    let order = |a: &usize, b: &usize| descending(scores[*a], scores[*b]).then(a.cmp(b));
    let mut indices: Vec<usize> = (0..scores.len()).collect();
    if count < indices.len() {
        if count > 0 {
            indices.select_nth_unstable_by(count - 1, order);
        }
        indices.truncate(count);
    }
    indices.sort_unstable_by(order);
    indices
}

/// Orders the larger value first, NaN last.
pub(crate) fn descending<T: PartialOrd>(a: T, b: T) -> Ordering {
    let is_number = |value: &T| value.partial_cmp(value).is_some();
    b.partial_cmp(&a).unwrap_or_else(|| is_number(&b).cmp(&is_number(&a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_does_not_overflow() {
        assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
        assert_eq!(softmax(&[0.0, f32::NEG_INFINITY]), [1.0, 0.0]);
    }

    #[test]
    fn the_first_of_equal_scores_comes_first() {
        let scores = [1.0, 3.0, 2.0, 3.0, 2.0];
        assert_eq!(largest(&scores, 3), [1, 3, 2]);
        assert_eq!(largest(&scores, 9), [1, 3, 2, 4, 0]);
        assert_eq!(largest(&scores, 0), [0_usize; 0]);
        assert_eq!(argmax(&scores), 1);
    }

    #[test]
    fn nan_comes_last() {
        assert_eq!(largest(&[f32::NAN, 1.0, f32::NAN, 2.0], 4), [3, 1, 0, 2]);
    }
}
