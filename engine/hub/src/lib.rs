//! Finds model files in a local directory, the standard cache or the hub.
//!
//! The cache has the layout of Python's `huggingface_hub` and shares its locks, so both libraries use the same files.
//! `hf-hub` 0.5.0 is not used: it sets no timeouts, verifies neither size nor digest of a download, and appends the
//! whole file to a partial one when a server ignores `Range`.
//! Source: `huggingface_hub` 2.4.0, `file_download.py` and `_snapshot_download.py`.

mod cache;
mod certificates;
mod client;
mod download;
mod environment;
mod files;
mod progress;
mod proxy;
mod repo_id;
mod snapshot;
mod url;

use std::fmt;
use std::path::{Path, PathBuf};

use trustformers_core::{Error, Result, WeightFiles};

use crate::cache::{RepoCache, is_commit_hash};
pub use crate::certificates::Authorities;
use crate::client::{Client, Failure};
pub use crate::environment::Environment;
pub use crate::files::Files;
use crate::progress::Reports;
pub use crate::progress::{OnProgress, Progress};
pub use crate::proxy::ProxySettings;
use crate::repo_id::{Location, RepoId};
use crate::snapshot::{Scope, Snapshot};

/// Options for locating a model; the fields are arguments of `from_pretrained`.
#[derive(Clone, Default)]
pub struct HubOptions {
    /// Branch, tag or commit hash; `None` is `main`.
    pub revision: Option<String>,
    /// Access token; `None` uses the environment's.
    pub token: Option<String>,
    /// Cache directory; `None` uses the environment's.
    pub cache_dir: Option<PathBuf>,
    /// Folder of the repository that holds the files; `None` is the repository root.
    pub subfolder: Option<String>,
    /// Which weight files to load.
    pub weights: WeightFiles,
    /// Never use the network.
    pub local_files_only: bool,
    /// Show a progress bar per file if stderr is a terminal.
    pub progress: bool,
    /// Receives the progress of downloads.
    pub on_progress: Option<OnProgress>,
}

impl fmt::Debug for HubOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubOptions")
            .field("revision", &self.revision)
            .field("token", &self.token.as_ref().map(|_| "(hidden)"))
            .field("cache_dir", &self.cache_dir)
            .field("subfolder", &self.subfolder)
            .field("weights", &self.weights)
            .field("local_files_only", &self.local_files_only)
            .field("progress", &self.progress)
            .field("on_progress", &self.on_progress.as_ref().map(|_| "(a function)"))
            .finish()
    }
}

