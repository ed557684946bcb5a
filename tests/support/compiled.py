"""What the framework compiles for an application, kept for the next one: each test has an application of its own.

Changes nothing in what is compiled; half of a small test's time would go there.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask
from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Jinja's compiled templates, in memory. Jinja itself checks the source before it takes one."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """A template has the texts of its environment's language in it."""
        language = getattr(environment, "language", "")
        return super().get_bucket(environment, f"{language}/{name}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is kept."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


class CompiledRule(Rule):
    """A rule of the URL map whose builders, functions of nothing but its text, are compiled once."""

    _compiled: ClassVar[dict[Any, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:  # their values become part of the function
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._compiled:
            self._compiled[key] = super()._compile_builder(append_unknown)
        return self._compiled[key]


Flask.url_rule_class = CompiledRule
COMPILED_TEMPLATES = CompiledTemplates()
