use serde::{Deserialize, Serialize};
use trustformers_core::{ConfigReader, Error, Result};

/// How far the layers of a kind see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LayerType {
    /// All that came before.
    #[serde(alias = "attention")]
    FullAttention,
    /// `sliding_window` tokens.
    SlidingAttention,
}

/// Takes `sliding_window` where every layer has it.
///
/// **Errors:** `Config` if it is of no size.
pub(crate) fn window_of_all(reader: &mut ConfigReader, default: Option<usize>) -> Result<Option<usize>> {
    match reader.take_or("sliding_window", default)? {
        Some(0) => Err(Error::config_key(reader.file(), "sliding_window", 0, "at least 1, or null")),
        window => Ok(window),
    }
}

/// Takes `sliding_window`, which counts only where layers are said to use it.
///
/// **Errors:** `Config` if it is used and of no size.
pub(crate) fn optional_window(reader: &mut ConfigReader, use_sliding_window: bool) -> Result<Option<usize>> {
    if use_sliding_window {
        return window_of_all(reader, Some(4096));
    }
    reader.ignore("sliding_window");
    Ok(None)
}

/// The keys that say which layers see how far.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Windows {
    pub(crate) sliding_window: Option<usize>,
    pub(crate) layer_types: Vec<LayerType>,
}

impl Windows {
    /// Takes `layer_types`; without them `is_sliding` says which layers have a window.
    ///
    /// **Errors:** `Config` if there is not one for each layer, or if a layer has a window of no size.
    pub(crate) fn read(
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

    /// How many tokens the tokens of a layer see, themselves included; all if nothing.
    pub(crate) fn of(&self, layer: usize) -> Option<usize> {
        self.sliding_window.filter(|_| self.layer_types[layer] == LayerType::SlidingAttention)
    }
}
