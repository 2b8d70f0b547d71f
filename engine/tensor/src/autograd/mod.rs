//! Reverse-mode differentiation: recording of operations, leaves that collect gradients, and backward passes.

mod backward;
mod hooks;
mod leaf;
mod mode;
mod recording;

pub use backward::{Backward, Options};
pub use hooks::HookHandle;
pub use mode::{is_recording, set_recording, with_recording};
pub use recording::Source;
