use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::tensor::{DType, Tensor};

use super::node::{Kept, Primitive, primitive, record, tensor};
use crate::{EngineBackend, Epilogue, LinearPart, LinearWeight, PackedWeight, Rounding};

/// `x * transpose(weight) + bias`.
pub(super) fn linear<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    part: &LinearPart<Autodiff<B, C>>,
) -> Tensor<Autodiff<B, C>, 2> {
    let rounding = Rounding::current();
    let x = primitive(x);
    let inner = tensor::<B, 2>(x.primitive.clone());
    let bias = part.bias.clone().map(primitive);
    let inner_bias = bias.as_ref().map(|bias| tensor::<B, 1>(bias.primitive.clone()).cast(inner.dtype()));
    match &part.weight {
        LinearWeight::Packed(packed) => {
            let result = frozen(inner, packed, inner_bias, rounding);
            match &bias {
                Some(bias) => record([&x, bias], result, || Frozen { weight: packed.clone(), rounding }),
                None => record([&x], result, || Frozen { weight: packed.clone(), rounding }),
            }
        }
        LinearWeight::Dense(weight) => {
            let weight = primitive(weight.clone());
            let dtype = inner.dtype();
            let inner = rounding.rounded(inner);
            let inner_weight = rounding.rounded(tensor::<B, 2>(weight.primitive.clone())).cast(inner.dtype());
            let result = B::product(inner.clone(), inner_weight.transpose(), inner_bias, dtype);
            let is_trained = !weight.node.requirement.is_none();
            let x_of_weight = is_trained.then(|| primitive(inner));
            let kept = || Dense { x: x_of_weight, weight: weight.primitive.clone(), rounding };
            match &bias {
                Some(bias) => record([&x, &weight, bias], result, kept),
                None => record([&x, &weight], result, kept),
            }
        }
    }
}

/// The product with a packed weight, whose kernels round no operands.
fn frozen<B: EngineBackend>(
    x: Tensor<B, 2>,
    weight: &PackedWeight,
    bias: Option<Tensor<B, 1>>,
    rounding: Rounding,
) -> Tensor<B, 2> {
    let dtype = x.dtype();
    if rounding != Rounding::Exact && weight.is_exact() && dtype == DType::F32 {
        let weight = rounding.rounded(weight.dense::<B>(&x.device()).cast(dtype));
        return B::product(rounding.rounded(x), weight.transpose(), bias, dtype);
    }
    let part = LinearPart { weight: LinearWeight::Packed(weight.clone()), bias, low_rank: Vec::new() };
    <B as EngineBackend>::linear(x, &[part], Epilogue::default())
}

/// Operands of a linear layer with a dense weight.
#[derive(Clone, Debug)]
struct Dense<P> {
    /// Rounded input; `None` if the weight has no gradient.
    x: Option<P>,
    weight: P,
    rounding: Rounding,
}

impl<P: Clone> Dense<P> {
    fn of_matrices<B: EngineBackend<FloatTensorPrimitive = P>>(
        self,
        gradient: &Tensor<B, 2>,
        wanted: [bool; 2],
    ) -> [Option<P>; 2] {
        let Self { x, weight, rounding } = self;
        let (weight, dtype) = (tensor::<B, 2>(weight), gradient.dtype());
        let (of_weight, gradient) = (weight.dtype(), rounding.rounded(gradient.clone()));
        let of_x = wanted[0].then(|| {
            let weight = rounding.rounded(weight).cast(gradient.dtype());
            primitive(B::product(gradient.clone(), weight, None, dtype))
        });
        let of_x_and_gradient = |x| {
            let x = tensor::<B, 2>(x).cast(gradient.dtype());
            primitive(B::product(gradient.transpose(), x, None, of_weight))
        };
        [of_x, x.filter(|_| wanted[1]).map(of_x_and_gradient)]
    }
}

impl<B: EngineBackend> Kept<B, 2> for Dense<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, wanted: [bool; 2]) -> [Option<Primitive<B>>; 2] {
        self.of_matrices::<B>(&tensor(gradient), wanted)
    }
}

impl<B: EngineBackend> Kept<B, 3> for Dense<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, wanted: [bool; 3]) -> [Option<Primitive<B>>; 3] {
        let gradient = tensor::<B, 2>(gradient);
        let [of_x, of_weight] = self.of_matrices::<B>(&gradient, [wanted[0], wanted[1]]);
        [of_x, of_weight, wanted[2].then(|| primitive(B::sum_rows(gradient)))]
    }
}

/// The packed weight of a linear layer, which is constant.
#[derive(Clone, Debug)]
struct Frozen {
    weight: PackedWeight,
    rounding: Rounding,
}

impl Frozen {
    fn of_x<B: EngineBackend>(self, gradient: Tensor<B, 2>) -> Primitive<B> {
        let dtype = gradient.dtype();
        let gradient = self.rounding.rounded(gradient);
        let weight = self.weight.dense::<B>(&gradient.device()).cast(gradient.dtype());
        primitive(B::product(gradient, weight, None, dtype))
    }
}

impl<B: EngineBackend> Kept<B, 1> for Frozen {
    fn gradients(self, gradient: Primitive<B>, wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        [wanted[0].then(|| self.of_x(tensor::<B, 2>(gradient)))]
    }
}

impl<B: EngineBackend> Kept<B, 2> for Frozen {
    fn gradients(self, gradient: Primitive<B>, wanted: [bool; 2]) -> [Option<Primitive<B>>; 2] {
        let gradient = tensor::<B, 2>(gradient);
        let of_bias = wanted[1].then(|| primitive(B::sum_rows(gradient.clone())));
        [wanted[0].then(|| self.of_x(gradient)), of_bias]
    }
}
