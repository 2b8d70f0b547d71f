/// Makes the functions that look through all families: `families`, `make` and `read_keys`.
macro_rules! registry {
    (encoders: [$($encoder:ty),* $(,)?], decoders: [$($decoder:ty),* $(,)?]) => {
        /// The families that can be loaded.
        pub fn families() -> Vec<$crate::family::Family> {
            let mut families = Vec::new();
            $(families.extend($crate::family::Family::encoders::<$encoder>());)*
            $(families.extend($crate::family::Family::decoders::<$decoder>());)*
            families
        }

        /// A model of the family of `model_type`; `None` if there is no such family.
        pub(crate) fn make<B: trustformers_ops::EngineBackend>(
            model_type: &str,
            source: $crate::load::assemble::Source,
            device: &B::Device,
        ) -> Option<trustformers_core::Result<std::sync::Arc<dyn $crate::Model>>> {
            $(if $crate::family::Family::encoders::<$encoder>().any(|family| family.model_type == model_type) {
                return Some($crate::load::assemble::encoder::<$encoder, B>(source, device));
            })*
            $(if $crate::family::Family::decoders::<$decoder>().any(|family| family.model_type == model_type) {
                return Some($crate::load::assemble::decoder::<$decoder, B>(source, device));
            })*
            None
        }

        /// The keys that the family of `model_type` reads; `None` if there is no such family.
        pub(crate) fn read_keys(
            model_type: &str,
            reader: &mut trustformers_core::ConfigReader,
        ) -> Option<trustformers_core::Result<serde_json::Value>> {
            $(if $crate::family::Family::encoders::<$encoder>().any(|family| family.model_type == model_type) {
                return Some($crate::load::keys::of_encoder::<$encoder>(reader));
            })*
            $(if $crate::family::Family::decoders::<$decoder>().any(|family| family.model_type == model_type) {
                return Some($crate::load::keys::of_decoder::<$decoder>(reader));
            })*
            None
        }
    };
}
