"""Command lines from dataclasses."""

from __future__ import annotations

import dataclasses
import json
import sys
import types
from argparse import SUPPRESS, ArgumentDefaultsHelpFormatter, ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from trustformers.utils.conversions import strtobool

if TYPE_CHECKING:
    import os
    from argparse import _ActionsContainer
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["DataClass", "DataClassType", "HfArg", "HfArgumentParser", "make_choice_type_function", "string_to_bool"]

# The fields of user's dataclasses are theirs; type checkers cannot know them.
DataClass: TypeAlias = Any
DataClassType: TypeAlias = Any
_MISSING: Any = dataclasses.MISSING


def string_to_bool(v: bool | str) -> bool:
    """The bool that a text of the command line names: yes, true, t, y, 1, or no, false, f, n, 0."""
    if isinstance(v, bool):
        return v
    try:
        return bool(strtobool(v))
    except ValueError:
        raise ArgumentTypeError(f"expected yes or no, true or false, 1 or 0, found {v!r}") from None


def make_choice_type_function(choices: Iterable[Any]) -> Callable[[str], Any]:
    """The function from the text of a choice to the choice; other texts stay as they are."""
    by_text = {str(choice): choice for choice in choices}
    return lambda text: by_text.get(text, text)


def HfArg(  # the name that transformers has
    *,
    aliases: str | list[str] | None = None,
    help: str | None = None,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] = _MISSING,
    metadata: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """A field of a dataclass with aliases and a help text for the command line.

    Parameters
    ----------
    aliases
        Other names of the option, such as "-e".
    help
        The help text.
    default, default_factory
        The value without the option, or what makes it; a field without them is required.
    metadata, **kwargs
        As for `dataclasses.field`.
    """
    known = {name: value for name, value in {"aliases": aliases, "help": help}.items() if value is not None}
    return dataclasses.field(
        default=default, default_factory=default_factory, metadata={**(metadata or {}), **known}, **kwargs
    )


