use trustformers_core::Result;

use crate::scalar::Scalar;
use crate::storage::{Comparison, Cumulative, Reduction};
use crate::tensor::{Rule, Tensor};

impl Tensor {
    /// The rule of a reduction of `self` over `dims`; `kept` is the result with these dimensions of size 1.
    pub(crate) fn reduction_rule(&self, op: Reduction, dims: &[usize], kept: &Self) -> Rule {
        let shape = self.shape();
        let kept_shape = kept.shape();
        let spread = move |gradient: &Self| gradient.apply_reshape(&kept_shape).expanded(&shape);
        match op {
            Reduction::Mean => {
                let count: usize = dims.iter().map(|dim| self.shape()[*dim]).product();
                Rule::of(move |gradient| spread(gradient).over(count as f64))
            }
            Reduction::Prod => {
                let (x, dims) = (self.clone(), dims.to_vec());
                Rule::saving(move |flow| spread(flow.gradient).mul(&x.products_of_others(&dims)?))
            }
            Reduction::Max | Reduction::Min => {
                let (x, kept, dims) = (self.detached(), kept.detached(), dims.to_vec());
                Rule::saving(move |flow| {
                    let axes: Vec<isize> = dims.iter().map(|dim| *dim as isize).collect();
                    // Equal elements share the gradient.
                    let is_chosen = Self::compare(Comparison::Equal, &x.clone().into(), &kept.clone().into())?;
                    let is_chosen = is_chosen.cast(flow.gradient.dtype())?;
                    let shares = is_chosen.div(&is_chosen.sum(Some(&axes), true)?)?;
                    spread(flow.gradient).mul(&shares)
                })
            }
            _ => Rule::of(move |gradient| Ok(spread(gradient))),
        }
    }

    /// For each element the product of the other elements over `dims`.
    fn products_of_others(&self, dims: &[usize]) -> Result<Self> {
        let rank = self.rank();
        let order: Vec<usize> = (0..rank).filter(|dim| !dims.contains(dim)).chain(dims.iter().copied()).collect();
        let moved = self.apply_permute(&order);
        let shape = moved.shape();
        let size: usize = shape[rank - dims.len()..].iter().product();
        let rows = self.num_elements() / size.max(1);
        let flat = moved.apply_reshape(&[rows, size]);
        let before = flat.products_before()?;
        let after = flat.apply_flip(&[1]).products_before()?.apply_flip(&[1]);
        let mut back = vec![0; rank];
        order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
        Ok(before.mul(&after)?.apply_reshape(&shape).apply_permute(&back))
    }

    /// For each element the product of those before it in its row.
    fn products_before(&self) -> Result<Self> {
        let shape = self.shape();
        let ones = Self::full(&[shape[0], 1], Scalar::Int(1), self.dtype(), self.device())?;
        let shifted = Self::cat(&[ones, self.narrow(1, 0, shape[1] - 1)], 1)?;
        shifted.cumulative(Cumulative::Prod, 1)
    }

    pub(crate) fn apply_cumulative(&self, op: Cumulative, dim: usize) -> Result<Self> {
        let result = self.with_storage(self.storage().cumulative(op, dim));
        if !self.is_tracked() {
            return Ok(result);
        }
        let rule = match op {
            Cumulative::Sum => Rule::of(move |gradient| gradient.summed_from_end(dim)),
            Cumulative::Prod => {
                let x = self.clone();
                Rule::saving(move |flow| x.cumulative_product_gradient(flow.gradient, dim))
            }
        };
        Ok(result.computed_from([(self, rule)]))
    }

    /// For each element the sum of itself and those after it.
    fn summed_from_end(&self, dim: usize) -> Result<Self> {
        Ok(self.apply_flip(&[dim]).apply_cumulative(Cumulative::Sum, dim)?.apply_flip(&[dim]))
    }

    /// The gradient of cumulative products, which may be zero: one pass for each element along the dimension.
    fn cumulative_product_gradient(&self, gradient: &Self, dim: usize) -> Result<Self> {
        let size = self.shape()[dim];
        let one = self.narrow(dim, 0, 1).zeros_like()?.plus(1.0)?;
        let mut parts = Vec::with_capacity(size);
        for at in 0..size {
            let others = [self.narrow(dim, 0, at), one.clone(), self.narrow(dim, at + 1, size - at - 1)];
            let products = Self::cat(&others, dim as isize)?.cumulative(Cumulative::Prod, dim as isize)?;
            let later = products.mul(gradient)?.narrow(dim, at, size - at);
            parts.push(later.sum(Some(&[dim as isize]), true)?);
        }
        Self::cat(&parts, dim as isize)
    }

    /// Sorted elements along a dimension and their indices (int64).
    pub(crate) fn apply_sort(&self, dim: usize, descending: bool) -> (Self, Self) {
        let (values, indices) = self.storage().sort(dim, descending);
        let (values, indices) = (self.with_storage(values), self.with_storage(indices));
        if !self.is_tracked() {
            return (values, indices);
        }
        let order = indices.clone();
        let rule = Rule::saving(move |flow| {
            let gradient = flow.gradient;
            gradient.zeros_like()?.apply_scatter_add(dim, &order, gradient)
        });
        (values.computed_from([(self, rule)]), indices)
    }

    /// Softmax of floats along a dimension, or its logarithm.
    pub(crate) fn apply_softmax(&self, dim: usize, is_log: bool) -> Self {
        let result = self.with_storage(self.storage().softmax(dim, is_log));
        if !self.is_tracked() {
            return result;
        }
        let saved = result.saved();
        let axes = [dim as isize];
        let rule = Rule::saving(move |flow| {
            let (y, gradient) = (saved.restore(flow), flow.gradient);
            if is_log {
                let y = y.apply_unary(crate::storage::Unary::Exp);
                return gradient.sub(&y.mul(&gradient.sum(Some(&axes), true)?)?);
            }
            let weighted = gradient.mul(&y)?;
            weighted.sub(&y.mul(&weighted.sum(Some(&axes), true)?)?)
        });
        result.computed_from([(self, rule)])
    }
}
