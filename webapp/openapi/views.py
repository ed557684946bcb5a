"""``/openapi.json`` and ``/docs``: the document as it is, and as a page. Both are public. Knows no route but these."""

from functools import cache

import orjson
from flask import Flask, Response, current_app, render_template, request

from webapp.access.permissions import public
from webapp.customers.blueprint import API
from webapp.openapi.document import build, refuse_strays
from webapp.openapi.page import ADDRESS, Page, page_of
from webapp.settings import Settings
from webapp.translation import speak

#: Caches may keep the document, but ask first: another release or setting makes another document.
CACHE_CONTROL = "public, no-cache"


def init_openapi(app: Flask, settings: Settings) -> None:
    """Serve the document, which a process builds once it is asked for it: most never are.

    Raises:
        NotDescribed: a route of the API has no description, or a description has no route.
    """
    refuse_strays(endpoint for _, endpoint, *_ in API)
    document = cache(lambda: build(settings))
    written = cache(lambda: orjson.dumps(document()))
    app.extensions["openapi_page"] = cache(lambda: page_of(document()))

    @public
    def openapi_document() -> Response:
        answer = Response(written(), mimetype="application/json")
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