/// The directory that holds the requested files of a model: `name_or_path` itself if it is a directory, else a
/// snapshot in the cache, downloaded if needed.
///
/// Files that the repository lacks are absent from the directory. All `files` come from one commit.
///
/// **Errors:** `Hub` if the name is neither a directory nor a repository id, or if the repository, the revision or
/// the weights are not available; `Input` if the revision or the token is malformed; `Io` if the cache cannot be read
/// or written; `Weights` or `Config` if `model.safetensors.index.json` or `modules.json` is malformed.
pub fn resolve(name_or_path: &str, files: &[Files<'_>], options: &HubOptions) -> Result<PathBuf> {
    resolve_in(&Environment::read(), name_or_path, files, options)
}

/// Path of one file of a model, by name: in a local directory, or in a cache snapshot, downloaded if needed.
///
/// **Errors:** as [`resolve`]; `Hub` if the file does not exist; `Input` if the name is not a relative path inside the
/// repository.
pub fn resolve_file(name_or_path: &str, file: &str, options: &HubOptions) -> Result<PathBuf> {
    resolve_file_in(&Environment::read(), name_or_path, file, options)
}

/// [`resolve_file`] with the settings of `environment` instead of the process environment.
pub fn resolve_file_in(
    environment: &Environment,
    name_or_path: &str,
    file: &str,
    options: &HubOptions,
) -> Result<PathBuf> {
    if let Location::Repo(_) = repo_id::locate(name_or_path)?
        && !files::is_safe_name(file)
    {
        return Err(Error::input("file", format!("{file:?} is not the name of a file in {name_or_path}")));
    }
    let path = resolve_in(environment, name_or_path, &[Files::Named(file)], options)?.join(file);
    if path.is_file() {
        Ok(path)
    } else {
        Err(Error::hub(format!("{} does not exist or is not a file", path.display())))
    }
}

/// [`resolve`] with the settings of `environment` instead of the process environment.
pub fn resolve_in(
    environment: &Environment,
    name_or_path: &str,
    files: &[Files<'_>],
    options: &HubOptions,
) -> Result<PathBuf> {
    let prefix = prefix(options)?;
    let repo = match repo_id::locate(name_or_path)? {
        Location::Directory(directory) if prefix.is_empty() => return Ok(directory),
        Location::Directory(directory) => {
            let folder = directory.join(prefix.trim_end_matches('/'));
            let missing = || Error::hub(format!("subfolder: {} is not a directory", folder.display()));
            return if folder.is_dir() { Ok(folder) } else { Err(missing()) };
        }
        Location::Repo(repo) => repo,
    };
    let scope = Scope { prefix, weights: options.weights.clone() };
    let revision = options.revision.as_deref().unwrap_or("main");
    repo_id::check_revision(revision)?;
    let cache_dir = cache_dir(environment, options)?;
    let cache = RepoCache::new(&cache_dir, &repo);

    let offline = if options.local_files_only {
        Some("local_files_only is set")
    } else if environment.offline {
        Some("HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set")
    } else {
        None
    };
    if let Some(reason) = offline {
        return cached(&cache, &scope, (&repo, revision), files, &format!("the network was not used because {reason}"));
    }
    if is_commit_hash(revision) {
        let snapshot = Snapshot::new(&cache, revision, &scope);
        if snapshot.is_complete(files)? {
            return Ok(snapshot.path());
        }
    }

    let client = Client::new(environment, repo.clone(), options.token.as_deref())?;
    let usable = cached(&cache, &scope, (&repo, revision), files, "").ok();
    let info = match usable {
        Some(_) => client.repo_info(revision),
        None => client.retried(|| client.repo_info(revision)),
    };
    let info = match (info, usable) {
        (Ok(info), _) => info,
        (Err(failure @ (Failure::RevisionNotFound(_) | Failure::Local(_))), _) => return Err(failure.into()),
        (Err(_), Some(directory)) => return Ok(directory),
        (Err(Failure::Transient(reason)), None) => return cached(&cache, &scope, (&repo, revision), files, &reason),
        (Err(failure), None) => return Err(failure.into()),
    };
    let reports = Reports { bar: options.progress && environment.progress, listener: options.on_progress.as_ref() };
    let snapshot = Snapshot::new(&cache, &info.commit, &scope);
    let num_downloaded = snapshot.fetch(&client, &info, files, reports)?;
    match cache.write_ref(revision, &info.commit) {
        // A read-only cache is fine as long as nothing had to be downloaded.
        Err(_) if num_downloaded == 0 => {}
        written => written?,
    }
    Ok(snapshot.path())
}

/// The subfolder with a trailing slash, or an empty string.
fn prefix(options: &HubOptions) -> Result<String> {
    let Some(folder) = options.subfolder.as_deref().map(|folder| folder.trim_end_matches('/')) else {
        return Ok(String::new());
    };
    match folder {
        "" => Ok(String::new()),
        folder if files::is_safe_name(folder) => Ok(format!("{folder}/")),
        other => Err(Error::input("subfolder", format!("{other:?} is not a folder inside a repository"))),
    }
}

fn cache_dir(environment: &Environment, options: &HubOptions) -> Result<PathBuf> {
    let chosen = match &options.cache_dir {
        Some(directory) => environment::expand_user(directory),
        None => environment.cache_dir.clone().ok_or_else(|| {
            Error::hub("there is no home directory to hold the model cache; set HF_HOME, HF_HUB_CACHE or cache_dir")
        })?,
    };
    std::path::absolute(&chosen).map_err(|source| Error::io(&chosen, source))
}

/// The cached snapshot of `revision`, if it holds the required ones of `files`.
fn cached(
    cache: &RepoCache,
    scope: &Scope,
    (repo, revision): (&RepoId, &str),
    files: &[Files<'_>],
    why_not_online: &str,
) -> Result<PathBuf> {
    let miss = |what: &str, place: &Path| {
        Error::hub(format!(
            "{repo} at revision \"{revision}\" is not in the cache: {what} in {}; {why_not_online}",
            place.display()
        ))
    };
    let Some(commit) = cache.commit_of(revision) else {
        return Err(miss("there is no such reference", &cache.refs()));
    };
    let snapshot = Snapshot::new(cache, &commit, scope);
    if !snapshot.path().is_dir() {
        return Err(miss("there is no such snapshot", &snapshot.path()));
    }
    match snapshot.missing(files)? {
        missing if missing.is_empty() => Ok(snapshot.path()),
        missing => Err(miss(&format!("{} missing", missing.join(", ")), &snapshot.path())),
    }
}
