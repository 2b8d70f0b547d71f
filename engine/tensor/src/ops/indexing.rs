use burn::tensor::Slice;
use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::operands::same_device;
use crate::shape::{broadcast, normalized_axis};
use crate::storage::Comparison;
use crate::tensor::Tensor;

/// One entry of an index as in `tensor[...]`.
#[derive(Clone, Debug)]
pub enum Index {
    /// An integer, which removes its dimension; negative ones count from the end.
    At(i64),
    /// A slice, as in Python.
    Slice {
        /// First index; by default the first element, or the last element for a negative step.
        start: Option<i64>,
        /// End index, exclusive; by default the slice includes the remaining elements.
        stop: Option<i64>,
        /// Step between elements, not 0.
        step: i64,
    },
    /// `None`, a new dimension of size 1.
    NewAxis,
    /// `...`, the dimensions that no other entry indexes.
    Ellipsis,
    /// Integer indices, or a boolean mask over as many dimensions as its rank.
    Tensor(Tensor),
}

/// An index split into a view and the index tensors that select from it.
struct Plan {
    /// The view that integers, slices and new dimensions select.
    view: Tensor,
    ranges: Vec<Slice>,
    flipped: Vec<usize>,
    /// Index tensors (int64), each with the dimension of the view that it indexes.
    gathered: Vec<(usize, Tensor)>,
}

impl Tensor {
    /// The elements that an index selects, as in NumPy; a view unless an entry is a tensor.
    ///
    /// **Errors:** `Input` named `index` if there are too many entries, an index is out of range, or index tensors
    /// cannot be broadcast together.
    pub fn index(&self, index: &[Index]) -> Result<Self> {
        let plan = self.plan(index)?;
        if plan.gathered.is_empty() { Ok(plan.view) } else { plan.view.gathered(&plan.gathered) }
    }

    /// A tensor with the elements that an index selects replaced by `value`, which is cast and broadcast.
    ///
    /// **Errors:** any error of [`Tensor::index`]; `Input` named `value` if `value` does not fit.
    pub fn assigned(&self, index: &[Index], value: &Self) -> Result<Self> {
        let value = value.cast(self.dtype())?.to_device(self.device())?;
        if let [Index::Tensor(mask)] = index
            && mask.dtype() == DType::Bool
            && mask.shape() == self.shape()
            && mask.device() == self.device()
            && value.num_elements() == 1
        {
            return mask.where_(&value.reshape(&[])?.into(), &self.clone().into());
        }
        let plan = self.plan(index)?;
        let fitted = |shape: &[usize]| value.fitted(shape);
        if plan.gathered.is_empty() {
            if plan.view.num_elements() == 0 {
                fitted(&plan.view.shape())?;
                return Ok(self.clone());
            }
            let fitted = fitted(&plan.view.shape())?;
            let sizes: Vec<usize> = plan.ranges.iter().map(range_len).collect();
            let value = fitted.apply_reshape(&sizes);
            let value = value.apply_flip(&plan.flipped);
            return self.apply_slice_assign(&plan.ranges, &value);
        }
        let positions = self.positions()?.index(index)?;
        let fitted = fitted(&positions.shape())?;
        self.scattered(&positions, &fitted)
    }

    /// As [`Tensor::assigned`], in place if nothing else uses the elements, no entry is a tensor and neither tensor is in
    /// the graph of operations; returns whether it was.
    ///
    /// **Errors:** any error of [`Tensor::assigned`].
    pub fn assign(&mut self, index: &[Index], value: &Self) -> Result<bool> {
        let has_tensor = index.iter().any(|entry| matches!(entry, Index::Tensor(_)));
        if has_tensor || self.edge().is_some() || value.edge().is_some() {
            return Ok(false);
        }
        let value = value.cast(self.dtype())?.to_device(self.device())?;
        let Plan { view, ranges, flipped, .. } = self.plan(index)?;
        let shape = view.shape();
        // The view uses the elements too.
        drop(view);
        let fitted = value.fitted(&shape)?;
        if shape.contains(&0) {
            return Ok(true);
        }
        let sizes: Vec<usize> = ranges.iter().map(range_len).collect();
        let value = fitted.apply_reshape(&sizes).apply_flip(&flipped);
        Ok(self.storage_mut().is_some_and(|storage| storage.assign_slice(&ranges, value.storage())))
    }

