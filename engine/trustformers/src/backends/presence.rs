//! Which devices the drivers report.

use trustformers_core::{Device, Error, Result};

use super::DeviceInfo;
#[cfg(any(feature = "vulkan", feature = "metal"))]
use super::graphics;
#[cfg(any(feature = "cuda", feature = "rocm"))]
use super::probe;

/// The available devices of the same kind as `device`.
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

/// Finds a device among the available ones.
pub(super) fn find(device: Device) -> Result<DeviceInfo> {
    let found = list(device)?;
    let count = found.len();
    found.into_iter().find(|info| info.device == device).ok_or_else(|| {
        Error::input("device", format!("\"{device}\" is not available; the driver reports {count} of its kind"))
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
    fn the_cpu_is_listed_once() {
        assert_eq!(list(Device::Cpu).unwrap().len(), 1);
        assert_eq!(find(Device::Cpu).unwrap().device, Device::Cpu);
    }

    #[test]
    fn unavailable_devices_are_named_in_the_error() {
        for device in [Device::Cuda(999), Device::Rocm(999), Device::Metal(999)] {
            let message = find(device).unwrap_err().to_string();
            assert!(message.contains("999") || message.contains(device.kind()), "{message}");
        }
    }
}
