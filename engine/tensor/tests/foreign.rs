//! Tensors that share foreign memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use trustformers_core::Device;
use trustformers_ops::Flex;
use trustformers_tensor::{Arithmetic, DType, Foreign, Index, Scalar, Tensor, TensorDevice};

fn cpu() -> TensorDevice {
    TensorDevice::new::<Flex>(Default::default(), Device::Cpu)
}

/// Memory that records when it is freed.
struct Owned(Vec<f32>, Arc<AtomicBool>);

impl Drop for Owned {
    fn drop(&mut self) {
        self.1.store(true, Ordering::Relaxed);
    }
}

/// A tensor over `0, 1, 2, ...` with the given layout, and whether its memory was freed.
fn foreign(len: usize, first: usize, shape: &[usize], strides: &[isize]) -> (Tensor, Arc<AtomicBool>) {
    let freed = Arc::new(AtomicBool::new(false));
    let owner = Owned((0..len).map(|value| value as f32).collect(), freed.clone());
    let data = owner.0[first..].as_ptr().cast();
    let (shape, strides) = (shape.to_vec(), strides.to_vec());
    let foreign = Foreign { owner: Box::new(owner), data, shape, strides, dtype: DType::F32, is_read_only: false };
    // SAFETY: the layouts below stay within the vector, which the owner keeps.
    (unsafe { Tensor::from_foreign(foreign, &cpu()) }.expect("aligned memory"), freed)
}

#[test]
fn every_stride_reads_the_memory_in_place() {
    for (first, shape, strides, expected) in [
        (0, vec![2, 3], vec![3, 1], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
        (0, vec![3, 2], vec![1, 3], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]),
        (5, vec![6], vec![-1], vec![5.0, 4.0, 3.0, 2.0, 1.0, 0.0]),
        (4, vec![2, 2], vec![-3, 1], vec![4.0, 5.0, 1.0, 2.0]),
        (1, vec![2, 2], vec![0, 2], vec![1.0, 3.0, 1.0, 3.0]),
        (3, vec![], vec![], vec![3.0]),
    ] {
        let (tensor, _) = foreign(6, first, &shape, &strides);
        assert_eq!(tensor.to_f64().unwrap(), expected, "{shape:?} {strides:?}");
        let view = tensor.host_view().unwrap();
        assert_eq!((view.shape, view.strides), (shape, strides));
        assert!(!view.is_unique);
    }
}

#[test]
fn memory_is_freed_with_the_last_view() {
    let (tensor, freed) = foreign(6, 0, &[2, 3], &[3, 1]);
    let view = tensor.index(&[Index::At(1)]).unwrap();
    let host = view.host_view().unwrap();
    drop((tensor, view));
    assert!(!freed.load(Ordering::Relaxed));
    drop(host);
    assert!(freed.load(Ordering::Relaxed));
}

#[test]
fn operations_leave_foreign_memory_alone() {
    let (tensor, _) = foreign(4, 0, &[4], &[1]);
    let doubled = Tensor::arithmetic(Arithmetic::Mul, &tensor.clone().into(), &Scalar::Int(2).into()).unwrap();
    let changed = tensor.assigned(&[Index::At(0)], &doubled.index(&[Index::At(3)]).unwrap()).unwrap();
    assert_eq!(tensor.to_f64().unwrap(), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(changed.to_f64().unwrap(), [6.0, 1.0, 2.0, 3.0]);
}

#[test]
fn misaligned_memory_is_refused() {
    let bytes = vec![0u8; 16];
    let data = bytes.as_ptr().wrapping_add(1);
    let foreign = Foreign {
        owner: Box::new(bytes),
        data,
        shape: vec![2],
        strides: vec![1],
        dtype: DType::F32,
        is_read_only: false,
    };
    // SAFETY: twelve bytes follow.
    let refused = unsafe { Tensor::from_foreign(foreign, &cpu()) };
    assert!(refused.unwrap_err().to_string().contains("aligned"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn slices_select_what_python_selects(
        size in 0usize..8,
        start in prop::option::of(-10i64..10),
        stop in prop::option::of(-10i64..10),
        step in prop::sample::select(vec![-3i64, -2, -1, 1, 2, 3]),
    ) {
        let (tensor, _) = foreign(8, 0, &[size], &[1]);
        let found = tensor.index(&[Index::Slice { start, stop, step }]).unwrap().to_f64().unwrap();
        let len = size as i64;
        let clamped = |at: i64, low: i64, high: i64| (if at < 0 { at + len } else { at }).clamp(low, high);
        let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
        let mut at = start.map_or(if step > 0 { low } else { high }, |at| clamped(at, low, high));
        let end = stop.map_or(if step > 0 { high } else { low }, |at| clamped(at, low, high));
        let mut expected = Vec::new();
        while (step > 0 && at < end) || (step < 0 && at > end) {
            expected.push(at as f64);
            at += step;
        }
        prop_assert_eq!(found, expected);
    }
}
