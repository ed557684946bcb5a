"""What a person reads on the desk's pages, and how they fill its form."""

from dataclasses import dataclass

from bs4 import Tag

from tests.support.clients import DeskClient, Page
from webapp.customers.model import Customer


@dataclass(frozen=True)
class RowEditor:
    """One of the edit page's two editors of rows.

    Attributes:
        root: the id of its fragment.
        blank: the index of the blank row that comes behind the rows of a customer with three entries, or two mappings.
    """

    field: str
    root: str
    parts: tuple[str, str]
    blank: int

    def row(self, index: int, first: str, second: str) -> dict[str, str]:
        """What a browser sends for a row."""
        names = (f"{self.field}-{index}-{part}" for part in self.parts)
        return dict(zip(names, (first, second), strict=True))


ENTRIES = RowEditor("metadata", "metadata-editor", ("key", "value"), 3)
INTEGRATIONS = RowEditor("integration_entity_mapping", "mappings-editor", ("provider", "id"), 2)


def folded(tag: Tag) -> str:
    """The text of an element, white space folded."""
    return " ".join(tag.get_text(" ").split())


def listed(page: Page) -> list[str]:
    """The external IDs of the rows of a list, from the top."""
    return [folded(link) for link in page.all("#customer-rows .row-link")]


def facts(page: Page) -> dict[str, str]:
    """The labels and values of a record's cards."""
    return {folded(fact.select("dt")[0]): folded(fact.select("dd")[0]) for fact in page.all(".facts > div")}


def changed_fields(within: Tag) -> list[tuple[str, str, str]]:
    """(label, old, new) of each field that a part of a page says has changed; ``""`` where one is not there."""
    return [
        (folded(change.select("dt")[0]), _shown(change, "del", "was"), _shown(change, "ins", "now"))
        for change in within.select(".field-changes > div")
    ]


def _shown(change: Tag, name: str, word: str) -> str:
    found = change.select(name)
    return " ".join(found[0].get_text().split()).removeprefix(f"{word} ") if found else ""


def url_of(customer: Customer) -> str:
    """The address of a record."""
    return f"/customers/{customer.id}"


def opened_form(desk: DeskClient, customer: Customer) -> dict[str, str]:
    """What the edit page would send if nothing was touched."""
    return desk.get(f"{url_of(customer)}/edit").form_values()


def save(desk: DeskClient, customer: Customer, values: dict[str, str] | None = None, **typed: str) -> Page:
    """Press Save: the form as opened just now, or ``values``, with ``typed`` in its boxes."""
    return desk.post(f"{url_of(customer)}/edit", {**(values or opened_form(desk, customer)), **typed})


def save_and_follow(desk: DeskClient, customer: Customer, values: dict[str, str] | None = None, **typed: str) -> Page:
    """Press Save where nothing speaks against it: the record that follows."""
    answer = save(desk, customer, values, **typed)
    assert answer.status == 303, page_errors(answer)
    return desk.get(answer.response.headers["Location"])


def press(desk: DeskClient, customer: Customer, values: dict[str, str], button: str, *, htmx: bool) -> Page:
    """Press a row button of the edit page, such as ``metadata remove 1``."""
    return desk.post(f"{url_of(customer)}/edit/rows", {**values, "rows": button}, htmx=htmx)


def page_errors(page: Page) -> list[tuple[str, str]]:
    """(target, message) of each line of the error summary."""
    links = page.all("#error-summary .panel-list a")
    return [(str(link["href"]).removeprefix("#"), folded(link)) for link in links]


def error_of(page: Page, control_id: str) -> str:
    """The message beside a control, which must be tied to it and be in the error summary."""
    control = page.one(f'[id="{control_id}"]')
    assert control["aria-invalid"] == "true"
    assert f"{control_id}-error" in str(control["aria-describedby"]).split()
    assert control_id in [target for target, _ in page_errors(page)]
    return page.text(f'[id="{control_id}-error"]').removeprefix("Error: ")


def conflicts_on(page: Page) -> dict[str, dict[str, str]]:
    """By label: each value that can be chosen."""
    return {
        folded(choice.select("legend")[0]): {
            str(side.select("input")[0]["value"]): " ".join(side.select(".choice-value")[0].get_text().split())
            for side in choice.select(".choice-side")
        }
        for choice in page.all("#stale .choice")
    }


def choose(page: Page, **wanted: str) -> dict[str, str]:
    """What the form sends with a choice for each label, ``_`` for a space."""
    values = page.form_values()
    for choice in page.all("#stale .choice"):
        label = folded(choice.select("legend")[0]).replace(": ", "_").replace(" ", "_")
        if label in wanted:
            values[str(choice.select("input[type=radio]")[0]["name"])] = wanted[label]
    return values
