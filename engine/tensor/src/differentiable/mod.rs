//! Operations of storage on tensors, recorded with the rules of their gradients. The operations of `ops` are made of
//! them, and are differentiable for that reason.

mod elementwise;
mod indexing;
mod movement;
mod products;
mod reductions;
