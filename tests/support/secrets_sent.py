"""Requests to both faces that carry a mark in everything that a log must not hold, over any way of sending them."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from bs4 import BeautifulSoup

from tests.support.world import World

#: Status, request ID and body of the answer to: method, path, headers, body.
Send = Callable[[str, str, dict[str, str], bytes], tuple[int, str, str]]

#: The fields of a customer that take any text of so many characters.
TEXTS = {
    "name": 255,
    "contact": 20,
    "address_line1": 255,
    "address_line2": 255,
    "address_city": 100,
    "address_state": 100,
    "address_postal_code": 20,
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class SecretSender:
    """Sends marked requests, and remembers how they were answered.

    Attributes:
        send: how.
        world: whose keys are used.
        cookie: name and value of a signed-in person's session.
        mark: is in every secret; letters and digits, so that no escaping hides it.
        answers: request ID and status of each answer.
    """

    send: Send
    world: World
    cookie: tuple[str, str]
    mark: str = field(default_factory=lambda: f"zq{secrets.token_hex(6)}")
    answers: dict[str, int] = field(default_factory=dict)

    @property
    def statuses(self) -> set[int]:
        """All that there were."""
        return set(self.answers.values())

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str]:
        """Send one. Returns status and body."""
        more = {"User-Agent": self.mark, "Referer": f"http://{self.mark}.example/?{self.mark}", "X-Odd": self.mark}
        status, request_id, text = self.send(method, path, {**more, **headers}, body)
        self.answers[request_id] = status
        return status, text

    def api(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        """To the API, with a write key unless told otherwise."""
        sent = {"x-api-key": self.world.keys["write"], "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.request(method, f"/v1/customers{path}", sent, raw)

    def desk(self, method: str, path: str, values: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """To the desk, signed in."""
        sent = {"Cookie": f"{self.cookie[0]}={self.cookie[1]}; odd={self.mark}", **headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = b"" if values is None else urlencode(values).encode()
        return self.request(method, path, sent | (FORM if values is not None else {}), body)

    def customer(self, number: int) -> dict[str, object]:
        """A body with a mark in each field."""
        values: dict[str, object] = {name: f"{self.mark}{name}"[:most] for name, most in TEXTS.items()}
        return values | {
            "external_id": f"{self.mark}/{number}",
            "email": f"{self.mark}@example.com",
            "metadata": {f"{self.mark}key": f"{self.mark}value"},
            "integration_entity_mapping": [{"provider": "stripe", "id": f"{self.mark}mapping"}],
        }

    def use_the_api(self) -> str:
        """Good and bad requests of every kind. Returns the ID of a customer."""
        mark, twisted = self.mark, quote(f"{self.mark}/1", safe="")
        customer_id = str(json.loads(self.api("POST", "", self.customer(1))[1])["id"])
        path = f"/{customer_id}"
        self.api("POST", "", self.customer(1))  # 409
        self.api("PUT", path, {"name": f"{mark} anew"}, If_Match=f'"{mark}"')
        self.api("PUT", path, {"name": f"{mark} anew"}, Idempotency_Key=mark)
        self.api("PUT", path, {"name": f"{mark} other"}, Idempotency_Key=mark)  # 422
        self.api("PUT", path, {"email": mark, mark: mark, "metadata": {mark: {mark: mark}}})
        twice, half = f'{{"name": "{mark}", "name": "{mark}"}}', f'{{"name": "\\ud800{mark}"}}'
        for raw in (twice, half, mark, f'["{mark}"]'):
            self.api("PUT", path, raw.encode())
        self.api("PUT", path, f'{{"name": "{mark}"}}'.encode(), Content_Type=f"text/{mark}")
        self.api("PUT", path, b'"' + mark.encode() * 100_000 + b'"')  # 413
        self.api("PUT", f"?external_customer_id={twisted}", {"contact": mark})
        self.api("PATCH", path, {"metadata": {mark: mark}})
        self.api("GET", f"/external/{twisted}")
        self.api("GET", f"/{mark}?{mark}={mark}")
        self.api("GET", f"?external_id={twisted}&email={mark}&cursor={mark}&sort={mark}")
        self.api("POST", "/search", {"metadata": {mark: mark}, "external_ids": [mark], mark: mark})
        wanted = {"field": "name", "operator": "contains", "data_type": "string", "value": {"string": mark}}
        self.api("POST", "/search", {"filters": [wanted]})
        self.api("GET", path, x_api_key=mark)
        self.api("GET", path, Authorization=f"Bearer {mark}")
        self.api(mark.upper(), path)  # a method that is none
        self.api("GET", path, X_Request_ID=f'{mark}\t"}}', If_None_Match=mark, traceparent=mark, tracestate=mark)
        return customer_id

    def use_the_desk(self, customer_id: str) -> None:
        """Pages, fragments, forms that are refused and accepted, searches, links, passwords and codes."""
        mark, path = self.mark, f"/customers/{customer_id}"
        for query in (mark, f"{mark}:{mark}", f'"{mark}', f"-{mark}:*", f"{mark}%"):
            self.desk("GET", f"/customers?q={quote(query)}", HX_Request="true", HX_Current_URL=f"http://x/?q={mark}")
        self.desk("GET", f"/customers?q={mark}&sort={mark}&cursor={mark}&status={mark}")
        self.desk("GET", f"/{mark}/{mark}?{mark}")
        self.desk("GET", f"/invites/{mark}")
        values = self.form(f"{path}/edit", "#customer-form")
        self.desk("POST", f"{path}/edit", values | {"email": mark, mark: mark, "reason": mark})
        self.desk("POST", f"{path}/edit", values | {"email": mark, "reason": mark}, HX_Request="true")
        self.desk("POST", f"{path}/edit", values | {"name": f"{mark} from the desk", "reason": f"{mark} said so"})
        self.desk("POST", f"{path}/edit", {"csrf_token": mark, "name": mark})
        self.desk("POST", f"{path}/edit", {"name": "\0" + mark})
        self.desk("GET", f"/static/{mark}.css?v={mark}")
        upload = f'--x\r\nContent-Disposition: form-data; name="f"; filename="{mark}.csv"\r\n\r\n{mark}\r\n--x--\r\n'
        sent = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": mark}
        self.request("POST", "/customers/new", sent, upload.encode())

    def form(self, path: str, selector: str) -> dict[str, str]:
        """What a browser would send for a form without a tick in it."""
        page = BeautifulSoup(self.desk("GET", path)[1], "html.parser")
        values = {str(tag["name"]): str(tag.get("value", "")) for tag in page.select(f"{selector} input[name]")}
        values |= {str(tag["name"]): tag.get_text() for tag in page.select(f"{selector} textarea[name]")}
        for chosen in page.select(f"{selector} select[name] option[selected]"):
            select = chosen.find_parent("select")
            assert select is not None
            values[str(select["name"])] = str(chosen["value"])
        return values


#: By database: objects of it that refuse every change of a customer, and quote the customer in their complaint.
QUOTING_TRIGGERS = {
    "sqlite": [
        """CREATE TRIGGER refusing BEFORE UPDATE ON customers
        BEGIN SELECT RAISE(ABORT, 'unthinkable: ' || NEW.name || NEW.external_id); END"""
    ],
    "postgresql": [
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'unthinkable: %', NEW USING DETAIL = NEW.name, HINT = NEW.name; END $$""",
        "CREATE TRIGGER refusing BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}
