use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor};
use trustformers_ops::{self as ops, EngineBackend};

use crate::{LayerNorm, Norm, NormConfig};

/// Normalization of queries and keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QkNorm {
    /// Each head separately, with one scale shared by all heads.
    PerHead(NormConfig),
    /// Layer norm of each head separately, with a scale per head.
    OwnScales {
        /// Epsilon of the layer norms.
        eps: f64,
    },
    /// All heads together as one row.
    Whole(NormConfig),
}

/// Normalization layer of query or key heads.
#[derive(Module, Debug)]
pub(crate) enum HeadNorm<B: Backend> {
    PerHead(Norm<B>),
    OwnScales(HeadNorms<B>),
    Whole(Norm<B>),
}

/// One layer norm per head.
#[derive(Module, Debug)]
pub(crate) struct HeadNorms<B: Backend> {
    norms: Vec<LayerNorm<B>>,
    eps: f64,
}

impl QkNorm {
    pub(crate) fn build<B: EngineBackend>(self, heads: usize, head_dim: usize, device: &B::Device) -> HeadNorm<B> {
        match self {
            Self::PerHead(norm) => HeadNorm::PerHead(norm.build(head_dim, device)),
            Self::Whole(norm) => HeadNorm::Whole(norm.build(heads * head_dim, device)),
            Self::OwnScales { eps } => {
                let norm = |_| LayerNorm::new(head_dim, eps, device).with_bias(false);
                HeadNorm::OwnScales(HeadNorms { norms: (0..heads).map(norm).collect(), eps })
            }
        }
    }
}

impl<B: EngineBackend> HeadNorm<B> {
    /// Normalizes queries or keys. **Shapes:** `x: [rows, heads * head_dim]`; returns the same.
    pub(crate) fn forward(&self, x: Tensor<B, 2>, head_dim: usize) -> Tensor<B, 2> {
        let [rows, width] = x.dims();
        let per_head = [rows * width / head_dim, head_dim];
        match self {
            Self::PerHead(norm) => norm.forward(x.reshape(per_head)).reshape([rows, width]),
            Self::Whole(norm) => norm.forward(x),
            Self::OwnScales(HeadNorms { norms, eps }) => {
                let dtype = x.dtype();
                let x = x.cast(BurnDType::F32).reshape(per_head);
                let ones = Tensor::ones([head_dim], (&x.device(), BurnDType::F32));
                let scales = Tensor::cat(norms.iter().map(|norm| Param::val(&norm.weight)).collect(), 0);
                let normal = ops::layer_norm(x, ones, None, *eps).reshape([rows, width]);
                (normal * scales.cast(BurnDType::F32).unsqueeze()).cast(dtype)
            }
        }
    }
}
