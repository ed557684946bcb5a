"""A staff member of the bench at the desk: signs in over HTTP, and fills in forms as a browser does. Times nothing."""

from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup

from bench.people import SCOPE
from bench.sent import LONGEST_WAIT_SECONDS, WrongAnswer
from webapp.access.accounts import reset_password
from webapp.access.staff import create_staff
from webapp.access.staff_members import find_by_email
from webapp.customers.editing import PARENT, open_edit
from webapp.customers.history import MAPPING_FIELD
from webapp.customers.limits import TEXT_FIELDS, Limits
from webapp.errors import NotFound

EMAIL = "bench@desk.example"
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """One that is signed in.

    Attributes:
        csrf_token: what its forms carry.
    """

    def __init__(self, address: str, password: str) -> None:
        self._at = urlsplit(address).netloc
        self._cookies: dict[str, str] = {}
        values = {"email": EMAIL, "password": password, "next": "", "csrf_token": self._token_of("/sign-in")}
        answer, _ = self._send("POST", "/sign-in", urlencode(values))
        if answer.status != 302 or answer.headers["Location"] != "/customers":
            raise WrongAnswer(f"cannot sign in: {answer.status}")
        self.csrf_token = self._token_of("/customers")

    @property
    def headers(self) -> dict[str, str]:
        """What it sends with each request: its cookies."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items() if value)}

    def _token_of(self, path: str) -> str:
        _, page = self._send("GET", path)
        return str(BeautifulSoup(page, "html.parser").select("input[name=csrf_token]")[0]["value"])

    def _send(self, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, bytes]:
        with closing(HTTPConnection(self._at, timeout=LONGEST_WAIT_SECONDS)) as connection:
            connection.request(method, path, body, {**self.headers, **FORM_TYPE})
            answer = connection.getresponse()
            content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer, content


def password_of_bench() -> str:
    """A new password of the bench's editor, who is created at the first use; inside of an application context."""
    try:
        _, staff_id = find_by_email(EMAIL)
    except NotFound:
        return create_staff(EMAIL, "editor", tenant_id=SCOPE.tenant_id)
    return reset_password(staff_id)


def form_values(csrf_token: str, customer_id: str) -> dict[str, str]:
    """What a browser sends of the edit form of a customer that nobody touched; inside of an application context."""
    edit = open_edit(SCOPE, customer_id, Limits())
    form = edit.form
    form.metadata.add_row()  # the page ends with a blank one
    values = {"csrf_token": csrf_token, "environment_id": SCOPE.environment_id}
    names = ("version", "stale_since", *TEXT_FIELDS, PARENT, "metadata_pasted", "reason")
    values |= {name: form[name].data or "" for name in names}
    for name in ("metadata", MAPPING_FIELD):
        values[name] = "rows"
        for row in form[name].rows:
            values |= {f"{name}-{row.index}-{part}": getattr(row, part) for part in row.parts}
    return values
