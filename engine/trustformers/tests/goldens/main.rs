//! Every family against `transformers` 5.23.0, on the tiny checkpoints of `tests/goldens/encoders` and
//! `tests/goldens/decoders`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod forward;
mod generation;
mod golden;
#[path = "../models/shared.rs"]
mod shared;
