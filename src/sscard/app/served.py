"""What the web server serves: the WSGI application behind its front, in a worker that ends with its server.

The server's worker is a process of its own. Were the server killed, the worker would hold the port and keep answering
beside its successor; so the kernel is asked to end it then.
"""

import os
import signal

from sscard.app.children import dies_with_us

_parent = os.getppid()
dies_with_us(signal.SIGKILL, parent=_parent)()

from sscard.app import config, wsgi  # noqa: E402 - first things first
from sscard.app.front import Front  # noqa: E402

application = Front(wsgi.application, config.load().portal_threads)

__all__ = ["application"]
