"""Metrics of the front and of its event loop, which looks up all sampled gauges once a second. Knows no route."""

import asyncio
from collections.abc import Callable

from flask import Flask

from webapp.front import Front
from webapp.metrics import metrics_of

INTERVAL_SECONDS = 1.0


def init_front_metrics(front: Front, app: Flask) -> None:
    """Show ``front`` in the metrics of ``app``, from its first request on."""
    samples = metrics_of(app).samples

    def figures() -> dict[str, float]:
        return {
            "customer_desk_searches_waiting": front.search_turns.waiting,
            "customer_desk_api_body_bytes": front.intake.api_pot.taken,
            "customer_desk_form_body_bytes": front.intake.form_pot.taken,
        }

    samples.add_source(figures)
    samples.take()
    front.at_first_request = lambda: tick(samples.take_with_lag)


def tick(told: Callable[[float], None], interval: float = INTERVAL_SECONDS) -> None:
    """From now on, tell in each interval by how many seconds the running event loop is late."""
    loop = asyncio.get_running_loop()

    def due(moment: float) -> None:
        told(max(0.0, loop.time() - moment))
        following = loop.time() + interval
        loop.call_at(following, due, following)

    first = loop.time() + interval
    loop.call_at(first, due, first)
