use crate::HostTensor;

/// What a call computes besides the result.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputFlags<'a> {
    /// The output of the embeddings and of every layer.
    pub hidden_states: bool,
    /// The attention weights of every layer.
    pub attentions: bool,
    /// Only these places get logits of every token, each `row * seq + column`; all do if absent.
    pub logits_at: Option<&'a [usize]>,
    /// What stands at padded positions, which are not computed otherwise; a loss over positions depends on them.
    pub padding: bool,
}

/// What a model computes; zero at padded positions unless they were wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOutput {
    /// `[batch, seq, hidden]`, of a base model.
    pub last_hidden_state: Option<HostTensor>,
    /// `[batch, hidden]`, of a base model that has a pooler.
    pub pooler_output: Option<HostTensor>,
    /// Of a head: `[batch, seq, outputs]`, `[places, outputs]` where only some were wanted, or `[batch, outputs]`.
    pub logits: Option<HostTensor>,
    /// `[batch, seq, hidden]` each, if they were wanted.
    pub hidden_states: Vec<HostTensor>,
    /// `[batch, heads, seq, seq]` each, if they were wanted.
    pub attentions: Vec<HostTensor>,
}
