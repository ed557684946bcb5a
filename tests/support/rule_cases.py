"""Good and bad values for the rule of every writable field (contract section 3), which several tests go through.

A case is (what it shows, value, outcome): for a good value what is stored, for a bad one a part of its message.
"""

from dataclasses import dataclass
from typing import Any

ASTRAL = "\N{GRINNING FACE}"  # one character, two UTF-16 units, four bytes
BOUNDED = {
    "external_id": 255,
    "name": 255,
    "contact": 20,
    "address_line1": 255,
    "address_line2": 255,
    "address_city": 100,
    "address_state": 100,
    "address_postal_code": 20,
    "parent_customer_external_id": 255,
    "parent_customer_id": 255,
}
REQUIRED = {"external_id": "Enter an external ID.", "name": "Enter a name."}
CONTROL_CHARACTERS = {
    "NUL": ("a\0b", "U+0000"),
    "line end inside": ("a\nb", "U+000A"),
    "tab inside": ("a\tb", "U+0009"),
    "escape": ("a\x1bb", "U+001B"),
    "DEL": ("a\x7fb", "U+007F"),
    "C1": ("a\x85", "U+0085"),
    "last C1": ("\x9fa", "U+009F"),
    "lone high surrogate": ("a\ud83d", "U+D83D"),
    "lone low surrogate": ("\ude00a", "U+DE00"),
}
LONGEST_EMAIL = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"


@dataclass(frozen=True)
class Case:
    """One value of one field.

    Attributes:
        expected: what is stored, for a good value; a part of the message, for a bad one.
    """

    field: str
    about: str
    value: Any
    good: bool
    expected: Any

    def __str__(self) -> str:
        """The test's ID."""
        return f"{self.field}: {'good' if self.good else 'bad'}: {self.about}"


def _good(field: str, about: str, value: Any, stored: Any = None) -> Case:
    return Case(field, about, value, good=True, expected=value if stored is None else stored)


def _bad(field: str, about: str, value: Any, message: str) -> Case:
    return Case(field, about, value, good=False, expected=message)


