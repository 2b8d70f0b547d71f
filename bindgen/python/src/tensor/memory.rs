//! Memory of tensors, and tensors that share it.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::Device;
use trustformers::tensor::{DType, with_recording};

use super::creation::OfTensor;
use super::devices::device_of;
use super::{Link, PyTensor, compute};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Stride of each dimension in elements, or the stride of one dimension.
    #[pyo3(signature = (dim=None))]
    #[gen_stub(override_return_type(type_repr = "typing.Any"))]
    fn stride<'py>(&self, py: Python<'py>, dim: Option<isize>) -> PyResult<Bound<'py, PyAny>> {
        let strides = self.get().strides();
        match dim {
            None => Ok(PyTuple::new(py, strides)?.into_any()),
            Some(dim) => {
                let dim = door::run_here(py, || trustformers::tensor::normalized_axis(dim, strides.len()))?;
                Ok(strides[dim].into_pyobject(py)?.into_any())
            }
        }
    }

    /// Address of the first element in host memory.
    fn data_ptr(&self, py: Python<'_>) -> PyResult<usize> {
        let tensor = self.get();
        let device = tensor.device().name();
        if device != Device::Cpu {
            return Err(PyTypeError::new_err(format!("the tensor is on {device}; use cpu() first")));
        }
        let view = tensor.host_view().map_err(|error| door::exception(py, &error))?;
        Ok(view.data.addr())
    }

    /// The elements without the operations that computed them. What changes one tensor in place changes the other, also
    /// if the tensor is a leaf that requires a gradient; assignment replaces the elements.
    #[getter]
    pub(super) fn data(slf: &Bound<'_, Self>) -> PyTensor {
        let detached = slf.get().get().detached();
        Self { link: Link::Data(slf.clone().unbind()), ..Self::of(detached) }
    }

    #[setter]
    fn set_data(slf: &Bound<'_, Self>, data: OfTensor) -> PyResult<()> {
        let (tensor, OfTensor(data)) = (slf.get().get(), data);
        slf.get().check_change(slf.py())?;
        if data.shape() != tensor.shape() || data.dtype() != tensor.dtype() {
            slf.get().check_reshape(slf.py())?;
        }
        let changed = compute(slf.py(), || {
            if data.shape() == tensor.shape() && data.dtype() == tensor.dtype() {
                return with_recording(false, || tensor.updated(data.detached()));
            }
            if tensor.requires_grad() { data.as_leaf() } else { Ok(data.detached()) }
        })?;
        slf.get().replace(slf.py(), changed)
    }

    /// Whether the tensor is on the CPU.
    #[getter]
    fn is_cpu(&self) -> bool {
        self.get().device().name() == Device::Cpu
    }

    /// Whether the tensor is on a CUDA device.
    #[getter]
    fn is_cuda(&self) -> bool {
        self.get().device().name().to_string().starts_with("cuda")
    }

    /// Whether the elements are complex numbers: no tensor's are.
    fn is_complex(&self) -> bool {
        false
    }

    /// The tensor itself: the engine copies to accelerators without page-locked memory.
    fn pin_memory(slf: &Bound<'_, Self>) -> Py<Self> {
        slf.clone().unbind()
    }

    /// Whether the elements are sparse: no tensor's are.
    #[getter]
    fn is_sparse(&self) -> bool {
        false
    }

    /// Whether the dtype has negative numbers.
    fn is_signed(&self) -> bool {
        let dtype = self.get().dtype();
        !dtype.is_unsigned() && dtype != DType::Bool
    }

    /// Number of elements.
    fn nelement(&self) -> usize {
        self.get().num_elements()
    }

    /// Number of dimensions.
    fn ndimension(&self) -> usize {
        self.get().rank()
    }

    /// The tensor cast to the dtype of another tensor.
    fn type_as(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let dtype = other.get().dtype();
        self.derived(py, |tensor| tensor.cast(dtype))
    }

    /// The tensor on a CUDA device, the first one by default.
    #[pyo3(signature = (device=None, non_blocking=false))]
    fn cuda(&self, py: Python<'_>, device: Option<&Bound<'_, PyAny>>, non_blocking: bool) -> PyResult<Self> {
        let _ = non_blocking;
        let first = "cuda".into_pyobject(py)?.into_any();
        let device = device_of(Some(device.unwrap_or(&first)), py)?;
        self.derived(py, |tensor| tensor.to_device(&device))
    }

    /// The tensor on a device, as in the array API standard.
    #[pyo3(signature = (device, /, *, stream=None))]
    fn to_device(
        &self,
        py: Python<'_>,
        device: &Bound<'_, PyAny>,
        stream: Option<super::arguments::Absent>,
    ) -> PyResult<Self> {
        let _ = stream;
        let device = device_of(Some(device), py)?;
        self.derived(py, |tensor| tensor.to_device(&device))
    }
}
