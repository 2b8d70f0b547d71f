use half::bf16;
use proptest::prelude::*;

use super::groups::tests::GROUPINGS;
use super::*;
use crate::testing::elements;
use crate::{Bits, Format, Grouping};

const FP4: Format = Format::Groups(Grouping { bits: Bits::Fp4, group_size: 32, has_mins: false });

fn formats() -> impl Iterator<Item = Format> {
    [Format::F32, Format::Bf16, Format::Int8].into_iter().chain(GROUPINGS.map(Format::Groups)).chain([FP4])
}

/// Operands of two layers; `x` is at an odd address.
struct Operands<T> {
    x: Vec<T>,
    weights: [Vec<f32>; 2],
    biases: [Option<Vec<T>>; 2],
    residual: Option<Vec<T>>,
    activation: Option<Activation>,
    m: usize,
    n: [usize; 2],
    k: usize,
}

impl<T: Element> Operands<T> {
    fn random([m, n, k]: [usize; 3], extras: u8, seed: u64) -> Self {
        // The second layer is narrower than a panel, sometimes empty.
        let n = [n, n / 3];
        let bias = |at: usize| (extras & 1 != 0).then(|| elements(n[at], seed + 3));
        Self {
            x: elements(m * k + 1, seed),
            weights: n.map(|n| elements(n * k, seed + 1 + n as u64)),
            biases: [bias(0), bias(1)],
            residual: (extras & 2 != 0).then(|| elements(m * (n[0] + n[1]), seed + 4)),
            activation: [None, Some(Activation::GeluErf), Some(Activation::Silu)][usize::from(extras) % 3],
            m,
            n,
            k,
        }
    }

    fn x(&self) -> &[T] {
        &self.x[1..]
    }

    fn packed(&self, isa: Isa, format: Format) -> [PackedWeight; 2] {
        std::array::from_fn(|at| {
            if let Format::Groups(grouping @ Grouping { bits: Bits::Fp4, .. }) = format {
                return PackedWeight::pack_groups_for(
                    isa,
                    &fp4_groups(&self.weights[at], [self.n[at], self.k], grouping),
                );
            }
            PackedWeight::pack_for(isa, Values::F32(&self.weights[at]), [self.n[at], self.k], format)
        })
    }

    fn run(&self, weights: &[PackedWeight; 2]) -> Vec<f32> {
        let parts: [_; 2] = std::array::from_fn(|at| Part { weight: &weights[at], bias: self.biases[at].as_deref() });
        let mut out = vec![T::narrow(f32::NAN); self.m * (self.n[0] + self.n[1])];
        let (activation, residual) = (self.activation, self.residual.as_deref());
        Linear { x: self.x(), parts: &parts, activation, residual }.run(&mut out);
        out.into_iter().map(T::widen).collect()
    }

