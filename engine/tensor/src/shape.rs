use trustformers_core::{Error, Result};

use crate::dtype::DType;

/// The common shape that shapes are broadcast to.
///
/// **Errors:** `Input` if two sizes of a dimension differ and neither is 1.
pub fn broadcast(shapes: &[&[usize]]) -> Result<Vec<usize>> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut sizes = vec![1; rank];
    for shape in shapes {
        for (size, own) in sizes[rank - shape.len()..].iter_mut().zip(*shape) {
            match (*size, *own) {
                (found, own) if found == own || own == 1 => {}
                (1, own) => *size = own,
                _ => {
                    let shapes = shapes.iter().map(|shape| format!("{shape:?}")).collect::<Vec<_>>().join(" and ");
                    return Err(Error::input("shape", format!("{shapes} cannot be broadcast together")));
                }
            }
        }
    }
    Ok(sizes)
}

/// The index of the dimension `axis`, where negative numbers count from the end.
///
/// **Errors:** `Input` if there is no such dimension.
pub fn normalized_axis(axis: isize, rank: usize) -> Result<usize> {
    let from_start = if axis < 0 { axis + rank as isize } else { axis };
    usize::try_from(from_start).ok().filter(|found| *found < rank).ok_or_else(|| {
        let range = match rank {
            0 => "the tensor has no dimension".to_owned(),
            _ => format!("expected one from -{rank} to {}", rank - 1),
        };
        Error::input("axis", format!("{axis} is out of range: {range}"))
    })
}

/// The indices of the dimensions `axes`, in ascending order, where negative numbers count from the end.
///
/// **Errors:** `Input` if there is no such dimension, or one is named twice.
pub fn normalized_axes(axes: &[isize], rank: usize) -> Result<Vec<usize>> {
    let mut found = axes.iter().map(|axis| normalized_axis(*axis, rank)).collect::<Result<Vec<_>>>()?;
    found.sort_unstable();
    if let Some(twice) = found.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::input("axis", format!("dimension {} is named twice", twice[0])));
    }
    Ok(found)
}

/// The number of elements of a shape.
///
/// **Errors:** `Input` if the number overflows.
pub(crate) fn num_elements(shape: &[usize]) -> Result<usize> {
    let is_possible = |count: &usize| *count <= isize::MAX as usize / 8;
    // A size of 0 makes the tensor empty, however large the others are.
    let sizes = shape.iter().filter(|size| !shape.contains(&0) || !is_possible(size));
    let count = sizes.clone().try_fold(1usize, |count, size| count.checked_mul(*size)).filter(is_possible);
    if shape.contains(&0) && sizes.count() == 0 {
        return Ok(0);
    }
    count.ok_or_else(|| Error::input("shape", format!("{shape:?} has too many elements")))
}

/// Refuses a result that does not fit in memory.
///
/// **Errors:** `Input` if it is beyond the address space; `OutOfMemory` if it cannot be allocated.
pub(crate) fn check_room(shape: &[usize], dtype: DType) -> Result<()> {
    const LARGE: usize = 1 << 26;
    let bytes = num_elements(shape)?.saturating_mul(dtype.size());
    if bytes < LARGE { Ok(()) } else { Error::check_memory(format!("a tensor of shape {shape:?}"), bytes) }
}

/// The shape of `count` elements with these sizes, one of which may be -1 to be inferred from the others.
///
/// **Errors:** `Input` if the sizes do not fit `count` elements.
pub(crate) fn inferred(sizes: &[isize], count: usize, from: &[usize]) -> Result<Vec<usize>> {
    let wrong = |message: &str| Err(Error::input("shape", format!("{sizes:?} {message}")));
    if sizes.iter().any(|size| *size < -1) {
        return wrong("has a negative size");
    }
    let known: Vec<usize> = sizes.iter().filter_map(|size| usize::try_from(*size).ok()).collect();
    let product = num_elements(&known)?;
    let mismatch = || Err(Error::input("shape", format!("a tensor of shape {from:?} cannot be reshaped to {sizes:?}")));
    match sizes.len() - known.len() {
        0 if product == count => Ok(known),
        1 if product == 0 => wrong("has a size of -1 that could be any number"),
        1 if count.is_multiple_of(product) => {
            let rest = count / product;
            Ok(sizes.iter().map(|size| usize::try_from(*size).unwrap_or(rest)).collect())
        }
        0 | 1 => mismatch(),
        _ => wrong("has more than one size of -1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_broadcast_from_the_last_dimension() {
        assert_eq!(broadcast(&[&[2, 1, 4], &[3, 1]]).unwrap(), [2, 3, 4]);
        assert_eq!(broadcast(&[&[], &[0, 1], &[5]]).unwrap(), [0, 5]);
        assert!(broadcast(&[&[2], &[3]]).unwrap_err().to_string().contains("[2] and [3]"));
    }

    #[test]
    fn one_size_is_inferred_from_the_others() {
        assert_eq!(inferred(&[2, -1], 6, &[6]).unwrap(), [2, 3]);
        assert_eq!(inferred(&[0, 3], 0, &[0]).unwrap(), [0, 3]);
        for wrong in [&[4, -1][..], &[-1, -1], &[-2], &[5]] {
            assert!(inferred(wrong, 6, &[6]).is_err(), "{wrong:?}");
        }
        assert!(inferred(&[0, -1], 0, &[0]).is_err());
    }

    #[test]
    fn sizes_beyond_the_address_space_are_refused() {
        assert!(num_elements(&[1 << 40, 1 << 40]).is_err());
        assert_eq!(num_elements(&[1 << 40, 1 << 40, 0]).unwrap(), 0);
    }
}
