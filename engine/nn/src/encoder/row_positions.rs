use trustformers_ops::Segments;

/// Positions of a batch's rows in their sequences.
#[derive(Clone, Debug)]
pub struct RowPositions {
    /// Rows of each sequence.
    pub segments: Segments,
    /// Each row's column in the padded batch. **Shapes:** `[rows]`.
    pub columns: Vec<i64>,
    /// Each row's `position_ids` value. **Shapes:** `[rows]`.
    pub position_ids: Vec<i64>,
}
