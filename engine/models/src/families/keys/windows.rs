use serde::{Deserialize, Serialize};
use trustformers_core::{ConfigReader, Error, Result};

use crate::hf_config::{Key, OptionalSize};

/// Attention type of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LayerType {
    /// Attention to all previous tokens.
    #[serde(alias = "attention")]
    FullAttention,
    /// Attention to the last `sliding_window` tokens.
    SlidingAttention,
}

/// Reads `sliding_window`, which is ignored unless `use_sliding_window`.
///
/// **Errors:** `Config` if `sliding_window` is used and zero.
pub(crate) fn optional_window(reader: &mut ConfigReader, use_sliding_window: bool) -> Result<Option<usize>> {
    if use_sliding_window {
        return OptionalSize::read(reader, "sliding_window", Some(4096));
    }
    reader.ignore("sliding_window");
    Ok(None)
}

/// Configuration keys of the layers' sliding windows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Windows {
    pub(crate) sliding_window: Option<usize>,
    pub(crate) layer_types: Vec<LayerType>,
}

impl Windows {
    /// Reads `sliding_window` and `layer_types`; without the latter `is_sliding` decides which layers have a window.
    ///
    /// **Errors:** `Config` if there is not one type per layer, or if a sliding-window layer lacks a window or its size
    /// is zero.
    pub(crate) fn read(
        reader: &mut ConfigReader,
        num_hidden_layers: usize,
        default: Option<usize>,
        is_sliding: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        let sliding_window = reader.take_or("sliding_window", default)?;
        Self::of_size(reader, num_hidden_layers, sliding_window, is_sliding)
    }

    /// Reads `layer_types` next to the given window; without them `is_sliding` decides which layers have a window.
    ///
    /// **Errors:** `Config` if there is not one type per layer, or if a sliding-window layer lacks a window or its size
    /// is zero.
    pub(crate) fn of_size(
        reader: &mut ConfigReader,
        num_hidden_layers: usize,
        sliding_window: Option<usize>,
        is_sliding: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        let by_index = |index: usize| {
            if is_sliding(index) { LayerType::SlidingAttention } else { LayerType::FullAttention }
        };
        let stated: Option<Vec<LayerType>> = reader.take_or("layer_types", None)?;
        let layer_types = stated.unwrap_or_else(|| (0..num_hidden_layers).map(by_index).collect());
        if layer_types.len() != num_hidden_layers {
            let expected = format!("one for each of num_hidden_layers = {num_hidden_layers}");
            return Err(Error::config_key(reader.file(), "layer_types", layer_types.len(), expected));
        }
        if sliding_window.is_none_or(|window| window == 0) && layer_types.contains(&LayerType::SlidingAttention) {
            let found = sliding_window.map_or_else(|| "absent".to_owned(), |window| window.to_string());
            return Err(Error::config_key(reader.file(), "sliding_window", found, "at least 1"));
        }
        Ok(Self { sliding_window, layer_types })
    }

    /// Sliding-window size of a layer in tokens, current one included; `None` is full attention.
    pub(crate) fn of(&self, layer: usize) -> Option<usize> {
        self.sliding_window.filter(|_| self.layer_types[layer] == LayerType::SlidingAttention)
    }
}
