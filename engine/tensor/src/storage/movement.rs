use burn::tensor::{Shape, Slice};
use burn_flex::{FlexTensor, Layout};
use trustformers_core::Result;
use trustformers_ops::EngineBackend;

use super::{Shared, Storage, Stored, Values, host, mixed_kinds, of_cpu, on_cpu, same_kind};

impl<B: EngineBackend> Stored<B> {
    pub(super) fn reshaped(&self, shape: &[usize]) -> Shared {
        let shape = Shape::from(shape.to_vec());
        if let Some(x) = on_cpu(self).filter(|x| !x.is_contiguous()) {
            return of_cpu(host::contiguous(x).reshape(shape), self.dtype().kind());
        }
        Self::share(same_kind!(
            self.0.clone(),
            x,
            B::float_reshape(x, shape),
            B::int_reshape(x, shape),
            B::bool_reshape(x, shape)
        ))
    }

    pub(super) fn permuted(&self, axes: &[usize]) -> Shared {
        Self::share(same_kind!(
            self.0.clone(),
            x,
            B::float_permute(x, axes),
            B::int_permute(x, axes),
            B::bool_permute(x, axes)
        ))
    }

    pub(super) fn flipped(&self, axes: &[usize]) -> Shared {
        Self::share(same_kind!(self.0.clone(), x, B::float_flip(x, axes), B::int_flip(x, axes), B::bool_flip(x, axes)))
    }

    pub(super) fn expanded(&self, shape: &[usize]) -> Shared {
        let shape = Shape::from(shape.to_vec());
        Self::share(same_kind!(
            self.0.clone(),
            x,
            B::float_expand(x, shape),
            B::int_expand(x, shape),
            B::bool_expand(x, shape)
        ))
    }

    pub(super) fn sliced(&self, ranges: &[Slice]) -> Shared {
        Self::share(same_kind!(
            self.0.clone(),
            x,
            B::float_slice(x, ranges),
            B::int_slice(x, ranges),
            B::bool_slice(x, ranges)
        ))
    }

    /// Implements `with_dims`, without a copy where the backend has strides.
    pub(super) fn redimensioned(&self, dims: &[Option<usize>]) -> Shared {
        if let Some(x) = on_cpu(self) {
            return of_cpu(with_dims(x, dims), self.dtype().kind());
        }
        let shape = self.shape();
        let shape: Vec<usize> = dims.iter().map(|dim| dim.map_or(1, |dim| shape[dim])).collect();
        self.reshaped(&shape)
    }

    pub(super) fn concatenated(&self, others: &[Shared], dim: usize) -> Result<Shared> {
        let parts = std::iter::once(on_cpu(self)).chain(others.iter().map(|other| on_cpu(&**other)));
        if let Some(parts) = parts.collect::<Option<Vec<_>>>()
            && let Some(joined) = host::concatenated(&parts, dim)
        {
            return Ok(of_cpu(joined, self.dtype().kind()));
        }
        let others = others.iter().map(Self::of).collect::<Result<Vec<Values<B>>>>()?;
        let all = || std::iter::once(self.0.clone()).chain(others.iter().cloned());
        let joined = match &self.0 {
            Values::Float(_) => {
                let parts = all().map(|values| if let Values::Float(x) = values { Ok(x) } else { Err(mixed_kinds()) });
                Values::Float(B::float_cat(parts.collect::<Result<_>>()?, dim))
            }
            Values::Int(_) => {
                let parts = all().map(|values| if let Values::Int(x) = values { Ok(x) } else { Err(mixed_kinds()) });
                Values::Int(B::int_cat(parts.collect::<Result<_>>()?, dim))
            }
            Values::Bool(_) => {
                let parts = all().map(|values| if let Values::Bool(x) = values { Ok(x) } else { Err(mixed_kinds()) });
                Values::Bool(B::bool_cat(parts.collect::<Result<_>>()?, dim))
            }
        };
        Ok(Self::share(joined))
    }
}

fn with_dims(x: &FlexTensor, dims: &[Option<usize>]) -> FlexTensor {
    let layout = x.layout();
    let sizes: Vec<usize> = dims.iter().map(|dim| dim.map_or(1, |dim| layout.shape()[dim])).collect();
    // The stride of a dimension of size 1 is never used; its row-major stride keeps the tensor contiguous.
    let mut strides = vec![0; dims.len()];
    let mut inner = 1;
    for (at, dim) in dims.iter().enumerate().rev() {
        strides[at] = dim.map_or(inner, |dim| layout.strides()[dim]);
        inner = strides[at] * sizes[at] as isize;
    }
    x.clone().with_layout(Layout::new(Shape::from(sizes), strides, layout.start_offset()))
}
