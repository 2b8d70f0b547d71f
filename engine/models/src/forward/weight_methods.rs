/// The methods of [`crate::Model`] that are about weights, for a module of the backend `B` whose token embeddings are this
/// field.
macro_rules! weight_methods {
    ($embeddings:expr) => {
        fn description(&self) -> &$crate::Description {
            &self.description
        }

        fn save_pretrained(&self, dir: &std::path::Path) -> trustformers_core::Result<()> {
            self.save(dir)
        }

        fn parameters(
            &self,
            wanted: &dyn Fn(&str) -> bool,
            device: &trustformers_tensor::TensorDevice,
        ) -> trustformers_core::Result<Vec<$crate::ModelParameter>> {
            self.stored_parameters(wanted, device)
        }

        fn with_adapters(
            &self,
            adapters: Vec<$crate::Adapter>,
        ) -> trustformers_core::Result<std::sync::Arc<dyn $crate::Model>> {
            Ok(std::sync::Arc::new(self.adapted::<B>(adapters)?))
        }

        fn adapters(
            &self,
            tensors: &mut std::collections::HashMap<String, trustformers_tensor::Tensor>,
        ) -> Vec<$crate::Adapter> {
            self.adapters.iter().map(|own| own.replaced(tensors)).collect()
        }

        fn with_some_weights(
            &self,
            weights: &std::collections::HashMap<String, trustformers_tensor::Tensor>,
            adapters: &[$crate::Adapter],
        ) -> trustformers_core::Result<Option<std::sync::Arc<dyn $crate::Model>>> {
            Ok(self
                .with_some::<B>(weights, adapters)?
                .map(|model| std::sync::Arc::new(model) as std::sync::Arc<dyn $crate::Model>))
        }

        fn with_replaced_weights(
            &self,
            weights: &std::collections::HashMap<String, trustformers_tensor::Tensor>,
            adapters: &[$crate::Adapter],
        ) -> trustformers_core::Result<Option<std::sync::Arc<dyn $crate::Model>>> {
            Ok(self
                .with_replaced::<B>(weights, adapters)?
                .map(|model| std::sync::Arc::new(model) as std::sync::Arc<dyn $crate::Model>))
        }

        fn match_state(&self, state: &[&str]) -> trustformers_checkpoint::StateNames {
            self.state_names(state)
        }

        fn input_embeddings(&self) -> String {
            self.rules.stored_name($embeddings)
        }

        fn output_embeddings(&self) -> Option<String> {
            self.output_name($embeddings)
        }

        fn output_layer(&self) -> Option<String> {
            self.output_path()
        }

        fn base_model_prefix(&self) -> &str {
            self.prefix()
        }
    };
}
