use serde::Serialize;
use serde_json::{Map, Value, json};
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn::{RopeConfig, RopeScaling};
use trustformers_ops::RotaryLayout;

/// A family's defaults for rotary positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RopeDefaults {
    pub(crate) theta: f64,
    /// Fraction of each head that is rotated.
    pub(crate) partial_rotary_factor: f64,
    /// Whether unscaled positions respect `partial_rotary_factor`; the reference's Llama, for one, ignores it.
    pub(crate) is_partial: bool,
    pub(crate) layout: RotaryLayout,
}

impl RopeDefaults {
    /// Rotation of whole heads in the rotate-half layout.
    pub(crate) const ROTATE_HALF: Self =
        Self { theta: 10_000.0, partial_rotary_factor: 1.0, is_partial: false, layout: RotaryLayout::RotateHalf };

    /// Rotation of a fraction of each head in the rotate-half layout.
    pub(crate) const fn partial(partial_rotary_factor: f64) -> Self {
        Self { partial_rotary_factor, is_partial: true, ..Self::ROTATE_HALF }
    }
}

/// Rotary positions, saved as `rope_parameters` in the format of transformers 5.23.0.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rope {
    #[serde(rename = "rope_parameters")]
    pub(crate) parameters: Value,
    #[serde(skip)]
    pub(crate) config: RopeConfig,
}

impl Rope {
    /// Reads `rope_parameters`, or the older `rope_scaling`, `rope_theta` and `partial_rotary_factor`.
    ///
    /// **Errors:** `Config` naming the key that is wrong or missing.
    pub(crate) fn read(
        reader: &mut ConfigReader,
        defaults: RopeDefaults,
        head_dim: usize,
        max_position_embeddings: usize,
    ) -> Result<Self> {
        let parameters: Value = reader.take_or("rope_parameters", Value::Null)?;
        let older: Value = reader.take_or("rope_scaling", Value::Null)?;
        let theta: f64 = reader.take_or("rope_theta", defaults.theta)?;
        let partial: f64 = reader.take_or("partial_rotary_factor", defaults.partial_rotary_factor)?;
        let stated = if is_absent(&older) { ("rope_parameters", parameters) } else { ("rope_scaling", older) };
        let original: Option<usize> = reader.take_or("original_max_position_embeddings", None)?;
        Self::of(
            reader,
            (stated.0, &stated.1),
            RopeDefaults { theta, partial_rotary_factor: partial, ..defaults },
            Lengths { head_dim, max_position_embeddings, original },
        )
    }

    /// Rotary positions of full-attention and of sliding-window layers, from a `rope_parameters` with a key for each.
    ///
    /// **Errors:** `Config` naming the key that is wrong or missing.
    pub(crate) fn by_layer_type(
        reader: &ConfigReader,
        parameters: &Map<String, Value>,
        thetas: [f64; 2],
        lengths: Lengths,
    ) -> Result<[Self; 2]> {
        let of = |kind: &str, theta| {
            let defaults = RopeDefaults { theta, ..RopeDefaults::ROTATE_HALF };
            let key = format!("rope_parameters.{kind}");
            Self::of(reader, (&key, parameters.get(kind).unwrap_or(&Value::Null)), defaults, lengths)
        };
        Ok([of("full_attention", thetas[0])?, of("sliding_attention", thetas[1])?])
    }

    /// The `rope_parameters` of [`Rope::by_layer_type`].
    pub(crate) fn parameters_by_layer_type([full, sliding]: &[Self; 2]) -> Value {
        json!({"full_attention": full.parameters, "sliding_attention": sliding.parameters})
    }

    /// Whether a configuration states `rope_parameters` or `rope_scaling`.
    pub(crate) fn is_stated(reader: &ConfigReader) -> bool {
        ["rope_parameters", "rope_scaling"]
            .into_iter()
            .filter_map(|key| reader.peek(key))
            .any(|value| !is_absent(value))
    }

    /// Rotary positions from a key and its object of rotary parameters.
    ///
    /// **Errors:** `Config` naming the key that is wrong or missing.
    fn of(
        reader: &ConfigReader,
        (key, stated): (&str, &Value),
        defaults: RopeDefaults,
        lengths: Lengths,
    ) -> Result<Self> {
        if !stated.is_null() && !stated.is_object() {
            return Err(Error::config_key(reader.file(), key, stated, "an object or null"));
        }
        let parameters = Parameters { reader, stated };
        let theta = parameters.number("rope_theta", Some(defaults.theta))?;
        if theta <= 0.0 {
            return Err(Error::config_key(reader.file(), "rope_parameters.rope_theta", theta, "more than 0"));
        }
        let partial = match parameters.number("partial_rotary_factor", Some(defaults.partial_rotary_factor))? {
            _ if !defaults.is_partial && parameters.kind()? == "default" => 1.0,
            partial => partial,
        };
        let rotary_dim = (lengths.head_dim as f64 * partial) as usize;
        if !rotary_dim.is_multiple_of(2) || rotary_dim == 0 || rotary_dim > lengths.head_dim {
            let found = format!("{partial}, which rotates {rotary_dim} of head_dim = {}", lengths.head_dim);
            let expected = "a factor that rotates an even number of elements";
            return Err(Error::config_key(reader.file(), "partial_rotary_factor", found, expected));
        }
        let scaling = parameters.scaling(rotary_dim, lengths)?;
        let kind = parameters.kind()?.to_owned();
        let mut parameters = if stated.is_null() { json!({}) } else { stated.clone() };
        if let Some(keys) = parameters.as_object_mut() {
            keys.remove("type");
            keys.entry("rope_theta").or_insert(json!(theta));
            keys.insert("rope_type".to_owned(), kind.into());
            if partial != 1.0 {
                keys.entry("partial_rotary_factor").or_insert(json!(partial));
            }
        }
        Ok(Self { parameters, config: RopeConfig { rotary_dim, theta, scaling, layout: defaults.layout } })
    }
}

