//! The single entry into the engine: catches panics, and runs async calls on threads of their own.

use std::sync::Arc;
use std::thread;

use trustformers::{Error, install_panic_hook, on_pool, without_panic};

use crate::error::Result;
use crate::mailbox::Mailbox;

/// Runs `work` on the engine's threads.
///
/// **Errors:** any error of `work`; a panic as `Internal`.
pub(crate) fn run<T: Send>(work: impl FnOnce() -> trustformers::Result<T> + Send) -> Result<T> {
    run_here(|| on_pool(work))
}

/// Runs `work` on the calling thread: for work that calls listeners, and for work that takes less time than waking
/// another thread.
pub(crate) fn run_here<T>(work: impl FnOnce() -> trustformers::Result<T>) -> Result<T> {
    install_panic_hook();
    Ok(without_panic(work)?)
}

/// Runs `work` on a thread of its own.
pub(crate) async fn spawn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let mailbox = Arc::new(Mailbox::default());
    let sender = mailbox.clone();
    let spawned = thread::Builder::new().name("trustformers".to_owned()).spawn(move || sender.put(work()));
    spawned.map_err(|error| Error::unsupported(format!("a thread for an async call: {error}")))?;
    mailbox.take_async().await.unwrap_or_else(|| Err(Error::internal("an async call without a result").into()))
}
