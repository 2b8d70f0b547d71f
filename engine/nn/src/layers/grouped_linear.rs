use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::backend::Backend;
use burn::tensor::{Device, Distribution, Tensor};
use trustformers_ops::{self as ops, EngineBackend, Epilogue, LinearPart, LinearWeight, PackedWeight};

use crate::layers::packed::PackedValues;
use crate::layers::weight::constant;
use crate::{Packed, Preparation};

/// A linear layer whose inputs and outputs are divided into groups, each with its own weight: a grouped convolution of
/// kernel size one, arXiv 2006.11316 section 3.
#[derive(Module, Debug)]
pub struct GroupedLinear<B: Backend> {
    weight: GroupedWeight<B>,
    bias: Param<Tensor<B, 1>>,
    num_groups: usize,
}

#[derive(Module, Debug)]
enum GroupedWeight<B: Backend> {
    /// `[out_features, in_features / num_groups, 1]`, the checkpoint's layout.
    Dense(Param<Tensor<B, 3>>),
    Packed(Packed<PackedGroups>),
}

/// Weights of the groups in the layout of the CPU kernels.
#[derive(Clone, Debug)]
pub(crate) struct PackedGroups(Vec<PackedWeight>);

impl PackedGroups {
    /// The weight in the checkpoint's layout.
    fn dense<B: Backend>(&self, device: &B::Device) -> Tensor<B, 3> {
        Tensor::cat(self.0.iter().map(|group| group.dense::<B>(device)).collect(), 0).unsqueeze_dim::<3>(2)
    }
}

impl PackedValues for PackedGroups {
    fn sizes(&self) -> Vec<usize> {
        let [rows, columns] = self.0[0].shape();
        vec![rows * self.0.len(), columns, 1]
    }

    fn matrices(&self) -> &[PackedWeight] {
        &self.0
    }

    fn visit<B: Backend, V: ModuleVisitor<B>>(&self, id: ParamId, visitor: &mut V) {
        let (groups, shape) = (self.clone(), self.sizes());
        let unpack = move |device: &Device<B>, _: bool| groups.dense::<B>(device);
        visitor.visit_float(&Param::uninitialized(id, unpack, Device::<B>::default(), false, shape.into()));
    }
}

impl<B: EngineBackend> GroupedLinear<B> {
    /// A layer with random weights until it is loaded.
    ///
    /// **Panics** if the groups do not divide inputs and outputs.
    pub(crate) fn new(in_features: usize, out_features: usize, num_groups: usize, device: &B::Device) -> Self {
        let divides = |size: usize| num_groups > 0 && size.is_multiple_of(num_groups);
        assert!(divides(in_features) && divides(out_features), "{num_groups} of {in_features} and {out_features}");
        let shape = [out_features, in_features / num_groups, 1];
        let init = move |device: &B::Device, require_grad: bool| {
            Tensor::random(shape, Distribution::Normal(0.0, 0.02), device).set_require_grad(require_grad)
        };
        let weight = Param::uninitialized(ParamId::new(), init, device.clone(), true, shape.into());
        Self { weight: GroupedWeight::Dense(weight), bias: constant(out_features, 0.0, device), num_groups }
    }

    /// Applies the layer and the epilogue. **Shapes:** `x: [rows, in_features]`; returns `[rows, out_features]`.
    pub(crate) fn forward(&self, x: Tensor<B, 2>, epilogue: Epilogue<B>) -> Tensor<B, 2> {
        let bias = self.bias.val();
        let (width, out) = (x.dims()[1] / self.num_groups, bias.dims()[0] / self.num_groups);
        let group = |index: usize| {
            let part = LinearPart {
                weight: match &self.weight {
                    GroupedWeight::Dense(values) => {
                        LinearWeight::Dense(group_of(&values.val(), index, self.num_groups))
                    }
                    GroupedWeight::Packed(packed) => LinearWeight::Packed(packed.weight.0[index].clone()),
                },
                bias: Some(bias.clone().narrow(0, index * out, out)),
                low_rank: Vec::new(),
            };
            let residual = epilogue.residual.as_ref().map(|x| x.clone().narrow(1, index * out, out));
            let epilogue = Epilogue { activation: epilogue.activation, residual };
            ops::linear(x.clone().narrow(1, index * width, width), &[part], epilogue)
        };
        match self.num_groups {
            1 => group(0),
            groups => Tensor::cat((0..groups).map(group).collect(), 1),
        }
    }

    /// Id of the weight's parameter.
    pub(crate) fn id(&self) -> ParamId {
        match &self.weight {
            GroupedWeight::Dense(values) => values.id,
            GroupedWeight::Packed(packed) => packed.id,
        }
    }

    /// Brings packed weights out of the layout of the backend's kernels.
    pub(crate) fn unpack(&mut self) {
        if let GroupedWeight::Packed(packed) = &self.weight {
            let values = packed.weight.dense(&B::Device::default());
            self.weight = GroupedWeight::Dense(Param::initialized(packed.id, values));
        }
    }

    /// Brings the weights into the layout of the backend's kernels, if it has one for this precision.
    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        let GroupedWeight::Dense(values) = &self.weight else { return };
        let (id, values) = (values.id, values.val());
        let pack = |index| <B as EngineBackend>::pack(&group_of(&values, index, self.num_groups), plan.precision);
        if let Some(groups) = (0..self.num_groups).map(pack).collect() {
            self.weight = GroupedWeight::Packed(Packed { id, weight: PackedGroups(groups) });
        }
    }
}

/// The weight matrix of one group.
fn group_of<B: Backend>(values: &Tensor<B, 3>, index: usize, num_groups: usize) -> Tensor<B, 2> {
    let [out, width, _] = values.dims();
    values.clone().reshape([out, width]).narrow(0, index * out / num_groups, out / num_groups)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tolerance;
    use trustformers_core::DType;
    use trustformers_ops::{Activation, Flex, Precision};

    use super::*;

    #[test]
    fn grouped_linear_equals_a_block_diagonal_matrix() {
        let device = Default::default();
        let (width, out, groups) = (12, 6, 3);
        let mut layer = GroupedLinear::<Flex>::new(width, out, groups, &device);
        let random = |shape: [usize; 2]| Tensor::<Flex, 2>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let (x, residual) = (random([5, width]), random([5, out]));
        let bias = random([1, out]);
        layer.bias = Param::from_tensor(bias.clone().reshape([out]));
        let GroupedWeight::Dense(values) = &layer.weight else { panic!("packed already") };
        let mut matrix = Tensor::<Flex, 2>::zeros([out, width], &device);
        for group in 0..groups {
            let (rows, columns) = (2 * group..2 * group + 2, 4 * group..4 * group + 4);
            matrix = matrix.slice_assign([rows, columns], group_of(&values.val(), group, groups));
        }
        let products = x.clone().matmul(matrix.transpose()) + bias;
        let expected = (Activation::Relu.forward(products) + residual.clone()).into_data();
        let plan = Preparation { precision: Precision::Float(DType::F32), dtype: DType::F32, quantized: &|_| None };
        for is_packed in [false, true] {
            let epilogue = Epilogue { activation: Some(Activation::Relu), residual: Some(residual.clone()) };
            let found = layer.forward(x.clone(), epilogue).into_data();
            found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
            assert_eq!(matches!(layer.weight, GroupedWeight::Packed(_)), is_packed);
            layer.prepare(&plan);
        }
    }
}
