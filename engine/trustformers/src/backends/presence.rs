//! Which devices the drivers report.

use trustformers_core::{Device, Error, Result};

#[cfg(any(feature = "vulkan", feature = "metal"))]
use super::graphics;
#[cfg(any(feature = "cuda", feature = "rocm"))]
use super::probe;

/// A device that is present.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(any(feature = "cuda", feature = "rocm", feature = "vulkan", feature = "metal")),
    expect(dead_code, reason = "burn's numbers are those of accelerators")
)]
pub struct DeviceInfo {
    /// What it is called here.
    pub device: Device,
    /// What its driver calls it; empty for the processor.
    pub name: String,
    /// The memory that it has, if its driver tells.
    pub memory_bytes: Option<u64>,
    /// Whether it is a graphics driver that computes on the processor.
    pub is_software: bool,
    /// The number that burn gives devices like this one.
    pub(super) burn_kind: u16,
    /// The number of this device among those.
    pub(super) burn_index: usize,
}

/// The devices of the kind that `device` has.
pub(super) fn list(device: Device) -> Result<Vec<DeviceInfo>> {
    match device {
        Device::Cpu => Ok(vec![DeviceInfo {
            device,
            name: String::new(),
            memory_bytes: None,
            is_software: false,
            burn_kind: 0,
            burn_index: 0,
        }]),
        #[cfg(feature = "cuda")]
        Device::Cuda(_) => probe::cuda(),
        #[cfg(feature = "rocm")]
        Device::Rocm(_) => probe::rocm(),
        #[cfg(any(feature = "vulkan", feature = "metal"))]
        Device::Metal(_) => graphics::adapters(),
        #[allow(unreachable_patterns, reason = "a build may contain every backend")]
        absent => Err(not_installed(absent)),
    }
}

/// The device, if it is present.
pub(super) fn find(device: Device) -> Result<DeviceInfo> {
    let found = list(device)?;
    let count = found.len();
    found.into_iter().find(|info| info.device == device).ok_or_else(|| {
        Error::input("device", format!("\"{device}\" is not there; the driver reports {count} of its kind"))
    })
}

pub(super) fn not_installed(device: Device) -> Error {
    let kind = device.kind();
    let installed = super::backends().join(", ");
    Error::unsupported(format!(
        "device \"{device}\": the {kind} backend is not installed (installed: {installed}); \
         pip install \"trustformers[{kind}]\""
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_present_once() {
        assert_eq!(list(Device::Cpu).unwrap().len(), 1);
        assert_eq!(find(Device::Cpu).unwrap().device, Device::Cpu);
    }

    #[test]
    fn what_is_not_present_is_named() {
        for device in [Device::Cuda(999), Device::Rocm(999), Device::Metal(999)] {
            let message = find(device).unwrap_err().to_string();
            assert!(message.contains("999") || message.contains(device.kind()), "{message}");
        }
    }
}
