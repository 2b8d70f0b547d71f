//! End-to-end generation with a toy model, compared with transformers where it supports the same.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod background;
mod batching;
mod beams;
mod golden;
mod sampling;
mod searching;
mod speculation;
mod steps;
mod toy;