    /// Broadcasts a value to the shape that it is assigned to.
    fn fitted(&self, shape: &[usize]) -> Result<Self> {
        // Leading dimensions of size 1 are dropped, as in NumPy.
        let own = self.shape();
        let extra = own.len().saturating_sub(shape.len());
        let wrong = || Error::input("value", format!("{own:?} cannot be broadcast to {shape:?}"));
        if own[..extra].iter().any(|size| *size != 1) {
            return Err(wrong());
        }
        let trimmed = self.apply_with_dims(&(extra..own.len()).map(Some).collect::<Vec<_>>());
        let common = broadcast(&[&trimmed.shape(), shape]).map_err(|_| wrong())?;
        if common == shape { Ok(trimmed.expanded(shape)) } else { Err(wrong()) }
    }

    /// `len` elements of a dimension from `start` on; the range must be in bounds.
    pub(crate) fn narrow(&self, dim: usize, start: usize, len: usize) -> Self {
        let ranges = self.shape().into_iter().enumerate().map(|(at, size)| {
            let (start, end) = if at == dim { (start, start + len) } else { (0, size) };
            Slice::new(start as isize, Some(end as isize), 1)
        });
        self.apply_slice(&ranges.collect::<Vec<_>>())
    }

    /// The row-major position of each element. **Shapes:** returns the shape of `self`.
    pub(crate) fn positions(&self) -> Result<Self> {
        let shape = self.shape().into_iter().map(|size| size as isize).collect::<Vec<_>>();
        Self::int_range(0, 1, self.num_elements(), DType::I64, self.device())?.reshape(&shape)
    }

    /// Replaces the elements at row-major `positions`; the last of several equal positions wins.
    pub(crate) fn scattered(&self, positions: &Self, value: &Self) -> Result<Self> {
        let count = self.num_elements();
        let mut sources: Vec<i64> = vec![-1; count];
        for (source, position) in positions.to_i64()?.into_iter().enumerate() {
            sources[position as usize] = source as i64;
        }
        if positions.num_elements() == 0 {
            return Ok(self.clone());
        }
        let shape: Vec<isize> = self.shape().into_iter().map(|size| size as isize).collect();
        let is_new: Vec<i64> = sources.iter().map(|source| i64::from(*source >= 0)).collect();
        let is_new = Self::from_i64(is_new, &[count], DType::Bool, self.device())?.reshape(&shape)?;
        let sources: Vec<i64> = sources.into_iter().map(|source| source.max(0)).collect();
        let sources = Self::from_i64(sources, &[count], DType::I64, self.device())?;
        let new = value.reshape(&[-1])?;
        let new = new.apply_select(0, &sources)?.reshape(&shape)?;
        is_new.where_(&new.into(), &self.clone().into())
    }

