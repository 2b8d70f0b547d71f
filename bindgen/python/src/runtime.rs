//! Information on the build, its devices and its model families.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pyfunction;
use trustformers::cpu::{self, Isa};
use trustformers::{Device, DeviceInfo, Result};

use crate::door;
use crate::json::{Keys, json_keys, value_dict};

/// Version, default device, instruction sets and number of threads, as text by name.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn environment(py: Python<'_>) -> PyResult<BTreeMap<&'static str, String>> {
    door::run(py, || {
        let available: Vec<_> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).map(Isa::name).collect();
        Ok(BTreeMap::from([
            ("version", trustformers::VERSION.to_owned()),
            ("device", trustformers::resolve_device(None)?.to_string()),
            ("isa_available", available.join(", ")),
            ("isa_in_use", cpu::isa().name().to_owned()),
            ("threads", cpu::num_threads().to_string()),
        ]))
    })
}

/// The device called `name`; "auto" selects the best device.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn resolve_device(py: Python<'_>, name: &str) -> PyResult<String> {
    door::run(py, || Ok(trustformers::resolve_device(device(name)?)?.to_string()))
}

/// Names of the device kinds that this build supports.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn backends() -> Vec<&'static str> {
    trustformers::backends()
}

/// For each device of a kind: its name here, its driver's name for it, its memory in bytes if known, and whether it is
/// a software renderer, which computes on the CPU.
#[gen_stub_pyfunction]
#[pyfunction]
#[expect(clippy::type_complexity, reason = "a tuple that Python unpacks")]
pub(crate) fn list_devices(py: Python<'_>, kind: &str) -> PyResult<Vec<(String, String, Option<u64>, bool)>> {
    door::run(py, || {
        let row = |found: DeviceInfo| (found.device.to_string(), found.name, found.memory_bytes, found.is_software);
        Ok(trustformers::list_devices(kind)?.into_iter().map(row).collect())
    })
}

/// The keys of the `config.json` that corresponds to a GGUF file's metadata.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn gguf_config(py: Python<'_>, file: PathBuf) -> PyResult<Keys<'_>> {
    value_dict(py, &door::run(py, || trustformers::gguf_config(&file))?)
}

/// Waits until the device called `name` has finished its work.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn synchronize(py: Python<'_>, name: &str) -> PyResult<()> {
    door::run(py, || trustformers::synchronize(device(name)?))
}

fn device(name: &str) -> Result<Option<Device>> {
    if name == "auto" { Ok(None) } else { name.parse().map(Some) }
}

/// The `model_type`s that can be loaded.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn model_types() -> Vec<&'static str> {
    trustformers::models::model_types()
}

/// For each model family: `model_type`, prefix of its class names, common config keys with the family's names for them,
/// and supported heads with their class names.
#[gen_stub_pyfunction]
#[pyfunction]
#[expect(clippy::type_complexity, reason = "a tuple that Python unpacks")]
pub(crate) fn families()
-> Vec<(&'static str, &'static str, BTreeMap<&'static str, &'static str>, BTreeMap<&'static str, String>)> {
    let families = trustformers::models::families().into_iter();
    let row = |family: trustformers::models::Family| {
        let heads = family.heads.iter().map(|head| (head.name(), family.class_name(*head))).collect();
        (family.model_type, family.class_prefix, family.aliases.iter().copied().collect(), heads)
    };
    families.map(row).collect()
}

/// Completes the keys of a `config.json`: the given ones as its model family reads them, and defaults for the others.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn complete_config<'py>(py: Python<'py>, config: Keys<'py>) -> PyResult<Keys<'py>> {
    let config = json_keys("config", &config)?;
    value_dict(py, &door::run_here(py, || trustformers::models::complete_config(config))?)
}

/// The keys of a `config.json`, called `file` in errors, that its model family does not read.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn unknown_config_keys(py: Python<'_>, file: &str, config: Keys<'_>) -> PyResult<Vec<String>> {
    let config = json_keys("config", &config)?;
    door::run_here(py, || trustformers::models::unknown_config_keys(file, config))
}

/// Refuses keys that nothing reads, if `strict` or `TRUSTFORMERS_STRICT_CONFIG` asks for it.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn check_config(py: Python<'_>, file: &str, config: Keys<'_>, strict: bool) -> PyResult<()> {
    let config = json_keys("config", &config)?;
    door::run_here(py, || trustformers::models::check_config(file, config, strict))
}

/// Seeds the random initialization of the models created afterwards.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn set_seed(py: Python<'_>, seed: u64) -> PyResult<()> {
    door::run(py, || trustformers::set_seed(seed))
}

/// Number of threads that the engine uses.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn num_threads() -> usize {
    cpu::num_threads()
}

/// Sets the number of threads that the engine uses, at most the cores that the process may run on.
#[gen_stub_pyfunction]
#[pyfunction]
pub(crate) fn set_num_threads(num_threads: usize) {
    cpu::set_num_threads(num_threads);
}

/// Panics inside the engine, for the test that shows what becomes of a panic. No wheel has this function.
pub fn panic_on_request(py: Python<'_>, message: &str) -> PyResult<()> {
    door::run(py, || panic!("{message}"))
}
