"""``/openapi.json`` and ``/docs``: the document as it is, and as a page. Both are public. Knows no route but these."""

from functools import cache

import orjson
from flask import Flask, Response, current_app, render_template, request

from webapp.access.permissions import public
from webapp.openapi.document import build
from webapp.openapi.page import ADDRESS, Page, page_of
from webapp.settings import Settings
from webapp.translation import speak

#: Caches may keep the document, but ask first: another release or setting makes another document.
CACHE_CONTROL = "public, no-cache"


def init_openapi(app: Flask, settings: Settings) -> None:
    """Build the document once for this process and serve it.

    Raises:
        NotDescribed: a route of the API has no description.
    """
    document = build(settings)
    written = orjson.dumps(document)
    app.extensions["openapi_page"] = cache(lambda: page_of(document))  # most processes are never asked for it

    @public
    def openapi_document() -> Response:
        answer = Response(written, mimetype="application/json")
        answer.add_etag()
        answer.headers["Cache-Control"] = CACHE_CONTROL
        answer.make_conditional({**request.environ, "HTTP_IF_MATCH": ""})  # there is nothing to guard
        return answer

    app.add_url_rule("/openapi.json", "openapi_document", openapi_document)
    app.add_url_rule("/docs", "docs", docs)


@public
def docs() -> str:
    """``GET /docs``, in English for everybody: the document that it shows is."""
    speak("en")
    page: Page = current_app.extensions["openapi_page"]()
    address = request.url_root.rstrip("/")
    curls = {operation.id: operation.curl.replace(ADDRESS, address) for operation in page.operations}
    return render_template("docs/page.html", docs=page, curls=curls)
