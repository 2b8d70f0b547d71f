//! Emulates AMX instructions for tests on processors without AMX, in a handler of SIGILL.
//!
//! A processor with AMX executes the instructions itself. Elsewhere those that would raise an exception abort the
//! process. The crate is empty on other systems than Linux on x86-64.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod decode;
mod tiles;

use std::cell::RefCell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{process, ptr};

use decode::decode;
use tiles::Tiles;

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Whether the emulator is installed in this process.
pub fn is_installed() -> bool {
    INSTALLED.load(Ordering::Acquire)
}

/// Makes AMX instructions usable in this process; those that the processor and the operating system already allow are
/// not emulated.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without a permission such a processor executes the instructions that configure tiles, and traps the others.
        const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
        const XFEATURE_XTILEDATA: libc::c_long = 18;
        // SAFETY: the call takes no pointer; a kernel or a processor without AMX refuses it.
        unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) };
        let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut c_void) = on_illegal_instruction;
        // SAFETY: all-zero is a valid `sigaction`, and the handler has the type that SA_SIGINFO asks for.
        unsafe {
            let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO;
            assert_eq!(libc::sigaction(libc::SIGILL, &action, ptr::null_mut()), 0);
        }
        INSTALLED.store(true, Ordering::Release);
    });
}

thread_local! {
    static STATE: RefCell<Tiles> = const { RefCell::new(Tiles::RELEASED) };
}

