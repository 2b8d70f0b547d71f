//! `hf_config!`, which declares the keys of a `config.json`, and the kinds of keys.

use serde::de::DeserializeOwned;
use trustformers_core::{ConfigReader, Error, Result};

/// Declares a struct whose fields are keys of a `config.json`, with the function that reads them.
///
/// A line `key: Kind = default` takes the key from the file. `Kind` is a deserializable type, a [`Key`] that also
/// checks the value, such as [`Size`], or another struct of keys, with `#[serde(flatten)]`. A line
/// `field: Type => value` computes the field. Defaults and values may use the fields above them, and the reader and
/// parameters that are named after the struct. `check` rejects values that contradict each other:
///
/// ```text
/// hf_config! {
///     pub(crate) struct SomeConfig(reader, default: RotaryDefaults) {
///         #[serde(flatten)]
///         keys: RotaryKeys = default,
///         rms_norm_eps: f64 = 1e-6,
///         embedding_size: Size = keys.hidden_size,
///         #[serde(skip)]
///         is_narrow: bool => embedding_size < keys.hidden_size,
///     }
///     check = Self::check;
/// }
/// ```
///
/// generates the struct, which serializes in the order of its lines, and
/// `read(reader: &mut ConfigReader, default: RotaryDefaults) -> Result<Self>`, which calls
/// `check(&self, reader: &mut ConfigReader) -> Result<()>`.
macro_rules! hf_config {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($fields:tt)* } $($rest:tt)*) => {
        hf_config! { $(#[$meta])* $vis struct $name(reader) { $($fields)* } $($rest)* }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident($reader:ident $(, $parameter:ident: $of:ty)* $(,)?) {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $kind:ty $(= $default:expr)? $(=> $value:expr)?),* $(,)?
    } $(check = $check:path;)?) => {
        $(#[$meta])*
        #[derive(serde::Serialize)]
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: hf_config!(@type $kind $(=> $value)?)),*
        }

        impl $name {
            /// Takes the keys from a configuration.
            ///
            /// **Errors:** `Config` naming the key that is wrong.
            $vis fn read(
                $reader: &mut trustformers_core::ConfigReader
                $(, $parameter: $of)*
            ) -> trustformers_core::Result<Self> {
                $(
                    let $field: hf_config!(@type $kind $(=> $value)?) =
                        hf_config!(@read $reader, $field, $kind $(= $default)? $(=> $value)?);
                )*
                let config = Self { $($field),* };
                $($check(&config, $reader)?;)?
                Ok(config)
            }
        }

        #[allow(unused_parens, reason = "a single parameter makes no tuple")]
        impl $crate::hf_config::Key for $name {
            type Value = Self;
            type Default = ($($of),*);

            fn read(
                reader: &mut trustformers_core::ConfigReader,
                _: &str,
                ($($parameter),*): Self::Default,
            ) -> trustformers_core::Result<Self> {
                Self::read(reader $(, $parameter)*)
            }
        }
    };
    (@type $kind:ty) => { <$kind as $crate::hf_config::Key>::Value };
    (@type $type:ty => $value:expr) => { $type };
    (@read $reader:ident, $field:ident, $kind:ty) => { hf_config!(@read $reader, $field, $kind = ()) };
    (@read $reader:ident, $field:ident, $kind:ty = $default:expr) => {{
        let default = $default;
        <$kind as $crate::hf_config::Key>::read($reader, stringify!($field), default)?
    }};
    (@read $reader:ident, $field:ident, $type:ty => $value:expr) => { $value };
}

/// A kind of configuration key: its type and which values it accepts.
pub(crate) trait Key {
    /// Type of the value.
    type Value;
    /// Type of the default.
    type Default;

    /// Takes a key from a configuration; the default if the key is absent.
    ///
    /// **Errors:** `Config` naming the key and its value if the value is not accepted.
    fn read(reader: &mut ConfigReader, key: &str, default: Self::Default) -> Result<Self::Value>;
}

impl<T: DeserializeOwned> Key for T {
    type Value = T;
    type Default = T;

    fn read(reader: &mut ConfigReader, key: &str, default: T) -> Result<T> {
        reader.take_or(key, default)
    }
}

/// A `usize` of at least 1.
pub(crate) struct Size;

impl Key for Size {
    type Value = usize;
    type Default = usize;

    fn read(reader: &mut ConfigReader, key: &str, default: usize) -> Result<usize> {
        reader.take_size(key, default)
    }
}

/// A `usize` of at least 1, or null.
pub(crate) struct OptionalSize;

