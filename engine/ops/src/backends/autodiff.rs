use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;

use crate::EngineBackend;

/// The default bodies are differentiable.
impl<B: EngineBackend, C: CheckpointStrategy> EngineBackend for Autodiff<B, C> {}
