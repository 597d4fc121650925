"""The worker process: queued jobs, the audit sealer, timers. Several may run; the sealer takes a lock of its own.

A worker that has read a large file keeps the memory which that took. When it has grown and nothing is being done, it begins
anew: the same process, whose supervisor notices nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

log = logging.getLogger("sscard.worker")
SEAL_EVERY_S = 1.0
SIGN_EVERY_S = 600.0
TELL_EVERY_S = 1.0
STALLED_AFTER_S = 30
RESCUE_EVERY_S = 10.0
STOP_WITHIN_S = 12.0
GROWN_BYTES, LOOK_AT_SIZE_EVERY_S = 56 * 2**20, 1.0
LIVES_AT_LEAST_S = 15.0
"""Beginning takes one or two seconds, in which no job is done."""


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sscard.app.settings")
    django.setup()
    stop = threading.Event()
    sealing = threading.Thread(target=_seal_forever, args=(stop,), name="sealer", daemon=True)
    sealing.start()
    telling = threading.Thread(target=_tell_forever, args=(stop,), name="outbox", daemon=True)
    telling.start()
    grown = False
    with contextlib.suppress(KeyboardInterrupt):
        grown = asyncio.run(_work())
    stop.set()
    sealing.join(10)
    telling.join(10)
    if grown:
        os.execv(sys.executable, [sys.executable, "-m", "sscard.app.worker"])  # noqa: S606 - ourselves


async def _work() -> bool:
    """True: it has grown and is to begin anew."""
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()):
        async with app.open_async():
            rescue = asyncio.create_task(_rescue_forever(app))
            loop = asyncio.get_running_loop()
            task = asyncio.create_task(
                app.run_worker_async(
                    concurrency=2,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    listen_notify=True,
                    fetch_job_polling_interval=2.0,
                )
            )
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, _stop, task)
            log.info("working")
            growing = asyncio.create_task(_grown(app))
            await asyncio.wait({task, growing}, return_when=asyncio.FIRST_COMPLETED)
            grown = growing.done() and not task.done()
            task.cancel()  # waits for what has been begun meanwhile
            with contextlib.suppress(asyncio.CancelledError):
                await task
            growing.cancel()
            rescue.cancel()
            return grown


async def _grown(app: object) -> None:
    """Until this process is much larger than it was, and no job is being done."""
    from procrastinate.jobs import Status

    before = _resident()
    await asyncio.sleep(LIVES_AT_LEAST_S)
    while True:
        await asyncio.sleep(LOOK_AT_SIZE_EVERY_S)
        if _resident() - before < GROWN_BYTES:
            continue
        with contextlib.suppress(Exception):  # the database is away: look again
            if not await app.job_manager.list_jobs_async(status=Status.DOING.value):  # type: ignore[attr-defined]
                log.info("grown by reading; begins anew")
                return


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def _stop(task: asyncio.Task[None]) -> None:
    """End in order; but when the database is gone, saying goodbye to it may take for ever. A job that is cut off stands in
    the queue as before and is taken up again."""
    task.cancel()
    last = threading.Timer(STOP_WITHIN_S, os._exit, [0])
    last.daemon = True
    last.start()


async def _rescue_forever(app: object) -> None:
    """After kill -9 a job stays in `doing`: jobs whose worker gives no sign of life are queued again."""
    while True:
        try:
            manager = app.job_manager  # type: ignore[attr-defined]
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
                log.warning("job %s was left by a dead worker and is queued again", job.id)
                await manager.retry_job(job)
        except Exception:
            log.exception("looking for stalled jobs failed; next look soon")
        await asyncio.sleep(RESCUE_EVERY_S)


def _seal_forever(stop: threading.Event) -> None:
    import psycopg
    from django.conf import settings

    from sscard.control import sealer

    config = settings.CONFIG
    head_file = config.home / "audit" / "heads.jsonl"
    signed = time.monotonic()
    while not stop.is_set():
        try:
            with psycopg.connect(config.urls().sealer, autocommit=True, application_name="sscard-sealer") as connection:
                while not stop.wait(SEAL_EVERY_S):
                    head = sealer.seal(connection, head_file)
                    if time.monotonic() - signed > SIGN_EVERY_S and head.seq:
                        sealer.sign_head(head_file, head)
                        signed = time.monotonic()
        except Exception:
            log.exception("the sealer lost its footing and starts again")
            stop.wait(2)


def _tell_forever(stop: threading.Event) -> None:
    """The outbox becomes deliveries of web hooks; jobs send them."""
    from django.db import connection

    from sscard.partners.hooks import sending

    while not stop.wait(TELL_EVERY_S):
        try:
            sending.told()
        except Exception:
            log.exception("reading the outbox failed; next look soon")
            connection.close()
            stop.wait(2)
    connection.close()


if __name__ == "__main__":
    main()
