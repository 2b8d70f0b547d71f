//! The cpu backend: burn's Flex with the kernels of `trustformers-kernels`.

mod attention;
mod backward;
mod linear;
mod norm;
mod tensor;

use burn::tensor::{DType as BurnDType, Int, Tensor};
use burn_flex::Flex;
use half::bf16;
use trustformers_core::{DType, Result};
use trustformers_kernels::{Format, linear as kernel};

use self::attention::{attended, attended_cache, has_cached_kernel, has_kernel, put_rows, rotated};
use self::linear::{gated, kernel_activation, multiplied, packed_linear, rounded_to_f16};
use self::norm::{embedded, normalized, rms_normalized};
use self::tensor::{contiguous, converted, give_back_file, slice};
use crate::{
    Activation, Attention, CachedAttention, EngineBackend, Epilogue, KvCache, LinearPart, LinearWeight, Lookup, Mask,
    PackedWeight, Precision, Quantization, Rotation, burn_dtype,
};

impl EngineBackend for Flex {
    const SUPPORTS_QUANTIZATION: bool = true;
    const HAS_BACKWARD: bool = true;
    // Enough rows to reuse each weight, and few enough to keep a layer's activations in the CPU cache.
    const ROWS_PER_PASS: usize = 1024;

    fn pack(weight: &Tensor<Self, 2>, precision: Precision) -> Option<PackedWeight> {
        let shape = weight.dims();
        let format = match precision {
            Precision::Float(DType::F32) => Format::F32,
            Precision::Float(DType::BF16) => Format::Bf16,
            Precision::Quantized(Quantization::Int8) if shape[1] <= kernel::PackedWeight::MAX_BYTES => Format::Int8,
            Precision::Quantized(Quantization::Groups(grouping)) if grouping.is_known() => Format::Groups(grouping),
            Precision::Float(DType::F16) | Precision::Quantized(_) => return None,
        };
        let weight = match weight.dtype() {
            BurnDType::F32 | BurnDType::BF16 => weight.clone(),
            _ => weight.clone().cast(BurnDType::F32),
        };
        let source = contiguous(weight);
        let values = match source.dtype() {
            BurnDType::BF16 => kernel::Values::Bf16(slice(&source)),
            _ => kernel::Values::F32(slice(&source)),
        };
        let packed = PackedWeight { kernel: kernel::PackedWeight::pack(values, shape, format).into() };
        give_back_file(&source, &source.data_arc());
        Some(packed)
    }

    fn pack_groups(groups: &kernel::Groups) -> Option<PackedWeight> {
        let packed = groups.grouping.is_known().then(|| kernel::PackedWeight::pack_groups(groups))?;
        Some(PackedWeight { kernel: packed.into() })
    }

    fn cast(x: Tensor<Self, 1>, dtype: DType) -> Tensor<Self, 1> {
        match (x.dtype(), dtype) {
            (BurnDType::F32, DType::BF16) => converted::<f32, bf16>(x),
            (BurnDType::BF16, DType::F32) => converted::<bf16, f32>(x),
            _ => x.cast(burn_dtype(dtype)),
        }
    }

    fn elements(x: Tensor<Self, 1>) -> Result<Vec<f32>> {
        Ok(slice(&contiguous(x)).to_vec())
    }

    fn round_to_f16(x: Tensor<Self, 2>) -> Tensor<Self, 2> {
        rounded_to_f16(x)
    }

    fn linear(x: Tensor<Self, 2>, parts: &[LinearPart<Self>], epilogue: Epilogue<Self>) -> Tensor<Self, 2> {
        let is_packed = |part: &LinearPart<Self>| matches!(part.weight, LinearWeight::Packed(_));
        if !parts.iter().all(is_packed) {
            return crate::linear::reference(x, parts, epilogue);
        }
        if epilogue.activation.is_some_and(|activation| kernel_activation(activation).is_none()) {
            return epilogue.apply(Self::linear(x, parts, Epilogue::default()));
        }
        match x.dtype() {
            BurnDType::F32 => packed_linear::<f32>(x, parts, epilogue),
            BurnDType::BF16 => packed_linear::<bf16>(x, parts, epilogue),
            dtype => packed_linear::<f32>(x.cast(BurnDType::F32), parts, epilogue).cast(dtype),
        }
    }