    /// Results in double precision, each with the error bound of the format.
    fn expected(&self, format: Format, weights: &[PackedWeight; 2]) -> Vec<(f64, f64)> {
        let weights = weights.each_ref().map(PackedWeight::unpack);
        let widths = self.n[0] + self.n[1];
        let mut out = Vec::with_capacity(self.m * widths);
        for row in 0..self.m {
            let x: Vec<f64> = self.x()[row * self.k..][..self.k].iter().map(|x| f64::from(x.widen())).collect();
            let range =
                x.iter().fold(0.0, |most: f64, x| most.max(*x)) - x.iter().fold(0.0, |least: f64, x| least.min(*x));
            for col in 0..widths {
                let (part, col) = if col < self.n[0] { (0, col) } else { (1, col - self.n[0]) };
                let weight = &weights[part][col * self.k..][..self.k];
                let products = || x.iter().zip(weight).map(|(x, w)| (*x, f64::from(*w)));
                let sum: f64 = match format {
                    Format::Bf16 => products().map(|(x, w)| f64::from(bf16::narrow(x as f32).widen()) * w).sum(),
                    _ => products().map(|(x, w)| x * w).sum(),
                };
                let size: f64 = products().map(|(x, w)| (x * w).abs()).sum();
                let of_inputs = match format {
                    // Half a step from rounding the number and half from rounding the zero point.
                    Format::Int8 => range / 255.0 * products().map(|(_, w)| w.abs()).sum::<f64>(),
                    Format::Groups(grouping) => {
                        let blocks = x.chunks(grouping.block()).zip(weight.chunks(grouping.block()));
                        let of_block = |(x, weight): (&[f64], &[f32])| {
                            let most = x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
                            most / 254.0 * weight.iter().map(|w| f64::from(w.abs())).sum::<f64>()
                        };
                        1.001 * blocks.map(of_block).sum::<f64>()
                    }
                    _ => 0.0,
                };
                let sum = sum + self.biases[part].as_ref().map_or(0.0, |bias| f64::from(bias[col].widen()));
                let mut value = [sum as f32];
                if let Some(activation) = self.activation {
                    activation.apply::<false>(&mut value);
                }
                let at = row * widths + if part == 0 { col } else { self.n[0] + col };
                let residual = self.residual.as_ref().map_or(0.0, |residual| f64::from(residual[at].widen()));
                let value = f64::from(value[0]) + residual;
                let of_output = crate::testing::rounding::<T>() * (value.abs() + residual.abs() + 1.0);
                // No activation here is steeper than 1.13.
                out.push((value, 1.13 * (1e-6 * (size + 1.0) + of_inputs) + of_output));
            }
        }
        out
    }

    fn check(&self, isa: Isa, format: Format) {
        let weights = self.packed(isa, format);
        for (at, (found, (expected, bound))) in
            self.run(&weights).into_iter().zip(self.expected(format, &weights)).enumerate()
        {
            let error = (f64::from(found) - expected).abs();
            let Self { m, n, k, .. } = self;
            assert!(error <= bound, "{isa:?} {format:?} {m}x{n:?}x{k} at {at}: off by {error:e}, bound {bound:e}");
        }
    }
}

/// FP4 quantized values from the bits of numbers, with power-of-two scales.
fn fp4_groups(numbers: &[f32], [n, k]: [usize; 2], grouping: Grouping) -> Groups {
    let quantized = numbers.iter().map(|x| (x.to_bits() >> 9) as u8 & 0xf).collect();
    let scales = (0..n * grouping.groups(k)).map(|at| 0.125 * 2f32.powi(-(at as i32 % 5))).collect();
    Groups { shape: [n, k], grouping, quantized, scales, mins: Vec::new() }
}

fn check_everything(shape: [usize; 3], extras: u8, seed: u64) {
    for isa in Isa::testable() {
        for format in formats() {
            Operands::<f32>::random(shape, extras, seed).check(isa, format);
            Operands::<bf16>::random(shape, extras, seed).check(isa, format);
        }
    }
}

proptest! {
    // Miri is a thousand times slower.
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 2 } else { 48 }, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn every_instruction_set_and_format_matches_double_precision(
        m in 1..70usize, n in 1..150usize, k in 0..200usize, extras in 0..12u8, seed in 0..1000u64,
    ) {
        let shape = if cfg!(miri) { [m % 3 + 1, n % 20 + 1, k % 9] } else { [m, n, k] };
        check_everything(shape, extras, seed);
    }
}

#[test]
fn many_rows_and_long_rows_match_double_precision() {
    if cfg!(miri) {
        return;
    }
    check_everything([1, 49, 3001], 1, 5);
    check_everything([333, 97, 1024], 3, 6);
}

