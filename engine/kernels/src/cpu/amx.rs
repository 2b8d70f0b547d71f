//! Detection of AMX.

use std::arch::x86_64::{__cpuid, __cpuid_count};
use std::sync::OnceLock;

/// Whether the processor has AMX-INT8 and AMX-BF16 and the operating system grants them to this process.
pub(super) fn is_available() -> bool {
    static GRANTED: OnceLock<bool> = OnceLock::new();
    #[cfg(all(test, target_os = "linux", not(miri)))]
    if trustformers_tile_emulator::is_installed() {
        return true;
    }
    *GRANTED.get_or_init(|| has_tiles() && is_granted())
}

/// CPUID leaf 7: AMX-BF16, AMX-TILE and AMX-INT8 are bits 22, 24 and 25 of EDX, Intel SDM volume 2, CPUID.
fn has_tiles() -> bool {
    const TILES: u32 = 1 << 22 | 1 << 24 | 1 << 25;
    __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx & TILES == TILES
}

/// Requests the tile registers: Linux 5.16 and later enables them per process, if XCR0 has them.
#[cfg(target_os = "linux")]
fn is_granted() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_long = 18;
    // SAFETY: the call takes two numbers and changes nothing but the process's permission.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 }
}

#[cfg(not(target_os = "linux"))]
fn is_granted() -> bool {
    false
}
