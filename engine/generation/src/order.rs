use std::cmp::Ordering;
use std::ops::ControlFlow;

/// Number of elements that are sorted first; the nucleus of most distributions lies within them.
const FIRST_CHUNK: usize = 128;

/// Orders the largest value first, NaN before all others, as torch does.
pub(crate) fn descending(left: f32, right: f32) -> Ordering {
    right.partial_cmp(&left).unwrap_or_else(|| right.is_nan().cmp(&left.is_nan()))
}

/// Visits elements in order until `visit` breaks, sorting little more than the visited elements.
pub(crate) fn visit_in_order<T>(
    mut items: &mut [T],
    compare: impl Fn(&T, &T) -> Ordering,
    mut visit: impl FnMut(&T) -> ControlFlow<()>,
) {
    let mut chunk = FIRST_CHUNK;
    while !items.is_empty() {
        let size = chunk.min(items.len());
        if size < items.len() {
            items.select_nth_unstable_by(size - 1, &compare);
        }
        let (sorted, rest) = items.split_at_mut(size);
        sorted.sort_unstable_by(&compare);
        if sorted.iter().any(|item| visit(item).is_break()) {
            return;
        }
        items = rest;
        chunk *= 4;
    }
}

/// The `k`-th largest value, with `k` counted from 1 and clamped to the number of values; minus infinity if there are
/// none.
pub(crate) fn kth_largest(values: &[f32], k: usize, scratch: &mut Vec<f32>) -> f32 {
    let k = k.min(values.len());
    let Some(last) = k.checked_sub(1) else { return f32::NEG_INFINITY };
    let by_size = |left: &f32, right: &f32| descending(*left, *right);
    scratch.clear();
    let mut threshold = f32::NEG_INFINITY;
    for &value in values {
        if value > threshold || value.is_nan() || scratch.len() < k {
            scratch.push(value);
            if scratch.len() >= 2 * k + FIRST_CHUNK {
                threshold = *scratch.select_nth_unstable_by(last, by_size).1;
                scratch.truncate(k);
            }
        }
    }
    *scratch.select_nth_unstable_by(last, by_size).1
}

/// The `k` largest values with their indices, largest first, the lower index first among equals.
pub(crate) fn top(values: impl IntoIterator<Item = f32>, k: usize) -> Vec<(usize, f32)> {
    let mut top = Top::new(k);
    values.into_iter().enumerate().for_each(|item| top.offer(item));
    top.kept
}

/// [`top`] of rows with a value added to each, one after the other.
///
/// **Shapes:** `rows`: `[width]` each.
pub(crate) fn top_of_sums<'a>(rows: impl IntoIterator<Item = (&'a [f32], f32)>, k: usize) -> Vec<(usize, f32)> {
    let (mut top, mut start) = (Top::new(k), 0);
    for (row, added) in rows {
        for values in row.chunks(CHUNK) {
            // No branch for each value: few chunks have one of the largest.
            let may_have = match top.least() {
                Some(least) => values.iter().fold(false, |found, value| {
                    let sum = value + added;
                    found | (sum > least) | sum.is_nan()
                }),
                None => true,
            };
            if may_have {
                values.iter().enumerate().for_each(|(index, value)| top.offer((start + index, value + added)));
            }
            start += values.len();
        }
    }
    top.kept
}

/// Number of values of [`top_of_sums`] that are compared at once.
const CHUNK: usize = 64;

/// The largest values so far with their indices, largest first, the lower index first among equals.
struct Top {
    k: usize,
    kept: Vec<(usize, f32)>,
}

impl Top {
    fn new(k: usize) -> Self {
        Self { k, kept: Vec::with_capacity(k + 1) }
    }

    /// The value that later ones must exceed; `None` as long as all are kept. NaN exceeds every value.
    fn least(&self) -> Option<f32> {
        self.kept.last().filter(|_| self.kept.len() == self.k).map(|(_, value)| *value)
    }

    fn offer(&mut self, item: (usize, f32)) {
        let compare =
            |left: &(usize, f32), right: &(usize, f32)| descending(left.1, right.1).then(left.0.cmp(&right.0));
        match self.kept.last() {
            // Most values are not larger than the k-th; NaN never compares so.
            Some(last) if self.kept.len() == self.k && item.1 <= last.1 => {}
            Some(last) if self.kept.len() == self.k && compare(&item, last).is_ge() => {}
            _ => {
                let at = self.kept.partition_point(|other| compare(other, &item).is_lt());
                self.kept.insert(at, item);
                self.kept.truncate(self.k);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scattered(count: u64) -> Vec<f32> {
        (0..count).map(|index| (index.wrapping_mul(2_654_435_761) % 1013) as f32).collect()
    }

    #[test]
    fn kth_largest_matches_a_sorted_copy() {
        for values in [scattered(5), scattered(3000)] {
            let mut sorted = values.clone();
            sorted.sort_by(|left, right| right.total_cmp(left));
            for k in [1, 2, 5, 50, 400, 2999, 3000, 9000] {
                assert_eq!(kth_largest(&values, k, &mut Vec::new()), sorted[k.min(sorted.len()) - 1], "{k}");
            }
        }
        assert!(kth_largest(&[1.0, f32::NAN], 1, &mut Vec::new()).is_nan());
        assert_eq!(kth_largest(&[], 3, &mut Vec::new()), f32::NEG_INFINITY);
    }

    #[test]
    fn elements_are_visited_in_order() {
        let mut values = scattered(2000);
        let mut visited = Vec::new();
        visit_in_order(
            &mut values.clone(),
            |left, right| left.total_cmp(right),
            |&value| {
                visited.push(value);
                if visited.len() == 1500 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        values.sort_by(f32::total_cmp);
        assert_eq!(visited, values[..1500]);
    }

    #[test]
    fn top_prefers_the_lower_index_among_equals() {
        assert_eq!(top([1.0, 3.0, 3.0, 2.0, 3.0], 4), [(1, 3.0), (2, 3.0), (4, 3.0), (3, 2.0)]);
        assert_eq!(top([1.0, 2.0], 3), [(1, 2.0), (0, 1.0)]);
        assert!(top([1.0, 2.0], 0).is_empty());
    }

    #[test]
    fn top_of_sums_is_the_top_of_all_sums() {
        let values = scattered(1500);
        for (k, added) in [(1, [0.0, 0.5, -3.0]), (8, [1e9, -1e9, 3.0]), (200, [0.1, 0.2, 0.3]), (1500, [0.0; 3])] {
            let rows: Vec<_> = values.chunks(500).zip(added).collect();
            let sums = rows.iter().flat_map(|(row, added)| row.iter().map(move |value| value + added));
            assert_eq!(top_of_sums(rows.iter().copied(), k), top(sums, k), "{k}");
        }
        let mut values = [0.0; 130];
        values[129] = f32::NAN;
        assert_eq!(top_of_sums([(&values[..], 0.0)], 1)[0].0, 129);
        assert!(top_of_sums([(&values[..], 0.0)], 0).is_empty());
    }
}
