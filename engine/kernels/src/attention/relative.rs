use super::Segment;
use crate::cpu;
use crate::memory::Shared;

/// Relative position bias of the attention scores, looked up by the bucket of the query/key distance.
#[derive(Clone, Copy, Debug)]
pub struct RelativeBias<'a> {
    /// Sequences; each has at least as many queries as keys.
    pub segments: &'a [Segment],
    /// Number of heads of the result.
    pub heads: usize,
    /// Position of each row. **Shapes:** `[rows]`.
    pub positions: &'a [i64],
    /// Bucket of every distance (query position minus key position) from `-reach` to `reach`, in this order.
    pub buckets: &'a [u32],
    /// Number of buckets.
    pub num_buckets: usize,
    /// Query terms: products of each query with the relative key vectors. **Shapes:** `[heads, rows, num_buckets]`.
    pub of_queries: Option<&'a [f32]>,
    /// Key terms: products of each key with the relative query vectors. **Shapes:** `[heads, rows, num_buckets]`.
    pub of_keys: Option<&'a [f32]>,
    /// Scale of `of_queries` and `of_keys`.
    pub scale: f32,
    /// Bias of each bucket, independent of the row; not scaled. **Shapes:** `[num_buckets, heads]`.
    pub of_buckets: Option<&'a [f32]>,
}

impl RelativeBias<'_> {
    /// Number of elements of the result.
    pub fn len(&self) -> usize {
        self.heads * self.segments.iter().map(|segment| segment.queries * segment.keys).sum::<usize>()
    }

    /// Whether the result is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Computes all sequences on all threads.
    ///
    /// **Shapes:** `out: [heads, keys, queries]` per segment, concatenated. **Panics** if a length does not match, or
    /// if a distance within a sequence exceeds `reach`.
    pub fn run(&self, out: &mut [f32]) {
        let Self { segments, heads, positions, num_buckets, .. } = *self;
        assert_eq!(out.len(), self.len(), "out is not [heads, keys, queries] of every segment");
        let rows = positions.len();
        for table in [self.of_queries, self.of_keys].into_iter().flatten() {
            assert_eq!(table.len(), heads * rows * num_buckets, "a table is not [heads, rows, num_buckets]");
        }
        assert!(
            self.of_buckets.is_none_or(|table| table.len() == heads * num_buckets),
            "of_buckets is not [num_buckets, heads]"
        );
        assert!(
            self.buckets.iter().all(|bucket| (*bucket as usize) < num_buckets),
            "a bucket is not below num_buckets"
        );
        let ends = segments.iter().map(|s| (s.q_start + s.queries).max(s.k_start + s.keys)).max().unwrap_or(0);
        assert!(ends <= rows, "positions do not hold the rows of the segments");
        let starts: Vec<usize> = segments
            .iter()
            .scan(0, |next, segment| {
                let start = *next;
                *next += heads * segment.queries * segment.keys;
                Some(start)
            })
            .collect();
        let out = Shared(out.as_mut_ptr());
        cpu::parallel(segments.len() * heads, |task| {
            let (index, head) = (task / heads, task % heads);
            let segment = &segments[index];
            let len = segment.queries * segment.keys;
            let start = out.start().wrapping_add(starts[index] + head * len);
            // SAFETY: the parts of the tasks are disjoint and lie inside `out`, whose length was checked.
            self.one(segment, head, unsafe { std::slice::from_raw_parts_mut(start, len) });
        });
    }

    fn one(&self, segment: &Segment, head: usize, out: &mut [f32]) {
        let Self { heads, positions, buckets, num_buckets, scale, .. } = *self;
        let reach = (buckets.len() / 2) as i64;
        let rows = positions.len();
        let place = |row: usize| (head * rows + row) * num_buckets;
        let bias: Vec<f32> = match self.of_buckets {
            Some(table) => table.iter().skip(head).step_by(heads).copied().collect(),
            None => vec![0.0; num_buckets],
        };
        for (key, out) in out.chunks_exact_mut(segment.queries.max(1)).enumerate() {
            let key_row = segment.k_start + key;
            // Terms that do not depend on the query.
            let mut of_key = bias.clone();
            if let Some(table) = self.of_keys {
                of_key
                    .iter_mut()
                    .zip(&table[place(key_row)..][..num_buckets])
                    .for_each(|(sum, product)| *sum += product * scale);
            }
            for (query, out) in out.iter_mut().enumerate() {
                let query_row = segment.q_start + query;
                let bucket = buckets[(positions[query_row] - positions[key_row] + reach) as usize] as usize;
                *out = of_key[bucket];
                if let Some(table) = self.of_queries {
                    *out += table[place(query_row) + bucket] * scale;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::values;

    #[test]
    fn every_term_is_looked_up_by_the_bucket_of_the_distance() {
        let segments = [
            Segment { q_start: 0, queries: 3, k_start: 0, keys: 3 },
            Segment { q_start: 3, queries: 2, k_start: 3, keys: 1 },
        ];
        let (heads, num_buckets, positions) = (2, 3, [0, 1, 4, 2, 0]);
        let bucket = |distance: i64| (distance.signum() + 1) as usize;
        let buckets: Vec<u32> = (-4..=4).map(|distance| bucket(distance) as u32).collect();
        let [of_queries, of_keys] = [5, 6].map(|seed| values(heads * positions.len() * num_buckets, seed));
        let of_buckets = values(num_buckets * heads, 7);
        let relative = RelativeBias {
            segments: &segments,
            heads,
            positions: &positions,
            buckets: &buckets,
            num_buckets,
            of_queries: Some(&of_queries),
            of_keys: Some(&of_keys),
            scale: 0.5,
            of_buckets: Some(&of_buckets),
        };
        let mut out = vec![f32::NAN; relative.len()];
        relative.run(&mut out);
        let mut found = out.iter();
        for segment in segments {
            for head in 0..heads {
                for key in segment.k_start..segment.k_start + segment.keys {
                    for query in segment.q_start..segment.q_start + segment.queries {
                        let bucket = bucket(positions[query] - positions[key]);
                        let of =
                            |table: &[f32], row: usize| table[(head * positions.len() + row) * num_buckets + bucket];
                        let expected =
                            0.5 * (of(&of_queries, query) + of(&of_keys, key)) + of_buckets[bucket * heads + head];
                        assert!((found.next().unwrap() - expected).abs() < 1e-6);
                    }
                }
            }
        }
        let none = RelativeBias { of_queries: None, of_keys: None, of_buckets: None, ..relative };
        none.run(&mut out);
        assert!(out.iter().all(|value| *value == 0.0));
    }
}
