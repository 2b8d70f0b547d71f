//! The engine for Kotlin, Swift, Ruby and Python's ctypes, through UniFFI.
//!
//! The sources for these languages are generated from this crate by `make bindings`.

mod classifiers;
mod door;
mod encoder;
mod error;
mod generation_options;
mod generator;
mod hub;
mod load_options;
mod mailbox;
mod model;
mod question_answerer;
mod rows;
mod runtime;
mod text_stream;
mod tokenizer;

use trustformers::PoolAllocator;

// The kernel clears fresh pages at less than a tenth of the speed of memory.
#[global_allocator]
static ALLOCATOR: PoolAllocator = PoolAllocator;

uniffi::setup_scaffolding!("trustformers");
