"""Names of trustformers.tensor. Written by ci/python_stubs.py."""

from trustformers.tensor.activations import elu as elu
from trustformers.tensor.activations import gelu as gelu
from trustformers.tensor.activations import leaky_relu as leaky_relu
from trustformers.tensor.activations import log_softmax as log_softmax
from trustformers.tensor.activations import logsigmoid as logsigmoid
from trustformers.tensor.activations import mish as mish
from trustformers.tensor.activations import relu as relu
from trustformers.tensor.activations import sigmoid as sigmoid
from trustformers.tensor.activations import silu as silu
from trustformers.tensor.activations import softmax as softmax
from trustformers.tensor.activations import softplus as softplus
from trustformers.tensor.aliases import device as device
from trustformers.tensor.aliases import double as double
from trustformers.tensor.aliases import float as float
from trustformers.tensor.aliases import get_default_dtype as get_default_dtype
from trustformers.tensor.aliases import half as half
from trustformers.tensor.aliases import int as int
from trustformers.tensor.aliases import is_floating_point as is_floating_point
from trustformers.tensor.aliases import is_tensor as is_tensor
from trustformers.tensor.aliases import long as long
from trustformers.tensor.aliases import short as short
from trustformers.tensor.arithmetic import addcdiv as addcdiv
from trustformers.tensor.arithmetic import addcmul as addcmul
from trustformers.tensor.arithmetic import clamp as clamp
from trustformers.tensor.arithmetic import copysign as copysign
from trustformers.tensor.arithmetic import div as div
from trustformers.tensor.arithmetic import erf as erf
from trustformers.tensor.arithmetic import exp2 as exp2
from trustformers.tensor.arithmetic import expm1 as expm1
from trustformers.tensor.arithmetic import fmod as fmod
from trustformers.tensor.arithmetic import hypot as hypot
from trustformers.tensor.arithmetic import lerp as lerp
from trustformers.tensor.arithmetic import logaddexp as logaddexp
from trustformers.tensor.arithmetic import mul as mul
from trustformers.tensor.arithmetic import nan_to_num as nan_to_num
from trustformers.tensor.arithmetic import neg as neg
from trustformers.tensor.arithmetic import nextafter as nextafter
from trustformers.tensor.arithmetic import rsqrt as rsqrt
from trustformers.tensor.arithmetic import signbit as signbit
from trustformers.tensor.arithmetic import sub as sub
from trustformers.tensor.arithmetic import true_divide as true_divide
from trustformers.tensor.autograd import enable_grad as enable_grad
from trustformers.tensor.autograd import grad as grad
from trustformers.tensor.autograd import inference_mode as inference_mode
from trustformers.tensor.autograd import is_grad_enabled as is_grad_enabled
from trustformers.tensor.autograd import no_grad as no_grad
from trustformers.tensor.autograd import set_grad_enabled as set_grad_enabled
from trustformers.tensor.comparison import allclose as allclose
from trustformers.tensor.comparison import eq as eq
from trustformers.tensor.comparison import ge as ge
from trustformers.tensor.comparison import gt as gt
from trustformers.tensor.comparison import isclose as isclose
from trustformers.tensor.comparison import le as le
from trustformers.tensor.comparison import lt as lt
from trustformers.tensor.comparison import ne as ne
from trustformers.tensor.counting import amax as amax
from trustformers.tensor.counting import amin as amin
from trustformers.tensor.counting import bincount as bincount
from trustformers.tensor.counting import count_nonzero as count_nonzero
from trustformers.tensor.counting import cummax as cummax
from trustformers.tensor.counting import cummin as cummin
from trustformers.tensor.counting import cumprod as cumprod
from trustformers.tensor.counting import cumsum as cumsum
from trustformers.tensor.counting import diff as diff
from trustformers.tensor.counting import logsumexp as logsumexp
from trustformers.tensor.counting import median as median
from trustformers.tensor.counting import nanmean as nanmean
from trustformers.tensor.counting import nansum as nansum
from trustformers.tensor.counting import norm as norm
from trustformers.tensor.counting import numel as numel
from trustformers.tensor.counting import quantile as quantile
from trustformers.tensor.counting import searchsorted as searchsorted
from trustformers.tensor.counting import topk as topk
from trustformers.tensor.counting import unique as unique
from trustformers.tensor.counting import unique_all as unique_all
from trustformers.tensor.counting import unique_counts as unique_counts
from trustformers.tensor.counting import unique_inverse as unique_inverse
from trustformers.tensor.counting import unique_values as unique_values
from trustformers.tensor.creation import as_tensor as as_tensor
from trustformers.tensor.creation import from_numpy as from_numpy
from trustformers.tensor.creation import meshgrid as meshgrid
from trustformers.tensor.creation import tensor as tensor
from trustformers.tensor.creation import tril_indices as tril_indices
from trustformers.tensor.creation import triu_indices as triu_indices
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
from trustformers.tensor.functional import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from trustformers.tensor.functional import cosine_similarity as cosine_similarity
from trustformers.tensor.functional import dropout as dropout
from trustformers.tensor.functional import linear as linear
from trustformers.tensor.functional import mse_loss as mse_loss
from trustformers.tensor.functional import nll_loss as nll_loss
from trustformers.tensor.functional import normalize as normalize
from trustformers.tensor.functional import one_hot as one_hot
from trustformers.tensor.functional import pad as pad
from trustformers.tensor.functional import scaled_dot_product_attention as scaled_dot_product_attention
from trustformers.tensor.joining import argwhere as argwhere
from trustformers.tensor.joining import chunk as chunk
from trustformers.tensor.joining import concatenate as concatenate
from trustformers.tensor.joining import diag as diag
from trustformers.tensor.joining import diag_embed as diag_embed
from trustformers.tensor.joining import diagonal as diagonal
from trustformers.tensor.joining import flatten as flatten
from trustformers.tensor.joining import gather as gather
from trustformers.tensor.joining import hstack as hstack
from trustformers.tensor.joining import index_add as index_add
from trustformers.tensor.joining import index_select as index_select
from trustformers.tensor.joining import masked_fill as masked_fill
from trustformers.tensor.joining import masked_select as masked_select
from trustformers.tensor.joining import moveaxis as moveaxis
from trustformers.tensor.joining import movedim as movedim
from trustformers.tensor.joining import narrow as narrow
from trustformers.tensor.joining import permute as permute
from trustformers.tensor.joining import ravel as ravel
from trustformers.tensor.joining import repeat as repeat
from trustformers.tensor.joining import repeat_interleave as repeat_interleave
from trustformers.tensor.joining import roll as roll
from trustformers.tensor.joining import scatter as scatter
from trustformers.tensor.joining import scatter_add as scatter_add
from trustformers.tensor.joining import split as split
from trustformers.tensor.joining import swapaxes as swapaxes
from trustformers.tensor.joining import t as t
from trustformers.tensor.joining import transpose as transpose
from trustformers.tensor.joining import tril as tril
from trustformers.tensor.joining import triu as triu
from trustformers.tensor.joining import unbind as unbind
from trustformers.tensor.joining import unsqueeze as unsqueeze
from trustformers.tensor.joining import vstack as vstack
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
from trustformers.tensor.namespace import __array_namespace_info__ as __array_namespace_info__
from trustformers.tensor.namespace import arange as arange
from trustformers.tensor.namespace import asarray as asarray
from trustformers.tensor.namespace import astype as astype
from trustformers.tensor.namespace import bfloat16 as bfloat16
from trustformers.tensor.namespace import bool as bool
from trustformers.tensor.namespace import can_cast as can_cast
from trustformers.tensor.namespace import cat as cat
from trustformers.tensor.namespace import cross_entropy as cross_entropy
from trustformers.tensor.namespace import e as e
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
from trustformers.tensor.products import addmm as addmm
from trustformers.tensor.products import baddbmm as baddbmm
from trustformers.tensor.products import bmm as bmm
from trustformers.tensor.products import dot as dot
from trustformers.tensor.products import einsum as einsum
from trustformers.tensor.products import mm as mm
from trustformers.tensor.products import mv as mv
from trustformers.tensor.products import outer as outer
from trustformers.tensor.products import tensordot as tensordot
from trustformers.tensor.products import trace as trace
from trustformers.tensor.products import vecdot as vecdot
from trustformers.tensor.sampling import bernoulli as bernoulli
from trustformers.tensor.sampling import manual_seed as manual_seed
from trustformers.tensor.sampling import multinomial as multinomial
from trustformers.tensor.sampling import rand as rand
from trustformers.tensor.sampling import rand_like as rand_like
from trustformers.tensor.sampling import randint as randint
from trustformers.tensor.sampling import randn as randn
from trustformers.tensor.sampling import randn_like as randn_like
from trustformers.tensor.sampling import randperm as randperm
from trustformers.tensor.size import Size as Size
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
    "Size",
    "Tensor",
    "__array_namespace_info__",
    "abs",
    "acos",
    "acosh",
    "add",
    "addcdiv",
    "addcmul",
    "addmm",
    "all",
    "allclose",
    "amax",
    "amin",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "as_tensor",
    "asarray",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "baddbmm",
    "bernoulli",
    "bfloat16",
    "binary_cross_entropy_with_logits",
    "bincount",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "bmm",
    "bool",
    "broadcast_arrays",
    "broadcast_to",
    "can_cast",
    "cat",
    "ceil",
    "chunk",
    "clamp",
    "clip",
    "concat",
    "concatenate",
    "copysign",
    "cos",
    "cosh",
    "cosine_similarity",
    "count_nonzero",
    "cross_entropy",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "device",
    "diag",
    "diag_embed",
    "diagonal",
    "diff",
    "div",
    "divide",
    "dot",
    "double",
    "dropout",
    "e",
    "einsum",
    "elu",
    "embedding",
    "empty",
    "empty_like",
    "enable_grad",
    "eq",
    "equal",
    "erf",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "finfo",
    "flatten",
    "flip",
    "float",
    "float16",
    "float32",
    "float64",
    "floor",
    "floor_divide",
    "fmod",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "gather",
    "ge",
    "gelu",
    "get_default_dtype",
    "grad",
    "greater",
    "greater_equal",
    "gt",
    "half",
    "hstack",
    "hypot",
    "iinfo",
    "index_add",
    "index_select",
    "inf",
    "inference_mode",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "is_floating_point",
    "is_grad_enabled",
    "is_tensor",
    "isclose",
    "isdtype",
    "isfinite",
    "isinf",
    "isnan",
    "layer_norm",
    "le",
    "leaky_relu",
    "lerp",
    "less",
    "less_equal",
    "linear",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsigmoid",
    "logsumexp",
    "long",
    "lt",
    "manual_seed",
    "masked_fill",
    "masked_select",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mm",
    "moveaxis",
    "movedim",
    "mse_loss",
    "mul",
    "multinomial",
    "multiply",
    "mv",
    "nan",
    "nan_to_num",
    "nanmean",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "negative",
    "newaxis",
    "nextafter",
    "nll_loss",
    "no_grad",
    "nonzero",
    "norm",
    "normalize",
    "not_equal",
    "numel",
    "one_hot",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "permute",
    "permute_dims",
    "pi",
    "positive",
    "pow",
    "prod",
    "quantile",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "ravel",
    "reciprocal",
    "relu",
    "remainder",
    "repeat",
    "repeat_interleave",
    "reshape",
    "result_type",
    "rms_norm",
    "roll",
    "round",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter",
    "scatter_add",
    "searchsorted",
    "set_grad_enabled",
    "short",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "sub",
    "subtract",
    "sum",
    "swapaxes",
    "t",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensor",
    "tensordot",
    "tile",
    "topk",
    "trace",
    "transpose",
    "tril",
    "tril_indices",
    "triu",
    "triu_indices",
    "true_divide",
    "trunc",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "unbind",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unsqueeze",
    "unstack",
    "var",
    "vecdot",
    "vstack",
    "where",
    "zeros",
    "zeros_like",
]