    fn product(
        a: Tensor<Self, 2>,
        b: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        dtype: BurnDType,
    ) -> Tensor<Self, 2> {
        match (a.dtype(), b.dtype(), dtype) {
            (BurnDType::F32, BurnDType::F32, BurnDType::F32) => multiplied::<f32, f32>(a, b, bias),
            (BurnDType::BF16, BurnDType::BF16, BurnDType::F32) => multiplied::<bf16, f32>(a, b, bias),
            (BurnDType::BF16, BurnDType::BF16, BurnDType::BF16) => multiplied::<bf16, bf16>(a, b, bias),
            _ => crate::product::reference(a, b, bias, dtype),
        }
    }

    fn sum_rows(x: Tensor<Self, 2>) -> Tensor<Self, 1> {
        match x.dtype() {
            BurnDType::BF16 => backward::row_sum::<bf16>(x),
            dtype => backward::row_sum::<f32>(x.cast(BurnDType::F32)).cast(dtype),
        }
    }

    fn activate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        match (x.dtype(), kernel_activation(activation)) {
            (BurnDType::F32, Some(activation)) => backward::activated(x, activation),
            _ => activation.forward(x),
        }
    }

    fn has_activation_backward(activation: Activation) -> bool {
        kernel_activation(activation).is_some()
    }

    fn activate_backward(x: Tensor<Self, 2>, gradient: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        let dtype = x.dtype();
        match kernel_activation(activation) {
            Some(activation) => {
                let [x, gradient] = [x, gradient].map(|operand| operand.cast(BurnDType::F32));
                backward::activate(x, gradient, activation).cast(dtype)
            }
            None => crate::no_kernel(),
        }
    }

    fn drop(x: Tensor<Self, 2>, mask: &Mask) -> Tensor<Self, 2> {
        match x.dtype() {
            BurnDType::F32 => backward::dropped::<f32>(x, mask),
            BurnDType::BF16 => backward::dropped::<bf16>(x, mask),
            _ => crate::dropout::reference(x, mask),
        }
    }

    fn attention(qkv: [Tensor<Self, 2>; 3], attention: &Attention<'_, Self>) -> Tensor<Self, 2> {
        match qkv.each_ref().map(Tensor::dtype) {
            _ if attention.dropout.is_some() && !attention.is_plain() => crate::attention::reference(qkv, attention),
            [dtype, ..] if attention.dropout.is_some() => {
                backward::attended(qkv.map(|x| x.cast(BurnDType::F32)), attention).cast(dtype)
            }
            _ if !has_kernel(attention) => crate::attention::reference(qkv, attention),
            [BurnDType::F32, BurnDType::F32, BurnDType::F32] => attended::<f32>(qkv, attention),
            [BurnDType::BF16, BurnDType::BF16, BurnDType::BF16] => attended::<bf16>(qkv, attention),
            _ => crate::attention::reference(qkv, attention),
        }
    }

    fn attention_backward(
        qkv: [Tensor<Self, 2>; 3],
        output: Tensor<Self, 2>,
        gradient: Tensor<Self, 2>,
        attention: &Attention<'_, Self>,
    ) -> [Tensor<Self, 2>; 3] {
        let dtype = gradient.dtype();
        let in_f32 = |x: Tensor<Self, 2>| x.cast(BurnDType::F32);
        let found = backward::attention(qkv.map(in_f32), in_f32(output), in_f32(gradient), attention);
        found.map(|found| found.cast(dtype))
    }

    fn cached_attention(
        q: Tensor<Self, 2>,
        cache: &KvCache<Self>,
        attention: &CachedAttention<'_, Self>,
    ) -> Tensor<Self, 2> {
        let stored = cache.tables()[0].dtype();
        match q.dtype() {
            dtype if dtype != stored || !has_cached_kernel(attention) => {
                crate::cached_attention::reference(q, cache, attention)
            }
            BurnDType::F32 => attended_cache::<f32>(q, cache, attention),
            BurnDType::BF16 => attended_cache::<bf16>(q, cache, attention),
            _ => crate::cached_attention::reference(q, cache, attention),
        }
    }

    fn put_rows(into: Tensor<Self, 2>, rows: Tensor<Self, 2>, copies: &[(usize, usize, usize)]) -> Tensor<Self, 2> {
        match (into.dtype(), rows.dtype()) {
            (BurnDType::F32, BurnDType::F32) => put_rows::<f32>(into, rows, copies),
            (BurnDType::BF16, BurnDType::BF16) => put_rows::<bf16>(into, rows, copies),
            _ => crate::kv_cache::put_reference(into, rows, copies),
        }
    }

    fn embedding_gradient(
        gradient: Tensor<Self, 2>,
        ids: Tensor<Self, 1, Int>,
        num_embeddings: usize,
        padding: Option<usize>,
    ) -> Tensor<Self, 2> {
        match gradient.dtype() {
            BurnDType::F32 => backward::added_rows::<f32>(gradient, ids, num_embeddings, padding),
            BurnDType::BF16 => backward::added_rows::<bf16>(gradient, ids, num_embeddings, padding),
            _ => crate::embedding::backward_reference(gradient, ids, num_embeddings, padding),
        }
    }

    fn log_sums(logits: Tensor<Self, 2>, classes: &[i64]) -> Tensor<Self, 1> {
        match logits.dtype() {
            BurnDType::BF16 => backward::log_sums::<bf16>(logits, classes),
            _ => backward::log_sums::<f32>(logits.cast(BurnDType::F32), classes),
        }
    }

    fn cross_entropy_backward(
        logits: Tensor<Self, 2>,
        log_sums: Tensor<Self, 1>,
        classes: &[i64],
        factor: f32,
    ) -> Tensor<Self, 2> {
        match logits.dtype() {
            BurnDType::BF16 => backward::cross_entropy::<bf16>(logits, log_sums, classes, factor),
            dtype => backward::cross_entropy::<f32>(logits.cast(BurnDType::F32), log_sums, classes, factor).cast(dtype),
        }
    }

    fn rms_norm(x: Tensor<Self, 2>, weight: Tensor<Self, 1>, eps: f64) -> Tensor<Self, 2> {
        match (x.dtype(), weight.dtype()) {
            (BurnDType::F32, BurnDType::F32) => rms_normalized::<f32>(x, weight, eps),
            (BurnDType::BF16, BurnDType::BF16) => rms_normalized::<bf16>(x, weight, eps),
            (dtype, BurnDType::F32) => rms_normalized::<f32>(x.cast(BurnDType::F32), weight, eps).cast(dtype),
            _ => crate::rms_norm::reference(x, weight, eps),
        }
    }

    fn rotate(x: Tensor<Self, 2>, head_dim: usize, rotation: &Rotation<Self>) -> Tensor<Self, 2> {
        match x.dtype() {
            BurnDType::F32 => rotated::<f32>(x, head_dim, rotation),
            BurnDType::BF16 => rotated::<bf16>(x, head_dim, rotation),
            _ => crate::rotary::reference(x, head_dim, rotation),
        }
    }

    fn gate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        match (x.dtype(), kernel_activation(activation)) {
            (BurnDType::F32, Some(activation)) => gated::<f32>(x, activation),
            (BurnDType::BF16, Some(activation)) => gated::<bf16>(x, activation),
            _ => crate::gate::reference(x, activation),
        }
    }

    fn rms_norm_backward(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        gradient: Tensor<Self, 2>,
        eps: f64,
    ) -> (Tensor<Self, 2>, Tensor<Self, 1>) {
        backward::normalize(x, weight, gradient, eps, false)
    }

    fn gate_backward(x: Tensor<Self, 2>, gradient: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        let dtype = x.dtype();
        match kernel_activation(activation) {
            Some(activation) => {
                let [x, gradient] = [x, gradient].map(|operand| operand.cast(BurnDType::F32));
                backward::gate(x, gradient, activation).cast(dtype)
            }
            None => crate::no_kernel(),
        }
    }

    fn layer_norm_backward(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        gradient: Tensor<Self, 2>,
        eps: f64,
    ) -> (Tensor<Self, 2>, Tensor<Self, 1>) {
        backward::normalize(x, weight, gradient, eps, true)
    }

    fn layer_norm(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        if weight.dtype() != x.dtype() || bias.as_ref().is_some_and(|bias| bias.dtype() != x.dtype()) {
            return crate::layer_norm::reference(x, weight, bias, eps);
        }
        match x.dtype() {
            BurnDType::F32 => normalized::<f32>(x, weight, bias, eps),
            BurnDType::BF16 => normalized::<bf16>(x, weight, bias, eps),
            _ => crate::layer_norm::reference(x, weight, bias, eps),
        }
    }

    fn embedding_norm(
        lookups: &[Lookup<Self>],
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        let dtype = weight.dtype();
        let same = lookups.iter().all(|lookup| lookup.table.dtype() == dtype)
            && bias.as_ref().is_none_or(|bias| bias.dtype() == dtype);
        match dtype {
            BurnDType::F32 if same => embedded::<f32>(lookups, weight, bias, eps),
            BurnDType::BF16 if same => embedded::<bf16>(lookups, weight, bias, eps),
            _ => crate::embedding::norm_reference(lookups, weight, bias, eps),
        }
    }
}
