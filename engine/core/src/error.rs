use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use memmap2::MmapOptions;

/// The engine's error type; its variants group errors by who can act on them.
///
/// Every message says what was found, what was expected and, where it helps, what to do; it names the file, key,
/// tensor or token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration file or one of its keys is wrong.
    #[error("{}: {message}", .file.display())]
    Config {
        /// The configuration file.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A checkpoint is damaged, or its tensors do not match the model.
    #[error("{}: {message}", .file.display())]
    Weights {
        /// The checkpoint file or directory.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// An argument of a call is wrong.
    #[error("{argument}: {message}")]
    Input {
        /// The argument's name as the caller knows it.
        argument: String,
        /// What is wrong with it.
        message: String,
    },
    /// A tokenizer cannot be read or does not support the call.
    #[error("{message}")]
    Tokenizer {
        /// What is wrong; names the file or token.
        message: String,
    },
    /// A model or one of its files is not available from the hub or the cache.
    #[error("{message}")]
    Hub {
        /// What was requested, where, and why it was not found.
        message: String,
    },
    /// The operating system refused to read or write a file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The requested feature is not supported.
    #[error("not supported: {what}")]
    Unsupported {
        /// The unsupported feature.
        what: String,
    },
    /// The operation needs more memory than the machine has.
    #[error("out of memory: {what} takes about {mebibytes} MiB")]
    OutOfMemory {
        /// The operation.
        what: String,
        /// Memory that the operation needs, in MiB.
        mebibytes: usize,
    },
    /// A bug in this library.
    #[error("internal error in trustformers, please report it: {message}")]
    Internal {
        /// Details for the bug report.
        message: String,
    },
}

/// The engine's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A configuration file is wrong as a whole.
    pub fn config(file: impl AsRef<Path>, message: impl Display) -> Self {
        Self::Config { file: file.as_ref().to_owned(), message: message.to_string() }
    }

    /// A configuration key has an unusable value.
    pub fn config_key(file: impl AsRef<Path>, key: &str, found: impl Display, expected: impl Display) -> Self {
        Self::config(file, format!("key \"{key}\" is {found}, expected {expected}"))
    }

    /// A checkpoint is damaged or does not match the model.
    pub fn weights(file: impl AsRef<Path>, message: impl Display) -> Self {
        Self::Weights { file: file.as_ref().to_owned(), message: message.to_string() }
    }

    /// An argument of a call is wrong.
    pub fn input(argument: impl Into<String>, message: impl Display) -> Self {
        Self::Input { argument: argument.into(), message: message.to_string() }
    }

    /// A tokenizer cannot be read or used.
    pub fn tokenizer(message: impl Display) -> Self {
        Self::Tokenizer { message: message.to_string() }
    }

    /// A model is not available from the hub or the cache.
    pub fn hub(message: impl Display) -> Self {
        Self::Hub { message: message.to_string() }
    }

    /// The operating system refused a file operation.
    pub fn io(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { path: path.as_ref().to_owned(), source }
    }

    /// The requested feature is not supported.
    pub fn unsupported(what: impl Display) -> Self {
        Self::Unsupported { what: what.to_string() }
    }

    /// Checks that `bytes` can be allocated, because a failed allocation later would abort the process.
    ///
    /// **Errors:** `OutOfMemory` naming the operation.
    pub fn check_memory(what: impl Display, bytes: usize) -> Result<()> {
        // The global allocator would keep a vector's memory.
        let mapped = MmapOptions::new().len(bytes.max(1)).map_anon();
        mapped.map(drop).map_err(|_| Self::OutOfMemory { what: what.to_string(), mebibytes: bytes >> 20 })
    }

    /// A bug in this library.
    pub fn internal(message: impl Display) -> Self {
        Self::Internal { message: message.to_string() }
    }

    /// Stable name of the variant, for bindings and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Weights { .. } => "weights",
            Self::Input { .. } => "input",
            Self::Tokenizer { .. } => "tokenizer",
            Self::Hub { .. } => "hub",
            Self::Io { .. } => "io",
            Self::Unsupported { .. } => "unsupported",
            Self::OutOfMemory { .. } => "out_of_memory",
            Self::Internal { .. } => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_memory_rejects_impossible_sizes() {
        Error::check_memory("little", 1 << 20).unwrap();
        for bytes in [1 << 60, usize::MAX] {
            let error = Error::check_memory("a batch of 9", bytes).unwrap_err();
            assert_eq!(error.code(), "out_of_memory");
            assert!(error.to_string().contains("a batch of 9"), "{error}");
        }
    }
}
