"""Components rendered once for each look, with holes for what differs from page to page.

Most of a form is the same on every page: a field without a fault is its frame around a value. Knows no component.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, cast

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Macro
from markupsafe import Markup

from webapp.template_environment import DeskEnvironment

#: What stands in a hole while its frame is made: characters of private use, which nothing escapes.
_HOLE = "\ue000{}\ue001"
_HOLES = re.compile("\ue000([a-z_]+)\ue001")
#: Looks are few: the texts of our own fields, in each language, with the names that each country has for them.
MOST_FRAMES = 4000


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
    notes: Mapping[str, Any]


def init_frames(app: Flask) -> None:
    """Give templates ``framed`` and ``framed_field``."""
    app.jinja_env.globals.update(framed=framed, framed_field=framed_field)


@pass_eval_context
def framed(context: EvalContext, component: Macro, look: Mapping[str, Any], **values: Any) -> Markup:
    """What ``component(**look, **values)`` is.

    Args:
        context: of the page.
        component: a macro that knows nothing but what it is given. It prints the values, alone or within other texts,
            and asks nothing about them.
        look: what decides how it looks; hashable, and of no customer.
        values: what differs.
    """

    def render() -> str:
        return component(context, **look, **{name: _HOLE.format(name) for name in values})

    return _fill(_environment(context), (component.name, *look.items()), render, values)


@pass_eval_context
def framed_field(context: EvalContext, component: Macro, bound: Any, checks: Any = None, **look: Any) -> Markup:
    """What ``component(bound, checks=checks, **look)`` is, where ``bound`` is a field of a form that holds a text.

    Of a field that something is said about, the component itself is asked.
    """
    if bound.errors or (checks and checks.notes.get(bound.name)):
        return cast("Markup", component(context, bound, checks=checks, **look))

    def render() -> str:
        data, url = (_HOLE.format(name) for name in ("data", "url"))
        empty = _EmptyField(bound.id, bound.name, bound.label, bound.description, data)
        return component(context, empty, checks=checks and _Checks(url, checks.sent_with, {}), **look)

    key = (component.name, bound.id, bound.label.text, bound.description, bool(checks), *look.items())
    return _fill(_environment(context), key, render, {"data": bound.data or "", "url": checks.url if checks else ""})


def _environment(context: EvalContext) -> DeskEnvironment:
    return cast("DeskEnvironment", context.environment)


def _fill(
    environment: DeskEnvironment, key: tuple[Any, ...], render: Callable[[], str], values: Mapping[str, Any]
) -> Markup:
    frames = environment.frames
    frame = frames.get(key)
    if frame is None:
        if len(frames) >= MOST_FRAMES:
            frames.clear()
        frame = frames[key] = _cut(str(render()), values)
    escaped = environment.as_markup
    return Markup(frame % {name: escaped(value) for name, value in values.items()})  # noqa: S704 - a component of ours


def _cut(rendered: str, names: Collection[str]) -> str:
    """A frame: what ``%`` fills the values of ``names`` into."""
    places = {_HOLE.format(name): f"%({name})s" for name in names}
    return _HOLES.sub(lambda found: places.get(found[0], found[0]), rendered.replace("%", "%%"))
