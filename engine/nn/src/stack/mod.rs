//! The layers of every model: attention, feed-forward blocks, the order of their norms, what a pass shares, and
//! devices.

pub(crate) mod attention;
pub(crate) mod checkpoints;
pub(crate) mod layer;
pub(crate) mod pass;
pub(crate) mod placement;
