use burn::module::{Module, Param, ParamId};
use burn::tensor::backend::Backend;
use burn::tensor::{Distribution, Tensor};

/// A matrix of learned values in one of the precisions that the engine computes in.
#[derive(Module, Debug)]
pub enum Weight<B: Backend> {
    /// Floating point values: f32, f16 or bf16.
    Dense(Param<Tensor<B, 2>>),
}

impl<B: Backend> Weight<B> {
    /// A matrix that draws its values from a normal distribution of the given standard deviation when it is first
    /// used without having been loaded.
    pub fn normal([rows, cols]: [usize; 2], std: f64, device: &B::Device) -> Self {
        let init = move |device: &B::Device, require_grad: bool| {
            Tensor::random([rows, cols], Distribution::Normal(0.0, std), device).set_require_grad(require_grad)
        };
        Self::Dense(Param::uninitialized(ParamId::new(), init, device.clone(), true, [rows, cols].into()))
    }

    /// The values as a matrix.
    pub fn dense(&self) -> Tensor<B, 2> {
        match self {
            Self::Dense(values) => values.val(),
        }
    }
}

/// A vector of learned values that starts out constant.
pub(crate) fn constant<B: Backend>(len: usize, value: f64, device: &B::Device) -> Param<Tensor<B, 1>> {
    let init =
        move |device: &B::Device, require_grad: bool| Tensor::full([len], value, device).set_require_grad(require_grad);
    Param::uninitialized(ParamId::new(), init, device.clone(), true, [len].into())
}
