use std::path::Path;

use serde_json::Value;
use trustformers_core::{Error, Result};

/// What transformers 5.23.0 takes where a configuration does not say.
const GROUP_SIZE: i64 = 128;

/// How the layers of a checkpoint are packed into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackedLayout {
    /// Words hold codes that follow each other along the inputs, and zeros along the outputs.
    Gptq {
        /// Whether zeros are stored less one.
        zeros_less_one: bool,
    },
    /// Words hold codes and zeros of eight outputs in an order of their own.
    Awq,
    /// Stacks of matrices of floating point numbers of 4 bits, with a power of two for each 32.
    Mxfp4,
}

/// What a quantized checkpoint says of its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedScheme {
    /// Bits of a code.
    pub bits: usize,
    /// Inputs that share a scale; all if absent.
    pub group_size: Option<usize>,
    /// How codes lie in words.
    pub layout: PackedLayout,
}

impl PackedScheme {
    /// Reads the key `quantization_config` of a `config.json`.
    ///
    /// **Errors:** `Unsupported` naming a method, a number of bits or a format that is not read here; `Config` if a key
    /// has the wrong type.
    pub fn read(file: &Path, stated: &Value) -> Result<Self> {
        let key = |name: &str| format!("quantization_config.{name}");
        let text = |name: &str| stated[name].as_str().map(str::to_lowercase);
        let method = text("quant_method").unwrap_or_else(|| "unknown".to_owned());
        let refuse = |what: String| {
            Err(Error::unsupported(format!(
                "a checkpoint quantized with {what} (\"quantization_config\" in {}); there are gptq with 2, 4 or 8 bits, awq \
                 with 4 bits and mxfp4; load the floating point checkpoint that it was made from, with load_in_8bit=True or \
                 load_in_4bit=True to round its weights",
                file.display()
            )))
        };
        if method == "mxfp4" {
            return Ok(Self { bits: 4, group_size: Some(32), layout: PackedLayout::Mxfp4 });
        }
        if !["gptq", "awq"].contains(&&*method) {
            return refuse(format!("quant_method: {method}"));
        }
        let number = |name: &str| {
            let wrong = || Error::config_key(file, &key(name), &stated[name], "an integer");
            stated[name].as_i64().ok_or_else(wrong)
        };
        let bits = number("bits")?;
        let group_size = if stated["group_size"].is_null() { GROUP_SIZE } else { number("group_size")? };
        let group_size = match group_size {
            -1 => None,
            size => {
                let wrong = || Error::config_key(file, &key("group_size"), size, "-1 or an even number above zero");
                Some(usize::try_from(size).ok().filter(|size| *size > 0 && size.is_multiple_of(2)).ok_or_else(wrong)?)
            }
        };
        let format = text("checkpoint_format").or_else(|| text("format")).or_else(|| text("version"));
        let layout = match (&*method, format.as_deref()) {
            ("gptq", None | Some("gptq")) => PackedLayout::Gptq { zeros_less_one: true },
            ("gptq", Some("gptq_v2")) => PackedLayout::Gptq { zeros_less_one: false },
            ("awq", None | Some("gemm")) => PackedLayout::Awq,
            (method, format) => return refuse(format!("{method} in the format {}", format.unwrap_or_default())),
        };
        let is_known = match layout {
            PackedLayout::Gptq { .. } => [2, 4, 8].contains(&bits),
            PackedLayout::Awq | PackedLayout::Mxfp4 => bits == 4,
        };
        if !is_known {
            return refuse(format!("{method} to {bits} bits"));
        }
        Ok(Self { bits: bits as usize, group_size, layout })
    }

    /// Codes in a word.
    pub(crate) fn per_word(self) -> usize {
        32 / self.bits
    }
}
