//! The inputs of a forward call, copied so that no other thread can change them while the engine reads them.

use numpy::{PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use trustformers::Result;
use trustformers::models::{ForwardCall, Labels, PaddedArray};

use crate::arrays::{Floats, Ids};

/// Arrays of a forward call.
pub(super) struct Inputs {
    pub(super) ids: TokenArrays,
    pub(super) inputs_embeds: Option<Floats>,
    pub(super) labels: LabelArrays,
    /// Whether masked positions are computed as well.
    pub(super) padding: bool,
    /// Whether the routers' logits and the load-balancing loss are computed.
    pub(super) router_logits: bool,
    pub(super) logits_to_keep: Option<usize>,
}

/// Integers for each token.
pub(super) struct TokenArrays {
    pub(super) input_ids: Option<Ids>,
    pub(super) attention_mask: Option<Ids>,
    pub(super) token_type_ids: Option<Ids>,
    pub(super) position_ids: Option<Ids>,
    pub(super) task_type_ids: Option<Ids>,
}

impl TokenArrays {
    /// Copies the arrays in the order of the fields.
    pub(super) fn copy(arrays: [Option<PyReadonlyArray2<'_, i64>>; 5]) -> Self {
        let [input_ids, attention_mask, token_type_ids, position_ids, task_type_ids] =
            arrays.map(|array| array.as_ref().map(Ids::copy));
        Self { input_ids, attention_mask, token_type_ids, position_ids, task_type_ids }
    }
}

/// What a loss compares the outputs with.
pub(super) struct LabelArrays {
    classes: Option<Vec<i64>>,
    targets: Option<Floats>,
    spans: [Option<Vec<i64>>; 2],
}

impl LabelArrays {
    pub(super) fn copy(
        classes: Option<PyReadonlyArrayDyn<'_, i64>>,
        targets: Option<PyReadonlyArrayDyn<'_, f32>>,
        spans: [Option<PyReadonlyArrayDyn<'_, i64>>; 2],
    ) -> Self {
        let copy = |array: PyReadonlyArrayDyn<'_, i64>| array.as_array().iter().copied().collect();
        Self {
            classes: classes.map(copy),
            targets: targets.as_ref().map(Floats::copy),
            spans: spans.map(|array| array.map(copy)),
        }
    }

    fn labels(&self) -> Option<Labels<'_>> {
        match (&self.classes, &self.targets, &self.spans) {
            (Some(classes), ..) => Some(Labels::Classes(classes)),
            (None, Some(targets), _) => Some(Labels::Targets(&targets.values)),
            (None, None, [Some(start), Some(end)]) => Some(Labels::Spans { start, end }),
            _ => None,
        }
    }
}

impl Inputs {
    /// Copies the arrays of a dict: those of `Model.forward`, by name.
    pub(super) fn of_dict(inputs: &Bound<'_, PyDict>) -> PyResult<Self> {
        fn get<'py, T: FromPyObjectOwned<'py>>(inputs: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<T>> {
            inputs.get_item(name)?.map(|value| value.extract().map_err(Into::into)).transpose()
        }
        let ids = |name| get::<PyReadonlyArray2<'_, i64>>(inputs, name);
        let labels = |name| get::<PyReadonlyArrayDyn<'_, i64>>(inputs, name);
        let floats = |name| get::<PyReadonlyArrayDyn<'_, f32>>(inputs, name);
        Ok(Self {
            ids: TokenArrays::copy([
                ids("input_ids")?,
                ids("attention_mask")?,
                ids("token_type_ids")?,
                ids("position_ids")?,
                ids("task_type_ids")?,
            ]),
            inputs_embeds: floats("inputs_embeds")?.as_ref().map(Floats::copy),
            labels: LabelArrays::copy(
                labels("labels")?,
                floats("targets")?,
                [labels("start_positions")?, labels("end_positions")?],
            ),
            padding: get(inputs, "padding")?.unwrap_or(false),
            router_logits: get(inputs, "output_router_logits")?.unwrap_or(false),
            logits_to_keep: None,
        })
    }

    /// The call with these inputs.
    ///
    /// **Errors:** `Input` if `inputs_embeds` does not have three dimensions.
    pub(super) fn call(&self) -> Result<ForwardCall<'_>> {
        fn padded(ids: &Option<Ids>) -> Option<PaddedArray<'_, i64, 2>> {
            ids.as_ref().map(Ids::padded)
        }
        let TokenArrays { input_ids, attention_mask, token_type_ids, position_ids, task_type_ids } = &self.ids;
        Ok(ForwardCall {
            input_ids: padded(input_ids),
            inputs_embeds: self.inputs_embeds.as_ref().map(|floats| floats.padded("inputs_embeds")).transpose()?,
            attention_mask: padded(attention_mask),
            token_type_ids: padded(token_type_ids),
            position_ids: padded(position_ids),
            task_type_ids: padded(task_type_ids),
            labels: self.labels.labels(),
            logits_to_keep: self.logits_to_keep,
            padding: self.padding,
            router_logits: self.router_logits,
            ..ForwardCall::default()
        })
    }
}
