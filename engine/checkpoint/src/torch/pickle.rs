//! An interpreter for the pickles of state dicts. It supports containers, numbers, strings, tensors and the functions
//! that rebuild tensors; any other class or function is an error that names it, and nothing is called.
//! Opcodes: CPython 3.13, `Lib/pickletools.py`; globals: torch 2.13, `torch/_weights_only_unpickler.py`.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use safetensors::Dtype;
use trustformers_core::Error;

use super::damaged;

/// Limit against damaged files: a state dict takes about twenty instructions and ten nodes per tensor.
const MOST_INSTRUCTIONS: usize = 1 << 25;
const MOST_NODES: usize = 1 << 22;
const MOST_DIMENSIONS: usize = 16;
const MOST_ARGUMENTS: usize = 16;

/// Why a pickle cannot be read.
#[derive(Debug)]
pub(super) enum Failure {
    Damaged(String),
    /// A class or function that state dicts do not need.
    Global(String),
    Unsupported(String),
}

impl Failure {
    pub(super) fn of(self, file: &Path) -> Error {
        match self {
            Self::Damaged(message) => damaged(file, format!("its pickle: {message}")),
            Self::Unsupported(what) => Error::unsupported(format!("{what} in {}", file.display())),
            Self::Global(name) => {
                let message = format!(
                    "its pickle references {name}, which a state dict of tensors does not need and which is not run; \
                     if you trust the file, load it with torch.load(..., weights_only=False) and save its tensors with \
                     safetensors.torch.save_file"
                );
                Error::weights(file, message)
            }
        }
    }
}

fn damage<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Damaged(message.into()))
}

/// A value; containers and tensors are nodes of a [`State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// A number or string whose value is not needed.
    Opaque,
    /// A string, as start and end of its bytes in the pickle.
    Text(usize, usize),
    /// An integer of more than 64 bits, as start and end of its bytes in the pickle.
    LongInt(usize, usize),
    Global(Global),
    Node(usize),
}

/// Classes and functions that state dicts reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    /// `torch.Size`, a tuple of integers.
    Size,
    /// Classes whose values are not needed, such as `torch.device` and `set`.
    Ignored,
    Parameter,
    RebuildTensor,
    RebuildTensorV3,
    RebuildParameter,
    RebuildFromType,
    /// A storage class with its element type.
    Storage(Dtype),
    Dtype(Dtype),
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A list or tuple.
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Storage {
        dtype: Dtype,
        key: Value,
    },
    Tensor(Tensor),
    /// An object whose value is not needed.
    Opaque,
}

/// A view of a storage.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub(super) key: Value,
    pub(super) dtype: Dtype,
    /// Index of the first element in the storage.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// Strides in elements.
    pub(super) strides: Vec<usize>,
}

/// The object graph of a pickle.
#[derive(Debug)]
pub(super) struct State {
    program: Bytes,
    nodes: Vec<Node>,
    top: Value,
}

impl State {
    pub(super) fn top(&self) -> Value {
        self.top
    }

    pub(super) fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text(start, end) => std::str::from_utf8(&self.program[start..end]).ok(),
            _ => None,
        }
    }

    pub(super) fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(index) => self.nodes.get(index),
            _ => None,
        }
    }

    pub(super) fn bytes_of_int<'a>(&self, program: &'a [u8]) -> Option<&'a [u8]> {
        match self.top {
            Value::LongInt(start, end) => program.get(start..end),
            _ => None,
        }
    }

    /// The value of a dict's string key; `None` if the key is missing.
    pub(super) fn entry(&self, dict: Value, name: &str) -> Option<Value> {
        let Node::Dict(entries) = self.node(dict)? else { return None };
        entries.iter().rev().find(|(key, _)| self.text(*key) == Some(name)).map(|(_, value)| *value)
    }

    /// The elements of a list of strings; `None` if it holds anything else.
    pub(super) fn strings(&self, list: Value) -> Option<Vec<&str>> {
        let Node::List(values) = self.node(list)? else { return None };
        values.iter().map(|value| self.text(*value)).collect()
    }

    /// Keys of all storages.
    pub(super) fn storage_keys(&self) -> impl Iterator<Item = &str> {
        self.storage_sizes().into_keys()
    }

    /// Element size in bytes of each storage, by key.
    pub(super) fn storage_sizes(&self) -> HashMap<&str, usize> {
        let size = |node: &'_ Node| match node {
            Node::Storage { dtype, key } => Some((*key, dtype.bitsize() / 8)),
            _ => None,
        };
        self.nodes.iter().filter_map(size).filter_map(|(key, size)| Some((self.text(key)?, size))).collect()
    }
}