class HfArgumentParser(ArgumentParser):
    """A parser whose options are the fields of dataclasses.

    A field `num_beams: int = 4` is the option `--num_beams`, or `--num-beams`; types are `Optional`, `Literal`, `Enum`,
    `list` and `bool` too. A bool that is true by default has `--no_...`. Options can be added as to any parser.

    Parameters
    ----------
    dataclass_types
        A dataclass or several.
    **kwargs
        As for `argparse.ArgumentParser`.

    Examples
    --------
    >>> @dataclass
    ... class Arguments:
    ...     model: str = field(metadata={"help": "a directory or hub repository"})
    ...     fast: bool = True
    >>> (arguments,) = HfArgumentParser(Arguments).parse_args_into_dataclasses(["--model", "gpt2", "--no_fast"])
    """

    dataclass_types: list[DataClassType]

    def __init__(self, dataclass_types: DataClassType | Iterable[DataClassType] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", ArgumentDefaultsHelpFormatter)
        super().__init__(**kwargs)
        if dataclass_types is None:
            dataclass_types = []
        elif dataclasses.is_dataclass(dataclass_types) or not isinstance(dataclass_types, Iterable):
            dataclass_types = [dataclass_types]
        self.dataclass_types = list(dataclass_types)
        for kind in self.dataclass_types:
            self._add_dataclass_arguments(kind)

    def _add_dataclass_arguments(self, kind: DataClassType) -> None:
        title = getattr(kind, "_argument_group_name", None)
        container: _ActionsContainer = self if title is None else self.add_argument_group(title)
        try:
            hints = get_type_hints(kind)
        except NameError as error:
            raise RuntimeError(
                f"{kind.__name__}: {error}; declare the types of its fields where the module can find them"
            ) from error
        for field in dataclasses.fields(kind):
            if field.init:
                _add_field(container, field, hints[field.name])

    def parse_args_into_dataclasses(
        self,
        args: Sequence[str] | None = None,
        return_remaining_strings: bool = False,
        look_for_args_file: bool = True,
        args_filename: str | os.PathLike[str] | None = None,
        args_file_flag: str | None = None,
    ) -> tuple[DataClass, ...]:
        """An instance of each dataclass from a command line, then a namespace of the other options if there are any.

        Parameters
        ----------
        args
            The arguments; by default those of the program.
        return_remaining_strings
            Whether the last item is the list of unknown arguments instead of an error.
        look_for_args_file
            Whether arguments are first read from a file with the program's name and the suffix `.args`, if it exists.
        args_filename
            The name of a file of arguments, instead of that one.
        args_file_flag
            An option that names files of arguments, such as "--args_file"; later ones win, and the command line does.

        Raises
        ------
        ValueError
            There are unknown arguments.
        """
        files: list[Path] = []
        if args_filename:
            files.append(Path(args_filename))
        elif look_for_args_file and sys.argv and sys.argv[0]:
            files.append(Path(sys.argv[0]).with_suffix(".args"))
        given = list(sys.argv[1:] if args is None else args)
        if args_file_flag:
            flag = ArgumentParser(add_help=False, allow_abbrev=False)
            flag.add_argument(args_file_flag, dest="files", action="append", default=[])
            named, given = flag.parse_known_args(given)
            files += map(Path, named.files)
        from_files = [text for file in files if file.is_file() for text in file.read_text(encoding="utf-8").split()]
        namespace, remaining = self.parse_known_args([*from_files, *given])
        outputs: list[Any] = []
        for kind in self.dataclass_types:
            former, remaining = _former_options(kind, remaining)
            outputs.append(
                kind(
                    **former,
                    **{
                        field.name: getattr(namespace, field.name)
                        for field in dataclasses.fields(kind)
                        # A default would contradict the value that a former name has for it.
                        if field.init and not (former and getattr(namespace, field.name) == field.default)
                    },
                )
            )
        for name in {field.name for kind in self.dataclass_types for field in dataclasses.fields(kind) if field.init}:
            delattr(namespace, name)
        if vars(namespace):
            outputs.append(namespace)
        if return_remaining_strings:
            return (*outputs, remaining)
        if remaining:
            raise ValueError(f"args: the parser has no such options: {' '.join(remaining)}")
        return tuple(outputs)

    def parse_dict(self, args: Mapping[str, Any], allow_extra_keys: bool = False) -> tuple[DataClass, ...]:
        """An instance of each dataclass from a dict of its fields.

        Parameters
        ----------
        args
            The values by name of the field.
        allow_extra_keys
            Whether other keys are left out instead of being an error.

        Raises
        ------
        ValueError
            There are other keys.
        """
        outputs, used = [], set()
        for kind in self.dataclass_types:
            names = {field.name for field in dataclasses.fields(kind) if field.init} | _former_names(kind).keys()
            names &= args.keys()
            used |= names
            outputs.append(kind(**{name: args[name] for name in names}))
        if not allow_extra_keys and (extra := sorted(args.keys() - used)):
            raise ValueError(f"args: the dataclasses have no such fields: {', '.join(extra)}")
        return tuple(outputs)

    def parse_json_file(
        self, json_file: str | os.PathLike[str], allow_extra_keys: bool = False
    ) -> tuple[DataClass, ...]:
        """As `parse_dict`, from a JSON file."""
        return self.parse_dict(json.loads(Path(json_file).read_text(encoding="utf-8")), allow_extra_keys)

    def parse_yaml_file(
        self, yaml_file: str | os.PathLike[str], allow_extra_keys: bool = False
    ) -> tuple[DataClass, ...]:
        """As `parse_dict`, from a YAML file; requires PyYAML."""
        import yaml  # type: ignore[import-untyped]  # an optional package

        return self.parse_dict(yaml.safe_load(Path(yaml_file).read_text(encoding="utf-8")), allow_extra_keys)


def _former_names(kind: DataClassType) -> dict[str, type]:
    """Names that fields had before and that the class is still called with, by the types of their values."""
    found: dict[str, type] = getattr(kind, "former_names", {})
    return found


def _former_options(kind: DataClassType, texts: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The values of former names among unknown arguments, and the other arguments."""
    names = _former_names(kind)
    if not names or not texts:
        return {}, texts
    parser = ArgumentParser(add_help=False, allow_abbrev=False, argument_default=SUPPRESS)
    for name, type_ in names.items():
        options = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
        if type_ is bool:
            parser.add_argument(*options, type=string_to_bool, nargs="?", const=True)
        else:
            parser.add_argument(*options, type=type_)
    found, others = parser.parse_known_args(texts)
    return vars(found), others


def _add_field(container: _ActionsContainer, field: dataclasses.Field[Any], hint: Any) -> None:
    """Adds the option of a field."""
    options: dict[str, Any] = dict(field.metadata)
    aliases = options.pop("aliases", [])
    names = list(dict.fromkeys((f"--{field.name}", f"--{field.name.replace('_', '-')}")))
    names += [aliases] if isinstance(aliases, str) else aliases
    kind, is_optional = _plain(field.name, hint)
    make_default: Any = field.default_factory
    default = field.default if make_default is _MISSING else make_default()
    negative: dict[str, Any] | None = None
    if kind is bool:
        negative = dict(options) if default is True else None
        options["type"] = string_to_bool
        if not is_optional or default not in (None, _MISSING):
            # `--flag` alone is true.
            options |= {"nargs": "?", "const": True, "default": False if default is _MISSING else default}
        container.add_argument(*names, **options)
        if negative is not None:
            container.add_argument(
                *dict.fromkeys((f"--no_{field.name}", f"--no-{field.name.replace('_', '-')}")),
                **{**negative, "default": False},
                action="store_false",
                dest=field.name,
            )
        return
    if get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        options["choices"] = get_args(kind) if get_origin(kind) is Literal else [member.value for member in kind]
        options["type"] = make_choice_type_function(options["choices"])
    elif get_origin(kind) is list or kind is list:
        options |= {"type": (get_args(kind) or (str,))[0], "nargs": "+"}
    else:
        options["type"] = get_origin(kind) or kind
    if default is _MISSING:
        options["required"] = True
    else:
        options["default"] = default
    container.add_argument(*names, **options)


def _plain(name: str, hint: Any) -> tuple[Any, bool]:
    """The type of a field without `None`, or without the str of a union; and whether it may be None."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    members, none = get_args(hint), type(None)
    if str not in members and (len(members) != 2 or none not in members):
        raise ValueError(f"{name}: expected one type, which may be Optional or also a str, found {hint}")
    if none not in members:
        return (members[0] if members[1] is str else members[1]), False
    # Of types with str and None, scripts get the second one: a dataclass that reads texts itself names str there.
    return (members[1] if members[1] is not none else members[0]), True
