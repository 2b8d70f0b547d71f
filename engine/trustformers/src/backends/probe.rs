//! Lists CUDA and ROCm devices through their drivers before burn touches the backend: without a driver, cubecl panics
//! on another thread (CUDA) or aborts the process (ROCm).

use std::error::Error as _;
use std::ffi::{CStr, c_char, c_int, c_uint};

use libloading::{Library, Symbol};
use trustformers_core::{Device, Error, Result};

use super::DeviceInfo;

const MAX_NAME: usize = 256;

/// The available CUDA devices.
#[cfg(any(feature = "cuda", test))]
pub(super) fn cuda() -> Result<Vec<DeviceInfo>> {
    let driver = Driver::open("cuda", &[if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" }])?;
    driver.check_start("cuInit")?;
    driver.devices("cuDeviceGetCount", "cuDeviceGetName", "cuDeviceTotalMem_v2", Device::Cuda)
}

/// The available ROCm devices.
#[cfg(any(feature = "rocm", test))]
pub(super) fn rocm() -> Result<Vec<DeviceInfo>> {
    let driver = Driver::open("rocm", &["libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6"])?;
    driver.check_start("hipInit")?;
    driver.devices("hipGetDeviceCount", "hipDeviceGetName", "hipDeviceTotalMem", Device::Rocm)
}

/// A driver's library. CUDA and ROCm list devices through functions of the same signatures, which identify a device by
/// its index.
struct Driver {
    kind: &'static str,
    library: Library,
}

impl Driver {
    fn open(kind: &'static str, names: &[&str]) -> Result<Self> {
        let mut first = None;
        for name in names {
            // SAFETY: these are the drivers' own libraries, whose constructors are made to run on loading.
            match unsafe { Library::new(name) } {
                Ok(library) => return Ok(Self { kind, library }),
                // Windows's reason does not name the library.
                Err(error) => {
                    _ = first.get_or_insert_with(|| match error.source() {
                        Some(reason) => format!("{name}: {reason}"),
                        None => error.to_string(),
                    })
                }
            }
        }
        let reason = first.unwrap_or_default();
        Err(Error::unsupported(format!("{kind} on this machine: no driver ({reason})")))
    }

    fn check_start(&self, init: &str) -> Result<()> {
        type Init = unsafe extern "C" fn(c_uint) -> c_int;
        // SAFETY: both drivers declare it as `(unsigned int) -> int`; zero is the only flag that there is.
        match unsafe { self.symbol::<Init>(init)?(0) } {
            0 => Ok(()),
            status => {
                let kind = self.kind;
                Err(Error::unsupported(format!("{kind} on this machine: no device ({init} returned {status})")))
            }
        }
    }

    fn devices(&self, count: &str, name: &str, memory: &str, number: fn(usize) -> Device) -> Result<Vec<DeviceInfo>> {
        type Count = unsafe extern "C" fn(*mut c_int) -> c_int;
        let mut devices = 0;
        // SAFETY: both drivers declare it as `(int*) -> int`, and the pointer is that of a live int.
        let status = unsafe { self.symbol::<Count>(count)?(&raw mut devices) };
        // Both drivers report "no device" as an error.
        let devices = if status == 0 { devices } else { 0 };
        (0..devices)
            .map(|index| {
                let burn_index = usize::try_from(index).unwrap_or(0);
                Ok(DeviceInfo {
                    device: number(burn_index),
                    name: self.name(name, index)?,
                    memory_bytes: self.memory(memory, index)?,
                    is_software: false,
                    burn_kind: 0,
                    burn_index,
                })
            })
            .collect()
    }

    fn name(&self, function: &str, device: c_int) -> Result<String> {
        type Name = unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int;
        let mut name = [0 as c_char; MAX_NAME];
        // SAFETY: both drivers declare it as `(char*, int length, int device) -> int` and write within the length,
        // which is one less than the buffer's.
        let status = unsafe { self.symbol::<Name>(function)?(name.as_mut_ptr(), MAX_NAME as c_int - 1, device) };
        if status != 0 {
            return Ok(String::new());
        }
        // SAFETY: the buffer is live, and its last byte was never written and is zero.
        Ok(unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned())
    }

    fn memory(&self, function: &str, device: c_int) -> Result<Option<u64>> {
        type Memory = unsafe extern "C" fn(*mut usize, c_int) -> c_int;
        let mut bytes = 0;
        // SAFETY: both drivers declare it as `(size_t*, int) -> int`, and the pointer is that of a live size_t.
        let status = unsafe { self.symbol::<Memory>(function)?(&raw mut bytes, device) };
        Ok((status == 0).then_some(bytes as u64))
    }

    /// # Safety
    /// `T` is the type of the symbol.
    unsafe fn symbol<T>(&self, name: &str) -> Result<Symbol<'_, T>> {
        // SAFETY: that `T` is the symbol's type is the caller's promise.
        unsafe { self.library.get(name.as_bytes()) }
            .map_err(|error| Error::unsupported(format!("{} on this machine: {error}", self.kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_driver_is_named() {
        let message = Driver::open("cuda", &["libno-such-driver.so.1"]).err().unwrap().to_string();
        assert!(message.contains("cuda") && message.contains("libno-such-driver.so.1"), "{message}");
    }

    #[test]
    fn probes_return_on_any_machine() {
        for (kind, found) in [("cuda", cuda()), ("rocm", rocm())] {
            match found {
                Ok(devices) => assert!(devices.iter().all(|found| found.device.kind() == kind)),
                Err(error) => assert!(error.to_string().contains(kind), "{error}"),
            }
        }
    }
}
