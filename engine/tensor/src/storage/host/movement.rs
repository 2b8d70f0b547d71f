use burn::tensor::{DType as BurnDType, Shape, Slice};
use burn_flex::{FlexTensor, Layout};
use trustformers_kernels::copy::{self, Transposed};
use trustformers_kernels::elementwise::Grid;

use super::memory::{Native, elements, filled};

/// Calls a function that is generic over the element type with the type of a tensor's dtype; `None` for other dtypes.
macro_rules! with_native {
    ($dtype:expr, $function:ident($($argument:expr),*)) => {
        match $dtype {
            BurnDType::F64 => $function::<f64>($($argument),*),
            BurnDType::F32 => $function::<f32>($($argument),*),
            BurnDType::F16 => $function::<burn::tensor::f16>($($argument),*),
            BurnDType::BF16 => $function::<burn::tensor::bf16>($($argument),*),
            BurnDType::I64 => $function::<i64>($($argument),*),
            BurnDType::I32 => $function::<i32>($($argument),*),
            BurnDType::I16 => $function::<i16>($($argument),*),
            BurnDType::I8 => $function::<i8>($($argument),*),
            BurnDType::U64 => $function::<u64>($($argument),*),
            BurnDType::U32 => $function::<u32>($($argument),*),
            BurnDType::U16 => $function::<u16>($($argument),*),
            BurnDType::U8 | BurnDType::Bool(_) => $function::<u8>($($argument),*),
            _ => None,
        }
    };
}
pub(super) use with_native;

/// The tensor with its elements in row-major order; shares memory if it is contiguous already.
pub(crate) fn contiguous(x: &FlexTensor) -> FlexTensor {
    if x.is_contiguous() { x.clone() } else { duplicate(x) }
}

/// A copy in row-major order.
pub(crate) fn duplicate(x: &FlexTensor) -> FlexTensor {
    with_native!(x.dtype(), duplicate_of(x)).unwrap_or_else(|| x.to_contiguous())
}

fn duplicate_of<T: Native>(x: &FlexTensor) -> Option<FlexTensor> {
    let layout = x.layout();
    let fill = |copied: &mut dyn FnMut(&mut [T])| Some(filled(layout.shape().clone(), x.dtype(), copied));
    if let Some(grid) = Grid::merged(layout.shape(), [layout.strides()]) {
        return fill(&mut |out| copy::copy(&grid, elements(x), out));
    }
    let transposed = transposed(layout)?;
    fill(&mut |out| copy::transpose(transposed, elements(x), out))
}

/// The layout of matrices whose columns are adjacent in memory; `None` for other layouts.
fn transposed(layout: &Layout) -> Option<Transposed> {
    // Dimensions, merged from the last one on: sizes and strides.
    let mut dims: Vec<(usize, usize)> = Vec::new();
    for (&size, &stride) in layout.shape().iter().zip(layout.strides()).rev().filter(|(size, _)| **size != 1) {
        let stride = usize::try_from(stride).ok()?;
        match dims.last_mut() {
            Some((last, inner)) if stride == *last * *inner => *last *= size,
            _ => dims.push((size, stride)),
        }
    }
    match dims[..] {
        [(cols, col_stride), (rows, 1)] => Some(Transposed { batch: 1, rows, cols, batch_stride: 0, col_stride }),
        [(cols, col_stride), (rows, 1), (batch, batch_stride)] => {
            Some(Transposed { batch, rows, cols, batch_stride, col_stride })
        }
        _ => None,
    }
}

/// Sizes before, of and after a dimension.
pub(super) fn around(shape: &[usize], dim: usize) -> [usize; 3] {
    [shape[..dim].iter().product(), shape[dim], shape[dim + 1..].iter().product()]
}

/// Concatenates tensors of equal dtype along a dimension.
pub(crate) fn concatenated(parts: &[&FlexTensor], dim: usize) -> Option<FlexTensor> {
    with_native!(parts.first()?.dtype(), concatenated_of(parts, dim))
}

