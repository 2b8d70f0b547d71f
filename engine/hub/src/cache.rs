use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use trustformers_core::{Error, Result};

use crate::repo_id::RepoId;

/// Cache directory of one repository.
pub(crate) struct RepoCache {
    root: PathBuf,
    locks: PathBuf,
}

pub(crate) fn is_commit_hash(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl RepoCache {
    pub(crate) fn new(cache_dir: &Path, repo: &RepoId) -> Self {
        let folder_name = repo.folder_name();
        Self { root: cache_dir.join(&folder_name), locks: cache_dir.join(".locks").join(folder_name) }
    }

    pub(crate) fn refs(&self) -> PathBuf {
        self.root.join("refs")
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.root.join("snapshots").join(commit)
    }

    pub(crate) fn blob(&self, etag: &str) -> PathBuf {
        self.root.join("blobs").join(etag)
    }

    /// Path of a partially downloaded blob; no other library writes a file of this name.
    pub(crate) fn partial_blob(&self, etag: &str) -> PathBuf {
        self.root.join("blobs").join(format!("{etag}.partial"))
    }

    /// The commit that a revision last resolved to.
    pub(crate) fn commit_of(&self, revision: &str) -> Option<String> {
        if is_commit_hash(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.refs().join(revision)).ok()?;
        let commit = commit.trim();
        is_commit_hash(commit).then(|| commit.to_owned())
    }

    pub(crate) fn write_ref(&self, revision: &str, commit: &str) -> Result<()> {
        if self.commit_of(revision).as_deref() == Some(commit) {
            return Ok(());
        }
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = self.refs().join(revision);
        create_parent(&path)?;
        let mut temporary = path.clone().into_os_string();
        temporary.push(format!(".{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::write(&temporary, commit).map_err(|source| Error::io(&temporary, source))?;
        fs::rename(&temporary, &path).map_err(|source| {
            fs::remove_file(&temporary).ok();
            Error::io(&path, source)
        })
    }

    /// Locks a blob against other processes that write it. `huggingface_hub` takes the same lock.
    ///
    /// On a filesystem without locks this returns at once; see `Transfer::receive` for why that is harmless.
    pub(crate) fn lock(&self, etag: &str) -> Result<File> {
        let path = self.locks.join(format!("{etag}.lock"));
        create_parent(&path)?;
        let open = File::options().create(true).write(true).truncate(false).open(&path);
        let file = open.map_err(|source| Error::io(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => file.lock().map(|()| file).map_err(|source| Error::io(&path, source)),
            Err(TryLockError::Error(_)) => Ok(file),
        }
    }

    /// Whether a snapshot holds the file with its full size.
    pub(crate) fn holds(&self, commit: &str, name: &str, size: u64) -> Result<bool> {
        Ok(file_size(&self.snapshot(commit).join(name))? == Some(size))
    }

    /// Links a blob into a snapshot under its name in the repository.
    pub(crate) fn link(&self, commit: &str, name: &str, etag: &str) -> Result<()> {
        let path = self.snapshot(commit).join(name);
        if path.exists() {
            return Ok(());
        }
        create_parent(&path)?;
        if path.is_symlink() {
            fs::remove_file(&path).map_err(|source| Error::io(&path, source))?;
        }
        let depth = 2 + name.matches('/').count();
        let mut target: PathBuf = std::iter::repeat_n("..", depth).collect();
        target.push("blobs");
        target.push(etag);
        match symlink(&target, &path) {
            _ if path.exists() => Ok(()),
            // On Windows few users may create symlinks, and not every program follows them; the file moves instead.
            _ if cfg!(windows) => fs::rename(self.blob(etag), &path).map_err(|source| Error::io(&path, source)),
            made => made.map_err(|source| Error::io(&path, source)),
        }
    }

    fn absence_mark(&self, commit: &str, name: &str) -> PathBuf {
        self.root.join(".no_exist").join(commit).join(name)
    }

    pub(crate) fn is_known_absent(&self, commit: &str, name: &str) -> bool {
        self.absence_mark(commit, name).exists()
    }

    /// Records that a commit lacks a file, as `huggingface_hub` does, to save later requests.
    pub(crate) fn mark_absent(&self, commit: &str, name: &str) {
        let path = self.absence_mark(commit, name);
        if !path.exists() && create_parent(&path).is_ok() {
            File::create(path).ok();
        }
    }
}

pub(crate) fn create_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(|source| Error::io(parent, source)),
        None => Ok(()),
    }
}

/// The size of a file in bytes; `None` if it does not exist.
pub(crate) fn file_size(path: &Path) -> Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::io(path, source)),
    }
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}
