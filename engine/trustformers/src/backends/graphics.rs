//! The adapters of wgpu: Metal's on macOS, Vulkan's elsewhere.

use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use trustformers_core::{Device, Error, Result};
use wgpu::{Adapter, Backends, DeviceType, Instance, InstanceDescriptor};

use super::DeviceInfo;

#[cfg(feature = "metal")]
const API: Backends = Backends::METAL;
#[cfg(not(feature = "metal"))]
const API: Backends = Backends::VULKAN;

/// burn's device type for the adapter that wgpu selects, whatever its type.
const ANY_TYPE: u16 = 4;

/// The available adapters, fastest types first.
pub(super) fn adapters() -> Result<Vec<DeviceInfo>> {
    static FOUND: OnceLock<Vec<DeviceInfo>> = OnceLock::new();
    let found = FOUND.get_or_init(look);
    if found.is_empty() {
        return Err(Error::unsupported("metal on this machine: no graphics driver (neither Metal nor Vulkan) answers"));
    }
    Ok(found.clone())
}

fn look() -> Vec<DeviceInfo> {
    let instance =
        Instance::new(InstanceDescriptor { backends: API, ..InstanceDescriptor::new_without_display_handle() });
    // The native backends of wgpu answer at once; only a browser's has to be awaited.
    let Poll::Ready(adapters) = pin!(instance.enumerate_adapters(API)).poll(&mut Context::from_waker(Waker::noop()))
    else {
        return Vec::new();
    };
    let mut seen = [0; ANY_TYPE as usize + 1];
    let mut found: Vec<_> = adapters
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            let burn_kind = match info.device_type {
                DeviceType::DiscreteGpu => 0,
                DeviceType::IntegratedGpu => 1,
                DeviceType::VirtualGpu => 2,
                DeviceType::Cpu => 3,
                DeviceType::Other => ANY_TYPE,
            };
            let burn_index = seen[usize::from(burn_kind)];
            seen[usize::from(burn_kind)] += 1;
            DeviceInfo {
                device: Device::Metal(0),
                name: info.name,
                memory_bytes: memory(adapter),
                is_software: info.device_type == DeviceType::Cpu,
                burn_kind,
                burn_index,
            }
        })
        // burn reaches the first software adapter only.
        .filter(|info| !info.is_software || info.burn_index == 0)
        .collect();
    found.sort_by_key(|info| info.burn_kind);
    for (index, info) in found.iter_mut().enumerate() {
        info.device = Device::Metal(index);
    }
    found
}

/// Size of the largest device-local heap of a Vulkan device.
#[cfg(not(feature = "metal"))]
fn memory(adapter: &Adapter) -> Option<u64> {
    const DEVICE_LOCAL: u32 = 1;
    // SAFETY: the physical device belongs to this instance, and the adapter keeps both alive; nothing is destroyed.
    let memory = unsafe {
        let vulkan = adapter.as_hal::<wgpu::hal::api::Vulkan>()?;
        let instance = vulkan.shared_instance().raw_instance();
        instance.get_physical_device_memory_properties(vulkan.raw_physical_device())
    };
    let heaps = memory.memory_heaps_as_slice().iter();
    heaps.filter(|heap| heap.flags.as_raw() & DEVICE_LOCAL != 0).map(|heap| heap.size).max()
}

/// wgpu does not report how much of the shared memory Metal may use.
#[cfg(feature = "metal")]
fn memory(_adapter: &Adapter) -> Option<u64> {
    None
}
