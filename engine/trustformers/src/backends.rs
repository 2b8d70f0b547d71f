//! The backends that this build contains, and the choice between them.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use trustformers_core::{Device, Error, Result};
use trustformers_kernels::cpu;
use trustformers_models::{self as models, Head, LoadOptions, Model};
use trustformers_ops::{self as ops, EngineBackend};

#[cfg(any(feature = "cuda", feature = "rocm", feature = "vulkan", feature = "metal", test))]
mod probe;

/// The kinds of device that this build can compute on.
pub fn backends() -> Vec<&'static str> {
    vec![
        "cpu",
        #[cfg(feature = "cuda")]
        "cuda",
        #[cfg(feature = "rocm")]
        "rocm",
        #[cfg(any(feature = "vulkan", feature = "metal"))]
        "metal",
    ]
}

/// The device to use: the given one, or the first that is present of cuda, rocm, metal and cpu.
///
/// **Errors:** `Unsupported` if this build has no such backend, with the command that installs it; `Input` if the
/// machine has no such device.
pub fn resolve_device(device: Option<Device>) -> Result<Device> {
    match device {
        Some(device) => check_present(device).map(|()| device),
        None => {
            let in_order = [Device::Cuda(0), Device::Rocm(0), Device::Metal(0)];
            Ok(in_order.into_iter().find(|device| check_present(*device).is_ok()).unwrap_or(Device::Cpu))
        }
    }
}

/// What a model is made from.
#[derive(Clone, Debug)]
pub enum ModelSource<'a> {
    /// A directory with `config.json` and weights.
    Dir(&'a Path),
    /// A GGUF file.
    Gguf(&'a Path),
    /// The keys of a `config.json`; the weights are random.
    Config(Value),
}

/// Makes a model on a device.
///
/// **Errors:** those of [`resolve_device`] and of `load_model`, `load_gguf` and `new_model` of `trustformers_models`;
/// `Input` if an environment variable asks for threads or instructions that do not exist.
pub fn load_model(
    source: ModelSource<'_>,
    head: Head,
    device: Option<Device>,
    options: &LoadOptions,
) -> Result<(Arc<dyn Model>, Device)> {
    cpu::check_environment().map_err(|(variable, error)| Error::input(variable, error))?;
    let device = resolve_device(device)?;
    let encoder = match device {
        Device::Cpu => on::<ops::Flex>(source, head, options, &Default::default()),
        #[cfg(feature = "cuda")]
        Device::Cuda(index) => {
            on::<ops::Cuda>(source, head, options, &ops::numbered_device::<ops::Cuda>(NUMBERED, index))
        }
        #[cfg(feature = "rocm")]
        Device::Rocm(index) => {
            on::<ops::Rocm>(source, head, options, &ops::numbered_device::<ops::Rocm>(NUMBERED, index))
        }
        #[cfg(feature = "metal")]
        Device::Metal(index) => {
            on::<ops::Metal>(source, head, options, &ops::numbered_device::<ops::Metal>(DEFAULT_ADAPTER, index))
        }
        #[cfg(all(feature = "vulkan", not(feature = "metal")))]
        Device::Metal(index) => {
            on::<ops::Vulkan>(source, head, options, &ops::numbered_device::<ops::Vulkan>(DEFAULT_ADAPTER, index))
        }
        #[allow(unreachable_patterns, reason = "a build may contain every backend")]
        absent => Err(not_installed(absent)),
    }?;
    Ok((encoder, device))
}

fn on<B: EngineBackend>(
    source: ModelSource<'_>,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    match source {
        ModelSource::Dir(dir) => models::load_model::<B>(dir, head, options, device),
        ModelSource::Gguf(file) => models::load_gguf::<B>(file, head, options, device),
        ModelSource::Config(config) => models::new_model::<B>(config, head, options, device),
    }
}

/// Makes the random weights of the models that follow on a device repeatable.
///
/// **Errors:** those of [`resolve_device`].
pub fn set_seed(seed: u64) -> Result<()> {
    fn seed_on<B: EngineBackend>(device: &B::Device, seed: u64) {
        B::seed(device, seed);
    }
    match resolve_device(None)? {
        #[cfg(feature = "cuda")]
        Device::Cuda(index) => seed_on::<ops::Cuda>(&ops::numbered_device::<ops::Cuda>(NUMBERED, index), seed),
        #[cfg(feature = "rocm")]
        Device::Rocm(index) => seed_on::<ops::Rocm>(&ops::numbered_device::<ops::Rocm>(NUMBERED, index), seed),
        _ => {}
    }
    seed_on::<ops::Flex>(&Default::default(), seed);
    Ok(())
}

#[cfg(any(feature = "cuda", feature = "rocm"))]
const NUMBERED: u16 = 0;

/// wgpu's own choice of adapter, whose number burn ignores.
#[cfg(any(feature = "vulkan", feature = "metal"))]
const DEFAULT_ADAPTER: u16 = 4;

fn check_present(device: Device) -> Result<()> {
    match device {
        Device::Cpu => Ok(()),
        #[cfg(feature = "cuda")]
        Device::Cuda(index) => probe::cuda().and_then(|found| found.check(device, index)),
        #[cfg(feature = "rocm")]
        Device::Rocm(index) => probe::rocm().and_then(|found| found.check(device, index)),
        #[cfg(any(feature = "vulkan", feature = "metal"))]
        Device::Metal(index) => probe::graphics().and_then(|found| found.check(device, index)),
        #[allow(unreachable_patterns, reason = "a build may contain every backend")]
        absent => Err(not_installed(absent)),
    }
}

fn not_installed(device: Device) -> Error {
    let kind = device.kind();
    let installed = backends().join(", ");
    Error::unsupported(format!(
        "device \"{device}\": the {kind} backend is not installed (installed: {installed}); \
         pip install \"trustformers[{kind}]\""
    ))
}
