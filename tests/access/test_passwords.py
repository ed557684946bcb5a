"""What a new password must be, and where a form may lead on to."""

import pytest

from webapp.access.own_paths import own_path
from webapp.access.passwords import fault_of_new_password

EMAIL = "jane.doe@desk.example"
GOOD = [
    "four plain words together",
    "twelve chars",
    "kein Müller ohne Mühle",
    "漢字の長いパスワードですよね",
    "correct zebra battery staple",
    "8471-2093-5526",
    "my test of a new one",
    "x" * 3 + "yz" * 5 + "and then some",
]
TOO_COMMON = [
    "passwordpassword",
    "Password1234!",
    "P@ssw0rd12345",
    "123456789012",
    "210987654321",
    "qwertyuiop[]",
    "abcdefghijkl",
    "aaaaaaaaaaaaa",
    "abcabcabcabcabc",
    "abcdabcdabcd!",
    "Welcome123456",
    "correcthorsebatterystaple",
    "1q2w3e4r5t6y",
    "CustomerDesk2026",
    "zyxwvutsrqponm",
]


@pytest.mark.parametrize("password", GOOD)
def test_a_long_password_of_any_kind_will_do(password: str) -> None:
    """Words, digits, other scripts: no kinds of characters are asked for."""
    assert fault_of_new_password(password, EMAIL) is None


@pytest.mark.parametrize("password", TOO_COMMON)
def test_what_everybody_tries_first_will_not_do(password: str) -> None:
    """However it was dressed up."""
    fault = fault_of_new_password(password, EMAIL)
    assert fault is not None
    assert fault.startswith("That is one of the first")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "Choose a password."),
        ("x1y2z3a4b5c", "Use at least 12 characters."),
        ("zq" + "x7" * 64, "Use at most 128 characters."),
        ("four plain\nwords", "Use no control characters."),
        ("four plain\x00words", "Use no control characters."),
        ("jane.doe@desk.example", "Choose one that is not made of your email address."),
        ("JANE.DOE@desk.example1", "Choose one that is not made of your email address."),
        ("jane.doejane.doe", "Choose one that is not made of your email address."),
        ("jane.doe!!2026", "Choose one that is not made of your email address."),
    ],
)
def test_each_refusal_says_why(password: str, fault: str) -> None:
    """Length, characters, the person's own name."""
    assert str(fault_of_new_password(password, EMAIL)).startswith(fault)


@pytest.mark.parametrize(
    ("sent", "leads_to"),
    [
        ("/staff", "/staff"),
        ("/customers?q=a%20b&x=%22", "/customers?q=a%20b&x=%22"),
        ("", "/customers"),
        (None, "/customers"),
        ("//evil.example/", "/customers"),
        ("/\\evil.example/", "/customers"),
        ("https://evil.example/", "/customers"),
        ("javascript:alert(1)", "/customers"),
        ("/a\r\nSet-Cookie: x", "/customers"),
        ("staff", "/customers"),
    ],
)
def test_a_form_leads_on_to_own_paths_alone(sent: str | None, leads_to: str) -> None:
    """Anything else leads to the customers."""
    assert own_path(sent) == leads_to
