//! Decoder of AMX instructions.
//!
//! Source: Intel SDM volume 2, section 2.3 (VEX) and the instructions' opcode tables.

use std::ptr;

#[derive(Clone, Copy)]
pub(crate) enum Instruction {
    LoadConfiguration(usize),
    StoreConfiguration(usize),
    Release,
    Zero(usize),
    Load(usize, Rows),
    Store(usize, Rows),
    Multiply { product: Product, sums: usize, left: usize, right: usize },
}

/// Memory operand of a tile load or store: address and row stride.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) start: usize,
    pub(crate) stride: usize,
}

impl Rows {
    pub(crate) fn at(self, row: usize) -> usize {
        self.start.wrapping_add(row.wrapping_mul(self.stride))
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Product {
    Bf16,
    Int8 { signed_left: bool, signed_right: bool },
}

/// Decodes the AMX instruction at the instruction pointer; returns it with the address of the next instruction.
///
/// # Safety
/// The instruction pointer is at a whole instruction.
pub(crate) unsafe fn decode(registers: &[i64; 23]) -> Option<(Instruction, usize)> {
    let mut code = Code { at: registers[libc::REG_RIP as usize] as usize };
    // SAFETY: a byte is read only if the bytes before it say that the instruction continues.
    let (vex, opcode, modrm) = unsafe {
        if code.byte() != 0xc4 {
            return None;
        }
        ([code.byte(), code.byte()], code.byte(), code.byte())
    };
    // The first three bits extend ModRM.reg, SIB.index and ModRM.rm or SIB.base; they are stored inverted, as is vvvv.
    let extension = |bit: u8| usize::from(vex[0] >> bit & 1 ^ 1) << 3;
    let third = usize::from(vex[1] >> 3 & 15 ^ 15);
    let (map, wide, vector_256, prefix) = (vex[0] & 31, vex[1] >> 7, vex[1] >> 2 & 1, vex[1] & 3);
    // AMX is VEX.128.{none, 66, F3, F2}.0F38.W0.
    if (map, wide, vector_256) != (2, 0, 0) {
        return None;
    }
    let reg = usize::from(modrm >> 3 & 7) | extension(7);
    let rm = usize::from(modrm & 7);
    let is_register = modrm >> 6 == 3;
    if is_register {
        let rm = rm | extension(5);
        let multiply = |product| Instruction::Multiply { product, sums: reg, left: rm, right: third };
        let bytes = |signed_left, signed_right| multiply(Product::Int8 { signed_left, signed_right });
        let instruction = match (opcode, prefix) {
            (0x49, 0) if (reg, rm, third) == (0, 0, 0) => Instruction::Release,
            (0x49, 3) if (rm, third) == (0, 0) => Instruction::Zero(reg),
            (0x5c, 2) => multiply(Product::Bf16),
            (0x5e, 0) => bytes(false, false),
            (0x5e, 1) => bytes(false, true),
            (0x5e, 2) => bytes(true, false),
            (0x5e, 3) => bytes(true, true),
            _ => return None,
        };
        return Some((instruction, code.at));
    }
    if !matches!((opcode, prefix), (0x49, 0 | 1) | (0x4b, 1..=3)) || third != 0 {
        return None;
    }
    // SAFETY: as above.
    let rows = unsafe { code.memory_operand(modrm, extension(6), extension(5), registers) };
    let instruction = match (opcode, prefix) {
        (0x49, 0) if reg == 0 => Instruction::LoadConfiguration(rows.at(1)),
        (0x49, 1) if reg == 0 => Instruction::StoreConfiguration(rows.at(1)),
        (0x4b, 1 | 3) if rm == 4 => Instruction::Load(reg, rows),
        (0x4b, 2) if rm == 4 => Instruction::Store(reg, rows),
        _ => return None,
    };
    Some((instruction, code.at))
}

/// Reader of an instruction's bytes.
struct Code {
    at: usize,
}

impl Code {
    /// # Safety
    /// The byte exists.
    unsafe fn byte(&mut self) -> u8 {
        let at: *const u8 = ptr::with_exposed_provenance(self.at);
        self.at += 1;
        // SAFETY: the caller's promise.
        unsafe { *at }
    }

    /// Reads a memory operand: base plus displacement, and the scaled index as the stride.
    ///
    /// # Safety
    /// The instruction continues with the bytes that `modrm` implies.
    unsafe fn memory_operand(&mut self, modrm: u8, index_8: usize, base_8: usize, registers: &[i64; 23]) -> Rows {
        const NUMBERED: [libc::c_int; 16] = [
            libc::REG_RAX,
            libc::REG_RCX,
            libc::REG_RDX,
            libc::REG_RBX,
            libc::REG_RSP,
            libc::REG_RBP,
            libc::REG_RSI,
            libc::REG_RDI,
            libc::REG_R8,
            libc::REG_R9,
            libc::REG_R10,
            libc::REG_R11,
            libc::REG_R12,
            libc::REG_R13,
            libc::REG_R14,
            libc::REG_R15,
        ];
        let register = |number: usize| registers[NUMBERED[number] as usize] as usize;
        let (mode, rm) = (modrm >> 6, usize::from(modrm & 7));
        let (mut base, mut stride) = (rm, 0);
        if rm == 4 {
            // SAFETY: a SIB byte follows this ModRM.
            let sib = unsafe { self.byte() };
            base = usize::from(sib & 7);
            let index = usize::from(sib >> 3 & 7) | index_8;
            if index != 4 {
                stride = register(index) << (sib >> 6);
            }
        }
        let displacement = match mode {
            0 if base != 5 => 0,
            // SAFETY: one byte follows this ModRM.
            1 => i32::from(unsafe { self.byte() } as i8),
            // SAFETY: four bytes follow this ModRM.
            _ => i32::from_le_bytes(std::array::from_fn(|_| unsafe { self.byte() })),
        };
        let base = match (mode, base) {
            (0, 5) if rm == 5 => self.at,
            (0, 5) => 0,
            _ => register(base | base_8),
        };
        Rows { start: base.wrapping_add_signed(displacement as isize), stride }
    }
}
