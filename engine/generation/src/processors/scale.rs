use trustformers_core::{Error, Result};
use trustformers_kernels::softmax::log_softmax;

use super::LogitsProcessor;

/// Divides the logits by the temperature.
#[derive(Debug)]
pub(super) struct Temperature(f32);

impl Temperature {
    pub fn new(temperature: f64) -> Result<Self> {
        if temperature > 0.0 {
            return Ok(Self(temperature as f32));
        }
        let advice = if temperature == 0.0 { "; for greedy search set do_sample=False" } else { "" };
        Err(Error::input("temperature", format!("must be greater than 0, found {temperature}{advice}")))
    }
}

impl LogitsProcessor for Temperature {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        logits.iter_mut().for_each(|logit| *logit /= self.0);
        Ok(())
    }
}

/// Normalizes logits to log probabilities.
pub(super) struct Renormalize;

impl LogitsProcessor for Renormalize {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        log_softmax(logits, logits.len().max(1));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperature_divides_and_is_positive() {
        let mut logits = [1.0, -2.0];
        Temperature::new(0.5).unwrap().process(&[], &mut logits).unwrap();
        assert_eq!(logits, [2.0, -4.0]);
        assert!(Temperature::new(0.0).unwrap_err().to_string().contains("do_sample=False"));
        for temperature in [-1.0, f64::NAN] {
            assert!(!Temperature::new(temperature).unwrap_err().to_string().contains("do_sample"));
        }
    }
}
