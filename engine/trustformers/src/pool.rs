use trustformers_core::{Error, Result};
use trustformers_kernels::cpu;

/// Runs `work` on the engine's own threads.
///
/// **Errors:** any error of `work`; `Unsupported` if the operating system cannot start threads.
pub fn on_pool<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    cpu::on_pool(work).map_err(|error| Error::unsupported(format!("running without threads: {error}")))?
}
