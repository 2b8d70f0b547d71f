"""Files of inputs and results of pipelines: csv, json, and lines of standard input."""

from __future__ import annotations

import csv
import json
import os
import pickle
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from trustformers.errors import InputError, IoError

__all__ = ["CsvPipelineDataFormat", "JsonPipelineDataFormat", "PipedPipelineDataFormat", "PipelineDataFormat"]


class PipelineDataFormat(ABC):
    """Base of the formats: iterates over inputs and writes results.

    Parameters
    ----------
    output_path
        The file to write.
    input_path
        The file to read.
    column
        The column to read, or several: "question=first,context=second" gives dicts of `question` and `context`.
    overwrite
        Whether an existing `output_path` is replaced.

    Raises
    ------
    IoError
        The input does not exist, or the output does.
    """

    SUPPORTED_FORMATS: ClassVar[list[str]] = ["json", "csv", "pipe"]

    def __init__(
        self, output_path: str | None, input_path: str | None, column: str | None, overwrite: bool = False
    ) -> None:
        self.output_path = output_path
        self.input_path = input_path
        columns = [""] if column is None else column.split(",")
        self.is_multi_columns: bool = len(columns) > 1
        # Names in the inputs and in the file.
        self._columns = [(name, source or name) for name, _, source in (one.partition("=") for one in columns)]
        self.column: list[Any] = self._columns if self.is_multi_columns else columns
        if output_path is not None and not overwrite and os.path.exists(output_path):
            raise IoError(f"{output_path}: the file exists; pass overwrite=True")
        if input_path is not None and not os.path.exists(input_path):
            raise IoError(f"{input_path}: there is no such file")

    @abstractmethod
    def __iter__(self) -> Iterator[Any]:
        """The inputs."""

    @abstractmethod
    def save(self, data: Any) -> None:
        """Writes results."""

    def save_binary(self, data: Any) -> str:
        """Pickles results beside `output_path`; returns the path.

        Raises
        ------
        InputError
            There is no `output_path`.
        """
        if self.output_path is None:
            raise InputError("output_path: missing; binary results need a file")
        path = os.path.splitext(self.output_path)[0] + ".pickle"
        Path(path).write_bytes(pickle.dumps(data))
        return path

    def _of_row(self, row: Mapping[str, Any]) -> Any:
        if self.is_multi_columns:
            return {name: row[source] for name, source in self._columns}
        return row[self.column[0]]

    @staticmethod
    def from_str(
        format: str,
        output_path: str | None,
        input_path: str | None,
        column: str | None,
        overwrite: bool = False,
    ) -> PipelineDataFormat:
        """The format of a name: "json", "csv" or "pipe".

        Raises
        ------
        KeyError
            The format is unknown.
        """
        formats: dict[str, type[PipelineDataFormat]] = {
            "json": JsonPipelineDataFormat,
            "csv": CsvPipelineDataFormat,
            "pipe": PipedPipelineDataFormat,
        }
        if format not in formats:
            raise KeyError(f"format: {format!r} is not one of {', '.join(formats)}")
        return formats[format](output_path, input_path, column, overwrite)


class CsvPipelineDataFormat(PipelineDataFormat):
    """Rows of a csv file with a header."""

    def __iter__(self) -> Iterator[Any]:
        with open(str(self.input_path), encoding="utf-8", newline="") as file:
            yield from map(self._of_row, csv.DictReader(file))

    def save(self, data: list[dict[str, Any]]) -> None:
        """Writes a list of dicts with the same keys."""
        with open(str(self.output_path), "w", encoding="utf-8", newline="") as file:
            if data:
                writer = csv.DictWriter(file, [*data[0]])
                writer.writeheader()
                writer.writerows(data)


class JsonPipelineDataFormat(PipelineDataFormat):
    """A list of objects in a json file."""

    def __init__(
        self, output_path: str | None, input_path: str | None, column: str | None, overwrite: bool = False
    ) -> None:
        super().__init__(output_path, input_path, column, overwrite)
        self._entries = json.loads(Path(str(input_path)).read_text("utf-8"))

    def __iter__(self) -> Iterator[Any]:
        return map(self._of_row, self._entries)

    def save(self, data: Any) -> None:
        """Writes results that json can hold."""
        Path(str(self.output_path)).write_text(json.dumps(data), "utf-8")


class PipedPipelineDataFormat(PipelineDataFormat):
    """Lines of standard input; a line with tabs has several columns."""

    def __iter__(self) -> Iterator[Any]:
        for line in sys.stdin:
            cells = line.rstrip("\n").split("\t")
            if len(cells) == 1:
                yield cells[0]
            elif self.is_multi_columns:
                yield {name: cell for (name, _), cell in zip(self._columns, cells, strict=False)}
            else:
                yield tuple(cells)

    def save(self, data: Any) -> None:
        """Prints results."""
        print(data)
