use std::f64::consts::PI;

use burn::tensor::{Tensor, TensorData};
use trustformers_ops::{CachedSegment, EngineBackend, RotaryLayout, Rotation};

/// Scaling of rotary frequencies for long contexts (`rope_scaling`).
#[derive(Clone, Debug, PartialEq)]
pub enum RopeScaling {
    /// No scaling.
    Unscaled,
    /// Position interpolation: positions are divided by a factor, arXiv 2306.15595.
    Linear {
        /// Divisor of the positions.
        factor: f64,
    },
    /// Dynamic NTK: beyond the original length the base grows with the sequence length.
    Dynamic {
        /// Scaling factor of the context length.
        factor: f64,
        /// Context length of the training.
        original_length: usize,
    },
    /// Llama 3.1: low frequencies are divided by a factor, high ones are not, with a ramp between.
    Llama3 {
        /// Divisor of the low frequencies.
        factor: f64,
        /// Frequencies with wavelengths above `original_length / low_freq_factor` are divided.
        low_freq_factor: f64,
        /// Frequencies with wavelengths below `original_length / high_freq_factor` are unchanged.
        high_freq_factor: f64,
        /// Context length of the training.
        original_length: usize,
    },
    /// YaRN: low frequencies are divided by a factor, with a ramp over dimensions, arXiv 2309.00071.
    Yarn {
        /// Divisor of the low frequencies.
        factor: f64,
        /// Number of rotations within the original length above which frequencies are unchanged.
        beta_fast: f64,
        /// Number of rotations within the original length below which frequencies are divided.
        beta_slow: f64,
        /// Whether the ends of the ramp are rounded to whole dimensions.
        truncates: bool,
        /// Factor of cosines and sines.
        attention_factor: f64,
        /// Context length of the training.
        original_length: usize,
    },
    /// LongRoPE: a divisor per frequency, one set within and one beyond the original length, arXiv 2402.13753.
    LongRope {
        /// Divisors of sequences within the original length.
        short: Vec<f64>,
        /// Divisors of sequences beyond the original length.
        long: Vec<f64>,
        /// Factor of cosines and sines.
        attention_factor: f64,
        /// Context length of the training.
        original_length: usize,
        /// Whether cached keys are recomputed when a sequence grows beyond the original length or is cut back to it, so
        /// that all keys use the same divisors; otherwise cached keys stay as they are.
        recomputes_cache: bool,
    },
}

/// Sequence length for length-dependent rotary frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopeLength {
    /// One length for all tokens of the segment.
    Whole(usize),
    /// For each token the sequence length up to and including the token, as in token-by-token decoding.
    EachToken,
}

/// Configuration of a rotary position embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct RopeConfig {
    /// Number of leading elements of a head that are rotated.
    pub rotary_dim: usize,
    /// Base of the frequencies (`rope_theta`), arXiv 2104.09864 section 3.2.2.
    pub theta: f64,
    /// Scaling of the frequencies for long contexts.
    pub scaling: RopeScaling,
    /// How the rotated elements are paired.
    pub layout: RotaryLayout,
}

