use super::Isa;

/// Loops over plain numbers that the compiler vectorizes for each instruction set.
pub(crate) trait Kernel {
    /// Return type of [`Kernel::run`].
    type Output;

    /// Runs the loops. `FUSED` says whether fused multiply-add is an instruction; otherwise it would be a library call.
    ///
    /// Mark the implementation and everything it calls `#[inline(always)]`: only inlined code is vectorized.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Runs a kernel compiled for an instruction set.
///
/// **Panics** if the processor lacks the instruction set.
#[inline]
pub(crate) fn vectorize<K: Kernel>(isa: Isa, kernel: K) -> K::Output {
    debug_assert!(isa.is_available(), "this processor has no {}", isa.name());
    match isa {
        Isa::Scalar => kernel.run::<false>(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: callers pass only instruction sets that the processor has.
        Isa::Avx2 => unsafe { with_avx2(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above; the later sets include AVX-512.
        Isa::Avx512 | Isa::Avx512Vnni | Isa::Avx512Bf16 | Isa::Amx => unsafe { with_avx512(kernel) },
        #[cfg(not(target_arch = "x86_64"))]
        _ => unreachable!("only x86-64 has {}", isa.name()),
    }
}

/// # Safety
/// The processor has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

/// # Safety
/// The processor has AVX-512 F, BW, DQ and VL.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

/// `a * b + c`.
#[inline(always)]
pub(crate) fn mul_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
