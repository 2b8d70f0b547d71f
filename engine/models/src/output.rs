use trustformers_core::Result;
use trustformers_tensor::{Tensor, TensorDevice};

use crate::{Head, HostTensor};

/// Which outputs a forward pass computes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputFlags<'a> {
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the attention weights of every layer.
    pub attentions: bool,
    /// Whether to return the routers' logits of every layer with experts.
    pub router_logits: bool,
    /// Rows of the packed batch to compute per-token logits at, in ascending order; `None` computes all.
    pub logits_rows: Option<&'a [usize]>,
}

impl OutputFlags<'_> {
    /// The requested logits rows of a pass, counted from its first row; `None` if all are.
    pub(crate) fn picked(&self, pass: &std::ops::Range<usize>) -> Option<Vec<i64>> {
        let rows = self.logits_rows?;
        let [start, end] = [pass.start, pass.end].map(|row| rows.partition_point(|found| *found < row));
        Some(rows[start..end].iter().map(|row| (row - pass.start) as i64).collect())
    }
}

/// Output of a model for a packed batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackedOutput {
    /// Last hidden states of a base model. **Shapes:** `[rows, hidden]`.
    pub last_hidden_state: ChunkedTensor,
    /// Pooler output of a base model with a pooler. **Shapes:** `[sequences, hidden]`.
    pub pooler_output: ChunkedTensor,
    /// Logits of a head. **Shapes:** `[rows, outputs]`, `[logits_rows, outputs]` with [`OutputFlags::logits_rows`], or
    /// `[sequences, outputs]` of a sequence classifier.
    pub logits: ChunkedTensor,
    /// Outputs of the embeddings and of each layer; empty unless requested. **Shapes:** `[rows, hidden]` each.
    pub hidden_states: Vec<ChunkedTensor>,
    /// Attention weights of each layer, zero-padded to the longest sequence of a chunk; empty unless requested.
    /// **Shapes:** `[sequences, heads, longest, longest]` each.
    pub attentions: Vec<ChunkedTensor>,
    /// Weights of cross-attention of each layer, a chunk for each sequence; empty unless requested. **Shapes:** `[1,
    /// heads, rows, source rows]` each.
    pub cross_attentions: Vec<ChunkedTensor>,
    /// Logits of the router of each layer with experts; empty unless requested. **Shapes:** `[rows, num_experts]` each.
    pub router_logits: Vec<ChunkedTensor>,
    /// Mean cross entropy of the classes of a recorded pass; `None` without classes.
    pub loss: Option<f32>,
    /// Output of the encoder of a recorded pass; `None` if there is none or its outputs were given.
    pub encoder: Option<Box<PackedOutput>>,
}

impl PackedOutput {
    /// Gives the logits of a head their width if no row has logits.
    pub(crate) fn with_logits_width(mut self, head: Head, num_outputs: usize) -> Self {
        if !head.is_absent() && self.logits.is_empty() {
            self.logits.push(HostTensor { shape: vec![0, num_outputs], data: Vec::new() });
        }
        self
    }
}

/// A tensor in chunks along its first dimension, as the passes of a batch computed them; empty if nothing was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChunkedTensor {
    pub(crate) chunks: Vec<HostTensor>,
}

impl ChunkedTensor {
    pub(crate) fn push(&mut self, chunk: HostTensor) {
        self.chunks.push(chunk);
    }

    /// Appends a chunk to each tensor of a list; an empty list gets as many tensors as there are chunks.
    pub(crate) fn push_each(tensors: &mut Vec<Self>, chunks: impl IntoIterator<Item = HostTensor>) {
        for (index, chunk) in chunks.into_iter().enumerate() {
            if index == tensors.len() {
                tensors.push(Self::default());
            }
            tensors[index].push(chunk);
        }
    }

    /// Appends chunks to each tensor of a list; an empty list gets as many tensors as there are lists of chunks.
    pub(crate) fn extend_each<C: IntoIterator<Item = HostTensor>>(
        tensors: &mut Vec<Self>,
        chunks: impl IntoIterator<Item = Result<C>>,
    ) -> Result<()> {
        for (index, chunks) in chunks.into_iter().enumerate() {
            if index == tensors.len() {
                tensors.push(Self::default());
            }
            tensors[index].chunks.extend(chunks?);
        }
        Ok(())
    }

    /// Whether nothing was computed.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Size of the last dimension; zero if nothing was computed.
    pub fn width(&self) -> usize {
        self.chunks.first().and_then(|chunk| chunk.shape.last().copied()).unwrap_or(0)
    }

    /// The whole tensor, if anything was computed. A single chunk is not copied.
    pub fn into_tensor(self) -> Option<HostTensor> {
        let len = self.chunks.iter().map(|chunk| chunk.data.len()).sum::<usize>();
        let mut chunks = self.chunks.into_iter();
        let HostTensor { mut shape, mut data } = chunks.next()?;
        data.reserve_exact(len - data.len());
        for chunk in chunks {
            shape[0] += chunk.shape[0];
            data.extend(chunk.data);
        }
        Some(HostTensor { shape, data })
    }

    /// Each row of the last dimension, in order; the chunks are dropped as they are read.
    pub(crate) fn into_rows(self, mut read: impl FnMut(&[f32])) {
        let width = self.width().max(1);
        for chunk in self.chunks {
            chunk.data.chunks_exact(width).for_each(&mut read);
        }
    }

