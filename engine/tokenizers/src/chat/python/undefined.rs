use std::sync::Arc;

use super::exception::{Exception, Kind};

/// Why a value is undefined.
pub(crate) enum Undefined {
    Name(Arc<str>),
    /// `name` is formatted with Python's `repr`.
    Attribute {
        owner: String,
        name: String,
    },
    Element {
        owner: String,
        index: String,
    },
    Hint(String),
    /// An attribute that the sandbox hides.
    Unsafe(String),
}

impl Undefined {
    pub fn exception(&self) -> Exception {
        let message = match self {
            Self::Name(name) => format!("'{name}' is undefined"),
            Self::Attribute { owner, name } => format!("'{owner}' has no attribute {name}"),
            Self::Element { owner, index } => format!("{owner} has no element {index}"),
            Self::Hint(hint) => hint.clone(),
            Self::Unsafe(hint) => return Exception::new(Kind::Security, hint.clone()),
        };
        Exception::new(Kind::Undefined, message)
    }
}
