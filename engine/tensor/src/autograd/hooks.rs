use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use trustformers_core::{Error, Result};

use crate::tensor::{GradientHook, Hook, HookTime, Node, Tensor};

/// A registered hook.
#[derive(Clone, Debug)]
pub struct HookHandle {
    node: Weak<Node>,
    id: u64,
}

impl HookHandle {
    /// Removes the hook, if it is still registered.
    pub fn remove(&self) {
        let Some(node) = self.node.upgrade() else { return };
        let mut hooks = node.hooks();
        let at = hooks.iter().position(|hook| hook.id == self.id);
        let removed = at.map(|at| hooks.remove(at));
        // What the function owns may take the lock again when it is dropped.
        drop(hooks);
        drop(removed);
    }
}

impl Tensor {
    /// Lets backward passes call a function with the gradient of the tensor.
    ///
    /// **Errors:** `Input` if the tensor requires no gradient, or is not a leaf and the hook waits for accumulation.
    pub fn register_hook(&self, time: HookTime, function: Arc<dyn GradientHook>) -> Result<HookHandle> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let edge = self.edge().ok_or_else(|| Error::input("self", "the tensor does not require a gradient"))?;
        if time == HookTime::Accumulated && !edge.node.is_leaf() {
            return Err(Error::input("self", "only leaves accumulate gradients; use register_hook() for results"));
        }
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        edge.node.hooks().push(Hook { id, output: edge.output, time, function });
        Ok(HookHandle { node: Arc::downgrade(&edge.node), id })
    }
}

impl Node {
    /// Replaces gradients of the node's results by the results of hooks.
    pub(super) fn replace_by_hooks(&self, gradients: &mut [Option<Tensor>]) -> Result<()> {
        for hook in self.hooks_at(HookTime::Computed) {
            let Some(Some(gradient)) = gradients.get_mut(hook.output) else { continue };
            if let Some(new) = hook.function.call(gradient)? {
                check_replacement(gradient, &new)?;
                *gradient = new;
            }
        }
        Ok(())
    }

    /// Calls the hooks that wait until gradients are accumulated.
    pub(super) fn call_accumulated(&self, gradients: &[Option<Tensor>]) -> Result<()> {
        for hook in self.hooks_at(HookTime::Accumulated) {
            if let Some(Some(gradient)) = gradients.get(hook.output) {
                hook.function.call(gradient)?;
            }
        }
        Ok(())
    }

    /// The hooks of a time, which may register and remove hooks when they are called.
    fn hooks_at(&self, time: HookTime) -> Vec<Hook> {
        self.hooks().iter().filter(|hook| hook.time == time).cloned().collect()
    }
}

fn check_replacement(gradient: &Tensor, new: &Tensor) -> Result<()> {
    let fits = new.shape() == gradient.shape() && new.dtype() == gradient.dtype() && new.device() == gradient.device();
    if fits {
        return Ok(());
    }
    let describe = |tensor: &Tensor| {
        format!("a gradient of shape {:?}, {} on {}", tensor.shape(), tensor.dtype(), tensor.device().name())
    };
    Err(Error::input("hook", format!("expected {}, found {}", describe(gradient), describe(new))))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use trustformers_core::Device;
    use trustformers_ops::Flex;

    use super::*;
    use crate::{Backward, DType, Options, TensorDevice};

    struct Doubled(Mutex<Vec<f64>>);

    impl GradientHook for Doubled {
        fn call(&self, gradient: &Tensor) -> Result<Option<Tensor>> {
            self.0.lock().unwrap().push(gradient.to_f64()?[0]);
            gradient.add(gradient).map(Some)
        }
    }

    struct Wrong;

    impl GradientHook for Wrong {
        fn call(&self, gradient: &Tensor) -> Result<Option<Tensor>> {
            gradient.cast(DType::F64).map(Some)
        }
    }

    fn leaf(value: f32) -> Tensor {
        let device = TensorDevice::new::<Flex>(Default::default(), Device::Cpu);
        Tensor::from_f32(vec![value], &[1], &device).unwrap().as_leaf().unwrap()
    }

    fn backward(result: &Tensor) -> Result<()> {
        Backward::new(&[(result.clone(), None)], Options { retain_graph: true, create_graph: false })?.into_leaves()
    }

    #[test]
    fn hooks_replace_the_whole_gradient_of_results_and_leaves() {
        let x = leaf(3.0);
        let square = x.mul(&x).unwrap();
        let sum = square.add(&square).unwrap();
        let seen = Arc::new(Doubled(Mutex::default()));
        let handle = square.register_hook(HookTime::Computed, seen.clone()).unwrap();
        x.register_hook(HookTime::Computed, seen.clone()).unwrap();
        backward(&sum).unwrap();
        assert_eq!(*seen.0.lock().unwrap(), [2.0, 24.0]);
        assert_eq!(x.gradient().unwrap().get().to_f64().unwrap(), [48.0]);
        handle.remove();
        x.set_gradient(None).unwrap();
        backward(&sum).unwrap();
        assert_eq!(x.gradient().unwrap().get().to_f64().unwrap(), [24.0]);
    }

    #[test]
    fn hooks_of_accumulation_run_when_all_gradients_are_there() {
        struct Reads(Tensor, Mutex<Vec<f64>>);
        impl GradientHook for Reads {
            fn call(&self, _: &Tensor) -> Result<Option<Tensor>> {
                let gradient = self.0.gradient().expect("all gradients are accumulated before");
                self.1.lock().unwrap().extend(gradient.get().to_f64()?);
                Ok(None)
            }
        }
        let (x, y) = (leaf(3.0), leaf(5.0));
        let (of_x, of_y) = (Arc::new(Reads(y.clone(), Mutex::default())), Arc::new(Reads(x.clone(), Mutex::default())));
        x.register_hook(HookTime::Accumulated, of_x.clone()).unwrap();
        y.register_hook(HookTime::Accumulated, of_y.clone()).unwrap();
        let product = x.mul(&y).unwrap();
        assert!(product.register_hook(HookTime::Accumulated, of_x.clone()).is_err());
        backward(&product).unwrap();
        backward(&product).unwrap();
        assert_eq!(*of_x.1.lock().unwrap(), [3.0, 6.0]);
        assert_eq!(*of_y.1.lock().unwrap(), [5.0, 10.0]);
    }

    #[test]
    fn a_replacement_of_another_dtype_is_refused_and_changes_nothing() {
        let x = leaf(3.0);
        x.register_hook(HookTime::Computed, Arc::new(Wrong)).unwrap();
        let message = backward(&x.mul(&x).unwrap()).unwrap_err().to_string();
        assert!(message.contains("float64"), "{message}");
        assert!(x.gradient().is_none());
        assert!(x.detached().register_hook(HookTime::Computed, Arc::new(Wrong)).is_err());
    }
}
