/// What burn's `Module` asks of a module that stays on its device, is in no record and has no parameters to map.
macro_rules! constant_module {
    ($backend:ident) => {
        type Record = burn::module::EmptyRecord;

        fn map<M: burn::module::ModuleMapper<$backend>>(self, _mapper: &mut M) -> Self {
            self
        }

        fn load_record(self, _record: Self::Record) -> Self {
            self
        }

        fn into_record(self) -> Self::Record {
            burn::module::EmptyRecord::new()
        }

        fn to_device(self, _device: &burn::tensor::Device<$backend>) -> Self {
            self
        }

        fn fork(self, _device: &burn::tensor::Device<$backend>) -> Self {
            self
        }

        fn collect_devices(&self, devices: burn::module::Devices<$backend>) -> burn::module::Devices<$backend> {
            devices
        }
    };
}

pub(super) use constant_module;
