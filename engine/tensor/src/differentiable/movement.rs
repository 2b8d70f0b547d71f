use burn::tensor::Slice;
use trustformers_core::Result;

use crate::tensor::{Rule, Tensor};

impl Tensor {
    pub(crate) fn apply_reshape(&self, shape: &[usize]) -> Self {
        let result = self.with_storage(self.storage().reshape(shape));
        if !self.is_tracked() {
            return result;
        }
        let own = self.shape();
        result.computed_from([(self, Rule::of(move |gradient| Ok(gradient.apply_reshape(&own))))])
    }

    pub(crate) fn apply_permute(&self, axes: &[usize]) -> Self {
        let result = self.with_storage(self.storage().permute(axes));
        if !self.is_tracked() {
            return result;
        }
        let mut back = vec![0; axes.len()];
        axes.iter().enumerate().for_each(|(to, from)| back[*from] = to);
        result.computed_from([(self, Rule::of(move |gradient| Ok(gradient.apply_permute(&back))))])
    }

    pub(crate) fn apply_flip(&self, axes: &[usize]) -> Self {
        let result = self.with_storage(self.storage().flip(axes));
        if !self.is_tracked() {
            return result;
        }
        let axes = axes.to_vec();
        result.computed_from([(self, Rule::of(move |gradient| Ok(gradient.apply_flip(&axes))))])
    }

    /// Broadcasts to a shape that `self` must fit.
    pub(crate) fn expanded(&self, shape: &[usize]) -> Self {
        let own = self.shape();
        if own == shape {
            return self.clone();
        }
        let result = self.with_storage(self.storage().expand(shape));
        if !self.is_tracked() {
            return result;
        }
        let new = shape.len() - own.len();
        let is_repeated = |dim: usize| dim < new || own[dim - new] != shape[dim];
        let repeated: Vec<isize> = (0..shape.len()).filter(|dim| is_repeated(*dim)).map(|dim| dim as isize).collect();
        let rule = Rule::of(move |gradient| Ok(gradient.sum(Some(&repeated), true)?.apply_reshape(&own)));
        result.computed_from([(self, rule)])
    }

    /// Elements in ranges with positive steps, one for each dimension.
    pub(crate) fn apply_slice(&self, ranges: &[Slice]) -> Self {
        let result = self.with_storage(self.storage().slice(ranges));
        if !self.is_tracked() {
            return result;
        }
        let (own, ranges) = (self.shape(), ranges.to_vec());
        let rule = Rule::of(move |gradient| {
            let zeros = gradient.zeros(&own)?;
            if gradient.num_elements() == 0 { Ok(zeros) } else { zeros.apply_slice_assign(&ranges, gradient) }
        });
        result.computed_from([(self, rule)])
    }

    /// Reorders, removes and inserts dimensions; see `Storage::with_dims`.
    pub(crate) fn apply_with_dims(&self, dims: &[Option<usize>]) -> Self {
        let result = self.with_storage(self.storage().with_dims(dims));
        if !self.is_tracked() {
            return result;
        }
        let back: Vec<Option<usize>> =
            (0..self.rank()).map(|dim| dims.iter().position(|from| *from == Some(dim))).collect();
        result.computed_from([(self, Rule::of(move |gradient| Ok(gradient.apply_with_dims(&back))))])
    }

    /// Concatenates tensors of one dtype.
    pub(crate) fn apply_cat(tensors: &[Self], dim: usize) -> Result<Self> {
        let others: Vec<_> = tensors[1..].iter().map(|tensor| tensor.storage().clone()).collect();
        let result = tensors[0].with_storage(tensors[0].storage().cat(&others, dim)?);
        if !tensors.iter().any(Self::is_tracked) {
            return Ok(result);
        }
        let mut end = 0;
        let operand = |tensor| {
            let size = Self::shape(tensor)[dim];
            let start = end;
            end += size;
            (tensor, Rule::of(move |gradient: &Self| Ok(gradient.narrow(dim, start, size))))
        };
        let operands = tensors.iter().map(operand).collect();
        Ok(result.computed_from_all(operands))
    }

    /// Replaces the elements in ranges with positive steps.
    pub(crate) fn apply_slice_assign(&self, ranges: &[Slice], value: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().slice_assign(ranges, value.storage())?);
        if !self.is_tracked() && !value.is_tracked() {
            return Ok(result);
        }
        let (own, theirs) = (ranges.to_vec(), ranges.to_vec());
        let sizes = value.shape();
        let left = Rule::of(move |gradient| gradient.apply_slice_assign(&own, &gradient.zeros(&sizes)?));
        let right = Rule::of(move |gradient| Ok(gradient.apply_slice(&theirs)));
        Ok(result.computed_from([(self, left), (value, right)]))
    }
}