fn is_absent(parameters: &Value) -> bool {
    parameters.is_null() || parameters.as_object().is_some_and(Map::is_empty)
}

/// Sizes that rotary scalings depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lengths {
    pub(crate) head_dim: usize,
    pub(crate) max_position_embeddings: usize,
    /// Top-level `original_max_position_embeddings`, which takes precedence over the value in `rope_parameters`.
    pub(crate) original: Option<usize>,
}

struct Parameters<'a> {
    reader: &'a ConfigReader,
    stated: &'a Value,
}

impl Parameters<'_> {
    fn kind(&self) -> Result<&str> {
        let stated = ["rope_type", "type"].into_iter().filter_map(|key| self.stated.get(key));
        match stated.into_iter().find(|kind| !kind.is_null()) {
            None => Ok("default"),
            Some(Value::String(kind)) => Ok(kind),
            Some(other) => Err(Error::config_key(self.reader.file(), "rope_type", other, "a string")),
        }
    }

    fn scaling(&self, rotary_dim: usize, lengths: Lengths) -> Result<RopeScaling> {
        match self.kind()? {
            "default" => Ok(RopeScaling::Unscaled),
            "linear" => Ok(RopeScaling::Linear { factor: self.factor(None)? }),
            "dynamic" => Ok(RopeScaling::Dynamic {
                factor: self.factor(None)?,
                original_length: lengths.max_position_embeddings,
            }),
            "llama3" => Ok(RopeScaling::Llama3 {
                factor: self.factor(None)?,
                low_freq_factor: self.number("low_freq_factor", None)?,
                high_freq_factor: self.number("high_freq_factor", None)?,
                original_length: self.original(lengths)?,
            }),
            "yarn" => self.yarn(lengths),
            "longrope" | "su" => self.long_rope(rotary_dim, lengths),
            other => {
                let known = "one of: default, linear, dynamic, llama3, yarn, longrope";
                Err(Error::config_key(self.reader.file(), "rope_type", format!("\"{other}\""), known))
            }
        }
    }

    fn yarn(&self, lengths: Lengths) -> Result<RopeScaling> {
        let original_length = self.original(lengths)?;
        let ratio = lengths.max_position_embeddings as f64 / original_length as f64;
        let factor = self.factor(Some(ratio))?;
        let magnitude = |by: f64| if factor <= 1.0 { 1.0 } else { 0.1 * by * factor.ln() + 1.0 };
        let [mscale, all] = ["mscale", "mscale_all_dim"].map(|key| self.stated[key].as_f64().unwrap_or(0.0));
        let inferred = if mscale != 0.0 && all != 0.0 { magnitude(mscale) / magnitude(all) } else { magnitude(1.0) };
        let or = |key: &str, default: f64| self.number(key, Some(default)).map(|x| if x == 0.0 { default } else { x });
        Ok(RopeScaling::Yarn {
            factor,
            beta_fast: or("beta_fast", 32.0)?,
            beta_slow: or("beta_slow", 1.0)?,
            truncates: self.stated["truncate"].as_bool().unwrap_or(true),
            attention_factor: self.number("attention_factor", Some(inferred))?,
            original_length,
        })
    }

    fn long_rope(&self, rotary_dim: usize, lengths: Lengths) -> Result<RopeScaling> {
        let original_length = self.original(lengths)?;
        let ratio = lengths.max_position_embeddings as f64 / original_length as f64;
        let factor = self.factor(Some(ratio))?;
        let inferred = if factor <= 1.0 { 1.0 } else { (1.0 + factor.ln() / (original_length as f64).ln()).sqrt() };
        let divisors = |key: &str| -> Result<Vec<f64>> {
            let found = self.stated[key].as_array().map(|list| list.iter().filter_map(Value::as_f64).collect());
            match found {
                Some(list) if Vec::len(&list) == rotary_dim / 2 => Ok(list),
                _ => {
                    let expected = format!("a list of {} numbers", rotary_dim / 2);
                    Err(Error::config_key(self.reader.file(), key, &self.stated[key], expected))
                }
            }
        };
        Ok(RopeScaling::LongRope {
            short: divisors("short_factor")?,
            long: divisors("long_factor")?,
            attention_factor: self.number("attention_factor", Some(inferred))?,
            original_length,
            recomputes_cache: false,
        })
    }

    fn original(&self, lengths: Lengths) -> Result<usize> {
        let key = "original_max_position_embeddings";
        let stated = self.number(key, Some(lengths.max_position_embeddings as f64))?;
        let original = lengths.original.unwrap_or(stated as usize);
        if original < 2 {
            return Err(Error::config_key(self.reader.file(), key, original, "at least 2"));
        }
        Ok(original)
    }

    fn factor(&self, default: Option<f64>) -> Result<f64> {
        let factor = self.number("factor", default)?;
        if factor > 0.0 {
            return Ok(factor);
        }
        Err(Error::config_key(self.reader.file(), "rope_parameters.factor", factor, "more than 0"))
    }

    fn number(&self, key: &str, default: Option<f64>) -> Result<f64> {
        let value = self.stated.get(key).filter(|value| !value.is_null());
        let number = value.map_or(default, Value::as_f64);
        number.filter(|number| number.is_finite()).ok_or_else(|| {
            let found = value.map_or_else(|| "missing".to_owned(), Value::to_string);
            Error::config_key(self.reader.file(), &format!("rope_parameters.{key}"), found, "a number")
        })
    }
}
