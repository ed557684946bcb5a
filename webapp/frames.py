"""Pages and components rendered once for each look, with holes for what differs from one record to the next.

Most of a form is the same on every page: a field without a fault is its frame around a value. Knows no component.
"""

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, AnyStr, Generic, NamedTuple, cast

from flask import Flask, get_template_attribute, render_template
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Macro
from markupsafe import Markup

from webapp.current import current_application
from webapp.template_environment import DeskEnvironment, root_path

#: A hole's name stands between two of these while its frame is made: letters and digits, so that no address and no
#: markup changes them, and nobody's guess, so that no text holds them.
_MARK = f"hole{secrets.token_hex(12)}"
_HOLES = re.compile(f"{_MARK}([a-z0-9_]+?){_MARK}")
_INDENTATION = re.compile(r"\n\s+")
#: Looks are few: the texts of our own fields, in each language, with the names that each country has for them.
MOST_FRAMES = 4000

Holes = Mapping[str, str]


class _Frame(Generic[AnyStr]):
    """What was rendered, as text or in UTF-8, in pieces: before the first hole, between two, and behind the last."""

    __slots__ = ("_holes", "_joint", "_parts", "_values_of")

    def __init__(self, pieces: Sequence[AnyStr], holes: Sequence[str]) -> None:
        """With the names of the holes between the pieces."""
        self._joint: AnyStr = pieces[0][:0]
        self._parts: list[AnyStr] = [self._joint] * (2 * len(holes) + 1)
        self._parts[::2] = pieces
        self._holes = holes
        # One call for all of them: a row of an editor has two dozen.
        self._values_of: Callable[[Mapping[str, AnyStr]], Sequence[AnyStr]] = (
            itemgetter(*holes) if len(holes) > 1 else self._few
        )

    def _few(self, values: Mapping[str, AnyStr]) -> Sequence[AnyStr]:
        return [values[hole] for hole in self._holes]

    def filled(self, values: Mapping[str, AnyStr]) -> AnyStr:
        """The whole, with values that are escaped."""
        parts = self._parts.copy()
        parts[1::2] = self._values_of(values)
        return self._joint.join(parts)

    def encoded(self: "_Frame[str]") -> "_Frame[bytes]":
        """The same in UTF-8."""
        return _Frame([piece.encode() for piece in self._parts[::2]], self._holes)


class _EmptyField(NamedTuple):
    """A field of a form without a fault, as components see it."""

    id: str
    name: str
    label: Any
    description: str
    data: str
    errors: tuple[str, ...] = ()


class _Checks(NamedTuple):
    """Where a field is judged, as components see it."""

    url: str
    sent_with: Callable[[str], str]
    notes: Mapping[str, Markup]


class Call(NamedTuple):
    """A component that is asked for.

    Attributes:
        look: what decides how it looks, beside the reader's language; hashable, and of no customer.
        arguments_of: what it is called with, given the holes of what differs.
        each: what differs, for each time that it is wanted, by the same names.
    """

    look: tuple[Any, ...]
    arguments_of: Callable[[Holes], Mapping[str, Any]]
    each: Sequence[Mapping[str, Any]]


def init_frames(app: Flask) -> None:
    """Give templates ``framed`` and ``framed_field``."""
    app.jinja_env.globals.update(framed=framed, framed_field=framed_field)


@pass_eval_context
def framed(context: EvalContext, component: Macro, look: Mapping[str, Any], **values: Any) -> Markup:
    """What ``component(**look, **values)`` is, for templates.

    Args:
        context: of the page.
        component: a macro that knows nothing but what it is given. It prints the values, alone or within other texts,
            and asks no more about them than whether they are there, which they are.
        look: what decides how it looks; hashable, and of no customer.
        values: what differs.
    """

    def render() -> str:
        return component(context, **look, **_holes(values))

    return _fill(_environment(context), (root_path(), component.name, *look.items()), render, values)


@pass_eval_context
def framed_field(context: EvalContext, component: Macro, bound: Any, checks: Any = None, **look: Any) -> Markup:
    """What ``component(bound, checks=checks, **look)`` is, where ``bound`` is a field of a form that holds a text.

    Of a field that something is said about, the component itself is asked.
    """
    if bound.errors or (checks and checks.notes.get(bound.name)):
        return cast("Markup", component(context, bound, checks=checks, **look))

    def render() -> str:
        data, url = _holes(("data", "url")).values()
        empty = _EmptyField(bound.id, bound.name, bound.label, bound.description, data)
        return component(context, empty, checks=checks and _Checks(url, checks.sent_with, {}), **look)

    key = (root_path(), component.name, bound.id, bound.label.text, bound.description, bool(checks), *look.items())
    return _fill(_environment(context), key, render, {"data": bound.data or "", "url": checks.url if checks else ""})


