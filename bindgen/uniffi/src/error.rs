use std::fmt;

use trustformers::Error;

/// An error of the engine; its variants say who can act on it. The message names the file, key, tensor or argument.
#[derive(Clone, Debug, uniffi::Error)]
#[uniffi(flat_error)]
pub enum TrustformersError {
    /// A configuration file or one of its keys is wrong.
    Config(String),
    /// A checkpoint is damaged, or its tensors do not match the model.
    Weights(String),
    /// An argument of a call is wrong.
    Input(String),
    /// A tokenizer cannot be read or does not support the call.
    Tokenizer(String),
    /// A model or one of its files is not available from the hub or the cache.
    Hub(String),
    /// The operating system refused to read or write a file.
    Io(String),
    /// The requested feature is not supported.
    Unsupported(String),
    /// The operation needs more memory than the machine has.
    OutOfMemory(String),
    /// A bug in trustformers.
    Internal(String),
}

pub(crate) type Result<T, E = TrustformersError> = std::result::Result<T, E>;

impl fmt::Display for TrustformersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Config(message)
        | Self::Weights(message)
        | Self::Input(message)
        | Self::Tokenizer(message)
        | Self::Hub(message)
        | Self::Io(message)
        | Self::Unsupported(message)
        | Self::OutOfMemory(message)
        | Self::Internal(message)) = self;
        f.write_str(message)
    }
}

impl std::error::Error for TrustformersError {}

impl From<&Error> for TrustformersError {
    fn from(error: &Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Config { .. } => Self::Config(message),
            Error::Weights { .. } => Self::Weights(message),
            Error::Input { .. } => Self::Input(message),
            Error::Tokenizer { .. } => Self::Tokenizer(message),
            Error::Hub { .. } => Self::Hub(message),
            Error::Io { .. } => Self::Io(message),
            Error::Unsupported { .. } => Self::Unsupported(message),
            Error::OutOfMemory { .. } => Self::OutOfMemory(message),
            _ => Self::Internal(message),
        }
    }
}

impl From<Error> for TrustformersError {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

/// A listener failed; the call that it listens to ends with an `Input` error.
#[derive(Debug, uniffi::Error)]
pub enum ListenerError {
    /// The listener raised an exception.
    Failed {
        /// The exception's message.
        reason: String,
    },
}

impl fmt::Display for ListenerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed { reason } = self;
        f.write_str(reason)
    }
}

impl std::error::Error for ListenerError {}

impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

impl From<ListenerError> for Error {
    fn from(error: ListenerError) -> Self {
        Self::input("listener", error)
    }
}