def _text_cases(field: str, length: int) -> list[Case]:
    cases = [
        _good(field, "at the limit", "x" * length),
        _good(field, "at the limit in astral characters", ASTRAL * length),
        _good(field, "at the limit in composed characters", "e\u0301" * (length // 2)),
        _good(field, "at the limit once trimmed", f"  {'x' * length}\t\r\n\u00a0\u2003", "x" * length),
        _bad(field, "one past the limit", "x" * (length + 1), f"Use at most {length} characters."),
        _bad(field, "one astral past the limit", ASTRAL * (length + 1), f"Use at most {length} characters."),
    ]
    for about, empty in (("empty", ""), ("blank", "   "), ("blank in Unicode", "\u3000\u00a0")):
        required = REQUIRED.get(field)
        cases.append(_bad(field, about, empty, required) if required else _good(field, about, empty, ""))
    return cases


def _email_cases() -> list[Case]:
    field, message = "email", "Enter an email address such as name@example.com."
    good = ["user@acme.com", "first.last+tag@sub.acme.co.uk", "o'brien@acme.com", "用户@例え.jp", LONGEST_EMAIL]
    bad = ["plain", "@acme.com", "user@", "user@acme", "a@b@acme.com", "a b@acme.com", "a..b@acme.com", "user@-a.com"]
    return [
        *(_good(field, value[:40], value) for value in good),
        _good(field, "empty", "", ""),
        _good(field, "blank", " ", ""),
        _good(field, "trimmed", " user@acme.com\n", "user@acme.com"),
        *(_bad(field, value, value, message) for value in bad),
        _bad(field, "one past the limit", f"{LONGEST_EMAIL}m", "Use at most 254 characters."),
    ]


def _country_cases() -> list[Case]:
    field, message = "address_country", "two-letter ISO 3166-1 code"
    bad = {
        "alpha-3": "USA",
        "numeric": "840",
        "a name": "Germany",
        "one letter": "U",
        "reserved, not assigned": "UK",
        "the European Union": "EU",
        "left to users": "XK",
        "left to users, the last": "ZZ",
        "withdrawn": "AN",
        "a letter that is two in capitals": "ß",
        "a ligature that is two in capitals": "\N{LATIN SMALL LIGATURE FI}",
        "a dotless i": "\N{LATIN SMALL LETTER DOTLESS I}t",
        "full-width letters": "\N{FULLWIDTH LATIN CAPITAL LETTER U}\N{FULLWIDTH LATIN CAPITAL LETTER S}",
        "white space inside": "U S",
    }
    return [
        *(_good(field, code, code) for code in ("US", "DE", "JP", "SS", "AX", "ZW")),
        _good(field, "lower case", "us", "US"),
        _good(field, "mixed case", "gB", "GB"),
        _good(field, "trimmed", " fr ", "FR"),
        _good(field, "empty", "", ""),
        _good(field, "blank", " ", ""),
        *(_bad(field, about, value, message) for about, value in bad.items()),
    ]


def _timezone_cases() -> list[Case]:
    field, message = "timezone", "IANA time zone name"
    good = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Pacific"]
    bad = ["Mars/Olympus", "europe/berlin", "+02:00", "localtime", "posixrules", "../etc/passwd", "Europe/", "x" * 64]
    return [
        *(_good(field, name, name) for name in good),
        _good(field, "empty", "", "UTC"),
        _good(field, "blank", " ", "UTC"),
        _good(field, "trimmed", " Asia/Tokyo ", "Asia/Tokyo"),
        *(_bad(field, name, name, message) for name in bad),
        _bad(field, "too long", "x" * 65, "Use at most 64 characters."),
    ]


def _metadata_cases() -> list[Case]:
    field = "metadata"
    hundred = {f"key {number}": str(number) for number in range(100)}
    return [
        _good(field, "none", {}),
        _good(field, "two entries", {"plan": "enterprise", "renewal date": "2025-01-15"}),
        _good(field, "an empty value", {"plan": ""}),
        _good(field, "trimmed", {" plan ": " gold\n"}, {"plan": "gold"}),
        _good(field, "keys that differ by case", {"Plan": "1", "plan": "2"}),
        _good(field, "a key at the limit", {ASTRAL * 100: "1"}),
        _good(field, "a value at the limit", {"plan": ASTRAL * 1000}),
        _good(field, "as many as are possible", hundred),
        _bad(field, "a blank key", {" ": "1"}, "has no key"),
        _bad(field, "a key twice once trimmed", {"plan": "1", "plan ": "2"}, "“plan” is there twice"),
        _bad(field, "a key too long", {ASTRAL * 101: "1"}, "longer than 100 characters"),
        _bad(field, "a value too long", {"plan": "x" * 1001}, "“plan” has 1001 characters; at most 1000"),
        _bad(field, "one entry too many", {**hundred, "last": "1"}, "at most 100 metadata entries; there are 101"),
        _bad(field, "a control character in a key", {"a\0b": "1"}, "U+0000 from the key"),
        _bad(field, "a control character in a value", {"plan": "a\x1bb"}, "U+001B from the value of “plan”"),
        _bad(field, "a surrogate in a key", {"a\ud800": "1"}, "U+D800 from the key"),
        _bad(field, "a surrogate in a value", {"plan": "\udfff"}, "U+DFFF from the value of “plan”"),
        _bad(field, "several faults at once", {"": "1", "plan": "x" * 1001, "a\0": "\x01"}, "has no key"),
    ]


def _mapping_cases() -> list[Case]:
    field = "integration_entity_mapping"
    return [
        _good(field, "none", []),
        _good(field, "one", [("stripe", "cus_1")]),
        _good(field, "two providers", [("stripe", "cus_1"), ("zoho_books", "2")]),
        _good(field, "trimmed", [(" stripe ", " cus_1 ")], [("stripe", "cus_1")]),
        _good(field, "an empty ID, which removes", [("stripe", "")]),
        _good(field, "an ID at the limit", [("stripe", ASTRAL * 255)]),
        _bad(field, "an unknown provider", [("strype", "cus_1")], "“strype” is not a known provider"),
        _bad(field, "a provider in capitals", [("Stripe", "cus_1")], "“Stripe” is not a known provider"),
        _bad(field, "no provider", [("", "cus_1")], "has no provider"),
        _bad(field, "a provider twice", [("stripe", "1"), ("stripe", "2")], "“stripe” is there twice"),
        _bad(field, "an ID too long", [("stripe", "x" * 256)], "longer than 255 characters"),
        _bad(field, "a control character in an ID", [("stripe", "a\0b")], "U+0000 from the ID at “stripe”"),
        _bad(field, "a surrogate in an ID", [("stripe", "\ud800")], "U+D800 from the ID at “stripe”"),
        _bad(field, "a control character in a provider", [("str\0ipe", "1")], "is not a known provider"),
    ]


def _control_cases() -> list[Case]:
    fields = (*BOUNDED, "email", "address_country", "timezone")
    return [
        _bad(field, about, value, f"Remove the control character {named}, which cannot be stored.")
        for field in fields
        for about, (value, named) in CONTROL_CHARACTERS.items()
    ]


CASES = [
    *(case for field, length in BOUNDED.items() for case in _text_cases(field, length)),
    *_email_cases(),
    *_country_cases(),
    *_timezone_cases(),
    *_metadata_cases(),
    *_mapping_cases(),
    *_control_cases(),
]