    /// Splits an index into a view and index tensors.
    fn plan(&self, index: &[Index]) -> Result<Plan> {
        let shape = self.shape();
        let error = |message: String| Err(Error::input("index", message));
        let named: usize = index.iter().map(named_dims).sum();
        let ellipses = index.iter().filter(|entry| matches!(entry, Index::Ellipsis)).count();
        if ellipses > 1 {
            return error("more than one ellipsis".to_owned());
        }
        if named > shape.len() {
            return error(format!("{named} indices for a tensor of {} dimensions", shape.len()));
        }
        let rest = shape.len() - named;
        let (mut ranges, mut flipped) = (Vec::new(), Vec::new());
        // Dimensions of the view, and the index tensors of some of them.
        let (mut dims, mut gathered) = (Vec::new(), Vec::new());
        let full = |size: usize| Slice::new(0, Some(size as isize), 1);
        let ellipsis = [Index::Ellipsis];
        let entries = index.iter().chain(if ellipses == 0 { &ellipsis[..] } else { &[] });
        for entry in entries {
            let dim = ranges.len();
            match entry {
                Index::NewAxis => dims.push(None),
                Index::Ellipsis => {
                    for size in &shape[dim..dim + rest] {
                        dims.push(Some(ranges.len()));
                        ranges.push(full(*size));
                    }
                }
                Index::At(at) => {
                    let size = shape[dim] as i64;
                    let from_start = if *at < 0 { at + size } else { *at };
                    if !(0..size).contains(&from_start) {
                        return error(format!("{at} is out of range for dimension {dim} of size {size}"));
                    }
                    ranges.push(Slice::new(from_start as isize, Some(from_start as isize + 1), 1));
                }
                Index::Slice { start, stop, step } => {
                    let (range, is_flipped) = range(*start, *stop, *step, shape[dim])?;
                    if is_flipped {
                        flipped.push(dim);
                    }
                    dims.push(Some(dim));
                    ranges.push(range);
                }
                Index::Tensor(tensor) if tensor.dtype() == DType::Bool => {
                    let sizes = &shape[dim..dim + tensor.rank()];
                    if tensor.shape() != sizes {
                        let found = tensor.shape();
                        return error(format!("a mask of shape {found:?} does not fit dimensions of shape {sizes:?}"));
                    }
                    if tensor.rank() == 0 {
                        // A mask of rank 0 selects from a new dimension of size 1.
                        gathered.push((dims.len(), tensor.nonzero()?.remove(0)));
                        dims.push(None);
                        continue;
                    }
                    for indices in tensor.nonzero()? {
                        gathered.push((dims.len(), indices));
                        dims.push(Some(ranges.len()));
                        ranges.push(full(shape[ranges.len()]));
                    }
                }
                Index::Tensor(tensor) => {
                    if tensor.dtype().kind() != Kind::Int {
                        return error(format!(
                            "a tensor of {} cannot be an index; expected integers or bools",
                            tensor.dtype()
                        ));
                    }
                    gathered.push((dims.len(), tensor.in_range(shape[dim], "index", dim)?));
                    dims.push(Some(dim));
                    ranges.push(full(shape[dim]));
                }
            }
        }
        let mut view = self.apply_slice(&ranges);
        if !flipped.is_empty() {
            view = view.apply_flip(&flipped);
        }
        let view = view.apply_with_dims(&dims);
        Ok(Plan { view, ranges, flipped, gathered })
    }

    /// Elements selected by index tensors of several dimensions, which are broadcast together.
    fn gathered(&self, indices: &[(usize, Self)]) -> Result<Self> {
        let tensors: Vec<_> = indices.iter().map(|(_, tensor)| tensor.clone()).collect();
        let tensors = Self::broadcast_all(&tensors)?;
        let own = self.shape();
        let dims: Vec<usize> = indices.iter().map(|(dim, _)| *dim).collect();
        let others: Vec<usize> = (0..own.len()).filter(|dim| !dims.contains(dim)).collect();
        // Indexed dimensions come first and become one.
        let order: Vec<usize> = dims.iter().chain(&others).copied().collect();
        let rows: usize = dims.iter().map(|dim| own[*dim]).product();
        let inner: Vec<usize> = others.iter().map(|dim| own[*dim]).collect();
        let table = self.apply_permute(&order);
        let shape: Vec<usize> = [&[rows], &inner[..]].concat();
        let table = table.apply_reshape(&shape);
        let count = tensors[0].num_elements();
        let mut flat = vec![0i64; if tensors.len() == 1 { 0 } else { count }];
        for (dim, tensor) in dims.iter().zip(&tensors).filter(|_| !flat.is_empty()).collect::<Vec<_>>() {
            for (flat, index) in flat.iter_mut().zip(tensor.to_i64()?) {
                *flat = *flat * own[*dim] as i64 + index;
            }
        }
        let indexed = tensors[0].shape();
        let flat = match &tensors[..] {
            [indices] => indices.reshape(&[-1])?,
            _ => Self::from_i64(flat, &[count], DType::I64, self.device())?,
        };
        let picked = if count == 0 || table.num_elements() == 0 {
            self.zeros(&[&[count], &inner[..]].concat())?.constant_in(&[self])
        } else {
            table.apply_select(0, &flat)?
        };
        let result = picked.apply_reshape(&[&indexed[..], &inner].concat());
        // Adjacent indexed dimensions are replaced in place of the first one, as in NumPy.
        let is_block = dims.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let first = if is_block { dims[0] } else { 0 };
        let order: Vec<usize> = (indexed.len()..indexed.len() + first)
            .chain(0..indexed.len())
            .chain(indexed.len() + first..indexed.len() + inner.len())
            .collect();
        Ok(result.apply_permute(&order))
    }

