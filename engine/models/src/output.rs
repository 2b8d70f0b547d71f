use crate::HostTensor;

/// Which outputs a forward call computes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputFlags<'a> {
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the attention weights of every layer.
    pub attentions: bool,
    /// Indices `row * seq + column` of the tokens to compute per-token logits at; `None` computes all.
    pub logits_at: Option<&'a [usize]>,
    /// Whether to compute padded positions, which are zero otherwise; a loss over positions depends on them.
    pub padding: bool,
}

/// Output of a model; zero at padded positions unless [`OutputFlags::padding`] is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOutput {
    /// Last hidden states of a base model. **Shapes:** `[batch, seq, hidden]`.
    pub last_hidden_state: Option<HostTensor>,
    /// Pooler output of a base model with a pooler. **Shapes:** `[batch, hidden]`.
    pub pooler_output: Option<HostTensor>,
    /// Logits of a head. **Shapes:** `[batch, seq, outputs]`, `[indices, outputs]` with [`OutputFlags::logits_at`], or
    /// `[batch, outputs]` of a sequence classifier.
    pub logits: Option<HostTensor>,
    /// Outputs of the embeddings and of each layer; empty unless requested. **Shapes:** `[batch, seq, hidden]` each.
    pub hidden_states: Vec<HostTensor>,
    /// Attention weights of each layer; empty unless requested. **Shapes:** `[batch, heads, seq, seq]` each.
    pub attentions: Vec<HostTensor>,
}
