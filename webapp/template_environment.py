"""Jinja's environment, one for each language: a text without values is looked up when its template is compiled.

A page has some hundred such texts. Knows no template and no catalog.
"""

import re
from collections.abc import Callable, MutableMapping
from types import FunctionType
from typing import Any, cast

from flask import has_app_context, has_request_context
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from webapp.current import current_request

#: Tells whether a text holds one of the characters that ``escape`` writes in another way.
_needs_escaping = re.compile("[&<>'\"]").search
#: What templates call with a text.
TEXT_FUNCTIONS = frozenset({"_", "gettext"})


def root_path() -> str:
    """Where the application is mounted, which the addresses in a page begin with."""
    return current_request().root_path if has_request_context() else ""


class TextsFirst(CodeGenerator):
    """Jinja's compiler, to which ``{{ _("Save") }}`` is a piece of the page as the markup around it is."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        text = _text_alone(node)
        environment = cast("DeskEnvironment", self.environment)
        if text is None or not environment.language:
            return super()._output_child_to_const(node, frame, finalize)
        return environment.translate(environment.language, text)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.as_markup(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")")


def _text_alone(node: nodes.Expr) -> str | None:
    """The text of a call with nothing but a text, else None."""
    match node:
        case nodes.Call(
            node=nodes.Name(name=name), args=[nodes.Const(value=str(text))], kwargs=[], dyn_args=None, dyn_kwargs=None
        ) if name in TEXT_FUNCTIONS:
            return text
    return None


class QuickContext(Context):
    """Jinja's context, which calls macros and plain functions without asking what else they could be."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls."""
        is_macro = type(called) is Macro
        if not is_macro and (type(called) is not FunctionType or hasattr(called, "jinja_pass_arg")):
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)  # for what takes a context alone
        kwargs.pop("_loop_vars", None)
        return called(self.eval_ctx, *args, **kwargs) if is_macro else called(*args, **kwargs)


class DeskEnvironment(Environment):
    """The environment that Flask asks for templates, which asks that of the reader's language.

    Attributes:
        language: whose texts its templates have; ``""`` for the one that Flask knows.
        reader_language: tells the code of the language of this answer; set by ``init_rendering``.
        rendered: pieces of pages in it, see :meth:`same_everywhere`.
        frames, pages: of components and of whole pages in it, see :mod:`webapp.frames`.
        translate: a text in the language of that code, as markup, whoever reads; set by ``init_translation``.
    """

    code_generator_class = TextsFirst
    context_class = QuickContext
    language = ""
    reader_language: Callable[[], str]
    translate: Callable[[str, str], str]
    rendered: dict[tuple[str, str], Markup]
    frames: dict[tuple[Any, ...], Any]
    pages: dict[tuple[Any, ...], Any]

    def get_template(self, name: Any, *more: Any, **named: Any) -> Template:
        """A template in the reader's language."""
        if self.language or not has_app_context():
            return super().get_template(name, *more, **named)
        return self.spoken().get_template(name, *more, **named)

    def get_or_select_template(self, template_name_or_list: Any, *more: Any, **named: Any) -> Template:
        """As :meth:`get_template`, of several the first there is."""
        if self.language or not has_app_context():
            return super().get_or_select_template(template_name_or_list, *more, **named)
        return self.spoken().get_or_select_template(template_name_or_list, *more, **named)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows of itself. Jinja's own is looked through name by name whenever macros are imported."""
        return {**self.globals, **(d or {})}

    def as_markup(self, value: Any) -> str:
        """What a template prints, escaped. A page prints some seven hundred values, most of them texts and markup."""
        kind = type(value)
        if kind is Markup:
            return cast("Markup", value)
        if kind is int:
            return str(value)
        if kind is str:
            return escape(value) if _needs_escaping(value) else cast("str", value)
        if self.finalize is None:
            return escape(value)
        return escape(self.finalize(value))

    def same_everywhere(self, name: str) -> Markup:
        """A template that asks nothing of the page or its reader but the language, rendered once for each.

        And for each place that the application is mounted at, which the addresses begin with.
        """
        own = self.spoken()
        key = (root_path(), name)
        if key not in own.rendered:
            own.rendered[key] = Markup(own.get_template(name).render())  # noqa: S704 - a template of ours
        return own.rendered[key]

    def spoken(self) -> "DeskEnvironment":
        """That of the reader's language."""
        return self._of(self.reader_language())

    def _of(self, language: str) -> "DeskEnvironment":
        if language not in self._spoken:
            own = self.overlay(cache_size=-1)
            own.language, own.rendered, own.frames, own.pages = language, {}, {}, {}
            self._spoken[language] = own
        return self._spoken[language]

    @property
    def _spoken(self) -> dict[str, "DeskEnvironment"]:
        kept: dict[str, DeskEnvironment] = self.__dict__.setdefault("environments_by_language", {})
        return kept
