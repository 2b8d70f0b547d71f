use std::ops::ControlFlow;
use std::sync::Arc;

/// Bytes of a file that were received so far, those of earlier attempts included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Name of the file in the repository.
    pub file: &'a str,
    /// Bytes received.
    pub received_bytes: u64,
    /// Size of the file.
    pub total_bytes: u64,
}

/// Receives the progress of downloads, on the thread that downloads; `Break` cancels the call, which can be resumed.
pub type OnProgress = Arc<dyn Fn(&Progress<'_>) -> ControlFlow<()> + Send + Sync>;

/// Receivers of the progress of downloads.
#[derive(Clone, Copy)]
pub(crate) struct Reports<'a> {
    /// Whether a progress bar is shown for each file.
    pub(crate) bar: bool,
    pub(crate) listener: Option<&'a OnProgress>,
}

impl Reports<'_> {
    pub(crate) fn tell(&self, progress: &Progress<'_>) -> ControlFlow<()> {
        self.listener.map_or(ControlFlow::Continue(()), |listener| listener(progress))
    }
}
