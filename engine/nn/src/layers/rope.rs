use std::f64::consts::PI;

use burn::tensor::{Tensor, TensorData};
use trustformers_ops::{CachedSegment, EngineBackend, RotaryLayout, Rotation};

/// How the frequencies of rotary positions change with the length of sequences.
#[derive(Clone, Debug, PartialEq)]
pub enum RopeScaling {
    /// They do not.
    Unscaled,
    /// Positions are divided by a factor, arXiv 2306.15595.
    Linear {
        /// The factor.
        factor: f64,
    },
    /// Beyond the original length the base grows with the sequence.
    Dynamic {
        /// The factor.
        factor: f64,
        /// Positions of the training.
        original_length: usize,
    },
    /// Low frequencies are divided and high ones are not, with a ramp between, as Llama 3.1 does.
    Llama3 {
        /// The factor.
        factor: f64,
        /// Wavelengths above the original length over this are divided.
        low_freq_factor: f64,
        /// Wavelengths below the original length over this are not.
        high_freq_factor: f64,
        /// Positions of the training.
        original_length: usize,
    },
    /// The same with a ramp over dimensions, and a factor of the scores, arXiv 2309.00071.
    Yarn {
        /// The factor.
        factor: f64,
        /// Rotations within the original length at which the ramp begins and ends.
        beta_fast: f64,
        /// The lower of the two.
        beta_slow: f64,
        /// Whether the ramp begins and ends at whole dimensions.
        truncates: bool,
        /// Factor of cosines and sines.
        attention_factor: f64,
        /// Positions of the training.
        original_length: usize,
    },
    /// Each frequency has divisors of its own, one within the original length and one beyond, arXiv 2402.13753.
    LongRope {
        /// Divisors within the original length.
        short: Vec<f64>,
        /// Divisors beyond.
        long: Vec<f64>,
        /// Factor of cosines and sines.
        attention_factor: f64,
        /// Positions of the training.
        original_length: usize,
        /// Whether all keys of a sequence are rotated by the same divisors: those in a cache are computed again when the
        /// sequence grows beyond the original length, or is cut back. Otherwise they stay as they are.
        recomputes_cache: bool,
    },
}

/// The length of a sequence, for frequencies that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopeLength {
    /// One length for all tokens of the segment.
    Whole(usize),
    /// For each token the length of the sequence up to and including it, as if tokens were read one by one.
    EachToken,
}

/// Rotary positions of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct RopeConfig {
    /// Elements of a head that turn; the first ones.
    pub rotary_dim: usize,
    /// Base of the angles' frequencies, arXiv 2104.09864 section 3.2.2.
    pub theta: f64,
    /// What long sequences change.
    pub scaling: RopeScaling,
    /// Which elements turn together.
    pub layout: RotaryLayout,
}

impl RopeConfig {
    /// Angles by position, and the factor of their cosines and sines, for sequences of this length.
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

    /// The length beyond which a cache is computed again; see [`RopeScaling::PerFrequency`].
    pub(crate) fn recomputes_beyond(&self) -> Option<usize> {
        match self.scaling {
            RopeScaling::LongRope { original_length, recomputes_cache: true, .. } => Some(original_length),
            _ => None,
        }
    }

    /// Whether sequences of two lengths have the same frequencies.
    pub(crate) fn is_equal_at(&self, length: usize, other: usize) -> bool {
        match self.scaling {
            RopeScaling::Dynamic { original_length, .. } => length.max(original_length) == other.max(original_length),
            RopeScaling::LongRope { original_length, .. } => (length > original_length) == (other > original_length),
            _ => true,
        }
    }

    /// The rotation of every row of a batch. **Shapes:** `position_ids: [rows]`, `lengths: [segments]`.
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
