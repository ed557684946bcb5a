"""Rate limits of the API: how many requests a key, and a tenant over all of its keys, may send (contract section 8).

Knows the caller and the clock; where the counts are kept is ``rate_limit_counters``' business.
"""

import math
import time
from collections.abc import Iterable

from flask import Flask, Response, current_app, g
from limits import RateLimitItem

from webapp.access.permissions import Caller
from webapp.access.rate_limit_counters import Counters, CountersAway, Window, counters_engine
from webapp.database import db
from webapp.error_descriptions import described
from webapp.errors import TooManyRequests
from webapp.happenings import RATE_LIMIT_NOT_COUNTED, RATE_LIMITED, note
from webapp.log_lines import log
from webapp.settings import Settings


class RateLimits:
    """The limits of an installation, of which at least one is on."""

    def __init__(
        self, per_key: Iterable[RateLimitItem], per_tenant: Iterable[RateLimitItem], counters: Counters
    ) -> None:
        """Two spellings of one limit, such as ``60/minute`` and ``60/60 second``, are one."""
        self._per_key = tuple(dict.fromkeys((limit.amount, limit.get_expiry()) for limit in per_key))
        self._per_tenant = tuple(dict.fromkeys((limit.amount, limit.get_expiry()) for limit in per_tenant))
        self._counters = counters

    def admit(self, caller: Caller) -> None:
        """Count a request of ``caller``, and keep for the answer's headers the limit that is nearest to its end.

        A request that is refused by one limit counts against none, so that a key in a loop does not use up what its
        tenant's other keys may send. While the counters cannot be reached, requests pass and the log says so: a
        limit must not be what takes the service down.

        Raises:
            TooManyRequests: a limit is used up; ``retry_after`` is when all of them let a request pass again.
        """
        limits = [Window(f"key:{caller.id}", *limit) for limit in self._per_key]
        limits += [Window(f"tenant:{caller.tenant_id}", *limit) for limit in self._per_tenant]
        now = time.time()
        try:
            passed, windows = self._counters.take(limits, now)
        except CountersAway as error:
            log.warning("rate limits cannot be counted, the request passes", error=described(error.__cause__ or error))
            note(RATE_LIMIT_NOT_COUNTED)
            return
        if passed:
            g.rate_limit = (min(windows, key=lambda window: (window.allowed - window.used, -window.ends_at)), now)
            return
        last = max(windows, key=lambda window: window.ends_at)
        g.rate_limit = (last, now)
        note(RATE_LIMITED, "key" if last.subject.startswith("key:") else "tenant")
        wait = _seconds_left(last, now)
        whose = "this API key" if last.subject.startswith("key:") else "your tenant"
        raise TooManyRequests(
            f"Too many requests: {whose} may send {last.allowed} in {last.seconds} seconds. "
            f"Wait {wait} second{'s' if wait > 1 else ''}, then try again.",
            wait,
        )


def init_rate_limits(app: Flask, settings: Settings) -> None:
    """Give ``app`` its limits, if any is set; with none, a request is neither counted nor slowed."""
    if not (settings.rate_limit_per_key or settings.rate_limit_per_tenant):
        return
    with app.app_context():
        counters = Counters(counters_engine(settings, db.engine))
    app.extensions["rate_limits"] = RateLimits(settings.rate_limit_per_key, settings.rate_limit_per_tenant, counters)
    app.after_request(_add_headers)


def admit(caller: Caller) -> None:
    """Count a request of an API key against the installation's limits.

    Raises:
        TooManyRequests: see :meth:`RateLimits.admit`.
    """
    limits: RateLimits | None = current_app.extensions.get("rate_limits")
    if limits is not None:
        limits.admit(caller)


def _seconds_left(window: Window, now: float) -> int:
    return max(1, math.ceil(window.ends_at - now))


def _add_headers(response: Response) -> Response:
    if "rate_limit" in g:
        window, at = g.rate_limit
        response.headers["RateLimit-Limit"] = str(window.allowed)
        response.headers["RateLimit-Remaining"] = str(max(0, window.allowed - window.used))
        response.headers["RateLimit-Reset"] = str(_seconds_left(window, at))
    return response
