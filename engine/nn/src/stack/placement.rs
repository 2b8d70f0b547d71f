use burn::tensor::Tensor;
use trustformers_ops::EngineBackend;

/// Devices of a model's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement<D> {
    /// Device of the embeddings and of the ids that they read.
    pub embeddings: D,
    /// Device of each entry of the stack, with its key/value cache.
    pub layers: Vec<D>,
    /// Device of the final normalization, the pooler and the head.
    pub output: D,
}

impl<D: Clone> Placement<D> {
    /// Places a model of `num_layers` layers on one device.
    pub fn on(device: &D, num_layers: usize) -> Self {
        Self { embeddings: device.clone(), layers: vec![device.clone(); num_layers], output: device.clone() }
    }

    /// Device of the position encoding that the layers share: the first layer's.
    pub(crate) fn positions(&self) -> &D {
        self.layers.first().unwrap_or(&self.embeddings)
    }
}

/// Moves a tensor to a device unless it is there already.
pub(crate) fn to_device<B: EngineBackend, const D: usize>(x: Tensor<B, D>, device: &B::Device) -> Tensor<B, D> {
    if x.device() == *device { x } else { x.to_device(device) }
}

/// A value with one copy on each device that was selected.
#[derive(Debug)]
pub(crate) struct PerDevice<D, T> {
    copies: Vec<(D, T)>,
    selected: usize,
}

impl<D: Clone + PartialEq, T> PerDevice<D, T> {
    /// A value with its first device selected.
    pub(crate) fn new(device: &D, value: T) -> Self {
        Self { copies: vec![(device.clone(), value)], selected: 0 }
    }

    /// Selects a device; `copy` copies the value to it the first time.
    pub(crate) fn select(&mut self, device: &D, copy: impl FnOnce(&T) -> T) {
        let known = self.copies.iter().position(|(known, _)| known == device);
        self.selected = known.unwrap_or_else(|| {
            self.copies.push((device.clone(), copy(self.selected())));
            self.copies.len() - 1
        });
    }

    /// The selected device.
    pub(crate) fn device(&self) -> &D {
        &self.copies[self.selected].0
    }

    /// The value on the selected device.
    pub(crate) fn selected(&self) -> &T {
        &self.copies[self.selected].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layers' values, and the devices to which the value was copied, in order.
    fn values(devices: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let placement = Placement { embeddings: 9, layers: devices.to_vec(), output: 9 };
        let mut value = PerDevice::new(placement.positions(), *placement.positions());
        let mut copied = Vec::new();
        let found = placement.layers.iter().map(|device| {
            value.select(device, |_| {
                copied.push(*device);
                *device
            });
            *value.selected()
        });
        (found.collect(), copied)
    }

    #[test]
    fn layers_on_one_device_share_a_value_without_copies() {
        assert_eq!(values(&Placement::on(&3, 4).layers), (vec![3; 4], Vec::new()));
    }

    #[test]
    fn a_value_is_copied_once_to_each_further_device() {
        assert_eq!(values(&[0, 0, 1, 2, 1, 0]), (vec![0, 0, 1, 2, 1, 0], vec![1, 2]));
    }
}
