//! Models on the cpu. They are loaded as users load them, by the facade: a test that names a backend compiles every family
//! for it again.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod adapters;
mod base_model;
mod bidirectional;
mod calls;
mod configurations;
mod gradients;
mod past;
mod published;
mod quantized;
mod shared;
