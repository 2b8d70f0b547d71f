//! Processor features and the thread policy.

#[cfg(target_arch = "x86_64")]
mod amx;
mod sync;
mod team;
mod threads;
mod vectorize;

use std::sync::OnceLock;

pub use threads::{num_threads, on_pool, parallel, set_num_threads};
pub(crate) use vectorize::{Kernel, mul_add, vectorize};

/// Instruction sets that kernels are written for, in ascending order of preference; each includes the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// Portable code for any processor.
    Scalar,
    /// 256-bit vectors with fused multiply-add and f16 conversion.
    Avx2,
    /// 512-bit vectors (F, BW, DQ, VL).
    Avx512,
    /// AVX-512 with dot products of bytes.
    Avx512Vnni,
    /// AVX-512 with dot products of bytes and of bfloat16 pairs.
    Avx512Bf16,
    /// AVX-512 with dot products, and matrix tiles of bytes and bfloat16.
    Amx,
}

impl Isa {
    /// Every instruction set that kernels exist for.
    pub const ALL: [Self; 6] = [Self::Scalar, Self::Avx2, Self::Avx512, Self::Avx512Vnni, Self::Avx512Bf16, Self::Amx];

    /// Name of the instruction set, as in `TRUSTFORMERS_ISA`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Vnni => "avx512_vnni",
            Self::Avx512Bf16 => "avx512_bf16",
            Self::Amx => "amx",
        }
    }

    /// The instruction sets that tests can run on this machine. AMX is emulated if only AMX is missing.
    #[cfg(test)]
    pub(crate) fn testable() -> impl Iterator<Item = Self> {
        #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
        provide_tiles();
        Self::ALL.into_iter().filter(|isa| isa.is_available())
    }

    /// Whether this processor has it and the operating system lets this process use it.
    #[cfg(target_arch = "x86_64")]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Avx2 => {
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
            }
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            Self::Avx512Vnni => Self::Avx512.is_available() && is_x86_feature_detected!("avx512vnni"),
            Self::Avx512Bf16 => Self::Avx512Vnni.is_available() && is_x86_feature_detected!("avx512bf16"),
            Self::Amx => Self::Avx512Bf16.is_available() && amx::is_available(),
        }
    }

    /// Whether this processor has it and the operating system lets this process use it.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_available(self) -> bool {
        self == Self::Scalar
    }
}

/// Makes AMX usable in this process, by emulation if the processor lacks it.
#[cfg(all(test, target_os = "linux", target_arch = "x86_64", not(miri)))]
pub(crate) fn provide_tiles() {
    // Selected before the emulator is installed, so that only tests that name AMX use it.
    isa();
    if !Isa::Amx.is_available() {
        trustformers_tile_emulator::install();
    }
}

/// The instruction set in use: the one named by the environment variable `TRUSTFORMERS_ISA` if the processor has it,
/// else the best available one; [`check_environment`] validates the variable.
pub fn isa() -> Isa {
    static CHOSEN: OnceLock<Isa> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let best = || Isa::ALL.into_iter().rev().find(|isa| isa.is_available()).unwrap_or(Isa::Scalar);
        from_environment().ok().flatten().unwrap_or_else(best)
    })
}

/// Validates the environment variables that kernels read.
///
/// **Errors:** the name of the invalid variable, and a message.
pub fn check_environment() -> Result<(), (&'static str, String)> {
    from_environment().map_err(|error| (ISA_VARIABLE, error))?;
    threads::from_environment().map_err(|error| (threads::VARIABLE, error))?;
    Ok(())
}

const ISA_VARIABLE: &str = "TRUSTFORMERS_ISA";

fn from_environment() -> Result<Option<Isa>, String> {
    let Some(asked) = std::env::var_os(ISA_VARIABLE) else { return Ok(None) };
    match Isa::ALL.into_iter().find(|isa| asked == isa.name()) {
        Some(isa) if isa.is_available() => Ok(Some(isa)),
        Some(isa) => Err(format!("this processor has no {}", isa.name())),
        None => Err(format!("{asked:?} is not one of: {}", Isa::ALL.map(Isa::name).join(", "))),
    }
}

/// Prefetches memory that is about to be written; any address is allowed.
#[inline(always)]
pub(crate) fn prefetch<T>(start: *const T, len: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        const LINE: usize = 64;
        let bytes = start.cast::<i8>();
        for at in (0..len * size_of::<T>()).step_by(LINE) {
            // SAFETY: a prefetch reads nothing and may name any address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.wrapping_add(at)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (start, len);
}
