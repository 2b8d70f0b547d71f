//! The backends of this build, and the selection of a device.

use std::env;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use trustformers_core::{Device, Error, Result};
use trustformers_kernels::cpu;
use trustformers_models::{self as models, Head, LoadOptions, Model, State, StateNames};
use trustformers_ops::{self as ops, EngineBackend};
use trustformers_tensor::{Tensor, TensorDevice};

mod device_info;
#[cfg(any(feature = "vulkan", feature = "metal"))]
mod graphics;
mod presence;
#[cfg(any(feature = "cuda", feature = "rocm", test))]
mod probe;

pub use device_info::DeviceInfo;

/// Names of the device kinds that this build supports.
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

/// The device to use: the given one, or the first available of cuda, rocm, metal and cpu. A software renderer, which
/// computes on the CPU, is used only if it is requested, or if `TRUSTFORMERS_BACKEND` names its kind.
///
/// **Errors:** `Unsupported` if this build has no such backend, with the command that installs it; `Input` if the
/// machine has no such device.
pub fn resolve_device(device: Option<Device>) -> Result<Device> {
    match device {
        Some(Device::Cpu) => Ok(Device::Cpu),
        Some(device) => presence::find(device).map(|_| device),
        None => {
            let in_order = [Device::Cuda(0), Device::Rocm(0), Device::Metal(0)];
            let is_there = |device: &Device| {
                presence::find(*device).is_ok_and(|found| !found.is_software || asked_by_variable(*device))
            };
            Ok(in_order.into_iter().find(is_there).unwrap_or(Device::Cpu))
        }
    }
}

fn asked_by_variable(device: Device) -> bool {
    let asked = env::var("TRUSTFORMERS_BACKEND").ok().and_then(|kind| kind.parse::<Device>().ok());
    asked.is_some_and(|asked| asked.kind() == device.kind())
}

/// The available devices of a kind, by index.
///
/// **Errors:** `Unsupported` if this build has no such backend, or the machine has no driver for it; `Input` for an
/// unknown kind.
pub fn list_devices(kind: &str) -> Result<Vec<DeviceInfo>> {
    presence::list(kind.parse()?)
}

/// Waits until a device has finished its work.
///
/// **Errors:** any error of [`resolve_device`]; `Internal` if the work failed.
pub fn synchronize(device: Option<Device>) -> Result<()> {
    struct Sync;
    impl Work for Sync {
        type Output = ();
        fn on<B: EngineBackend>(self, device: &B::Device) -> Result<()> {
            B::sync(device).map_err(Error::internal)
        }
    }
    on_device(resolve_device(device)?, Sync)
}

/// Source of a model.
#[derive(Clone, Debug)]
pub enum ModelSource<'a> {
    /// A directory with `config.json` and weights.
    Dir(&'a Path),
    /// A GGUF file.
    Gguf(&'a Path),
    /// The keys of a `config.json`; the weights are initialized randomly.
    Config(Value),
}

/// Loads or creates a model on a device.
///
/// **Errors:** any error of [`resolve_device`] and of `load_model`, `load_gguf` and `new_model` of
/// `trustformers_models`; `Input` if an environment variable requests an invalid number of threads or instruction set.
pub fn load_model(
    source: ModelSource<'_>,
    head: Head,
    device: Option<Device>,
    options: &LoadOptions,
) -> Result<(Arc<dyn Model>, Device)> {
    cpu::check_environment().map_err(|(variable, error)| Error::input(variable, error))?;
    let device = resolve_device(device)?;
    Ok((on_device(device, Load(source, head, options))?, device))
}

struct Load<'a>(ModelSource<'a>, Head, &'a LoadOptions);

impl Work for Load<'_> {
    type Output = Arc<dyn Model>;

    fn on<B: EngineBackend>(self, device: &B::Device) -> Result<Arc<dyn Model>> {
        let Self(source, head, options) = self;
        match source {
            ModelSource::Dir(dir) => models::load_model::<B>(dir, head, options, device),
            ModelSource::Gguf(file) => models::load_gguf::<B>(file, head, options, device),
            ModelSource::Config(config) => models::new_model::<B>(config, head, options, device),
        }
    }
}

/// Loads or creates a model on burn's Candle, the oracle of the tests.
///
/// **Errors:** as [`load_model`].
#[cfg(feature = "candle")]
pub fn load_on_candle(source: ModelSource<'_>, head: Head, options: &LoadOptions) -> Result<Arc<dyn Model>> {
    Load(source, head, options).on::<ops::Candle>(&Default::default())
}

