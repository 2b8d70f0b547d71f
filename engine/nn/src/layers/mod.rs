//! Layers of one tensor in and one tensor out.

pub(crate) mod adapters;
pub(crate) mod buckets;
mod constant;
pub(crate) mod embedding;
pub(crate) mod experts;
pub(crate) mod feed_forward;
pub(crate) mod grouped_linear;
pub(crate) mod head;
pub(crate) mod head_norm;
pub(crate) mod layer_mut;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod norm;
pub(crate) mod packed;
pub(crate) mod preparation;
pub(crate) mod rope;
pub(crate) mod sinusoids;
pub(crate) mod table;
pub(crate) mod weight;
