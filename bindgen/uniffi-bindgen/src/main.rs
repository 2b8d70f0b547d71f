//! Writes the Kotlin, Swift, Ruby and Python sources of the bindings.
//!
//! A crate of its own, so that the generator's dependencies neither change the engine's features nor build it again.

fn main() {
    uniffi::uniffi_bindgen_main();
}
