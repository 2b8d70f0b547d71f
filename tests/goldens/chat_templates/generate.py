"""What Jinja2 makes of expressions and statements, in the environment that transformers builds for chat templates.

Writes the results in `jinja.json` beside this file anew. The file holds its cases as well; append one without a result:

- `values`: expressions for one operand, `pairs`: expressions for two;
- `unary`, `binary`: templates with `@` and `@@` in place of the operands, and a result for each operand or pair;
- `templates`: whole templates, each with its result;
- a result is a text, nothing where Jinja2 has a fault, or the number of an error in `errors`: the exception's name and,
  where users read it, its text.

Run with a Python that has transformers and jinja2.
"""

import copy
import json
import re
from pathlib import Path

import jinja2
import transformers
from transformers.utils.chat_template_utils import _cached_compile_jinja_template

FILE = Path(__file__).with_name("jinja.json")
# Exceptions whose text does not come from Python itself.
SHOWN = {"UndefinedError", "SecurityError", "TemplateError"}
ADDRESS = re.compile("0x7[0-9a-fx]{8,}", re.IGNORECASE)
# Hints of values that the engine makes itself.
HINTS = ("parameter '", "No caller defined", "there is no ")


class Results:
    """Renders templates, and numbers the errors."""

    def __init__(self, messages):
        self.messages = messages
        self.errors = []

    def error(self, name, message):
        error = [name, message]
        if error not in self.errors:
            self.errors.append(error)
        return self.errors.index(error)

    def of(self, template):
        try:
            compiled = _cached_compile_jinja_template(template)
            # A copy, as the `indent` filter of Jinja2 changes a list.
            messages = copy.deepcopy(self.messages)
            text = compiled.render(messages=messages, tools=None, documents=None, add_generation_prompt=False)
        except RecursionError:
            return self.error("RecursionError", "")
        except Exception as error:
            name, message = type(error).__name__, str(error)
            if name == "NameError":
                # Jinja2 writes infinite numbers into its Python code as a name that is not there.
                return None
            is_shown = name in SHOWN and not ADDRESS.search(message) and not message.startswith(HINTS)
            return self.error(name, message if is_shown else "")
        if ADDRESS.search(text):
            return self.error("Address", "")
        return text


def main():
    golden = json.loads(FILE.read_text(encoding="utf-8"))
    results = Results(golden["messages"])
    values, pairs = golden["values"], golden["pairs"]
    golden["versions"] = {"jinja2": jinja2.__version__, "transformers": transformers.__version__}
    for row in golden["unary"]:
        row[1:] = [[results.of(row[0].replace("@", value)) for value in values]]
    for row in golden["binary"]:
        operands = [(left, right) for left in pairs for right in pairs]
        row[1:] = [[results.of(row[0].replace("@@", right).replace("@", left)) for left, right in operands]]
    for row in golden["templates"]:
        row[1:] = [results.of(row[0])]
    golden["errors"] = results.errors

    def compact(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def lines(value):
        return compact(value) if isinstance(value, dict) else "[\n" + ",\n".join(map(compact, value)) + "\n]"

    entries = ",\n".join(f"{compact(name)}:{lines(value)}" for name, value in golden.items())
    FILE.write_text("{\n" + entries + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
