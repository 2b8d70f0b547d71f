//! Whether a device is there, asked of the driver before burn touches the backend: without a driver, cubecl panics on
//! another thread (CUDA) or aborts the process (ROCm).

use std::ffi::{c_int, c_uint};

use libloading::{Library, Symbol};
use trustformers_core::{Device, Error, Result};

/// What a driver reports.
#[derive(Debug)]
pub(super) struct Found {
    devices: usize,
}

impl Found {
    pub(super) fn check(&self, device: Device, index: usize) -> Result<()> {
        if index < self.devices {
            return Ok(());
        }
        let devices = self.devices;
        Err(Error::input("device", format!("\"{device}\" is not there; the driver reports {devices} of its kind")))
    }
}

/// CUDA devices.
#[cfg(any(feature = "cuda", test))]
pub(super) fn cuda() -> Result<Found> {
    type Init = unsafe extern "C" fn(c_uint) -> c_int;
    let driver = open("cuda", &["libcuda.so.1", "nvcuda.dll"])?;
    // SAFETY: `cuInit(unsigned int) -> int` is the driver API's signature.
    let status = unsafe { symbol::<Init>(&driver, "cuInit")?(0) };
    if status != 0 {
        return Err(Error::unsupported(format!("cuda on this machine: cuInit returned {status}")));
    }
    count(&driver, "cuDeviceGetCount")
}

/// ROCm devices.
#[cfg(any(feature = "rocm", test))]
pub(super) fn rocm() -> Result<Found> {
    let driver = open("rocm", &["libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6"])?;
    count(&driver, "hipGetDeviceCount")
}

/// The default graphics adapter: Vulkan's loader has to be there; Metal belongs to macOS.
#[cfg(any(feature = "vulkan", feature = "metal", test))]
pub(super) fn graphics() -> Result<Found> {
    if !cfg!(target_os = "macos") {
        open("vulkan", &["libvulkan.so.1", "vulkan-1.dll"])?;
    }
    Ok(Found { devices: 1 })
}

fn open(kind: &str, names: &[&str]) -> Result<Library> {
    let mut last = None;
    for name in names {
        // SAFETY: these are the drivers' own libraries, whose constructors are made to run on loading.
        match unsafe { Library::new(name) } {
            Ok(library) => return Ok(library),
            Err(error) => last = Some(error),
        }
    }
    let reason = last.map(|error| error.to_string()).unwrap_or_default();
    Err(Error::unsupported(format!("{kind} on this machine: no driver ({reason})")))
}

/// # Safety
/// `T` is the type of the symbol.
unsafe fn symbol<'a, T>(library: &'a Library, name: &str) -> Result<Symbol<'a, T>> {
    // SAFETY: that `T` is the symbol's type is the caller's promise.
    unsafe { library.get(name.as_bytes()) }.map_err(|error| Error::unsupported(format!("this driver: {error}")))
}

#[cfg(any(feature = "cuda", feature = "rocm", test))]
fn count(driver: &Library, name: &str) -> Result<Found> {
    type Count = unsafe extern "C" fn(*mut c_int) -> c_int;
    let mut devices = 0;
    // SAFETY: both drivers declare it as `(int*) -> int`, and the pointer is that of a live int.
    let status = unsafe { symbol::<Count>(driver, name)?(&raw mut devices) };
    // Both drivers answer "no device" with an error; then there are none.
    Ok(Found { devices: if status == 0 { usize::try_from(devices).unwrap_or(0) } else { 0 } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_driver_is_named() {
        let message = open("cuda", &["libno-such-driver.so.1"]).unwrap_err().to_string();
        assert!(message.contains("cuda") && message.contains("libno-such-driver.so.1"), "{message}");
    }

    #[test]
    fn probes_answer_on_any_machine() {
        for (device, found) in
            [(Device::Cuda(999), cuda()), (Device::Rocm(999), rocm()), (Device::Metal(999), graphics())]
        {
            if let Ok(found) = found {
                let message = found.check(device, 999).unwrap_err().to_string();
                assert!(message.contains("999"), "{message}");
            }
        }
    }
}
