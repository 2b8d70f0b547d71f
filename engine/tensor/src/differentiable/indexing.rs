use trustformers_core::Result;

use crate::tensor::{Rule, Tensor};

impl Tensor {
    /// Elements at `indices` (int64, rank 1) of a dimension.
    pub(crate) fn apply_select(&self, dim: usize, indices: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().select(dim, indices.storage())?);
        if !self.is_tracked() {
            return Ok(result);
        }
        let (own, indices) = (self.shape(), indices.clone());
        let rule = Rule::saving(move |flow| flow.gradient.zeros(&own)?.apply_select_add(dim, &indices, flow.gradient));
        Ok(result.computed_from([(self, rule)]))
    }

    /// Adds `value` to the elements at `indices` (int64, rank 1) of a dimension.
    pub(crate) fn apply_select_add(&self, dim: usize, indices: &Self, value: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().select_add(dim, indices.storage(), value.storage())?);
        if !self.is_tracked() && !value.is_tracked() {
            return Ok(result);
        }
        let indices = indices.clone();
        let left = Rule::of(|gradient| Ok(gradient.clone()));
        let right = Rule::saving(move |flow| flow.gradient.apply_select(dim, &indices));
        Ok(result.computed_from([(self, left), (value, right)]))
    }

    /// Elements at `indices` (int64, of the result's shape) along a dimension; other dimensions are equal.
    pub(crate) fn apply_gather(&self, dim: usize, indices: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().gather(dim, indices.storage())?);
        if !self.is_tracked() {
            return Ok(result);
        }
        let (own, indices) = (self.shape(), indices.clone());
        let rule = Rule::saving(move |flow| flow.gradient.zeros(&own)?.apply_scatter_add(dim, &indices, flow.gradient));
        Ok(result.computed_from([(self, rule)]))
    }

    /// Adds `value` to the elements at `indices` (int64, of the value's shape) along a dimension.
    pub(crate) fn apply_scatter_add(&self, dim: usize, indices: &Self, value: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().scatter_add(dim, indices.storage(), value.storage())?);
        if !self.is_tracked() && !value.is_tracked() {
            return Ok(result);
        }
        let indices = indices.clone();
        let left = Rule::of(|gradient| Ok(gradient.clone()));
        let right = Rule::saving(move |flow| flow.gradient.apply_gather(dim, &indices));
        Ok(result.computed_from([(self, left), (value, right)]))
    }
}