    /// Splits the tensor along its first dimension into parts of the given sizes.
    ///
    /// **Shapes:** `[rows, width]`; each part is `[size, width]`.
    pub fn split(&self, sizes: impl IntoIterator<Item = usize>) -> impl Iterator<Item = HostTensor> {
        let width = self.width();
        let mut values = self.chunks.iter().flat_map(move |chunk| chunk.data.chunks_exact(width.max(1)));
        sizes.into_iter().map(move |size| {
            let mut data = Vec::with_capacity(size * width);
            values.by_ref().take(size).for_each(|row| data.extend_from_slice(row));
            HostTensor { shape: vec![size, width], data }
        })
    }
}

/// Output of a model for a padded batch; zero at masked tokens that are not computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOutput {
    /// Last hidden states of a base model. **Shapes:** `[batch, seq, hidden]`.
    pub last_hidden_state: Option<HostTensor>,
    /// Pooler output of a base model with a pooler. **Shapes:** `[batch, hidden]`.
    pub pooler_output: Option<HostTensor>,
    /// Logits of a head. **Shapes:** `[batch, seq, outputs]`, where `logits_to_keep` limits `seq`, or
    /// `[batch, outputs]` of a sequence classifier.
    pub logits: Option<HostTensor>,
    /// Outputs of the embeddings and of each layer; empty unless requested. **Shapes:** `[batch, seq, hidden]` each.
    pub hidden_states: Vec<HostTensor>,
    /// Attention weights of each layer; empty unless requested. **Shapes:** `[batch, heads, seq, seq]` each.
    pub attentions: Vec<HostTensor>,
    /// Weights of a decoder's cross-attention of each layer; empty unless requested. **Shapes:** `[batch, heads, seq,
    /// source seq]` each.
    pub cross_attentions: Vec<HostTensor>,
    /// Logits of the router of each layer with experts; empty unless requested. **Shapes:** `[batch * seq, num_experts]`
    /// each.
    pub router_logits: Vec<HostTensor>,
    /// Load-balancing loss of the experts of a causal language model; `None` unless `router_logits` are requested.
    pub aux_loss: Option<f32>,
    /// Loss of the labels, with the load-balancing loss if there is one; `None` without labels.
    pub loss: Option<f32>,
}

/// Gradients of the outputs of a packed batch; `None` and empty stand for zeros.
#[derive(Debug, Default)]
pub struct OutputGradients {
    /// **Shapes:** `[rows, hidden]`.
    pub(crate) last_hidden_state: Option<HostTensor>,
    /// **Shapes:** `[sequences, hidden]`.
    pub(crate) pooler_output: Option<HostTensor>,
    /// **Shapes:** `[rows, outputs]`, or `[sequences, outputs]` of a sequence classifier.
    pub(crate) logits: Option<HostTensor>,
    /// Gradients of the outputs of the embeddings and of each layer. **Shapes:** `[rows, hidden]` each.
    pub(crate) hidden_states: Vec<HostTensor>,
    /// Gradients of the routers' logits. **Shapes:** `[rows, num_experts]` each.
    pub(crate) router_logits: Vec<HostTensor>,
    /// Gradient of the mean cross entropy of the classes of a recorded pass.
    pub(crate) loss: Option<f32>,
    /// Gradient of the load-balancing loss.
    pub(crate) aux_loss: Option<f32>,
    /// Gradients of the outputs of the encoder.
    pub(crate) encoder: Option<Box<OutputGradients>>,
}

/// Gradients of weights by name, in the layout of the family's checkpoints.
pub type WeightGradients = Vec<(String, Tensor)>;

/// Gradients of what a batch's outputs were computed from.
#[derive(Debug, Default)]
pub struct Gradients {
    /// Gradient of the token embeddings; `None` for a batch of token ids. **Shapes:** `[rows, embedding_size]`,
    /// row-major.
    pub embeddings: Option<Vec<f32>>,
    /// Gradients of the requested weights.
    pub weights: WeightGradients,
}

/// Weights whose gradients are requested.
#[derive(Clone, Copy)]
pub struct WantedWeights<'a> {
    /// Says for a name in the family's checkpoints whether the gradient is requested.
    pub names: &'a dyn Fn(&str) -> bool,
    /// The model's device.
    pub device: &'a TensorDevice,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(rows: usize, data: &[f32]) -> HostTensor {
        HostTensor { shape: vec![rows, data.len() / rows], data: data.to_vec() }
    }

    #[test]
    fn chunks_join_and_split_anywhere() {
        let mut chunked = ChunkedTensor::default();
        assert_eq!((chunked.is_empty(), chunked.width(), chunked.clone().into_tensor()), (true, 0, None));
        chunked.push(tensor(2, &[1.0, 2.0, 3.0, 4.0]));
        chunked.push(tensor(1, &[5.0, 6.0]));
        assert_eq!(chunked.clone().into_tensor().unwrap(), tensor(3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        let parts: Vec<_> = chunked.split([1, 2]).collect();
        assert_eq!(parts, [tensor(1, &[1.0, 2.0]), tensor(2, &[3.0, 4.0, 5.0, 6.0])]);
    }

    #[test]
    fn picked_rows_count_from_the_pass() {
        let flags = OutputFlags { logits_rows: Some(&[1, 4, 6]), ..OutputFlags::default() };
        assert_eq!(flags.picked(&(0..4)), Some(vec![1]));
        assert_eq!(flags.picked(&(4..7)), Some(vec![0, 2]));
        assert_eq!(flags.picked(&(7..9)), Some(vec![]));
        assert_eq!(OutputFlags::default().picked(&(0..4)), None);
    }
}
