/// Buckets of the distances between a query and a key, arXiv 1910.10683 section 2.1: the first buckets hold one distance
/// each, the others grow logarithmically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// Number of buckets, at least 4.
    pub num_buckets: usize,
    /// Distances of at least this many tokens share the last bucket.
    pub max_distance: usize,
    /// Whether half of the buckets are for keys after the query; otherwise these share the bucket of distance 0.
    pub is_bidirectional: bool,
}

impl Buckets {
    /// Bucket of a distance, the query's position minus the key's.
    pub(crate) fn of(self, distance: i64) -> u32 {
        let (count, side) = match (self.is_bidirectional, distance < 0) {
            (false, _) => (self.num_buckets as u32, 0),
            (true, false) => (self.num_buckets as u32 / 2, 0),
            (true, true) => (self.num_buckets as u32 / 2, self.num_buckets as u32 / 2),
        };
        let distance =
            if self.is_bidirectional { distance.unsigned_abs() } else { distance.max(0).unsigned_abs() } as u32;
        let exact = count / 2;
        if distance < exact {
            return side + distance;
        }
        // In f32 like the reference: at bucket boundaries the rounding decides.
        let steps = (distance as f32 / exact as f32).ln() / ((self.max_distance as f64 / f64::from(exact)).ln() as f32);
        side + exact.saturating_add((steps * (count - exact) as f32) as u32).min(count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;

    const BOTH: Buckets = Buckets { num_buckets: 32, max_distance: 128, is_bidirectional: true };

    #[test]
    fn near_distances_have_buckets_of_their_own_and_far_ones_share() {
        assert_eq!([0, 1, 7, 8, 127, 128, 5000].map(|distance| BOTH.of(distance)), [0, 1, 7, 8, 15, 15, 15]);
        assert_eq!([-1, -7, -8, -5000].map(|distance| BOTH.of(distance)), [17, 23, 24, 31]);
    }

    #[test]
    fn causal_buckets_are_all_for_earlier_keys() {
        let buckets = Buckets { is_bidirectional: false, ..BOTH };
        assert_eq!([-9, 0, 15, 16, 127, 128].map(|distance| buckets.of(distance)), [0, 0, 15, 16, 31, 31]);
    }
}