/// A model with the weights of a state dict, and the names that do not match.
///
/// **Errors:** any error of [`resolve_device`] and of `model_with_state` of `trustformers_models`.
pub fn with_state(model: &dyn Model, device: Device, state: State<'_>) -> Result<(Arc<dyn Model>, StateNames)> {
    struct Load<'a>(&'a dyn Model, State<'a>);
    impl Work for Load<'_> {
        type Output = (Arc<dyn Model>, StateNames);
        fn on<B: EngineBackend>(self, device: &B::Device) -> Result<Self::Output> {
            let Self(model, state) = self;
            models::model_with_state::<B>(model, state, device)
        }
    }
    on_device(device, Load(model, state))
}

/// A model for one recorded pass, with the configuration of `model` and all weights.
///
/// **Errors:** any error of [`resolve_device`] and of `model_for_training` of `trustformers_models`.
pub fn for_training(model: &dyn Model, device: Device, weights: Vec<(String, Tensor)>) -> Result<Arc<dyn Model>> {
    struct Build<'a>(&'a dyn Model, Vec<(String, Tensor)>);
    impl Work for Build<'_> {
        type Output = Arc<dyn Model>;
        fn on<B: EngineBackend>(self, device: &B::Device) -> Result<Self::Output> {
            models::model_for_training::<B>(self.0, self.1, device)
        }
    }
    on_device(device, Build(model, weights))
}

/// A model with the configuration of `model` and without memory for weights.
///
/// **Errors:** any error of [`resolve_device`] and of the configuration.
pub fn without_weights(model: &dyn Model, device: Device) -> Result<Arc<dyn Model>> {
    struct Build<'a>(&'a dyn Model);
    impl Work for Build<'_> {
        type Output = Arc<dyn Model>;
        fn on<B: EngineBackend>(self, device: &B::Device) -> Result<Self::Output> {
            models::model_without_weights::<B>(self.0, device)
        }
    }
    on_device(device, Build(model))
}

/// A device for tensors.
///
/// **Errors:** any error of [`resolve_device`].
pub fn tensor_device(device: Device) -> Result<TensorDevice> {
    struct Make(Device);
    impl Work for Make {
        type Output = TensorDevice;
        fn on<B: EngineBackend>(self, device: &B::Device) -> Result<TensorDevice> {
            Ok(TensorDevice::new::<B>(device.clone(), self.0))
        }
    }
    let device = resolve_device(Some(device))?;
    on_device(device, Make(device))
}

/// Seeds the random weights of models created afterwards on the CPU and on the best device.
///
/// **Errors:** any error of [`resolve_device`].
pub fn set_seed(seed: u64) -> Result<()> {
    struct Seed(u64);
    impl Work for Seed {
        type Output = ();
        fn on<B: EngineBackend>(self, device: &B::Device) -> Result<()> {
            B::seed(device, self.0);
            Ok(())
        }
    }
    let best = resolve_device(None)?;
    if best != Device::Cpu {
        on_device(best, Seed(seed))?;
    }
    on_device(Device::Cpu, Seed(seed))
}

/// Work that is generic over the backend of a device.
trait Work {
    type Output;

    fn on<B: EngineBackend>(self, device: &B::Device) -> Result<Self::Output>;
}

fn on_device<W: Work>(device: Device, work: W) -> Result<W::Output> {
    match device {
        Device::Cpu => work.on::<ops::Flex>(&Default::default()),
        #[cfg(feature = "cuda")]
        Device::Cuda(_) => work.on::<ops::Cuda>(&numbered::<ops::Cuda>(device)?),
        #[cfg(feature = "rocm")]
        Device::Rocm(_) => work.on::<ops::Rocm>(&numbered::<ops::Rocm>(device)?),
        #[cfg(feature = "metal")]
        Device::Metal(_) => work.on::<ops::Metal>(&numbered::<ops::Metal>(device)?),
        #[cfg(all(feature = "vulkan", not(feature = "metal")))]
        Device::Metal(_) => work.on::<ops::Vulkan>(&numbered::<ops::Vulkan>(device)?),
        #[allow(unreachable_patterns, reason = "a build may contain every backend")]
        absent => Err(presence::not_installed(absent)),
    }
}

#[cfg(any(feature = "cuda", feature = "rocm", feature = "vulkan", feature = "metal"))]
fn numbered<B: EngineBackend>(device: Device) -> Result<B::Device> {
    let found = presence::find(device)?;
    Ok(ops::numbered_device::<B>(found.burn_kind, found.burn_index))
}
