use std::str::FromStr;

use trustformers_core::{Error, Result};
use trustformers_models::HostTensor;

use super::rows::{Rows, dot};

/// Similarity of two embeddings; larger is more similar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimilarityFunction {
    /// Cosine of the angle between the embeddings.
    #[default]
    Cosine,
    /// Dot product of the embeddings.
    Dot,
    /// Negative Euclidean distance of the embeddings.
    Euclidean,
    /// Negative Manhattan distance of the embeddings.
    Manhattan,
}

const NAMES: [(&str, SimilarityFunction); 4] = [
    ("cosine", SimilarityFunction::Cosine),
    ("dot", SimilarityFunction::Dot),
    ("euclidean", SimilarityFunction::Euclidean),
    ("manhattan", SimilarityFunction::Manhattan),
];

impl FromStr for SimilarityFunction {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function).ok_or_else(|| {
            let message = format!("\"{name}\" is not one of \"cosine\", \"dot\", \"euclidean\", \"manhattan\"");
            Error::input("similarity_fn_name", message)
        })
    }
}

impl SimilarityFunction {
    /// The name in `config_sentence_transformers.json`.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }

    /// Compares every row of `a` with every row of `b`.
    ///
    /// **Shapes:** `a: [n, width]`, `b: [m, width]`; returns `[n, m]`.
    ///
    /// **Errors:** `Input` if the widths differ.
    pub fn between(self, a: HostTensor, b: HostTensor) -> Result<HostTensor> {
        let (mut a, mut b) = (Rows::of(a), Rows::of(b));
        if a.width != b.width {
            let message = format!("vectors of width {} cannot be compared with vectors of width {}", b.width, a.width);
            return Err(Error::input("embeddings", message));
        }
        if self == Self::Cosine {
            a.normalize();
            b.normalize();
        }
        let differences = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f32>>();
        let compare = |a: &[f32], b: &[f32]| match self {
            Self::Cosine | Self::Dot => dot(a, b),
            Self::Euclidean => {
                let differences = differences(a, b);
                -dot(&differences, &differences).sqrt()
            }
            Self::Manhattan => -differences(a, b).iter().map(|difference| difference.abs()).sum::<f32>(),
        };
        let data: Vec<f32> = a.iter().flat_map(|a| b.iter().map(move |b| (a, b))).map(|(a, b)| compare(a, b)).collect();
        Ok(HostTensor { shape: vec![a.iter().len(), b.iter().len()], data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(name: &str) -> Vec<f32> {
        let a = HostTensor { shape: vec![1, 2], data: vec![3.0, 4.0] };
        let b = HostTensor { shape: vec![2, 2], data: vec![3.0, 4.0, 0.0, 2.0] };
        name.parse::<SimilarityFunction>().unwrap().between(a, b).unwrap().data
    }

    #[test]
    fn each_function_computes_its_similarity() {
        assert_eq!(compared("cosine"), [1.0, 0.8]);
        assert_eq!(compared("dot"), [25.0, 8.0]);
        assert_eq!(compared("euclidean"), [0.0, -13f32.sqrt()]);
        assert_eq!(compared("manhattan"), [0.0, -5.0]);
        assert!("maxsim".parse::<SimilarityFunction>().is_err());
    }
}
