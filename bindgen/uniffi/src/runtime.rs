use trustformers::cpu;

use crate::door;
use crate::error::Result;
use crate::load_options::Device;

/// The version of the engine.
#[uniffi::export]
pub fn version() -> String {
    trustformers::VERSION.to_owned()
}

/// The device that a model is loaded on by default.
#[uniffi::export]
pub fn default_device() -> Result<Device> {
    door::run_here(|| Ok(trustformers::resolve_device(None)?.into()))
}

/// Number of threads that the engine uses.
#[uniffi::export]
pub fn num_threads() -> u32 {
    u32::try_from(cpu::num_threads()).unwrap_or(u32::MAX)
}

/// Sets the number of threads that the engine uses, at most the cores that the process may run on.
#[uniffi::export]
pub fn set_num_threads(num_threads: u32) {
    cpu::set_num_threads(num_threads as usize);
}
