use std::sync::Mutex;

use burn::tensor::{DType as BurnDType, Shape};
use burn_flex::FlexTensor;
use trustformers_kernels::cpu;

use super::memory::{elements, filled};
use super::movement::contiguous;

/// Elements per task.
const TASK: usize = 1 << 15;

/// Smallest and largest element of int64; `None` without elements.
pub(crate) fn int_range(x: &FlexTensor) -> Option<(i64, i64)> {
    let x = contiguous(x);
    let values = elements::<i64>(&x);
    let of = |values: &[i64]| {
        values.iter().fold((i64::MAX, i64::MIN), |(low, high), value| (low.min(*value), high.max(*value)))
    };
    let found = Mutex::new((i64::MAX, i64::MIN));
    cpu::parallel(values.len().div_ceil(TASK), |task| {
        let own = of(&values[task * TASK..][..TASK.min(values.len() - task * TASK)]);
        if let Ok(mut found) = found.lock() {
            *found = (found.0.min(own.0), found.1.max(own.1));
        }
    });
    let found = found.into_inner().ok()?;
    (!values.is_empty()).then_some(found)
}

/// Indices of the true elements: rank 1, one for each dimension.
pub(crate) fn nonzero(mask: &FlexTensor) -> Vec<FlexTensor> {
    let mask = contiguous(mask);
    let flags = elements::<u8>(&mask);
    let tasks = flags.len().div_ceil(TASK);
    let part = |task: usize| &flags[task * TASK..][..TASK.min(flags.len() - task * TASK)];
    let mut counts = vec![0usize; tasks];
    {
        let counts: Vec<_> = counts.iter_mut().map(Mutex::new).collect();
        cpu::parallel(tasks, |task| {
            if let Ok(mut count) = counts[task].lock() {
                **count = part(task).iter().filter(|flag| **flag != 0).count();
            }
        });
    }
    let total: usize = counts.iter().sum();
    let positions = filled(Shape::from(vec![total]), BurnDType::I64, |out: &mut [i64]| {
        let mut parts = Vec::with_capacity(tasks);
        let mut rest = out;
        for count in &counts {
            let (own, after) = rest.split_at_mut(*count);
            parts.push(Mutex::new(own));
            rest = after;
        }
        cpu::parallel(tasks, |task| {
            let Ok(mut out) = parts[task].lock() else { return };
            let mut at = 0;
            for (index, flag) in part(task).iter().enumerate() {
                // Written before it is known to count, so that there is no branch on the flag.
                if let Some(out) = out.get_mut(at) {
                    *out = (task * TASK + index) as i64;
                }
                at += usize::from(*flag != 0);
            }
        });
    });
    let shape = mask.layout().shape();
    if shape.len() <= 1 {
        return vec![positions];
    }
    let of_dim = |dim: usize| {
        let inner: i64 = shape[dim + 1..].iter().product::<usize>() as i64;
        let size = shape[dim] as i64;
        filled(Shape::from(vec![total]), BurnDType::I64, |out: &mut [i64]| {
            trustformers_kernels::elementwise::map(elements(&positions), out, |position: i64| position / inner % size);
        })
    };
    (0..shape.len()).map(of_dim).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Bytes;
    use burn_flex::Layout;

    use super::*;

    #[test]
    fn true_elements_are_found_in_order() {
        for (rows, cols) in [(1, 1), (3, 5), (301, 400)] {
            let flags: Vec<u8> = (0..rows * cols).map(|at| u8::from(at % 7 == 3 || at % 11 == 0)).collect();
            let expected: Vec<usize> = (0..rows * cols).filter(|at| flags[*at] != 0).collect();
            let layout = Layout::contiguous(Shape::from(vec![rows, cols]));
            let mask = FlexTensor::new(Bytes::from_elems(flags), layout, BurnDType::U8);
            let found = nonzero(&mask);
            let rebuilt = elements::<i64>(&found[0]).iter().zip(elements::<i64>(&found[1]));
            let rebuilt: Vec<usize> = rebuilt.map(|(row, col)| *row as usize * cols + *col as usize).collect();
            assert_eq!(rebuilt, expected);
            assert_eq!(int_range(&found[0]).map(|range| range.1), expected.last().map(|at| (at / cols) as i64));
        }
    }
}