class Frames:
    """The frames of this answer's language, at the place that the application is mounted at; for views."""

    __slots__ = ("_environment", "_place")

    def __init__(self) -> None:
        """Of the reader's language as it is now."""
        self._environment = cast("DeskEnvironment", current_application().jinja_env).spoken()
        self._place = root_path()

    def components(self, component: tuple[str, str], calls: Iterable[Call]) -> Markup:
        """Components for several calls, one behind the other, without the indentation that nobody sees.

        Args:
            component: the template of a macro, and the macro's name; see :func:`framed`.
            calls: what it is called with.
        """
        filled: list[str] = []
        for call in calls:
            if call.each:
                key = (self._place, *component, *call.look)
                frame: _Frame[str] = _kept(self._environment.frames, key, partial(_frame_of, component, call))
                filled.extend(frame.filled(_escaped(self._environment, values)) for values in call.each)
        return Markup("".join(filled))  # noqa: S704 - markup of ours, around what is escaped

    def template(
        self,
        template: str,
        look: tuple[Any, ...],
        context_of: Callable[[Holes], Mapping[str, Any]],
        values: Mapping[str, Any],
    ) -> Markup:
        """A template that is rendered with what ``context_of`` says, given the holes of ``values``: what differs."""

        def render() -> str:
            return _unindented(render_template(template, **context_of(_holes(values))))

        return _fill(self._environment, (self._place, template, *look), render, values)

    def page(
        self,
        template: str,
        look: tuple[Any, ...],
        context_of: Callable[[Holes], Mapping[str, Any]],
        values: Mapping[str, Any],
        printed: Mapping[str, str],
    ) -> bytes:
        """As :meth:`template`, in UTF-8: what is long and always the same is encoded once.

        Args:
            template: its name.
            look: as in :class:`Call`.
            context_of: what it is rendered with, given the holes of ``values``.
            values: what differs.
            printed: values that the template comes by itself, such as the CSRF token, found by their text: so that must
                be such as stands nowhere else.
        """

        def render() -> str:
            text = render_template(template, **context_of(_holes(values)))
            for hole, value in zip(_holes(printed).values(), printed.values(), strict=True):
                text = text.replace(value, hole)
            return _unindented(text)

        all_values, key = {**values, **printed}, (self._place, template, *look)
        frame: _Frame[bytes] = _kept(self._environment.pages, key, lambda: _cut(render(), all_values).encoded())
        return frame.filled({name: value.encode() for name, value in _escaped(self._environment, all_values).items()})


def _frame_of(component: tuple[str, str], call: Call) -> _Frame[str]:
    names = call.each[0]
    return _cut(_unindented(get_template_attribute(*component)(**call.arguments_of(_holes(names)))), names)


def _holes(names: Collection[str]) -> dict[str, str]:
    return {name: f"{_MARK}{name}{_MARK}" for name in names}


def _environment(context: EvalContext) -> DeskEnvironment:
    return cast("DeskEnvironment", context.environment)


def _fill(
    environment: DeskEnvironment, key: tuple[Any, ...], render: Callable[[], str], values: Mapping[str, Any]
) -> Markup:
    """The frame of a place and a look, filled."""
    frame: _Frame[str] = _kept(environment.frames, key, lambda: _cut(render(), values))
    return Markup(frame.filled(_escaped(environment, values)))  # noqa: S704 - markup of ours, around what is escaped


def _kept(frames: dict[tuple[Any, ...], Any], key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """The frame of a place that the application is mounted at, as addresses begin with that, and a look."""
    frame = frames.get(key)
    if frame is None:
        if len(frames) >= MOST_FRAMES:
            frames.clear()
        frame = frames[key] = make()
    return frame


def _escaped(environment: DeskEnvironment, values: Mapping[str, Any]) -> dict[str, str]:
    as_markup = environment.as_markup
    return {name: as_markup(value) for name, value in values.items()}


def _unindented(rendered: str) -> str:
    return _INDENTATION.sub("\n", rendered)


def _cut(rendered: str, names: Collection[str]) -> _Frame[str]:
    """A frame with holes for the values of ``names``."""
    pieces, holes = [""], []
    text, *found = _HOLES.split(str(rendered))
    pieces[0] = text
    for name, text in zip(found[::2], found[1::2], strict=True):
        if name in names:
            holes.append(name)
            pieces.append(text)
        else:
            pieces[-1] += f"{_MARK}{name}{_MARK}{text}"
    return _Frame(pieces, holes)
