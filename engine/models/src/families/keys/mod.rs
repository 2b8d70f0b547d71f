//! Groups of `config.json` keys that several families read.

pub(crate) mod experts;
pub(crate) mod post_norm;
pub(crate) mod rope;
pub(crate) mod rotary;
pub(crate) mod seq2seq;
pub(crate) mod windows;
