use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use trustformers::hub::{self, Files, OnProgress, Progress};
use trustformers::{Error, WeightFiles};

use crate::door;
use crate::error::{ListenerError, Result};

/// Where a model is looked for.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct HubOptions {
    /// Branch, tag or commit hash; by default `main`.
    #[uniffi(default = None)]
    pub revision: Option<String>,
    /// Access token; by default the environment's.
    #[uniffi(default = None)]
    pub token: Option<String>,
    /// Cache directory; by default the environment's.
    #[uniffi(default = None)]
    pub cache_dir: Option<String>,
    /// Folder of the repository that holds the files; by default its root.
    #[uniffi(default = None)]
    pub subfolder: Option<String>,
    /// Whether the network is never used.
    #[uniffi(default = false)]
    pub local_files_only: bool,
}

/// Progress of the download of a file.
#[derive(Clone, Debug, uniffi::Record)]
pub struct DownloadProgress {
    /// Name of the file in the repository.
    pub file: String,
    /// Bytes received so far, in earlier calls too.
    pub received_bytes: u64,
    /// Size of the file.
    pub total_bytes: u64,
}

/// Receives the progress of a download.
#[uniffi::export(with_foreign)]
pub trait DownloadListener: Send + Sync {
    /// Receives the progress; false cancels the download, which a later call resumes.
    fn on_progress(&self, progress: DownloadProgress) -> Result<bool, ListenerError>;
}

/// Downloads a model and its tokenizer into the cache unless they are there, and returns their directory.
#[uniffi::export(default(listener = None, options))]
pub fn download(name: String, listener: Option<Arc<dyn DownloadListener>>, options: HubOptions) -> Result<String> {
    let failure = Arc::new(Mutex::new(None));
    let on_progress = listener.map(|listener| forwarded(listener, failure.clone()));
    // On the calling thread, where the listener may need the lock of an interpreter.
    let found = door::run_here(|| resolve_with(&name, &[Files::Model, Files::Tokenizer], &options, on_progress));
    match failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(Error::from(error).into()),
        None => Ok(found?.to_string_lossy().into_owned()),
    }
}

/// As `download`, without blocking; a listener is called on another thread.
#[uniffi::export(default(listener = None, options))]
pub async fn download_async(
    name: String,
    listener: Option<Arc<dyn DownloadListener>>,
    options: HubOptions,
) -> Result<String> {
    door::spawn(move || download(name, listener, options)).await
}

/// The directory of a model's files, or a GGUF file.
pub(crate) fn resolve(name_or_path: &str, files: &[Files<'_>], options: &HubOptions) -> trustformers::Result<PathBuf> {
    match Path::new(name_or_path) {
        file if file.is_file() => Ok(file.to_owned()),
        _ => resolve_with(name_or_path, files, options, None),
    }
}

fn resolve_with(
    name: &str,
    files: &[Files<'_>],
    options: &HubOptions,
    on_progress: Option<OnProgress>,
) -> trustformers::Result<PathBuf> {
    let HubOptions { revision, token, cache_dir, subfolder, local_files_only } = options.clone();
    let options = hub::HubOptions {
        revision,
        token,
        cache_dir: cache_dir.map(PathBuf::from),
        subfolder,
        weights: WeightFiles::default(),
        local_files_only,
        progress: false,
        on_progress,
    };
    hub::resolve(name, files, &options)
}

/// Passes progress on to a listener, and stores its failure.
fn forwarded(listener: Arc<dyn DownloadListener>, failure: Arc<Mutex<Option<ListenerError>>>) -> OnProgress {
    Arc::new(move |progress: &Progress<'_>| {
        let Progress { file, received_bytes, total_bytes } = *progress;
        match listener.on_progress(DownloadProgress { file: file.to_owned(), received_bytes, total_bytes }) {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                ControlFlow::Break(())
            }
        }
    })
}
