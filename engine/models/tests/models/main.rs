//! Models on the cpu, in one program: each program of tests would compile every family again.

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
