use std::cmp::Ordering;
use std::sync::Mutex;

use burn::tensor::{Bytes, DType as BurnDType, Shape, TensorMetadata, bf16, f16};
use burn_flex::{FlexTensor, Layout};
use trustformers_kernels::{Element, cpu};

use super::memory::{Native, elements, filled};
use super::movement::contiguous;

/// Elements from which a radix sort is faster than a comparison sort.
const RADIX: usize = 1 << 10;
/// Bits per pass of the radix sort; three passes sort 32 bits.
const DIGIT_BITS: u32 = 11;

/// Stable indices that sort a dimension; NaN is the largest element.
pub(in crate::storage) fn sorted_indices(x: &FlexTensor, dim: usize, descending: bool) -> Option<FlexTensor> {
    fn floats(a: f64, b: f64) -> Ordering {
        a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    }
    if let Some(found) = sorted_floats(x, dim, descending) {
        return Some(found);
    }
    let x = x.to_contiguous();
    let shape = x.layout().shape().to_vec();
    let sort = |order: &dyn Fn(usize, usize) -> Ordering| indices(&shape, dim, descending, order);
    macro_rules! integers {
        ($kind:ty) => {{
            let values = x.storage::<$kind>();
            sort(&|a, b| values[a].cmp(&values[b]))
        }};
    }
    let found = match x.dtype() {
        BurnDType::F64 => {
            let values = x.storage::<f64>();
            sort(&|a, b| floats(values[a], values[b]))
        }
        BurnDType::F32 => {
            let values = x.storage::<f32>();
            sort(&|a, b| floats(values[a].into(), values[b].into()))
        }
        BurnDType::F16 => {
            let values = x.storage::<f16>();
            sort(&|a, b| floats(values[a].to_f64(), values[b].to_f64()))
        }
        BurnDType::BF16 => {
            let values = x.storage::<bf16>();
            sort(&|a, b| floats(values[a].to_f64(), values[b].to_f64()))
        }
        BurnDType::I64 => integers!(i64),
        BurnDType::I32 => integers!(i32),
        BurnDType::I16 => integers!(i16),
        BurnDType::I8 => integers!(i8),
        BurnDType::U64 => integers!(u64),
        BurnDType::U32 => integers!(u32),
        BurnDType::U16 => integers!(u16),
        BurnDType::U8 | BurnDType::Bool(_) => integers!(u8),
        _ => return None,
    };
    Some(FlexTensor::new(Bytes::from_elems(found), Layout::contiguous(x.shape()), BurnDType::I64))
}