impl RopeConfig {
    /// Rotary frequencies for a sequence length, and the factor of cosines and sines.
    fn frequencies(&self, length: usize) -> (Vec<f32>, f32) {
        let dim = self.rotary_dim as f64;
        let exponents = || (0..self.rotary_dim / 2).map(|at| (2 * at) as f64 / dim);
        let plain = |theta: f64| exponents().map(move |exponent| 1.0 / theta.powf(exponent));
        let by = |frequencies: Vec<f64>, factor: f64| (frequencies.iter().map(|f| *f as f32).collect(), factor as f32);
        match &self.scaling {
            RopeScaling::Unscaled => by(plain(self.theta).collect(), 1.0),
            RopeScaling::Linear { factor } => by(plain(self.theta).map(|f| f / factor).collect(), 1.0),
            RopeScaling::Dynamic { factor, original_length } => {
                let length = length.max(*original_length) as f64;
                let stretch = factor * length / *original_length as f64 - (factor - 1.0);
                by(plain(self.theta * stretch.powf(dim / (dim - 2.0))).collect(), 1.0)
            }
            RopeScaling::Llama3 { factor, low_freq_factor, high_freq_factor, original_length } => {
                let original = *original_length as f64;
                let scaled = plain(self.theta).map(|frequency| {
                    let wavelength = 2.0 * PI / frequency;
                    let share = (original / wavelength - low_freq_factor) / (high_freq_factor - low_freq_factor);
                    let share = share.clamp(0.0, 1.0);
                    (1.0 - share) * frequency / factor + share * frequency
                });
                by(scaled.collect(), 1.0)
            }
            RopeScaling::Yarn { factor, beta_fast, beta_slow, truncates, attention_factor, original_length } => {
                let at_rotations = |rotations: f64| {
                    dim * (*original_length as f64 / (rotations * 2.0 * PI)).ln() / (2.0 * self.theta.ln())
                };
                let (mut low, mut high) = (at_rotations(*beta_fast), at_rotations(*beta_slow));
                if *truncates {
                    (low, high) = (low.floor(), high.ceil());
                }
                let (low, high) = (low.max(0.0), high.min(dim - 1.0));
                let width = if high == low { 0.001 } else { high - low };
                let scaled = plain(self.theta).enumerate().map(|(at, frequency)| {
                    let ramp = ((at as f64 - low) / width).clamp(0.0, 1.0);
                    frequency / factor * ramp + frequency * (1.0 - ramp)
                });
                by(scaled.collect(), *attention_factor)
            }
            RopeScaling::LongRope { short, long, attention_factor, original_length, .. } => {
                let divisors = if length > *original_length { long } else { short };
                let scaled = plain(self.theta).zip(divisors).map(|(frequency, divisor)| frequency / divisor);
                by(scaled.collect(), *attention_factor)
            }
        }
    }

    /// The sequence length beyond which cached keys must be recomputed; only some [`RopeScaling::LongRope`] have one.
    pub(crate) fn recomputes_beyond(&self) -> Option<usize> {
        match self.scaling {
            RopeScaling::LongRope { original_length, recomputes_cache: true, .. } => Some(original_length),
            _ => None,
        }
    }

    /// Whether two sequence lengths have the same frequencies.
    pub(crate) fn is_equal_at(&self, length: usize, other: usize) -> bool {
        match self.scaling {
            RopeScaling::Dynamic { original_length, .. } => length.max(original_length) == other.max(original_length),
            RopeScaling::LongRope { original_length, .. } => (length > original_length) == (other > original_length),
            _ => true,
        }
    }

    /// Cosines and sines of every row of a batch. **Shapes:** `position_ids: [rows]`, `lengths: [segments]`.
    pub(crate) fn rotation<B: EngineBackend>(
        &self,
        segments: &[CachedSegment],
        position_ids: &[i64],
        lengths: &[RopeLength],
        device: &B::Device,
    ) -> Rotation<B> {
        let half = self.rotary_dim / 2;
        let (mut cos, mut sin) = (Vec::with_capacity(position_ids.len() * half), Vec::new());
        sin.reserve(position_ids.len() * half);
        let mut last: Option<(usize, (Vec<f32>, f32))> = None;
        for ((start, segment), rule) in CachedSegment::starts(segments).zip(lengths) {
            for position in &position_ids[start..][..segment.rows] {
                let length = match rule {
                    RopeLength::Whole(length) => *length,
                    RopeLength::EachToken => *position as usize + 1,
                };
                if last.as_ref().is_none_or(|(known, _)| !self.is_equal_at(*known, length)) {
                    last = Some((length, self.frequencies(length)));
                }
                let Some((_, (frequencies, factor))) = &last else { continue };
                for frequency in frequencies {
                    let angle = *position as f32 * frequency;
                    cos.push(angle.cos() * factor);
                    sin.push(angle.sin() * factor);
                }
            }
        }
        let table = |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [position_ids.len(), half]), device);
        Rotation { cos: table(cos), sin: table(sin), layout: self.layout }
    }
}
