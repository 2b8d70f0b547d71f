//! Python classes over the engine.
//!
//! The pure Python package builds the transformers API on these classes.

mod arrays;
mod door;
mod generation;
mod hub;
mod json;
mod model;
mod past;
mod pipelines;
mod plain;
mod runtime;
mod tensor;
mod tokenizer;

use pyo3::prelude::*;
use trustformers::PoolAllocator;

pub use runtime::panic_on_request;

// The kernel clears fresh pages at less than a tenth of the speed of memory.
#[global_allocator]
static ALLOCATOR: PoolAllocator = PoolAllocator;

/// Adds all classes and functions to the native module of a wheel.
///
/// **Errors:** any exception that Python raises while names are added.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    trustformers::install_panic_hook();
    module.add_class::<model::PyAdapter>()?;
    module.add_class::<model::PyEncoderSource>()?;
    module.add_class::<model::PyLoadOptions>()?;
    module.add_class::<model::PyModel>()?;
    module.add_class::<model::PyModelOutput>()?;
    module.add_class::<model::PyParameterInfo>()?;
    module.add_class::<model::PyRecording>()?;
    module.add_class::<past::PyPastKeyValues>()?;
    generation::register(module)?;
    pipelines::register(module)?;
    tensor::register(module)?;
    module.add_class::<tokenizer::PyTokenizer>()?;
    module.add_class::<tokenizer::PyEncodings>()?;
    module.add_class::<tokenizer::PyEncoding>()?;
    module.add_function(wrap_pyfunction!(tokenizer::check_padding, module)?)?;
    module.add_function(wrap_pyfunction!(tokenizer::unknown_tokenizer_keys, module)?)?;
    module.add_function(wrap_pyfunction!(hub::resolve, module)?)?;
    module.add_function(wrap_pyfunction!(model::source::shift_right, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::backends, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::complete_config, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::environment, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::families, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::gguf_config, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::list_devices, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::model_types, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::num_threads, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::resolve_device, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::set_num_threads, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::check_config, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::unknown_config_keys, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::set_seed, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::synchronize, module)?)?;
    module.add("MAX_LABELS", trustformers::models::MAX_LABELS)?;
    module.add("MAX_TOKENS", trustformers::tokenizers::MAX_TOKENS)?;
    module.add("__version__", trustformers::VERSION)
}

pyo3_stub_gen::module_variable!("_native", "MAX_LABELS", usize);
pyo3_stub_gen::module_variable!("_native", "MAX_TOKENS", usize);

/// Writes the type stubs of the native module to `_native.pyi` in `dir`.
///
/// **Errors:** the file cannot be written.
pub fn write_stubs(dir: std::path::PathBuf) -> Result<(), Box<dyn std::error::Error>> {
    pyo3_stub_gen::StubInfo::from_project_root("_native".to_owned(), dir.clone(), false, Default::default())
        .and_then(|stubs| stubs.generate())?;
    // To a type checker, a generic class without its argument is unknown.
    let file = dir.join("_native.pyi");
    let stubs = std::fs::read_to_string(&file)?.replace("os.PathLike |", "os.PathLike[builtins.str] |");
    Ok(std::fs::write(file, stubs)?)
}