fn indices(shape: &[usize], dim: usize, descending: bool, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<i64> {
    let size = shape[dim];
    let inner: usize = shape[dim + 1..].iter().product();
    let mut found = vec![0; shape.iter().product()];
    let mut lane: Vec<usize> = Vec::with_capacity(size);
    for start in (0..found.len()).filter(|start| (start / inner).is_multiple_of(size)) {
        lane.clear();
        lane.extend((0..size).map(|index| start + index * inner));
        lane.sort_by(|a, b| if descending { order(*b, *a) } else { order(*a, *b) });
        for (index, position) in lane.iter().enumerate() {
            found[start + index * inner] = ((position - start) / inner) as i64;
        }
    }
    found
}

/// Stable indices that sort float32 or bfloat16 along the last dimension, or the only one that is not 1.
fn sorted_floats(x: &FlexTensor, dim: usize, descending: bool) -> Option<FlexTensor> {
    match x.dtype() {
        BurnDType::F32 => rows_sorted::<f32>(x, dim, descending),
        BurnDType::BF16 => rows_sorted::<bf16>(x, dim, descending),
        _ => None,
    }
}

/// An integer with the order of a float: zeros are equal, and NaN is the largest.
fn key(x: f32) -> u32 {
    let bits = if x.is_nan() { f32::NAN.to_bits() } else { (x + 0.0).to_bits() };
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

fn rows_sorted<T: Native + Element>(x: &FlexTensor, dim: usize, descending: bool) -> Option<FlexTensor> {
    let shape = x.layout().shape().to_vec();
    let width = shape[dim];
    if shape[dim + 1..].iter().product::<usize>() != 1 || u32::try_from(width).is_err() {
        return None;
    }
    let x = contiguous(x);
    let values = elements::<T>(&x);
    Some(filled(Shape::from(shape), BurnDType::I64, |out: &mut [i64]| {
        let rows: Vec<_> = out.chunks_exact_mut(width).map(Mutex::new).collect();
        cpu::parallel(rows.len(), |row| {
            let Ok(mut out) = rows[row].lock() else { return };
            let values = &values[row * width..][..width];
            let flip = if descending { u32::MAX } else { 0 };
            let keyed = values.iter().enumerate().map(|(at, x)| u64::from(key(x.widen()) ^ flip) << 32 | at as u64);
            let mut keyed: Vec<u64> = keyed.collect();
            // The index in the low bits makes keys distinct, and the sort stable.
            if width < RADIX {
                keyed.sort_unstable()
            } else {
                keyed = radix_sorted(keyed)
            }
            out.iter_mut().zip(keyed).for_each(|(out, keyed)| *out = i64::from(keyed as u32));
        });
    }))
}

/// Sorts by the high 32 bits, preserving the order of equal ones.
fn radix_sorted(mut keyed: Vec<u64>) -> Vec<u64> {
    let mut other = vec![0; keyed.len()];
    let digit = |keyed: u64, pass: u32| (keyed >> (32 + pass * DIGIT_BITS)) as usize & ((1 << DIGIT_BITS) - 1);
    for pass in 0..3 {
        let mut starts = [0usize; 1 << DIGIT_BITS];
        keyed.iter().for_each(|keyed| starts[digit(*keyed, pass)] += 1);
        let mut sum = 0;
        for start in &mut starts {
            let count = std::mem::replace(start, sum);
            sum += count;
        }
        for one in &keyed {
            let start = &mut starts[digit(*one, pass)];
            other[*start] = *one;
            *start += 1;
        }
        std::mem::swap(&mut keyed, &mut other);
    }
    keyed
}

/// Indices of the `k` largest or smallest elements along the last dimension, in the order of a stable sort.
pub(in crate::storage) fn top_indices(x: &FlexTensor, k: usize, is_max: bool) -> Option<FlexTensor> {
    /// Largest number of elements that insertion keeps in order faster than a sort does.
    const MOST: usize = 64;
    if k == 0 || k > MOST {
        return None;
    }
    match x.dtype() {
        BurnDType::F32 => Some(top_indices_of::<f32>(x, k, is_max)),
        BurnDType::BF16 => Some(top_indices_of::<bf16>(x, k, is_max)),
        _ => None,
    }
}

fn top_indices_of<T: Native + Element>(x: &FlexTensor, k: usize, is_max: bool) -> FlexTensor {
    const CHUNK: usize = 64;
    let mut shape = x.layout().shape().to_vec();
    let rank = shape.len();
    let width = std::mem::replace(&mut shape[rank - 1], k);
    let x = contiguous(x);
    let values = elements::<T>(&x);
    filled(Shape::from(shape), BurnDType::I64, |out: &mut [i64]| {
        let rows: Vec<_> = out.chunks_exact_mut(k).map(Mutex::new).collect();
        cpu::parallel(rows.len(), |row| {
            let Ok(mut out) = rows[row].lock() else { return };
            let flip = if is_max { u32::MAX } else { 0 };
            // Keys in ascending order; equal ones in the order of their indices.
            let mut best: Vec<(u32, usize)> = Vec::with_capacity(k + 1);
            let mut worst = u32::MAX;
            for (chunk, values) in values[row * width..][..width].chunks(CHUNK).enumerate() {
                // Without a branch for each element, so that most chunks are skipped quickly.
                let has_better = values.iter().fold(false, |any, x| any | (key(x.widen()) ^ flip < worst));
                if best.len() == k && !has_better {
                    continue;
                }
                for (at, x) in values.iter().enumerate() {
                    let key = key(x.widen()) ^ flip;
                    if best.len() < k || key < worst {
                        best.insert(best.partition_point(|(other, _)| *other <= key), (key, chunk * CHUNK + at));
                        best.truncate(k);
                        worst = best[best.len() - 1].0;
                    }
                }
            }
            out.iter_mut().zip(best).for_each(|(out, (_, at))| *out = at as i64);
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_sorted_stably_with_nan_last() {
        for width in [1, 7, 1500] {
            let special = [0.0, -0.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.5, -2.5];
            let values: Vec<f32> = (0..3 * width).map(|at| special[at * at % 8] * (1 + at % 3) as f32).collect();
            let layout = Layout::contiguous(Shape::from(vec![3, width]));
            let x = FlexTensor::new(Bytes::from_elems(values.clone()), layout, BurnDType::F32);
            for descending in [false, true] {
                let order = |a: f32, b: f32| a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
                let expected: Vec<Vec<i64>> = values
                    .chunks(width)
                    .map(|row| {
                        let mut at: Vec<i64> = (0..width as i64).collect();
                        let value = |at: &i64| row[*at as usize];
                        let both = |a: &i64, b: &i64| order(value(a), value(b));
                        at.sort_by(|a, b| if descending { both(b, a) } else { both(a, b) });
                        at
                    })
                    .collect();
                let found = sorted_indices(&x, 1, descending).unwrap();
                assert_eq!(elements::<i64>(&found), expected.concat(), "{width} {descending}");
                let k = width.min(5);
                let found = top_indices(&x, k, descending).unwrap();
                let best: Vec<i64> = expected.iter().flat_map(|row| row[..k].to_vec()).collect();
                assert_eq!(elements::<i64>(&found), best, "{width} {descending}");
            }
        }
    }
}
