/// A matrix of small integers that share a scale in groups along their rows.
///
/// A value is `scale * (code - 2^(bits - 1))`, or `scale * code + minimum` where there are minimums.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// Rows and columns, `[n, k]`.
    pub shape: [usize; 2],
    /// 4 or 8: codes are below `2^bits`.
    pub bits: u8,
    /// How many columns share a scale; divides `k`.
    pub group_size: usize,
    /// One code per byte, row-major, `[n, k]`.
    pub codes: Vec<u8>,
    /// `[n, k / group_size]`.
    pub scales: Vec<f32>,
    /// What is added to every value of a group, in the shape of the scales; nothing where codes have a fixed zero.
    pub minimums: Option<Vec<f32>>,
}

impl Groups {
    /// The values, `[n, k]`.
    pub fn values(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.codes.len()];
        let groups = self.codes.chunks_exact(self.group_size).zip(values.chunks_exact_mut(self.group_size));
        for (index, (codes, values)) in groups.enumerate() {
            let minimum = self.minimums.as_ref().map(|minimums| minimums[index]);
            group_values(codes, self.bits, self.scales[index], minimum, values);
        }
        values
    }
}

/// The values of one group.
pub(crate) fn group_values(codes: &[u8], bits: u8, scale: f32, minimum: Option<f32>, values: &mut [f32]) {
    let pairs = values.iter_mut().zip(codes);
    match minimum {
        Some(minimum) => pairs.for_each(|(value, code)| *value = scale * f32::from(*code) + minimum),
        None => {
            let zero = 1 << (bits - 1);
            pairs.for_each(|(value, code)| *value = scale * (i16::from(*code) - zero) as f32);
        }
    }
}
