"""The document as ``/docs`` shows it: sections, operations, schemas, errors. Knows no HTML."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from webapp.openapi.markup import Block, Inline, Section, pretty_json, read_blocks, read_inline, read_sections
from webapp.openapi.texts import Schema
from webapp.openapi.wording import limits_of, name_of, type_of

#: Stands in a command for the address of the installation.
ADDRESS = "{address}"


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, a field, or several that are alike: names, where it stands, type, limits, what it is."""

    names: tuple[str, ...]
    place: str
    type: Inline
    limits: Inline
    about: Inline
    required: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no error: status, what it means, its headers, its schema or ``""``, an example or ``""``."""

    status: str
    about: Inline
    headers: tuple[str, ...]
    schema: str
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        curl: the command without the address, which stands where ``ADDRESS`` is.
        errors: statuses that the table of errors explains.
    """

    id: str
    method: str
    path: str
    summary: str
    about: list[Block]
    parameters: list[Row]
    body: list[Row]
    body_schema: str
    media_types: tuple[str, ...]
    answers: list[Answer]
    errors: tuple[str, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Component:
    """A schema by name: what it is, its fields, and where it has none, its type, limits and choices."""

    name: str
    about: Inline
    rows: list[Row]
    type: Inline
    limits: Inline
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One status of the table of errors: each code with its meaning, the headers, examples by code."""

    status: str
    about: Inline
    headers: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All of it."""

    title: str
    sections: list[Section]
    operations: list[Operation]
    components: list[Component]
    headers: list[Row]
    errors: list[ErrorRow]


def page_of(document: dict[str, Any]) -> Page:
    """The page of a document."""
    components = document["components"]
    return Page(
        title=document["info"]["title"],
        sections=read_sections(document["info"]["description"]),
        operations=[
            _operation(document, method, path, described)
            for path, methods in document["paths"].items()
            for method, described in methods.items()
        ],
        components=[_component(document, name, schema) for name, schema in components["schemas"].items()],
        headers=[
            _row(name, "", header["schema"], header["description"], header.get("required", False))
            for name, header in components["headers"].items()
        ],
        errors=[_error(name, response) for name, response in components["responses"].items()],
    )


def resolve(document: dict[str, Any], part: Schema) -> Schema:
    """What a reference leads to; anything else as it is."""
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _operation(document: dict[str, Any], method: str, path: str, described: dict[str, Any]) -> Operation:
    parameters = [resolve(document, parameter) for parameter in described.get("parameters", ())]
    content: dict[str, Any] = described.get("requestBody", {}).get("content", {})
    body_schema = name_of(next(iter(content.values()))["schema"]) if content else ""
    answers = {status: resolve(document, answer) for status, answer in described["responses"].items()}
    is_error = {status: "$ref" in answer for status, answer in described["responses"].items()}
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        about=read_blocks(described["description"]),
        parameters=[
            _row(one["name"], one["in"], one["schema"], one["description"], one.get("required", False))
            for one in parameters
        ],
        body=list(_rows(document, {"$ref": f"#/components/schemas/{body_schema}"})) if body_schema else [],
        body_schema=body_schema,
        media_types=tuple(content),
        answers=[_answer(status, answer) for status, answer in answers.items() if not is_error[status]],
        errors=tuple(status for status in answers if is_error[status]),
        curl=_curl(method, path, parameters, content, needs_key=described.get("security") != []),
    )


def _answer(status: str, answer: Schema) -> Answer:
    content = answer.get("content", {}).get("application/json", {})
    examples = [pretty_json(example["value"]) for example in content.get("examples", {}).values()]
    schema = name_of(content.get("schema", {}))
    return Answer(
        status, read_inline(answer["description"]), tuple(answer.get("headers", ())), schema, "\n".join(examples)
    )


def _row(name: str, place: str, schema: Schema, about: str, required: bool) -> Row:
    said = read_inline("; ".join(limits_of(schema)))
    return Row((name,), place, read_inline(type_of(schema)), said, read_inline(about), required)


def _rows(document: dict[str, Any], schema: Schema) -> Iterator[Row]:
    """The fields of an object; those that follow one another and are alike, as one."""
    schema = resolve(document, schema)
    waiting: Row | None = None
    for name, field in schema.get("properties", {}).items():
        target = resolve(document, field)
        about = field.get("description", target.get("description", ""))
        row = _row(name, "", field, about, name in schema.get("required", ()))
        if (
            waiting
            and waiting.about
            and (waiting.about, waiting.type, waiting.limits) == (row.about, row.type, row.limits)
        ):
            waiting = Row((*waiting.names, name), "", row.type, row.limits, row.about, row.required)
            continue
        if waiting:
            yield waiting
        waiting = row
    if waiting:
        yield waiting


def _component(document: dict[str, Any], name: str, schema: Schema) -> Component:
    choices = tuple(str(choice) for choice in schema.get("enum", ()) if choice)
    return Component(
        name,
        read_inline(schema.get("description", "")),
        list(_rows(document, schema)),
        read_inline(type_of(schema)),
        read_inline("; ".join(limits_of(schema))),
        choices,
    )


def _error(name: str, response: Schema) -> ErrorRow:
    examples = response["content"]["application/json"]["examples"]
    return ErrorRow(
        name.removeprefix("Error"),
        read_inline(response["description"]),
        tuple(response["headers"]),
        tuple((code, pretty_json(example["value"])) for code, example in examples.items()),
    )


def _curl(method: str, path: str, parameters: list[Schema], content: dict[str, Any], *, needs_key: bool) -> str:
    """A command that can be pasted, with the examples of the parameters that say which customer is meant."""
    examples = {
        one["name"]: one["example"] for one in parameters if "example" in one and one["in"] in {"path", "query"}
    }
    examples.pop("expand", None)
    for name in list(examples):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(examples.pop(name), safe=""))
    query = f"?{urlencode(examples)}" if examples else ""
    lines = [f'curl {"" if method == "get" else f"-X {method.upper()} "}"{ADDRESS}{path}{query}"']
    if needs_key:
        lines.append('-H "x-api-key: $KEY"')
    if content:
        media_type, body = next(iter(content.items()))
        example = next(iter(body["examples"].values()))["value"]
        written = json.dumps(example, ensure_ascii=False, indent=2).replace("'", "'\\''")
        lines += [f'-H "Content-Type: {media_type}"', f"-d '{written}'"]
    return " \\\n  ".join(lines)
