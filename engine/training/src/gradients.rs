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
    let factor = factor as f32;
    Gradient::change_all(gradients, |tensors| {
        let (mut wide, mut narrow): (Vec<&mut [f32]>, Vec<&mut [bf16]>) = Default::default();
        by_dtype(tensors, &mut wide, &mut narrow)?;
        optimizer::scale(wide, factor);
        optimizer::scale(narrow, factor);
        Ok(())
    })
}

/// As [`scale_gradients`]; returns whether all elements were finite.
///
/// **Errors:** as of [`scale_gradients`].
pub fn scale_finite_gradients(gradients: Vec<Gradient>, factor: f64) -> Result<bool> {
    let factor = factor as f32;
    Gradient::change_all(gradients, |tensors| {
        let (mut wide, mut narrow): (Vec<&mut [f32]>, Vec<&mut [bf16]>) = Default::default();
        by_dtype(tensors, &mut wide, &mut narrow)?;
        let is_finite = optimizer::scale_finite(wide, factor);
        Ok(optimizer::scale_finite(narrow, factor) && is_finite)
    })
}

fn by_dtype<'a>(
    tensors: Vec<&'a mut Tensor>,
    wide: &mut Vec<&'a mut [f32]>,
    narrow: &mut Vec<&'a mut [bf16]>,
) -> Result<()> {
    for tensor in tensors {
        match tensor.dtype() {
            DType::BF16 => narrow.push(tensor.make_mut_slice()?),
            _ => wide.push(tensor.make_mut_slice()?),
        }
    }
    Ok(())
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
