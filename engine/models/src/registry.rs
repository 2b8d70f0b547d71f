/// Makes the functions that look through all families: `families`, `make` and `read_keys`.
macro_rules! registry {
    ($($members:ident, $make:ident, $keys:ident: [$($family:ty),* $(,)?]),* $(,)?) => {
        /// The families that can be loaded.
        pub fn families() -> Vec<$crate::family::Family> {
            let mut families = Vec::new();
            $($(families.extend($crate::family::Family::$members::<$family>());)*)*
            families
        }

        /// A model of the family of `model_type`; `None` if there is no such family.
        pub(crate) fn make<B: trustformers_ops::EngineBackend>(
            model_type: &str,
            source: $crate::load::assemble::Source,
            device: &B::Device,
        ) -> Option<trustformers_core::Result<std::sync::Arc<dyn $crate::Model>>> {
            $($(if $crate::family::Family::$members::<$family>().any(|family| family.model_type == model_type) {
                return Some($crate::load::assemble::$make::<$family, B>(source, device));
            })*)*
            None
        }

        /// The keys that the family of `model_type` reads; `None` if there is no such family.
        pub(crate) fn read_keys(
            model_type: &str,
            reader: &mut trustformers_core::ConfigReader,
        ) -> Option<trustformers_core::Result<serde_json::Value>> {
            $($(if $crate::family::Family::$members::<$family>().any(|family| family.model_type == model_type) {
                return Some($crate::load::keys::$keys::<$family>(reader));
            })*)*
            None
        }
    };
}
