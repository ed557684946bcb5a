"""What each process of the production server loads: the application, deaf to Ctrl+C. Holds no setting.

A terminal sends Ctrl+C to all processes at once, upon which the supervising one ends its workers by SIGTERM. A worker
of granian 2.8.7 that gets both signals hangs, until it is killed for it half a minute later.
"""

import signal

from wsgi import app

__all__ = ["app"]

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
