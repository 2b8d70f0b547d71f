use burn::tensor::{DType as BurnDType, Int, Tensor, TensorData};
use trustformers_core::Result;

use crate::{EngineBackend, int_vector, read};

/// Cross entropy of the classes of rows of logits, with what its gradient needs besides the logits.
#[derive(Clone, Debug)]
pub struct CrossEntropy<B: EngineBackend> {
    /// Class of each row; negative where none counts.
    classes: Vec<i64>,
    /// Logarithm of each counted row's sum of exponentials. **Shapes:** `[rows]`.
    log_sums: Tensor<B, 1>,
    /// Sum over the rows that count, in nats.
    sum: f64,
}

impl<B: EngineBackend> CrossEntropy<B> {
    /// The cross entropy of a class for each row; rows of a negative class do not count.
    ///
    /// **Shapes:** `logits: [rows, width]`, `classes: [rows]`, each below `width`.
    ///
    /// **Errors:** any error of the device.
    pub fn new(logits: &Tensor<B, 2>, classes: Vec<i64>) -> Result<Self> {
        let log_sums = B::log_sums(logits.clone(), &classes);
        let of_class = int_vector::<B>(classes.iter().map(|class| (*class).max(0)).collect(), &logits.device());
        let of_class: Tensor<B, 1> = logits.clone().gather(1, of_class.unsqueeze_dim(1)).squeeze_dim(1);
        let losses = log_sums.clone() - of_class.cast(BurnDType::F32);
        let losses = read(losses)?;
        let counted = losses.iter().zip(&classes).filter(|(_, class)| **class >= 0);
        let sum = counted.map(|(loss, _)| f64::from(*loss)).sum();
        Ok(Self { classes, log_sums, sum })
    }

    /// Mean over the rows that count, in nats; NaN if none does.
    pub fn mean(&self) -> f32 {
        (self.sum / self.count() as f64) as f32
    }

    /// Gradient of the logits, times `factor`, given the gradient of the mean. It takes the logits' place if nothing else
    /// shares them.
    ///
    /// **Shapes:** `logits: [rows, width]`; returns the same.
    pub fn gradient(&self, logits: Tensor<B, 2>, factor: f32) -> Tensor<B, 2> {
        let factor = f64::from(factor) / self.count().max(1) as f64;
        B::cross_entropy_backward(logits, self.log_sums.clone(), &self.classes, factor as f32)
    }

    fn count(&self) -> usize {
        self.classes.iter().filter(|class| **class >= 0).count()
    }
}

pub(crate) fn log_sums_reference<B: EngineBackend>(logits: Tensor<B, 2>, classes: &[i64]) -> Tensor<B, 1> {
    let x = logits.cast(BurnDType::F32);
    let max = x.clone().max_dim(1);
    let sums = (x - max.clone()).exp().sum_dim(1).log() + max;
    let is_counted = counted::<B>(classes, &sums.device());
    // A product would keep NaN.
    sums.squeeze_dim::<1>(1).mask_fill(is_counted.equal_elem(0.0), 0.0)
}

pub(crate) fn gradient_reference<B: EngineBackend>(
    logits: Tensor<B, 2>,
    log_sums: Tensor<B, 1>,
    classes: &[i64],
    factor: f32,
) -> Tensor<B, 2> {
    let (dtype, device, [rows, width]) = (logits.dtype(), logits.device(), logits.dims());
    let columns = Tensor::<B, 1, Int>::arange(0..width as i64, &device).unsqueeze_dim::<2>(0).expand([rows, width]);
    let classes_of_rows = int_vector::<B>(classes.to_vec(), &device).unsqueeze_dim::<2>(1).expand([rows, width]);
    let is_class = columns.equal(classes_of_rows).float().cast(BurnDType::F32);
    let softmax = (logits.cast(BurnDType::F32) - log_sums.unsqueeze_dim(1)).exp();
    let is_counted = counted::<B>(classes, &device).unsqueeze_dim::<2>(1).expand([rows, width]);
    ((softmax - is_class) * factor).mask_fill(is_counted.equal_elem(0.0), 0.0).cast(dtype)
}

/// One for each row that counts, else zero. **Shapes:** returns `[rows]`.
fn counted<B: EngineBackend>(classes: &[i64], device: &B::Device) -> Tensor<B, 1> {
    let counted: Vec<f32> = classes.iter().map(|class| if *class < 0 { 0.0 } else { 1.0 }).collect();
    let len = counted.len();
    Tensor::from_data(TensorData::new(counted, [len]), (device, BurnDType::F32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flex;

    const CLASSES: [i64; 5] = [0, -100, 2, 1, -100];

    fn logits<B: EngineBackend>() -> Tensor<B, 2> {
        let data: Vec<f32> = (0..15).map(|at| ((at * 7 % 11) as f32 - 5.0) * 0.8).collect();
        Tensor::from_data(TensorData::new(data, [5, 3]), (&B::Device::default(), BurnDType::F32))
    }

    fn read<B: EngineBackend, const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
        super::read(tensor).unwrap()
    }

    fn agrees_with_differences<B: EngineBackend>() {
        let logits = logits::<B>();
        let loss = CrossEntropy::new(&logits, CLASSES.to_vec()).unwrap();
        let found = read(loss.gradient(logits.clone(), 2.0));
        let values = read(logits.clone());
        for at in 0..values.len() {
            let moved = |step: f32| {
                let mut moved = values.clone();
                moved[at] += step;
                let moved = Tensor::from_data(TensorData::new(moved, [5, 3]), (&logits.device(), BurnDType::F32));
                CrossEntropy::<B>::new(&moved, CLASSES.to_vec()).unwrap().mean()
            };
            let expected = 2.0 * (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((found[at] - expected).abs() < 1e-3, "{at}: {} {expected}", found[at]);
        }
        assert!(CrossEntropy::new(&logits, vec![-100; 5]).unwrap().mean().is_nan());
        assert!(
            read(CrossEntropy::new(&logits, vec![-100; 5]).unwrap().gradient(logits, 1.0)).iter().all(|x| *x == 0.0)
        );
    }

    #[test]
    fn gradients_are_differences_of_the_mean() {
        agrees_with_differences::<Flex>();
    }

    #[cfg(feature = "candle")]
    #[test]
    fn gradients_are_differences_of_the_mean_on_candle() {
        agrees_with_differences::<crate::Candle>();
    }

    #[test]
    fn kernels_agree_with_plain_burn() {
        for dtype in [BurnDType::F32, BurnDType::BF16] {
            let logits = logits::<Flex>().cast(dtype);
            let sums = Flex::log_sums(logits.clone(), &CLASSES);
            let expected = log_sums_reference(logits.clone(), &CLASSES);
            let close = |found: Vec<f32>, expected: Vec<f32>, bound: f32| {
                assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= bound), "{found:?} {expected:?}");
            };
            close(read(sums.clone()), read(expected), 1e-5);
            let expected = read(gradient_reference(logits.clone(), sums.clone(), &CLASSES, 0.7));
            let shared = Flex::cross_entropy_backward(logits.clone(), sums.clone(), &CLASSES, 0.7);
            let unchanged = read(logits.clone());
            close(read(shared), expected.clone(), 5e-3);
            assert_eq!(read(logits.clone()), unchanged);
            close(read(Flex::cross_entropy_backward(logits, sums, &CLASSES, 0.7)), expected, 5e-3);
        }
    }
}
