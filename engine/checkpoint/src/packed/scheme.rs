use std::path::Path;

use serde_json::Value;
use trustformers_core::{Error, Result};

/// Default `group_size` of transformers 5.23.0.
const GROUP_SIZE: i64 = 128;

/// Layout of packed quantized layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackedLayout {
    /// GPTQ: 32-bit words pack weights along the inputs and zero points along the outputs.
    Gptq {
        /// Whether zero points are stored minus one.
        zeros_minus_one: bool,
    },
    /// AWQ: 32-bit words pack weights and zero points of eight outputs in an interleaved order.
    Awq,
    /// MXFP4: stacks of FP4 matrices with a power-of-two scale per 32 values.
    Mxfp4,
}

/// Quantization scheme of a checkpoint, from `quantization_config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedScheme {
    /// Bits per quantized value.
    pub bits: usize,
    /// Number of inputs that share a scale; `None` is one group per output.
    pub group_size: Option<usize>,
    /// Packing of the quantized values.
    pub layout: PackedLayout,
}

impl PackedScheme {
    /// Parses the key `quantization_config` of a `config.json`.
    ///
    /// **Errors:** `Unsupported` naming an unsupported method, number of bits or format; `Config` if a key has the
    /// wrong type.
    pub fn read(file: &Path, stated: &Value) -> Result<Self> {
        let key = |name: &str| format!("quantization_config.{name}");
        let text = |name: &str| stated[name].as_str().map(str::to_lowercase);
        let method = text("quant_method").unwrap_or_else(|| "unknown".to_owned());
        let refuse = |what: String| {
            Err(Error::unsupported(format!(
                "a checkpoint quantized with {what} (\"quantization_config\" in {}); supported are gptq with 2, 4 or 8 \
                 bits, awq with 4 bits and mxfp4; load the original floating point checkpoint, with load_in_8bit=True \
                 or load_in_4bit=True to quantize its weights",
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
            ("gptq", None | Some("gptq")) => PackedLayout::Gptq { zeros_minus_one: true },
            ("gptq", Some("gptq_v2")) => PackedLayout::Gptq { zeros_minus_one: false },
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

    /// Number of quantized values per 32-bit word.
    pub(crate) fn per_word(self) -> usize {
        32 / self.bits
    }
}