impl Key for OptionalSize {
    type Value = Option<usize>;
    type Default = Option<usize>;

    fn read(reader: &mut ConfigReader, key: &str, default: Option<usize>) -> Result<Option<usize>> {
        match reader.take_or(key, default)? {
            Some(0) => Err(Error::config_key(reader.file(), key, 0, "at least 1, or null")),
            size => Ok(size),
        }
    }
}

/// Number of layers, at most 1000: rejects corrupt values before memory is allocated.
pub(crate) struct LayerCount;

impl Key for LayerCount {
    type Value = usize;
    type Default = usize;

    fn read(reader: &mut ConfigReader, key: &str, default: usize) -> Result<usize> {
        let count = reader.take_or(key, default)?;
        reader.check_at_most(key, count, 1000)?;
        Ok(count)
    }
}

/// Number of attention heads, which divides a size; the default is `(count, size_key, size)`.
pub(crate) struct HeadCount;

impl Key for HeadCount {
    type Value = usize;
    type Default = (usize, &'static str, usize);

    fn read(reader: &mut ConfigReader, key: &str, (default, size_key, size): Self::Default) -> Result<usize> {
        let count = reader.take_size(key, default)?;
        reader.check_divides(key, count, size_key, size)?;
        Ok(count)
    }
}

/// An `f64` of more than 0.
pub(crate) struct Positive;

impl Key for Positive {
    type Value = f64;
    type Default = f64;

    fn read(reader: &mut ConfigReader, key: &str, default: f64) -> Result<f64> {
        match reader.take_or(key, default)? {
            value if value > 0.0 => Ok(value),
            other => Err(Error::config_key(reader.file(), key, other, "more than 0")),
        }
    }
}

/// Epsilon of a normalization, at least 0.
pub(crate) struct Epsilon;

impl Key for Epsilon {
    type Value = f64;
    type Default = f64;

    fn read(reader: &mut ConfigReader, key: &str, default: f64) -> Result<f64> {
        match reader.take_or(key, default)? {
            value if value >= 0.0 => Ok(value),
            other => Err(Error::config_key(reader.file(), key, other, "at least 0")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    hf_config! {
        struct Sizes(reader, default: usize) {
            hidden_size: Size = default,
            num_attention_heads: HeadCount = (2, "hidden_size", hidden_size),
        }
    }

    hf_config! {
        struct Config(reader) {
            #[serde(flatten)]
            sizes: Sizes = 8,
            num_hidden_layers: LayerCount = 3,
            sliding_window: OptionalSize = None,
            intermediate_size: Size = 4 * sizes.hidden_size,
            attention_multiplier: Positive = 1.0,
            #[serde(skip)]
            has_experts: bool => reader.peek("num_experts").is_some(),
            mlp_bias: bool = has_experts,
        }
        check = Self::check;
    }

    impl Config {
        fn check(&self, reader: &mut ConfigReader) -> Result<()> {
            reader.check_at_most("num_hidden_layers", self.num_hidden_layers, self.intermediate_size)
        }
    }

    fn read(keys: Value) -> Result<Config> {
        Config::read(&mut ConfigReader::from_json("config.json", keys)?)
    }

    #[test]
    fn keys_have_defaults_and_serialize_in_their_order() {
        let config = read(json!({})).unwrap();
        let expected = json!({
            "hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 3, "sliding_window": null,
            "intermediate_size": 32, "attention_multiplier": 1.0, "mlp_bias": false,
        });
        assert_eq!(serde_json::to_string(&config).unwrap(), expected.to_string());
    }

    #[test]
    fn defaults_follow_the_fields_above() {
        let config = read(json!({"hidden_size": 6, "num_experts": 2})).unwrap();
        assert_eq!((config.intermediate_size, config.has_experts, config.mlp_bias), (24, true, true));
    }

    #[test]
    fn values_that_a_kind_rejects_are_errors_that_name_the_key() {
        for (key, value, expected) in [
            ("hidden_size", json!(0), "at least 1"),
            ("num_attention_heads", json!(3), "a divisor of hidden_size = 8"),
            ("num_hidden_layers", json!(1001), "at most 1000"),
            ("num_hidden_layers", json!(33), "at most 32"),
            ("sliding_window", json!(0), "at least 1, or null"),
            ("attention_multiplier", json!(0.0), "more than 0"),
        ] {
            let message = read(json!({key: value})).err().unwrap().to_string();
            assert!(message.contains(key) && message.contains(expected), "{key} {value}: {message}");
        }
    }
}
