"""Names of trustformers.tensor. Written by ci/python_stubs.py."""

from trustformers.tensor.autograd import enable_grad as enable_grad
from trustformers.tensor.autograd import grad as grad
from trustformers.tensor.autograd import inference_mode as inference_mode
from trustformers.tensor.autograd import is_grad_enabled as is_grad_enabled
from trustformers.tensor.autograd import no_grad as no_grad
from trustformers.tensor.autograd import set_grad_enabled as set_grad_enabled
from trustformers.tensor.elementwise import abs as abs
from trustformers.tensor.elementwise import acos as acos
from trustformers.tensor.elementwise import acosh as acosh
from trustformers.tensor.elementwise import add as add
from trustformers.tensor.elementwise import asin as asin
from trustformers.tensor.elementwise import asinh as asinh
from trustformers.tensor.elementwise import atan as atan
from trustformers.tensor.elementwise import atan2 as atan2
from trustformers.tensor.elementwise import atanh as atanh
from trustformers.tensor.elementwise import bitwise_and as bitwise_and
from trustformers.tensor.elementwise import bitwise_invert as bitwise_invert
from trustformers.tensor.elementwise import bitwise_left_shift as bitwise_left_shift
from trustformers.tensor.elementwise import bitwise_or as bitwise_or
from trustformers.tensor.elementwise import bitwise_right_shift as bitwise_right_shift
from trustformers.tensor.elementwise import bitwise_xor as bitwise_xor
from trustformers.tensor.elementwise import ceil as ceil
from trustformers.tensor.elementwise import clip as clip
from trustformers.tensor.elementwise import cos as cos
from trustformers.tensor.elementwise import cosh as cosh
from trustformers.tensor.elementwise import divide as divide
from trustformers.tensor.elementwise import equal as equal
from trustformers.tensor.elementwise import exp as exp
from trustformers.tensor.elementwise import floor as floor
from trustformers.tensor.elementwise import floor_divide as floor_divide
from trustformers.tensor.elementwise import greater as greater
from trustformers.tensor.elementwise import greater_equal as greater_equal
from trustformers.tensor.elementwise import isfinite as isfinite
from trustformers.tensor.elementwise import isinf as isinf
from trustformers.tensor.elementwise import isnan as isnan
from trustformers.tensor.elementwise import less as less
from trustformers.tensor.elementwise import less_equal as less_equal
from trustformers.tensor.elementwise import log as log
from trustformers.tensor.elementwise import log10 as log10
from trustformers.tensor.elementwise import log1p as log1p
from trustformers.tensor.elementwise import log2 as log2
from trustformers.tensor.elementwise import logical_and as logical_and
from trustformers.tensor.elementwise import logical_not as logical_not
from trustformers.tensor.elementwise import logical_or as logical_or
from trustformers.tensor.elementwise import logical_xor as logical_xor
from trustformers.tensor.elementwise import maximum as maximum
from trustformers.tensor.elementwise import minimum as minimum
from trustformers.tensor.elementwise import multiply as multiply
from trustformers.tensor.elementwise import negative as negative
from trustformers.tensor.elementwise import not_equal as not_equal
from trustformers.tensor.elementwise import positive as positive
from trustformers.tensor.elementwise import pow as pow
from trustformers.tensor.elementwise import reciprocal as reciprocal
from trustformers.tensor.elementwise import remainder as remainder
from trustformers.tensor.elementwise import round as round
from trustformers.tensor.elementwise import sign as sign
from trustformers.tensor.elementwise import sin as sin
from trustformers.tensor.elementwise import sinh as sinh
from trustformers.tensor.elementwise import sqrt as sqrt
from trustformers.tensor.elementwise import square as square
from trustformers.tensor.elementwise import subtract as subtract
from trustformers.tensor.elementwise import tan as tan
from trustformers.tensor.elementwise import tanh as tanh
from trustformers.tensor.elementwise import trunc as trunc
from trustformers.tensor.manipulation import broadcast_arrays as broadcast_arrays
from trustformers.tensor.manipulation import broadcast_to as broadcast_to
from trustformers.tensor.manipulation import concat as concat
from trustformers.tensor.manipulation import expand_dims as expand_dims
from trustformers.tensor.manipulation import flip as flip
from trustformers.tensor.manipulation import matmul as matmul
from trustformers.tensor.manipulation import matrix_transpose as matrix_transpose
from trustformers.tensor.manipulation import nonzero as nonzero
from trustformers.tensor.manipulation import permute_dims as permute_dims
from trustformers.tensor.manipulation import reshape as reshape
from trustformers.tensor.manipulation import squeeze as squeeze
from trustformers.tensor.manipulation import take as take
from trustformers.tensor.manipulation import take_along_axis as take_along_axis
from trustformers.tensor.manipulation import tile as tile
from trustformers.tensor.manipulation import unstack as unstack
from trustformers.tensor.namespace import DType as DType
from trustformers.tensor.namespace import Tensor as Tensor
from trustformers.tensor.namespace import arange as arange
from trustformers.tensor.namespace import asarray as asarray
from trustformers.tensor.namespace import astype as astype
from trustformers.tensor.namespace import bfloat16 as bfloat16
from trustformers.tensor.namespace import bool as bool
from trustformers.tensor.namespace import cat as cat
from trustformers.tensor.namespace import cross_entropy as cross_entropy
from trustformers.tensor.namespace import e as e
from trustformers.tensor.namespace import einsum as einsum
from trustformers.tensor.namespace import embedding as embedding
from trustformers.tensor.namespace import empty as empty
from trustformers.tensor.namespace import empty_like as empty_like
from trustformers.tensor.namespace import eye as eye
from trustformers.tensor.namespace import finfo as finfo
from trustformers.tensor.namespace import float16 as float16
from trustformers.tensor.namespace import float32 as float32
from trustformers.tensor.namespace import float64 as float64
from trustformers.tensor.namespace import from_dlpack as from_dlpack
from trustformers.tensor.namespace import full as full
from trustformers.tensor.namespace import full_like as full_like
from trustformers.tensor.namespace import iinfo as iinfo
from trustformers.tensor.namespace import inf as inf
from trustformers.tensor.namespace import int16 as int16
from trustformers.tensor.namespace import int32 as int32
from trustformers.tensor.namespace import int64 as int64
from trustformers.tensor.namespace import int8 as int8
from trustformers.tensor.namespace import isdtype as isdtype
from trustformers.tensor.namespace import layer_norm as layer_norm
from trustformers.tensor.namespace import linspace as linspace
from trustformers.tensor.namespace import nan as nan
from trustformers.tensor.namespace import newaxis as newaxis
from trustformers.tensor.namespace import ones as ones
from trustformers.tensor.namespace import ones_like as ones_like
from trustformers.tensor.namespace import pi as pi
from trustformers.tensor.namespace import rand as rand
from trustformers.tensor.namespace import randn as randn
from trustformers.tensor.namespace import result_type as result_type
from trustformers.tensor.namespace import rms_norm as rms_norm
from trustformers.tensor.namespace import stack as stack
from trustformers.tensor.namespace import uint16 as uint16
from trustformers.tensor.namespace import uint32 as uint32
from trustformers.tensor.namespace import uint64 as uint64
from trustformers.tensor.namespace import uint8 as uint8
from trustformers.tensor.namespace import where as where
from trustformers.tensor.namespace import zeros as zeros
from trustformers.tensor.namespace import zeros_like as zeros_like
from trustformers.tensor.statistics import all as all
from trustformers.tensor.statistics import any as any
from trustformers.tensor.statistics import argmax as argmax
from trustformers.tensor.statistics import argmin as argmin
from trustformers.tensor.statistics import argsort as argsort
from trustformers.tensor.statistics import cumulative_prod as cumulative_prod
from trustformers.tensor.statistics import cumulative_sum as cumulative_sum
from trustformers.tensor.statistics import max as max
from trustformers.tensor.statistics import mean as mean
from trustformers.tensor.statistics import min as min
from trustformers.tensor.statistics import prod as prod
from trustformers.tensor.statistics import sort as sort
from trustformers.tensor.statistics import std as std
from trustformers.tensor.statistics import sum as sum
from trustformers.tensor.statistics import var as var

