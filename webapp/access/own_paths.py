"""Where a form may lead on to: paths of this service alone. Knows no route."""

from urllib.parse import quote, urlsplit, urlunsplit

HOME = "/customers"


def own_path(sent: str | None, otherwise: str = HOME) -> str:
    """``sent`` if it is a path of this site, with its query; else ``otherwise``.

    Browsers read a backslash as a slash, and two slashes in front as another site. The one rule for every address
    that a form, a header or a parameter leads on to; each redirect is judged by it once more when it is sent.
    """
    if not sent or not sent.startswith("/") or not sent.isprintable() or sent[1:2] in {"/", "\\"}:
        return otherwise
    parts = urlsplit(sent)
    return urlunsplit(("", "", quote(parts.path, safe="/%:@"), quote(parts.query, safe="/?:@!$&'()*+,;=%-._~"), ""))