extern "C" fn on_illegal_instruction(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the system calls handlers of SA_SIGINFO with the interrupted thread's context, which is theirs to change.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    // SAFETY: the instruction pointer is at an instruction that the processor has just read.
    let Some((instruction, next)) = (unsafe { decode(registers) }) else {
        // SAFETY: with the default action, returning to the instruction ends the process as if this were not here.
        unsafe { libc::signal(libc::SIGILL, libc::SIG_DFL) };
        return;
    };
    // SAFETY: the program executed this instruction, so its memory operands are valid by its own contract.
    match STATE.with_borrow_mut(|tiles| unsafe { tiles.execute(instruction) }) {
        Ok(()) => registers[libc::REG_RIP as usize] = next as i64,
        Err(reason) => {
            // Not `eprintln!`: this thread might hold the lock of standard error.
            for part in ["AMX instruction refused: ", reason, "\n"] {
                // SAFETY: the pointer and length are a string's.
                unsafe { libc::write(libc::STDERR_FILENO, part.as_ptr().cast(), part.len()) };
            }
            process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::arch::asm;

    use super::tiles::{CONFIGURATION_BYTES, PALETTE};
    use super::*;

    /// Configuration with tiles 1, 2 and 3 of 5 by 7, 5 by 3 and 3 by 7 units.
    pub(super) static SMALL: [u8; CONFIGURATION_BYTES] = {
        let mut bytes = [0; CONFIGURATION_BYTES];
        bytes[0] = PALETTE;
        (bytes[48 + 1], bytes[16 + 2]) = (5, 4 * 7);
        (bytes[48 + 2], bytes[16 + 4]) = (5, 4 * 3);
        (bytes[48 + 3], bytes[16 + 6]) = (3, 4 * 7);
        bytes
    };
    /// Row stride in units.
    const PITCH: usize = 18;
    type Rows5 = [[u32; PITCH]; 5];
    type Rows3 = [[u32; PITCH]; 3];

    /// Runs an instruction on tiles; the loads and stores use different addressing forms.
    macro_rules! multiplied {
        ($instruction:literal, $sums:expr, $left:expr, $right:expr) => {{
            let (mut sums, left, right): (Rows5, Rows5, Rows3) = ($sums, $left, $right);
            let mut stored = [[0xffu8; CONFIGURATION_BYTES]; 2];
            // SAFETY: there are tiles, real or emulated, and every buffer holds its tile's rows.
            unsafe {
                asm!(
                    "ldtilecfg [rip + {configuration}]",
                    "tileloadd tmm1, [r13 + r14]",
                    "tileloaddt1 tmm2, [rcx + 2*r12 + 4]",
                    "tileloadd tmm3, [r9 + 8*r10 - 1000]",
                    concat!($instruction, " tmm1, tmm2, tmm3"),
                    "tilestored [r13 + r14], tmm1",
                    "sttilecfg [rax]",
                    "tilerelease",
                    "sttilecfg [rax + 2*r11 - 64]",
                    configuration = sym SMALL,
                    in("r13") sums.as_mut_ptr(),
                    in("r14") PITCH * 4,
                    in("rcx") left.as_ptr().cast::<u8>().wrapping_sub(4),
                    in("r12") PITCH * 4 / 2,
                    in("r9") right.as_ptr().cast::<u8>().wrapping_add(1000),
                    in("r10") PITCH * 4 / 8,
                    in("rax") stored.as_mut_ptr(),
                    in("r11") CONFIGURATION_BYTES,
                    out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    options(nostack),
                );
            }
            assert_eq!(stored, [SMALL, [0; CONFIGURATION_BYTES]]);
            sums
        }};
    }

    /// Repeatable random bits.
    fn random<const N: usize>(seed: u64) -> [[u32; PITCH]; N] {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u32
        };
        std::array::from_fn(|_| std::array::from_fn(|_| next()))
    }

    #[test]
    fn byte_products_have_the_signedness_of_their_mnemonics() {
        install();
        let (sums, left, right) = (random(1), random(2), random(3));
        for (signed_left, signed_right, found) in [
            (true, true, multiplied!("tdpbssd", sums, left, right)),
            (true, false, multiplied!("tdpbsud", sums, left, right)),
            (false, true, multiplied!("tdpbusd", sums, left, right)),
            (false, false, multiplied!("tdpbuud", sums, left, right)),
        ] {
            let number = |unit: u32, byte: usize, signed: bool| match unit.to_le_bytes()[byte] {
                byte if signed => i64::from(byte as i8),
                byte => i64::from(byte),
            };
            let mut expected = sums;
            for (row, expected) in expected.iter_mut().enumerate() {
                for (col, expected) in expected.iter_mut().enumerate().take(7) {
                    let products = (0..12).map(|at| {
                        number(left[row][at / 4], at % 4, signed_left)
                            * number(right[at / 4][col], at % 4, signed_right)
                    });
                    *expected = (i64::from(*expected) + products.sum::<i64>()) as u32;
                }
            }
            assert_eq!(found, expected, "signed: {signed_left}, {signed_right}");
        }
    }

    #[test]
    fn bf16_products_are_summed_in_f32_and_denormals_are_zero() {
        install();
        const DENORMAL: u32 = 0x0001_0001;
        // Numbers in [1, 2) with either sign.
        let halves = |unit: u32| unit & 0x807f_807f | 0x3f80_3f80;
        let mut left: Rows5 = random(4).map(|row| row.map(halves));
        let right: Rows3 = random(5).map(|row| row.map(halves));
        let sums: Rows5 = random(6).map(|row| row.map(|unit| unit & 0x807f_ffff | 0x3f80_0000));
        left[4] = [DENORMAL; PITCH];
        let found = multiplied!("tdpbf16ps", sums, left, right);
        let half = |unit: u32, half: usize| f64::from(f32::from_bits([unit << 16, unit & 0xffff_0000][half]));
        for row in 0..5 {
            for col in 0..PITCH {
                let (found, start) = (f32::from_bits(found[row][col]), f32::from_bits(sums[row][col]));
                if row == 4 || col >= 7 {
                    assert_eq!(found, start);
                    continue;
                }
                let products = (0..6).map(|at| half(left[row][at / 2], at % 2) * half(right[at / 2][col], at % 2));
                let expected = f64::from(start) + products.sum::<f64>();
                // Six roundings of sums below 32.
                assert!((f64::from(found) - expected).abs() < 6.0 * 32.0 * f64::from(f32::EPSILON) / 2.0);
            }
        }
    }

    #[test]
    fn other_illegal_instructions_still_kill_the_process() {
        install();
        // SAFETY: the child executes nothing but the illegal instruction.
        let status = unsafe {
            let child = libc::fork();
            if child == 0 {
                asm!("ud2", options(noreturn));
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &mut status, 0), child);
            status
        };
        assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGILL, "status {status:#x}");
    }
}
