use trustformers_core::Device;

/// An available device.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(any(feature = "cuda", feature = "rocm", feature = "vulkan", feature = "metal")),
    expect(dead_code, reason = "burn's numbers identify accelerators only")
)]
pub struct DeviceInfo {
    /// The device.
    pub device: Device,
    /// Name that the driver reports; empty for the CPU.
    pub name: String,
    /// Size of the device's memory, if the driver reports it.
    pub memory_bytes: Option<u64>,
    /// Whether the device is a software renderer, which computes on the CPU.
    pub is_software: bool,
    /// burn's number for the device type.
    pub(super) burn_kind: u16,
    /// burn's index of the device among those of the same type.
    pub(super) burn_index: usize,
}
