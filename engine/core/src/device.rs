use std::fmt;
use std::str::FromStr;

use crate::Error;

/// The device that tensors are stored and computed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Device {
    /// The CPU.
    Cpu,
    /// An NVIDIA GPU, by index.
    Cuda(usize),
    /// An AMD GPU, by index.
    Rocm(usize),
    /// An Apple GPU, by index.
    Metal(usize),
}

impl Device {
    /// Name of the device type and of the wheel's extra: `cpu`, `cuda`, `rocm` or `metal`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda(_) => "cuda",
            Self::Rocm(_) => "rocm",
            Self::Metal(_) => "metal",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) | Self::Rocm(index) | Self::Metal(index) => write!(f, "{}:{index}", self.kind()),
        }
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown = || {
            Error::input(
                "device",
                format!("\"{name}\" is not one of \"auto\", \"cpu\", \"cuda:0\", \"rocm:0\", \"metal\" (or \"mps\")"),
            )
        };
        let (kind, index) = name.split_once(':').unwrap_or((name, "0"));
        let index: usize = index.parse().map_err(|_| unknown())?;
        match kind {
            "cpu" if index == 0 => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(index)),
            "rocm" => Ok(Self::Rocm(index)),
            "metal" | "mps" => Ok(Self::Metal(index)),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_displays() {
        for device in [Device::Cpu, Device::Cuda(0), Device::Rocm(3), Device::Metal(1)] {
            assert_eq!(device.to_string().parse::<Device>().unwrap(), device);
        }
    }

    #[test]
    fn mps_is_an_alias_of_metal() {
        assert_eq!("mps".parse::<Device>().unwrap(), Device::Metal(0));
    }

    #[test]
    fn rejects_unknown_kinds_and_indices() {
        for name in ["tpu", "cuda:x", "cpu:1", "", "cuda:-1"] {
            assert_eq!(name.parse::<Device>().unwrap_err().code(), "input", "{name}");
        }
    }
}
