use burn::tensor::bf16;
use trustformers_core::{Error, Result};
use trustformers_kernels::optimizer;
use trustformers_tensor::{DType, Gradient, Tensor};

/// Euclidean norm of all elements of tensors of float32 or bfloat16 on the cpu.
///
/// **Errors:** `Internal` if a tensor is of another dtype or device.
pub fn norm(tensors: &[Tensor]) -> Result<f64> {
    let tensors: Vec<_> = tensors.iter().map(|tensor| tensor.detached().contiguous()).collect();
    let wide: Vec<&[f32]> = tensors.iter().filter_map(Tensor::as_slice).collect();
    let narrow: Vec<&[bf16]> = tensors.iter().filter_map(Tensor::as_slice).collect();
    if wide.len() + narrow.len() < tensors.len() {
        return Err(Error::internal("the norm of a tensor that is not of float32 or bfloat16 on the cpu"));
    }
    Ok((optimizer::sum_of_squares(&wide) + optimizer::sum_of_squares(&narrow)).sqrt())
}

/// Multiplies gradients, which are float32 or bfloat16 on the cpu, by a factor.
///
/// **Errors:** `Internal` if a gradient is of another dtype or device.
pub fn scale_gradients(gradients: Vec<Gradient>, factor: f64) -> Result<()> {
    change(gradients, |wide, narrow| {
        optimizer::scale(wide, factor as f32);
        optimizer::scale(narrow, factor as f32);
    })
}

/// As [`scale_gradients`]; returns whether all elements were finite.
///
/// **Errors:** as of [`scale_gradients`].
pub fn scale_finite_gradients(gradients: Vec<Gradient>, factor: f64) -> Result<bool> {
    change(gradients, |wide, narrow| {
        let is_finite = optimizer::scale_finite(wide, factor as f32);
        optimizer::scale_finite(narrow, factor as f32) && is_finite
    })
}

fn change<R>(gradients: Vec<Gradient>, work: impl FnOnce(Vec<&mut [f32]>, Vec<&mut [bf16]>) -> R) -> Result<R> {
    let (done, _foreign) = Gradient::change_all(gradients, |mut tensors| {
        let foreign = foreign(tensors.iter_mut().map(|tensor| &mut **tensor));
        (by_dtype(tensors).map(|(wide, narrow)| work(wide, narrow)), foreign)
    });
    done
}

type Slices<'a> = (Vec<&'a mut [f32]>, Vec<&'a mut [bf16]>);

fn by_dtype(tensors: Vec<&mut Tensor>) -> Result<Slices<'_>> {
    let (mut wide, mut narrow) = Slices::default();
    for tensor in tensors {
        match tensor.dtype() {
            DType::BF16 => narrow.push(tensor.make_mut_slice()?),
            _ => wide.push(tensor.make_mut_slice()?),
        }
    }
    Ok((wide, narrow))
}

/// Clones of those tensors that a step gives other memory. Whoever locks tensors drops the clones after the locks: the
/// owner of the memory may need another lock to free it, such as Python's, which may wait for the tensors.
pub fn foreign<'a>(tensors: impl Iterator<Item = &'a mut Tensor>) -> Vec<Tensor> {
    let is_own = |tensor: &mut Tensor| match tensor.dtype() {
        DType::F32 => tensor.as_mut_slice::<f32>().is_some(),
        DType::BF16 => tensor.as_mut_slice::<bf16>().is_some(),
        _ => tensor.as_mut_slice::<u8>().is_some(),
    };
    tensors.filter_map(|tensor| if is_own(tensor) { None } else { Some(tensor.clone()) }).collect()
}

#[cfg(test)]
mod tests {
    use trustformers_core::Device;
    use trustformers_ops::Flex;
    use trustformers_tensor::TensorDevice;

    use super::*;

    fn tensor(values: &[f32], dtype: DType) -> Tensor {
        let device = TensorDevice::new::<Flex>(Default::default(), Device::Cpu);
        Tensor::from_f32(values.to_vec(), &[values.len()], &device).unwrap().cast(dtype).unwrap()
    }

    fn gradient(values: &[f32], dtype: DType) -> Gradient {
        let leaf = tensor(values, dtype).as_leaf().unwrap();
        leaf.set_gradient(Some(tensor(values, dtype))).unwrap();
        leaf.gradient().unwrap()
    }

    #[test]
    fn the_norm_is_of_all_elements() {
        let tensors = [tensor(&[2.0, 1.0], DType::F32), tensor(&[2.0, 4.0], DType::BF16)];
        assert_eq!(norm(&tensors).unwrap(), 5.0);
        assert_eq!(norm(&[]).unwrap(), 0.0);
        assert!(norm(&[tensor(&[1.0], DType::F64)]).is_err());
    }

    #[test]
    fn gradients_are_scaled_once_each() {
        let gradients = vec![gradient(&[2.0, 3.0], DType::F32), gradient(&[4.0], DType::BF16)];
        let twice = [gradients.clone(), gradients.clone()].concat();
        scale_gradients(twice, 0.5).unwrap();
        assert_eq!(gradients[0].get().to_f64().unwrap(), [1.0, 1.5]);
        assert_eq!(gradients[1].get().to_f64().unwrap(), [2.0]);
        assert!(scale_finite_gradients(gradients.clone(), 2.0).unwrap());
        assert_eq!(gradients[0].get().to_f64().unwrap(), [2.0, 3.0]);
        let wrong = vec![gradients[0].clone(), gradient(&[f32::NAN], DType::BF16)];
        assert!(!scale_finite_gradients(wrong, 1.0).unwrap());
    }
}
