//! The layers of every model: attention, feed-forward blocks, the order of their norms, and what a pass shares.

pub(crate) mod attention;
pub(crate) mod layer;
pub(crate) mod pass;