__all__ = [
    "DType",
    "Tensor",
    "abs",
    "acos",
    "acosh",
    "add",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "asarray",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "bfloat16",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "bool",
    "broadcast_arrays",
    "broadcast_to",
    "cat",
    "ceil",
    "clip",
    "concat",
    "cos",
    "cosh",
    "cross_entropy",
    "cumulative_prod",
    "cumulative_sum",
    "divide",
    "e",
    "einsum",
    "embedding",
    "empty",
    "empty_like",
    "enable_grad",
    "equal",
    "exp",
    "expand_dims",
    "eye",
    "finfo",
    "flip",
    "float16",
    "float32",
    "float64",
    "floor",
    "floor_divide",
    "from_dlpack",
    "full",
    "full_like",
    "grad",
    "greater",
    "greater_equal",
    "iinfo",
    "inf",
    "inference_mode",
    "int16",
    "int32",
    "int64",
    "int8",
    "is_grad_enabled",
    "isdtype",
    "isfinite",
    "isinf",
    "isnan",
    "layer_norm",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "nan",
    "negative",
    "newaxis",
    "no_grad",
    "nonzero",
    "not_equal",
    "ones",
    "ones_like",
    "permute_dims",
    "pi",
    "positive",
    "pow",
    "prod",
    "rand",
    "randn",
    "reciprocal",
    "remainder",
    "reshape",
    "result_type",
    "rms_norm",
    "round",
    "set_grad_enabled",
    "sign",
    "sin",
    "sinh",
    "sort",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tile",
    "trunc",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "unstack",
    "var",
    "where",
    "zeros",
    "zeros_like",
]
