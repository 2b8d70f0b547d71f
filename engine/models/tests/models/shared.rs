//! Shared code of golden tests.

use std::process::Command;

use trustformers_kernels::cpu::Isa;

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
