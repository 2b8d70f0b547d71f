use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::operands::{no_common_dtype, same_device};
use crate::promotion::promote;
use crate::shape::{broadcast, check_room};
use crate::tensor::Tensor;

impl Tensor {
    /// Matrix product, as in NumPy: a tensor of rank 1 is a row on the left and a column on the right; leading
    /// dimensions are broadcast.
    ///
    /// **Errors:** `Input` for a tensor of rank 0, sizes that do not fit, different dtypes, or different devices.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        let (own, theirs) = (self.shape(), other.shape());
        if own.is_empty() || theirs.is_empty() {
            return Err(Error::input("other", "expected at least rank 1, found a tensor of rank 0"));
        }
        same_device(&[self, other])?;
        let dtype =
            promote(self.dtype(), other.dtype()).ok_or_else(|| no_common_dtype((self.dtype(), other.dtype())))?;
        let left = if own.len() == 1 { self.unsqueeze(0)? } else { self.clone() }.cast(dtype)?;
        let right = if theirs.len() == 1 { other.unsqueeze(1)? } else { other.clone() }.cast(dtype)?;
        let product = left.matrices(&right, [&own, &theirs])?;
        let mut removed = Vec::new();
        if own.len() == 1 {
            removed.push(-2);
        }
        if theirs.len() == 1 {
            removed.push(-1);
        }
        if removed.is_empty() { Ok(product) } else { product.squeeze(Some(&removed)) }
    }

    /// Products of matrices of equal dtype.
    fn matrices(&self, other: &Self, shapes: [&[usize]; 2]) -> Result<Self> {
        let (left, right) = (self.shape(), other.shape());
        let ([left_batch @ .., rows, inner], [right_batch @ .., depth, cols]) = (&left[..], &right[..]) else {
            return Err(Error::internal("a product of vectors"));
        };
        if inner != depth {
            let message = format!("shapes {:?} and {:?} do not fit: {inner} is not {depth}", shapes[0], shapes[1]);
            return Err(Error::input("other", message));
        }
        let batch = broadcast(&[left_batch, right_batch])?;
        let shape = [&batch[..], &[*rows, *cols]].concat();
        check_room(&shape, self.dtype())?;
        if shape.contains(&0) || *inner == 0 {
            return Ok(self.zeros(&shape)?.constant_in(&[self, other]));
        }
        if self.dtype().kind() == Kind::Bool {
            let [left, right] = [self, other].map(|tensor| tensor.cast(DType::I64));
            return left?.matrices(&right?, shapes)?.cast(DType::Bool);
        }
        // With one matrix on the right, the rows of all matrices on the left form one matrix.
        if right_batch.is_empty() && left.len() > 2 {
            let rows: usize = left[..left.len() - 1].iter().product();
            let flat = self.apply_reshape(&[rows, *inner]);
            let product = flat.apply_matmul(other)?;
            return Ok(product.apply_reshape(&shape));
        }
        let left = self.expanded(&[&batch[..], &[*rows, *inner]].concat());
        let right = other.expanded(&[&batch[..], &[*inner, *cols]].concat());
        left.apply_matmul(&right)
    }
}