    /// Indices (int64) of the nonzero elements: a tensor of rank 1 for each dimension. A tensor of rank 0 is treated as
    /// rank 1.
    ///
    /// **Errors:** `Internal` if the elements cannot be read.
    pub fn nonzero(&self) -> Result<Vec<Self>> {
        let mut shape = self.shape();
        if shape.is_empty() {
            shape.push(1);
        }
        let flags = self.cast(DType::Bool)?;
        if let Some(indices) = flags.storage().nonzero() {
            return Ok(indices.into_iter().map(|indices| flags.with_storage(indices)).collect());
        }
        let flags = flags.to_i64()?;
        let mut indices = vec![Vec::new(); shape.len()];
        for position in flags.iter().enumerate().filter(|(_, flag)| **flag != 0).map(|(position, _)| position) {
            let mut rest = position;
            for (dim, size) in shape.iter().enumerate().rev() {
                indices[dim].push((rest % size) as i64);
                rest /= size;
            }
        }
        let tensor = |indices: Vec<i64>| {
            let count = indices.len();
            Self::from_i64(indices, &[count], DType::I64, self.device())
        };
        indices.into_iter().map(tensor).collect()
    }

    /// Elements of a dimension at `indices` (integers, rank 0 or 1).
    ///
    /// **Errors:** `Input` if there is no such dimension, or an index is out of range.
    pub fn index_select(&self, axis: isize, indices: &Self) -> Result<Self> {
        let axis = normalized_axis(axis, self.rank())?;
        if indices.rank() > 1 {
            let message = format!("expected one dimension, found the shape {:?}", indices.shape());
            return Err(Error::input("indices", message));
        }
        same_device(&[self, indices])?;
        let size = self.shape()[axis];
        let indices = indices.reshape(&[-1])?.in_range(size, "indices", axis)?;
        if indices.num_elements() == 0 || self.num_elements() == 0 {
            let mut shape = self.shape();
            shape[axis] = indices.num_elements();
            return Ok(self.zeros(&shape)?.constant_in(&[self]));
        }
        self.apply_select(axis, &indices)
    }

    /// Elements at `indices` (integers) along a dimension: `result[i][j] = self[indices[i][j]][j]` for
    /// dimension 0.
    ///
    /// **Errors:** `Input` if there is no such dimension, `indices` is larger in another dimension, or an index is out
    /// of range.
    pub fn gather(&self, axis: isize, indices: &Self) -> Result<Self> {
        let axis = normalized_axis(axis, self.rank())?;
        let (own, shape) = (self.shape(), indices.shape());
        let fits = own.len() == shape.len() && (0..own.len()).all(|dim| dim == axis || shape[dim] <= own[dim]);
        if !fits {
            let message = format!("a tensor of shape {own:?} has no elements for indices of shape {shape:?}");
            return Err(Error::input("indices", message));
        }
        same_device(&[self, indices])?;
        let indices = indices.in_range(own[axis], "indices", axis)?;
        if indices.num_elements() == 0 {
            return Ok(self.zeros(&shape)?.constant_in(&[self]));
        }
        let mut source = self.clone();
        for dim in (0..own.len()).filter(|dim| *dim != axis && shape[*dim] < own[*dim]) {
            source = source.narrow(dim, 0, shape[dim]);
        }
        source.apply_gather(axis, &indices)
    }

