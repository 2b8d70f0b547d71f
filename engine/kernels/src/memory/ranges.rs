use std::collections::{BTreeMap, BTreeSet};

/// Unused ranges of addresses, of which any part serves a request. Adjacent ranges are joined.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    /// Sizes by start.
    by_start: BTreeMap<usize, usize>,
    /// Sizes and starts.
    by_size: BTreeSet<(usize, usize)>,
}

impl Ranges {
    pub(super) const fn new() -> Self {
        Self { by_start: BTreeMap::new(), by_size: BTreeSet::new() }
    }

    /// The start of the smallest range of at least this size, of which the rest stays.
    pub(super) fn take(&mut self, size: usize) -> Option<usize> {
        let (found, start) = *self.by_size.range((size, 0)..).next()?;
        self.remove(start, found);
        if found > size {
            self.insert(start + size, found - size);
        }
        Some(start)
    }

    /// Adds a range.
    pub(super) fn put(&mut self, mut start: usize, mut size: usize) {
        if let Some((before, len)) = self.by_start.range(..start).next_back().map(|(start, size)| (*start, *size))
            && before + len == start
        {
            self.remove(before, len);
            (start, size) = (before, len + size);
        }
        if let Some(len) = self.by_start.get(&(start + size)).copied() {
            self.remove(start + size, len);
            size += len;
        }
        self.insert(start, size);
    }

    /// Removes the end of the largest range, at most `size` of it; returns its start and its size.
    pub(super) fn cut(&mut self, size: usize) -> Option<(usize, usize)> {
        let (found, start) = *self.by_size.last()?;
        let size = size.min(found);
        self.remove(start, found);
        if found > size {
            self.insert(start, found - size);
        }
        Some((start + found - size, size))
    }

    fn insert(&mut self, start: usize, size: usize) {
        self.by_start.insert(start, size);
        self.by_size.insert((size, start));
    }

    fn remove(&mut self, start: usize, size: usize) {
        self.by_start.remove(&start);
        self.by_size.remove(&(size, start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_range_that_fits_is_split() {
        let mut ranges = Ranges::new();
        ranges.put(1000, 300);
        ranges.put(2000, 200);
        assert_eq!(ranges.take(150), Some(2000));
        assert_eq!((ranges.take(51), ranges.take(50)), (Some(1000), Some(2150)));
        assert_eq!((ranges.take(250), ranges.take(249), ranges.take(1)), (None, Some(1051), None));
    }

    #[test]
    fn adjacent_ranges_are_joined() {
        let mut ranges = Ranges::new();
        for start in [100, 300, 200] {
            ranges.put(start, 100);
        }
        ranges.put(401, 99);
        assert_eq!(ranges.take(300), Some(100));
        assert_eq!((ranges.take(100), ranges.take(99)), (None, Some(401)));
    }

    #[test]
    fn the_largest_range_is_cut_at_its_end() {
        let mut ranges = Ranges::new();
        ranges.put(1000, 300);
        ranges.put(2000, 200);
        assert_eq!(
            (ranges.cut(120), ranges.cut(500), ranges.cut(500)),
            (Some((1180, 120)), Some((2000, 200)), Some((1000, 180)))
        );
        assert_eq!(ranges.cut(1), None);
    }

    #[test]
    fn random_requests_never_overlap() {
        let mut ranges = Ranges::new();
        ranges.put(0, 1 << 16);
        let (mut used, mut state) = (Vec::<(usize, usize)>::new(), 7usize);
        for _ in 0..5000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let random = state >> 33;
            if random % 2 == 0 || used.is_empty() {
                let size = 1 + random / 2 % 3000;
                if let Some(start) = ranges.take(size) {
                    assert!(used.iter().all(|(own, len)| start + size <= *own || own + len <= start));
                    used.push((start, size));
                }
            } else {
                let (start, size) = used.swap_remove(random / 2 % used.len());
                ranges.put(start, size);
            }
        }
        used.into_iter().for_each(|(start, size)| ranges.put(start, size));
        assert_eq!((ranges.by_start.len(), ranges.by_size.len()), (1, 1));
        assert_eq!(ranges.take(1 << 16), Some(0));
    }
}
