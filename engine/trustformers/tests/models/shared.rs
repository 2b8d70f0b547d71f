//! Shared code of tests that run models.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use trustformers::models::{Head, LoadOptions, Model};
use trustformers::{Device, ModelSource, Result};
use trustformers_kernels::cpu::Isa;

/// Loads a checkpoint on a backend.
pub type Load = fn(&Path, Head, &LoadOptions) -> Result<Arc<dyn Model>>;

/// Loads a checkpoint on the cpu.
pub fn load_model(dir: &Path, head: Head, options: &LoadOptions) -> Result<Arc<dyn Model>> {
    Ok(trustformers::load_model(ModelSource::Dir(dir), head, Some(Device::Cpu), options)?.0)
}

/// Loads a checkpoint on Candle.
#[cfg(feature = "candle")]
pub fn load_on_candle(dir: &Path, head: Head, options: &LoadOptions) -> Result<Arc<dyn Model>> {
    trustformers::load_on_candle(ModelSource::Dir(dir), head, options)
}

/// Runs this program's tests whose names contain `name` in a separate process per instruction set of the processor.
pub fn under_every_instruction_set(name: &str) {
    for isa in Isa::ALL {
        if !isa.is_available() {
            println!("not tried: this processor has no {}", isa.name());
            continue;
        }
        let mut tests = Command::new(std::env::current_exe().unwrap());
        let outcome = tests.arg(name).env("TRUSTFORMERS_ISA", isa.name()).output().unwrap();
        let text = String::from_utf8_lossy(&outcome.stdout);
        assert!(outcome.status.success() && !text.contains("running 0 tests"), "{}: {text}", isa.name());
    }
}
