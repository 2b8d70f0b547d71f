use trustformers_core::Result;

use crate::tensor::{Rule, Tensor};

impl Tensor {
    /// Product of matrices with equal leading dimensions.
    pub(crate) fn apply_matmul(&self, other: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().matmul(other.storage())?);
        if !self.is_tracked() && !other.is_tracked() {
            return Ok(result);
        }
        let (a, b) = (self.clone(), other.clone());
        let left = Rule::saving(move |flow| flow.gradient.apply_matmul(&b.transposed()));
        let right = Rule::saving(move |flow| a.transposed().apply_matmul(flow.gradient));
        Ok(result.computed_from([(self, left), (other, right)]))
    }

    /// The last two dimensions swapped.
    fn transposed(&self) -> Self {
        let rank = self.rank();
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 2, rank - 1);
        self.apply_permute(&order)
    }
}