fn concatenated_of<T: Native>(parts: &[&FlexTensor], dim: usize) -> Option<FlexTensor> {
    let (first, parts): (_, Vec<_>) = (parts[0], parts.iter().map(|part| contiguous(part)).collect());
    let mut shape = first.layout().shape().to_vec();
    shape[dim] = parts.iter().map(|part| part.layout().shape()[dim]).sum();
    let parts: Vec<_> = parts
        .iter()
        .map(|part| {
            let [_, size, inner] = around(part.layout().shape(), dim);
            (elements::<T>(part), size * inner)
        })
        .collect();
    Some(filled(Shape::from(shape), first.dtype(), |out| copy::concatenate(&parts, out)))
}

/// Elements at `indices` (int64, rank 1, in range) of a dimension.
pub(crate) fn select(x: &FlexTensor, dim: usize, indices: &FlexTensor) -> Option<FlexTensor> {
    let indices = contiguous(indices);
    with_native!(x.dtype(), select_of(x, dim, elements(&indices)))
}

fn select_of<T: Native>(x: &FlexTensor, dim: usize, indices: &[i64]) -> Option<FlexTensor> {
    let source = contiguous(x);
    let mut shape = x.layout().shape().to_vec();
    let [_, size, inner] = around(&shape, dim);
    shape[dim] = indices.len();
    Some(filled(Shape::from(shape), x.dtype(), |out| copy::select(elements::<T>(&source), [size, inner], indices, out)))
}

/// Elements at `indices` (int64, of the result's shape, in range) along a dimension; other dimensions are equal.
pub(crate) fn gather(x: &FlexTensor, dim: usize, indices: &FlexTensor) -> Option<FlexTensor> {
    with_native!(x.dtype(), gather_of(x, dim, indices))
}

fn gather_of<T: Native>(x: &FlexTensor, dim: usize, indices: &FlexTensor) -> Option<FlexTensor> {
    let (source, indices) = (contiguous(x), contiguous(indices));
    let shape = indices.layout().shape().clone();
    let ([_, size, _], [_, count, inner]) = (around(x.layout().shape(), dim), around(&shape, dim));
    Some(filled(shape, x.dtype(), |out| {
        copy::gather(elements::<T>(&source), [size, count, inner], elements(&indices), out);
    }))
}

/// Replaces the elements in ranges with positive steps, one for each dimension, of a contiguous tensor that shares its
/// memory with no other; `None` for other tensors, which stay as they are.
pub(crate) fn assign(x: &mut FlexTensor, ranges: &[Slice], value: &FlexTensor) -> Option<()> {
    with_native!(x.dtype(), assign_of(x, ranges, value))
}

fn assign_of<T: Native>(x: &mut FlexTensor, ranges: &[Slice], value: &FlexTensor) -> Option<()> {
    if !x.is_contiguous() || x.layout().start_offset() != 0 || ranges.len() != x.layout().num_dims() {
        return None;
    }
    let constant = value.layout().strides().iter().all(|stride| *stride == 0);
    let number = constant.then(|| elements::<T>(value)[0]);
    let value = if constant { value.clone() } else { contiguous(value) };
    let values = elements::<T>(&value);
    let sizes = value.layout().shape().to_vec();
    let strides: Vec<usize> = x.layout().strides().iter().map(|stride| stride.unsigned_abs()).collect();
    let starts = ranges.iter().zip(&strides).map(|(range, stride)| range.start.unsigned_abs() * stride);
    let mut first: usize = starts.sum();
    let steps: Vec<usize> =
        ranges.iter().zip(&strides).map(|(range, stride)| range.step.unsigned_abs() * stride).collect();
    let target = T::storage_mut(x)?;
    let (width, step) = (sizes.last().copied().unwrap_or(1), steps.last().copied().unwrap_or(1));
    let outer = &sizes[..sizes.len().saturating_sub(1)];
    let mut index = vec![0; outer.len()];
    for row in 0..outer.iter().product() {
        match number {
            Some(number) if step == 1 => target[first..][..width].fill(number),
            None if step == 1 => target[first..][..width].copy_from_slice(&values[row * width..][..width]),
            _ => {
                for col in 0..width {
                    target[first + col * step] = number.unwrap_or_else(|| values[row * width + col]);
                }
            }
        }
        for dim in (0..outer.len()).rev() {
            index[dim] += 1;
            first += steps[dim];
            if index[dim] < outer[dim] {
                break;
            }
            first -= outer[dim] * steps[dim];
            index[dim] = 0;
        }
    }
    Some(())
}
