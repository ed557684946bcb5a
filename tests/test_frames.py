"""Components rendered once, with holes: what comes out is what the component itself would have said."""

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, current_app, get_template_attribute
from markupsafe import Markup

from webapp.customers.form_page import Checks
from webapp.frames import Call, Frames
from webapp.phrases import phrase

VALUES = ("plain", "", '<b> & "quoted"', "100 % of %(data)s", "{data} {{ x }}", "\ue000data\ue001", "東京 🎈", "\\1")
BY_FRAME = '{% from "components/field.html" import field %}{{ framed_field(field, bound, checks, width="half") }}'
BY_ITSELF = '{% from "components/field.html" import field %}{{ field(bound, checks=checks, width="half") }}'
ROW = """{% from "components/row_input.html" import row_input %}
{{ framed(row_input, {"errors": ()}, id=id, label=label, value=value, check_url=url) }}"""
ROW_ITSELF = """{% from "components/row_input.html" import row_input %}
{{ row_input(id, label, value, (), check_url=url) }}"""


@pytest.fixture(autouse=True)
def _in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/customers"):
        yield


def render(source: str, **told: Any) -> str:
    """A template of the reader's language."""
    return current_app.jinja_env.get_template("_search.html").environment.from_string(source).render(told)


def a_field(data: str | None, **more: Any) -> Any:
    """As WTForms has one."""
    label = SimpleNamespace(text=phrase("Name"))
    given = {"id": "name", "name": "name", "label": label, "description": "", "errors": ()}
    return SimpleNamespace(**{**given, "data": data, **more})


@pytest.mark.parametrize("value", [*VALUES, None])
@pytest.mark.parametrize("checks", [None, Checks("/customers/new/check?a=1&b=2", {})])
def test_a_framed_field_is_the_field(value: str | None, checks: Checks | None) -> None:
    """Whatever its value, the first time and each time after."""
    for data in (value, "another", value):
        told = {"bound": a_field(data), "checks": checks}
        assert render(BY_FRAME, **told) == render(BY_ITSELF, **told)


def test_what_looks_like_a_hole_is_none() -> None:
    """A look that has the characters by which holes are found is printed as it is."""
    label = SimpleNamespace(text="\ue000nobody\ue001 %(data)s")
    told = {"bound": a_field("a", label=label), "checks": None}
    assert render(BY_FRAME, **told) == render(BY_ITSELF, **told)


@pytest.mark.parametrize("value", VALUES)
def test_a_framed_row_is_the_row(value: str) -> None:
    """With a value in several places."""
    for text in (value, "another"):
        told = {"id": "metadata-1-key", "label": text, "value": text, "url": f"/check?{text}"}
        assert render(ROW, **told) == render(ROW_ITSELF, **told)


def test_a_field_that_something_is_said_about_is_rendered_anew() -> None:
    """Errors and advice have no place in a frame."""
    plain = render(BY_FRAME, bound=a_field("a"), checks=None)
    wrong = {"bound": a_field("a", errors=["Too short."]), "checks": None}
    advised = {"bound": a_field("a"), "checks": Checks("/check", {"name": Markup("<p>Look again.</p>")})}
    assert "Too short." in render(BY_FRAME, **wrong)
    assert "Look again." in render(BY_FRAME, **advised)
    assert render(BY_FRAME, bound=a_field("a"), checks=None) == plain


def test_a_field_of_another_label_has_another_frame() -> None:
    """A country has its own names for the parts of an address."""
    texts = [
        render(BY_FRAME, bound=a_field("a", label=SimpleNamespace(text=phrase(label))), checks=None)
        for label in ("ZIP code", "Postcode")
    ]
    assert "ZIP code" in texts[0]
    assert "Postcode" in texts[1]


def test_frames_are_forgotten_when_there_are_very_many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can fill the memory with looks."""
    monkeypatch.setattr("webapp.frames.MOST_FRAMES", 3)
    for number in range(10):
        label = SimpleNamespace(text=f"Label {number}")
        assert f"Label {number}" in render(BY_FRAME, bound=a_field("a", label=label), checks=None)
    environment: Any = app.jinja_env
    assert all(len(one.frames) <= 3 for one in environment.environments_by_language.values())


@pytest.mark.parametrize("value", VALUES)
def test_a_component_for_a_view_is_the_component(value: str) -> None:
    """Whatever its values, the first time and each time after; without its indentation."""
    component = ("components/row_input.html", "row_input")

    def arguments_of(holes: Mapping[str, str]) -> dict[str, Any]:
        return {"id": f"row-{holes['index']}", "label": "Key", "value": holes["value"], "errors": ()}

    for index, text in enumerate((value, "another", value)):
        rows = [{"index": index, "value": text}, {"index": index + 1, "value": "further"}]
        framed = Frames().components(component, [Call((), arguments_of, rows), Call(("none",), arguments_of, [])])
        plain = [get_template_attribute(*component)(f"row-{row['index']}", "Key", row["value"], ()) for row in rows]
        assert framed == "".join(re.sub(r"\n\s+", "\n", one) for one in plain)


def test_markup_is_filled_in_as_it_is_and_text_is_escaped() -> None:
    """What a component made is not escaped once more."""
    for value, said in ((Markup("<b>bold</b>"), "<b>bold</b>"), ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;")):
        call = Call((), lambda holes: {"text": holes["text"]}, [{"text": value}])
        assert said in Frames().components(("components/chip.html", "chip"), [call])