#[test]
fn fused_layers_of_different_formats_match_separate_ones() {
    let (m, k) = (7, 96);
    let formats = [FP4, Format::Int8, Format::Int8, Format::Groups(GROUPINGS[1]), Format::F32];
    let (x, bias) = (elements::<f32>(m * k, 1), elements::<f32>(50, 2));
    for isa in Isa::testable() {
        let weights: Vec<_> = (0..formats.len())
            .map(|at| {
                let numbers = elements::<f32>(50 * k, 3 + at as u64);
                match formats[at] {
                    Format::Groups(grouping) if formats[at] == FP4 => {
                        PackedWeight::pack_groups_for(isa, &fp4_groups(&numbers, [50, k], grouping))
                    }
                    format => PackedWeight::pack_for(isa, Values::F32(&numbers), [50, k], format),
                }
            })
            .collect();
        let parts: Vec<_> = weights.iter().map(|weight| Part { weight, bias: Some(&bias[..]) }).collect();
        let residual = elements::<f32>(m * 250, 9);
        let layer = Linear { x: &x, parts: &parts, activation: Some(Activation::Silu), residual: Some(&residual) };
        let mut together = vec![f32::NAN; m * 250];
        layer.run(&mut together);
        for (at, part) in parts.iter().enumerate() {
            let cols = |row: usize| row * 250 + at * 50..row * 250 + at * 50 + 50;
            let residual: Vec<f32> = (0..m).flat_map(|row| residual[cols(row)].iter().copied()).collect();
            let mut alone = vec![f32::NAN; m * 50];
            Linear { parts: std::slice::from_ref(part), residual: Some(&residual), ..layer }.run(&mut alone);
            for row in 0..m {
                assert_eq!(together[cols(row)], alone[row * 50..][..50], "{isa:?}: layer {at}, row {row}");
            }
        }
    }
}

#[test]
fn unpacking_restores_the_packed_weight() {
    let (n, k) = (50, 33);
    let values: Vec<f32> = elements(n * k, 8);
    let halves: Vec<bf16> = values.iter().map(|x| bf16::narrow(*x)).collect();
    let widened: Vec<f32> = halves.iter().map(|x| x.widen()).collect();
    for isa in Isa::testable() {
        let unpack = |values, format| PackedWeight::pack_for(isa, values, [n, k], format).unpack();
        assert_eq!(unpack(Values::F32(&values), Format::F32), values);
        assert_eq!(unpack(Values::F32(&values), Format::Bf16), widened);
        assert_eq!(unpack(Values::Bf16(&halves), Format::Bf16), widened);
        let bytes = unpack(Values::F32(&values), Format::Int8);
        for (row, (values, bytes)) in values.chunks_exact(k).zip(bytes.chunks_exact(k)).enumerate() {
            let step = values.iter().fold(0.0f32, |most, x| most.max(x.abs())) / 127.0;
            let error = values.iter().zip(bytes).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(error <= 0.5001 * step, "{isa:?} row {row}: off by {error:e}, half a step is {:e}", 0.5 * step);
        }
    }
}

#[test]
fn non_finite_inputs_affect_only_their_row() {
    let (m, n, k) = (3, 50, 40);
    for bad in [f32::NAN, f32::INFINITY] {
        let mut x: Vec<f32> = elements(m * k, 1);
        x[k + 7] = bad;
        let weight: Vec<f32> = elements(n * k, 2);
        for isa in Isa::testable() {
            for format in formats().filter(|format| *format != FP4) {
                let weight = PackedWeight::pack_for(isa, Values::F32(&weight), [n, k], format);
                let parts = [Part { weight: &weight, bias: None }];
                let mut out = vec![0.0; m * n];
                Linear { x: &x, parts: &parts, activation: None, residual: None }.run(&mut out);
                for (row, out) in out.chunks_exact(n).enumerate() {
                    assert!(out.iter().all(|x| x.is_finite() == (row != 1)), "{isa:?} {format:?} row {row}: {out:?}");
                }
            }
        }
    }
}

#[test]
#[should_panic(expected = "weight is not [n, k]")]
fn rejects_a_weight_of_the_wrong_length() {
    PackedWeight::pack_for(Isa::Scalar, Values::F32(&[0.0; 7]), [2, 4], Format::F32);
}

#[test]
#[should_panic(expected = "residual is not [m, n]")]
fn rejects_a_residual_of_the_wrong_length() {
    let weight = PackedWeight::pack_for(Isa::Scalar, Values::F32(&[0.0; 8]), [2, 4], Format::F32);
    let parts = [Part { weight: &weight, bias: None }];
    Linear { x: &[0.0; 4], parts: &parts, activation: None, residual: Some(&[0.0; 3]) }.run(&mut [0.0; 2]);
}