    /// Integer indices as int64, with negative indices counted from the end.
    pub(crate) fn in_range(&self, size: usize, argument: &str, dim: usize) -> Result<Self> {
        if self.dtype().kind() != Kind::Int {
            return Err(Error::input(argument, format!("expected integers, found {}", self.dtype())));
        }
        if self.storage().int_range().is_some_and(|(low, high)| low >= 0 && high < size as i64) {
            return Ok(self.clone());
        }
        let mut values = self.to_i64()?;
        if self.dtype() == DType::U64 && values.iter().any(|index| *index < 0) {
            return Err(Error::input(argument, format!("an index is out of range for dimension {dim} of size {size}")));
        }
        let size = size as i64;
        if let Some(bad) = values.iter().find(|index| !(-size..size).contains(*index)) {
            return Err(Error::input(argument, format!("{bad} is out of range for dimension {dim} of size {size}")));
        }
        if values.iter().all(|index| *index >= 0) {
            return self.cast(DType::I64);
        }
        values.iter_mut().filter(|index| **index < 0).for_each(|index| *index += size);
        Self::from_i64(values, &self.shape(), DType::I64, self.device())
    }

    /// Elements where a mask is true, as a tensor of rank 1; the mask is broadcast.
    ///
    /// **Errors:** `Input` if the mask is not a bool tensor or does not fit.
    pub fn masked_select(&self, mask: &Self) -> Result<Self> {
        if mask.dtype() != DType::Bool {
            return Err(Error::input("mask", format!("expected a bool tensor, found {}", mask.dtype())));
        }
        let both = Self::broadcast_all(&[self.clone(), mask.clone()])?;
        both[0].index(&[Index::Tensor(both[1].clone())])
    }

    /// Whether two tensors have the same shape and equal elements.
    ///
    /// **Errors:** `Input` if the tensors are on different devices or have no common dtype.
    pub fn equals(&self, other: &Self) -> Result<bool> {
        if self.shape() != other.shape() {
            return Ok(false);
        }
        let differs = Self::compare(Comparison::NotEqual, &self.clone().into(), &other.clone().into())?;
        Ok(!differs.has_true()?)
    }
}

/// Number of dimensions that an entry indexes.
fn named_dims(entry: &Index) -> usize {
    match entry {
        Index::At(_) | Index::Slice { .. } => 1,
        Index::Tensor(tensor) if tensor.dtype() == DType::Bool => tensor.rank(),
        Index::Tensor(_) => 1,
        Index::NewAxis | Index::Ellipsis => 0,
    }
}

/// The range of a slice with a positive step, and whether the elements come in reverse.
fn range(start: Option<i64>, stop: Option<i64>, step: i64, size: usize) -> Result<(Slice, bool)> {
    if step == 0 {
        return Err(Error::input("index", "the step of a slice is 0"));
    }
    let size = size as i64;
    let from_start = |at: i64| if at < 0 { at.saturating_add(size) } else { at };
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let start = start.map_or(if step > 0 { low } else { high }, |at| from_start(at).clamp(low, high));
    let stop = stop.map_or(if step > 0 { high } else { low }, |at| from_start(at).clamp(low, high));
    let distance = if step > 0 { stop - start } else { start - stop };
    let width = step.unsigned_abs().min(i64::MAX as u64) as i64;
    let count = if distance <= 0 { 0 } else { (distance - 1) / width + 1 };
    let first = if step > 0 || count == 0 { start.max(0) } else { start - (count - 1) * width };
    let first = first.min(size);
    let end = if count == 0 { first } else { first + (count - 1) * width + 1 };
    let width = if count <= 1 { 1 } else { width };
    Ok((Slice::new(first as isize, Some(end as isize), width as isize), step < 0))
}

fn range_len(range: &Slice) -> usize {
    let distance = range.end.map_or(0, |end| end - range.start);
    if distance <= 0 { 0 } else { ((distance - 1) / range.step + 1) as usize }
}
