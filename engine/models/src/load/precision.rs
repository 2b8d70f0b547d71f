use trustformers_core::{DType, Error, Result};
use trustformers_ops::{EngineBackend, Precision, Quantization, supports_dtype};

/// Group size of 4-bit weights if the caller does not say, as in bitsandbytes.
pub const DEFAULT_GROUP_SIZE: usize = 64;

/// Precision in which a model computes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoadedPrecision {
    /// The format between the layers.
    pub(crate) dtype: DType,
    /// Precision of the linear layers' weights.
    pub(crate) linear: Precision,
}

/// The precision of a model, if the backend has it.
///
/// **Errors:** `Unsupported` naming what the device does not have; `Input` for a size of groups that no kernel has.
pub(crate) fn precision<B: EngineBackend>(
    dtype: DType,
    quantization: Option<Quantization>,
    device: &B::Device,
) -> Result<LoadedPrecision> {
    if !supports_dtype::<B>(device, dtype) {
        return Err(Error::unsupported(format!("{dtype} on this device; pass dtype=\"float32\"")));
    }
    if quantization.is_some() && !B::SUPPORTS_QUANTIZATION {
        return Err(Error::unsupported("8-bit and 4-bit weights anywhere but on the cpu"));
    }
    if let Some(Quantization::Groups(grouping)) = quantization
        && !grouping.is_known()
    {
        let message = format!("{} is no multiple of 32", grouping.group_size);
        return Err(Error::input("group_size", message));
    }
    Ok(LoadedPrecision { dtype, linear: quantization.map_or(Precision::Float(dtype), Precision::Quantized) })
}
