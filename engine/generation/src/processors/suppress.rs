use trustformers_core::Result;

use super::LogitsProcessor;
use super::repetition::forbid;

/// Forbids tokens, always or at one sequence length only.
pub(super) struct Suppress {
    pub padding: usize,
    /// The sequence length at which the tokens are forbidden; `None`: at every length.
    pub at: Option<usize>,
    pub tokens: Vec<i64>,
}

impl LogitsProcessor for Suppress {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        if self.at.is_none_or(|at| at == tokens.len() + self.padding) {
            self.tokens.iter().for_each(|&token| forbid(token, logits));
        }
        Ok(())
    }
}

/// Replaces NaN with 0 and infinite logits with the largest finite values of their dtype.
pub(super) struct RemoveInvalid {
    pub most: f32,
}

impl LogitsProcessor for RemoveInvalid {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        for logit in logits {
            *logit = if logit.is_nan() { 0.0 } else { logit.clamp(-self.most, self.most) };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_suppressed_always_or_at_one_length() {
        let mut logits = [1.0; 3];
        Suppress { padding: 1, at: Some(3), tokens: vec![0] }.process(&[5], &mut logits).unwrap();
        assert_eq!(logits, [1.0; 3]);
        Suppress { padding: 1, at: Some(3), tokens: vec![0] }.process(&[5, 5], &mut logits).unwrap();
        Suppress { padding: 0, at: None, tokens: vec![2, 8, -1] }.process(&[5], &mut logits).unwrap();
        assert_eq!(logits, [f32::NEG_INFINITY, 1.0, f32::NEG_INFINITY]);
    }

    #[test]
    fn invalid_logits_become_finite() {
        let mut logits = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.0];
        RemoveInvalid { most: f32::MAX }.process(&[], &mut logits).unwrap();
        assert_eq!(logits, [0.0, f32::MAX, f32::MIN, 2.0]);
    }
}
