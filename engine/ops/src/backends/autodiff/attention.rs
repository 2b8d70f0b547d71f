use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::tensor::Tensor;

use super::node::{Kept, Primitive, primitive, record, tensor};
use crate::dropout::Mask;
use crate::{Attention, AttentionKind, EngineBackend, Heads, Scores, Segments};

/// Attention whose scores are products of queries and keys only.
pub(super) fn attention<B: EngineBackend, C: CheckpointStrategy>(
    qkv: [Tensor<Autodiff<B, C>, 2>; 3],
    attention: &Attention<'_, Autodiff<B, C>>,
) -> Tensor<Autodiff<B, C>, 2> {
    let Attention { segments, heads, scores: Scores { kind, scale, window, .. }, dropout, .. } = *attention;
    let qkv = qkv.map(primitive);
    let inner = qkv.each_ref().map(|operand| operand.primitive.clone());
    let setting = Setting { segments: segments.clone(), heads, kind, scale, window, dropout: dropout.cloned() };
    let result = crate::attention(inner.clone().map(tensor), &setting.attention());
    let output = result.clone();
    record(qkv.each_ref(), result, || Attended { qkv: inner, output: primitive(output), setting })
}

/// Parameters of attention without borrowed parts.
#[derive(Clone, Debug)]
struct Setting {
    segments: Segments,
    heads: Heads,
    kind: AttentionKind,
    scale: f64,
    window: Option<usize>,
    dropout: Option<Mask>,
}

impl Setting {
    fn attention<B: EngineBackend>(&self) -> Attention<'_, B> {
        let scores = Scores { window: self.window, ..Scores::plain(self.kind, self.scale) };
        let (segments, heads, dropout) = (&self.segments, self.heads, self.dropout.as_ref());
        Attention { segments, heads, scores, relative: None, dropout }
    }
}

#[derive(Clone, Debug)]
struct Attended<P> {
    qkv: [P; 3],
    output: P,
    setting: Setting,
}

impl<B: EngineBackend> Kept<B, 3> for Attended<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, wanted: [bool; 3]) -> [Option<Primitive<B>>; 3] {
        let Self { qkv, output, setting } = self;
        let found = B::attention_backward(qkv.map(tensor), tensor(output), tensor(gradient), &setting.attention::<B>());
        let mut wanted = wanted.into_iter();
        found.map(|found| wanted.next().unwrap_or(false).then(|| primitive(found)))
    }
}