/// Reads the pickle that begins at `at`; returns its state and its end.
pub(super) fn load(program: &Bytes, at: usize) -> Result<(State, usize), Failure> {
    let mut machine = Machine {
        program,
        at,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        nodes: Vec::new(),
        ignored: Value::Opaque,
        left: MOST_INSTRUCTIONS,
    };
    let top = loop {
        if let Some(top) = machine.step()? {
            break top;
        }
    };
    let Machine { nodes, at, .. } = machine;
    Ok((State { program: program.clone(), nodes, top }, at))
}

struct Machine<'a> {
    program: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Stack heights at the marks.
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    nodes: Vec<Node>,
    ignored: Value,
    /// Remaining instructions of [`MOST_INSTRUCTIONS`].
    left: usize,
}

impl Machine<'_> {
    /// Runs one instruction; returns the result after STOP.
    fn step(&mut self) -> Result<Option<Value>, Failure> {
        let code = self.byte()?;
        self.spend(1)?;
        if self.nodes.len().max(self.stack.len()).max(self.marks.len()) > MOST_NODES {
            return damage(format!("more than {MOST_NODES} objects"));
        }
        match code {
            b'.' => return self.pop().map(Some),
            0x80 => match self.byte()? {
                0..=5 => {}
                version => return damage(format!("protocol {version}")),
            },
            0x95 => drop(self.int(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_mark()?),
            b'2' => {
                let top = *self.stack.last().ok_or_else(underflow)?;
                self.stack.push(top);
            }
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'J' => {
                let value = self.int(4)? as u32 as i32;
                self.stack.push(Value::Int(value.into()));
            }
            b'K' => self.push_int(1)?,
            b'M' => self.push_int(2)?,
            0x8a => self.long(1)?,
            0x8b => self.long(4)?,
            b'G' => {
                self.skip(8)?;
                self.stack.push(Value::Opaque);
            }
            b'I' | b'L' | b'F' => self.decimal(code)?,
            b'X' => self.text(4)?,
            0x8c => self.text(1)?,
            0x8d => self.text(8)?,
            b'T' | b'B' => self.text(4)?,
            b'U' | b'C' => self.text(1)?,
            0x8e | 0x96 => self.text(8)?,
            b'S' | b'V' => self.line_text(code)?,
            b')' => self.push_list(Vec::new()),
            b']' => self.push_list(Vec::new()),
            b't' | b'l' => {
                let values = self.pop_mark()?;
                self.push_list(values);
            }
            0x85..=0x87 => {
                let count = usize::from(code - 0x84);
                let start = self.stack.len().checked_sub(count).filter(|start| *start >= self.floor());
                let values = self.stack.split_off(start.ok_or_else(underflow)?);
                self.push_list(values);
            }
            b'}' => self.push(Node::Dict(Vec::new())),
            b'd' => {
                let values = self.pop_mark()?;
                let entries = pairs(&values)?;
                self.push(Node::Dict(entries));
            }
            0x8f => self.push(Node::List(Vec::new())),
            0x91 => {
                let values = self.pop_mark()?;
                self.push_list(values);
            }
            b'a' => {
                let value = self.pop()?;
                self.extend(&[value])?;
            }
            b'e' | 0x90 => {
                let values = self.pop_mark()?;
                self.extend(&values)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.insert(&[(key, value)])?;
            }
            b'u' => {
                let values = self.pop_mark()?;
                self.insert(&pairs(&values)?)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                let global = self.global(module, name)?;
                self.stack.push(Value::Global(global));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(m, n), Value::Text(o, p)) = (module, name) else {
                    return damage("the name of a global is not a string");
                };
                let global = self.global(m..n, o..p)?;
                self.stack.push(Value::Global(global));
            }
            b'R' | 0x81 => {
                let (args, callable) = (self.pop()?, self.pop()?);
                let value = self.call(callable, args)?;
                self.stack.push(value);
            }
            b'b' => {
                self.pop()?;
                // BUILD sets attributes, such as `_metadata` of a state dict; none of them is a tensor of the state
                // dict.
                if !matches!(self.stack.last(), Some(Value::Node(_))) {
                    return damage("attributes of a value that has none");
                }
            }
            b'h' => self.get(1)?,
            b'j' => self.get(4)?,
            b'q' => self.put(1)?,
            b'r' => self.put(4)?,
            b'g' | b'p' => {
                let line = self.line()?;
                let index = std::str::from_utf8(&self.program[line]).ok().and_then(|text| text.parse().ok());
                let Some(index) = index else { return damage("an invalid memo index") };
                if code == b'g' { self.recall(index)? } else { self.keep(index)? }
            }
            0x94 => self.keep(self.memo.len() as u64)?,
            b'Q' => {
                let id = self.pop()?;
                self.storage(id)?;
            }
            code => return damage(format!("unexpected opcode {code:#04x}")),
        }
        Ok(None)
    }

    fn spend(&mut self, instructions: usize) -> Result<(), Failure> {
        match self.left.checked_sub(instructions) {
            Some(left) => self.left = left,
            None => return damage(format!("more than {MOST_INSTRUCTIONS} instructions")),
        }
        Ok(())
    }

    /// Stack height of the last mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn skip(&mut self, count: usize) -> Result<Range<usize>, Failure> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.program.len());
        let Some(end) = end else { return damage(format!("it ends early, at byte {}", self.program.len())) };
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn byte(&mut self) -> Result<u8, Failure> {
        let range = self.skip(1)?;
        Ok(self.program[range.start])
    }

    fn int(&mut self, bytes: usize) -> Result<u64, Failure> {
        let range = self.skip(bytes)?;
        Ok(self.program[range].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn push_int(&mut self, bytes: usize) -> Result<(), Failure> {
        let value = self.int(bytes)?;
        self.stack.push(Value::Int(value as i64));
        Ok(())
    }

    /// Pushes a two's complement integer that follows its length.
    fn long(&mut self, bytes_of_length: usize) -> Result<(), Failure> {
        let length = self.int(bytes_of_length)? as usize;
        let range = self.skip(length)?;
        let bytes = &self.program[range.clone()];
        self.stack.push(match bytes {
            [] => Value::Int(0),
            [.., last] if length <= 8 => {
                let start = if last & 0x80 == 0 { 0 } else { -1 };
                Value::Int(bytes.iter().rev().fold(start, |value, byte| value << 8 | i64::from(*byte)))
            }
            _ => Value::LongInt(range.start, range.end),
        });
        Ok(())
    }

    fn decimal(&mut self, code: u8) -> Result<(), Failure> {
        let line = self.line()?;
        let text = std::str::from_utf8(&self.program[line]).unwrap_or_default();
        let value = match (code, text) {
            (b'I', "00") => Value::Bool(false),
            (b'I', "01") => Value::Bool(true),
            _ => text.trim_end_matches('L').parse().map_or(Value::Opaque, Value::Int),
        };
        self.stack.push(value);
        Ok(())
    }

    fn text(&mut self, bytes_of_length: usize) -> Result<(), Failure> {
        let Ok(length) = usize::try_from(self.int(bytes_of_length)?) else { return damage("a string beyond its end") };
        let range = self.skip(length)?;
        self.stack.push(Value::Text(range.start, range.end));
        Ok(())
    }

    /// Pushes a string of protocol 0.
    fn line_text(&mut self, code: u8) -> Result<(), Failure> {
        let mut range = self.line()?;
        if code == b'S' && range.len() >= 2 {
            range = range.start + 1..range.end - 1;
        }
        if self.program[range.clone()].contains(&b'\\') {
            return Err(Failure::Unsupported("a string with escapes in a pickle of protocol 0".to_owned()));
        }
        self.stack.push(Value::Text(range.start, range.end));
        Ok(())
    }

    fn line(&mut self) -> Result<Range<usize>, Failure> {
        let Some(length) = self.program[self.at..].iter().position(|byte| *byte == b'\n') else {
            return damage("a line without an end");
        };
        let line = self.skip(length)?;
        self.skip(1)?;
        Ok(line)
    }

    fn pop(&mut self) -> Result<Value, Failure> {
        if self.stack.len() <= self.floor() {
            return Err(underflow());
        }
        self.stack.pop().ok_or_else(underflow)
    }

    fn pop_mark(&mut self) -> Result<Vec<Value>, Failure> {
        let Some(height) = self.marks.pop() else { return damage("a mark is missing") };
        Ok(self.stack.split_off(height))
    }

    fn push(&mut self, node: Node) {
        self.stack.push(Value::Node(self.nodes.len()));
        self.nodes.push(node);
    }

    fn push_list(&mut self, values: Vec<Value>) {
        self.push(Node::List(values));
    }

    fn top_node(&mut self) -> Result<&mut Node, Failure> {
        let Some(Value::Node(index)) = self.stack.last() else { return damage("a container is missing") };
        Ok(&mut self.nodes[*index])
    }

    fn extend(&mut self, values: &[Value]) -> Result<(), Failure> {
        match self.top_node()? {
            Node::List(list) => list.extend(values),
            Node::Opaque => {}
            _ => return damage("items appended to a value that is not a list"),
        }
        Ok(())
    }

    fn insert(&mut self, entries: &[(Value, Value)]) -> Result<(), Failure> {
        match self.top_node()? {
            Node::Dict(dict) => dict.extend(entries),
            Node::Opaque => {}
            _ => return damage("entries added to a value that is not a dict"),
        }
        Ok(())
    }

    fn get(&mut self, bytes: usize) -> Result<(), Failure> {
        let index = self.int(bytes)?;
        self.recall(index)
    }

    fn recall(&mut self, index: u64) -> Result<(), Failure> {
        let Some(value) = self.memo.get(&index) else { return damage(format!("memo {index} is empty")) };
        self.stack.push(*value);
        Ok(())
    }

    fn put(&mut self, bytes: usize) -> Result<(), Failure> {
        let index = self.int(bytes)?;
        self.keep(index)
    }

    fn keep(&mut self, index: u64) -> Result<(), Failure> {
        let top = *self.stack.last().ok_or_else(underflow)?;
        self.memo.insert(index, top);
        Ok(())
    }

    fn global(&self, module: Range<usize>, name: Range<usize>) -> Result<Global, Failure> {
        let text = |range: Range<usize>| std::str::from_utf8(&self.program[range]);
        let (Ok(module), Ok(name)) = (text(module), text(name)) else {
            return damage("the name of a global is not UTF-8");
        };
        global(module, name).ok_or_else(|| {
            let full = format!("{module}.{name}");
            match () {
                () if REFUSED.contains(&name) => Failure::Unsupported(format!("a tensor of {full}")),
                () => Failure::Global(full.escape_debug().take(200).collect()),
            }
        })
    }

    fn call(&mut self, callable: Value, args: Value) -> Result<Value, Failure> {
        let Value::Global(global) = callable else { return damage("a call of a value that is not a global") };
        let args = match args {
            Value::Node(index) => match &self.nodes[index] {
                Node::List(values) if values.len() <= MOST_ARGUMENTS => values.clone(),
                _ => return damage("arguments that are not a tuple"),
            },
            _ => return damage("arguments that are not a tuple"),
        };
        let node = match (global, &args[..]) {
            (Global::OrderedDict, []) => Node::Dict(Vec::new()),
            (Global::OrderedDict, [items]) => {
                self.spend(self.list(*items)?.len())?;
                Node::Dict(self.items(*items)?)
            }
            (Global::Size, [sizes]) => return Ok(*sizes),
            (Global::Size, []) => Node::List(Vec::new()),
            (Global::Ignored, _) => Node::Opaque,
            (Global::Parameter | Global::RebuildParameter, [data, ..]) if self.is_tensor(*data) => return Ok(*data),
            (Global::RebuildTensor, [storage, offset, shape, strides, ..]) => {
                Node::Tensor(self.tensor(*storage, *offset, *shape, *strides, None)?)
            }
            (
                Global::RebuildTensorV3,
                [storage, offset, shape, strides, _, _, Value::Global(Global::Dtype(dtype)), ..],
            ) => Node::Tensor(self.tensor(*storage, *offset, *shape, *strides, Some(*dtype))?),
            (Global::RebuildFromType, [function, Value::Global(Global::Parameter), args, ..])
                if *function != callable =>
            {
                return self.call(*function, *args);
            }
            (global, args) => return damage(format!("{} arguments of {global:?}, or of another kind", args.len())),
        };
        // All opaque objects share one node; containers need their own because they are filled later.
        if matches!(node, Node::Opaque) {
            if self.ignored == Value::Opaque {
                self.ignored = Value::Node(self.nodes.len());
                self.nodes.push(node);
            }
            return Ok(self.ignored);
        }
        self.nodes.push(node);
        Ok(Value::Node(self.nodes.len() - 1))
    }

    fn is_tensor(&self, value: Value) -> bool {
        matches!(value, Value::Node(index) if matches!(self.nodes[index], Node::Tensor(_)))
    }

    fn list(&self, value: Value) -> Result<&[Value], Failure> {
        match value {
            Value::Node(index) => match &self.nodes[index] {
                Node::List(values) => Ok(values),
                _ => damage("a list is missing"),
            },
            _ => damage("a list is missing"),
        }
    }

    /// Key/value pairs of a list of pairs.
    fn items(&self, list: Value) -> Result<Vec<(Value, Value)>, Failure> {
        let pair = |item: &Value| match self.list(*item)? {
            [key, value] => Ok((*key, *value)),
            _ => damage("an item of a dict is not a pair"),
        };
        self.list(list)?.iter().map(pair).collect()
    }

    fn sizes(&self, list: Value) -> Result<Vec<usize>, Failure> {
        let values = self.list(list)?;
        if values.len() > MOST_DIMENSIONS {
            return damage(format!("a tensor of {} dimensions", values.len()));
        }
        values.iter().map(|value| size(*value)).collect()
    }

    fn tensor(
        &self,
        storage: Value,
        offset: Value,
        shape: Value,
        strides: Value,
        dtype: Option<Dtype>,
    ) -> Result<Tensor, Failure> {
        let Value::Node(index) = storage else { return damage("a tensor without a storage") };
        let Node::Storage { dtype: stored, key } = &self.nodes[index] else {
            return damage("a tensor without a storage");
        };
        let (shape, strides) = (self.sizes(shape)?, self.sizes(strides)?);
        if shape.len() != strides.len() {
            return damage("a tensor's shape and strides differ in length");
        }
        Ok(Tensor { key: *key, dtype: dtype.unwrap_or(*stored), offset: size(offset)?, shape, strides })
    }

    /// Pushes the storage of a persistent id: `("storage", class, key, device, count)`, in old files followed by a
    /// view.
    fn storage(&mut self, id: Value) -> Result<(), Failure> {
        let (dtype, key) = match self.list(id)? {
            [Value::Text(..), Value::Global(Global::Storage(dtype)), key @ Value::Text(..), _, _, rest @ ..] => {
                if !matches!(rest, [] | [Value::None]) {
                    return Err(Failure::Unsupported(
                        "a view of a storage, as torch 0.3 and older wrote it".to_owned(),
                    ));
                }
                (*dtype, *key)
            }
            _ => return damage("a persistent id that is not a storage"),
        };
        self.push(Node::Storage { dtype, key });
        Ok(())
    }
}

fn underflow() -> Failure {
    Failure::Damaged("an instruction lacks its operands".to_owned())
}

fn size(value: Value) -> Result<usize, Failure> {
    match value {
        Value::Int(size) => usize::try_from(size).or_else(|_| damage(format!("a size of {size}"))),
        _ => damage("a size that is not an integer"),
    }
}

fn pairs(values: &[Value]) -> Result<Vec<(Value, Value)>, Failure> {
    if !values.len().is_multiple_of(2) {
        return damage("a key without a value");
    }
    Ok(values.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// Functions that rebuild unsupported kinds of tensors.
const REFUSED: [&str; 4] =
    ["_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_meta_tensor_no_storage", "_rebuild_wrapper_subclass"];

fn global(module: &str, name: &str) -> Option<Global> {
    Some(match (module, name) {
        ("collections", "OrderedDict") => Global::OrderedDict,
        ("torch", "Size") => Global::Size,
        ("torch", "device")
        | ("torch.serialization", "_get_layout")
        | ("_codecs", "encode")
        | ("builtins" | "__builtin__", "set" | "bytearray" | "complex")
        | ("collections", "Counter") => Global::Ignored,
        ("torch.nn.parameter", "Parameter") | ("torch", "Tensor") => Global::Parameter,
        ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Global::RebuildTensor,
        ("torch._utils", "_rebuild_tensor_v3") => Global::RebuildTensorV3,
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => Global::RebuildParameter,
        ("torch._tensor", "_rebuild_from_type_v2") => Global::RebuildFromType,
        ("torch.storage", "UntypedStorage" | "_UntypedStorage") => Global::Storage(Dtype::U8),
        ("torch" | "torch.cuda" | "torch.storage", name) => match name.strip_suffix("Storage") {
            Some("Untyped" | "_Untyped") => Global::Storage(Dtype::U8),
            Some(element) => Global::Storage(storage_dtype(element)?),
            None => Global::Dtype(dtype(name)?),
        },
        _ => return None,
    })
}

fn storage_dtype(element: &str) -> Option<Dtype> {
    Some(match element {
        "Float" => Dtype::F32,
        "Double" => Dtype::F64,
        "Half" => Dtype::F16,
        "BFloat16" => Dtype::BF16,
        "Long" => Dtype::I64,
        "Int" => Dtype::I32,
        "Short" => Dtype::I16,
        "Char" => Dtype::I8,
        "Byte" => Dtype::U8,
        "Bool" => Dtype::BOOL,
        "ComplexFloat" => Dtype::C64,
        _ => return None,
    })
}

fn dtype(name: &str) -> Option<Dtype> {
    Some(match name {
        "float32" | "float" => Dtype::F32,
        "float64" | "double" => Dtype::F64,
        "float16" | "half" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "float8_e4m3fn" => Dtype::F8_E4M3,
        "float8_e5m2" => Dtype::F8_E5M2,
        "float8_e8m0fnu" => Dtype::F8_E8M0,
        "int64" | "long" => Dtype::I64,
        "int32" | "int" => Dtype::I32,
        "int16" | "short" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint8" => Dtype::U8,
        "uint16" => Dtype::U16,
        "uint32" => Dtype::U32,
        "uint64" => Dtype::U64,
        "bool" => Dtype::BOOL,
        "complex64" => Dtype::C64,
        _ => return None,
    })
}
