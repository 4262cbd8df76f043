"""Processes that do jobs: they leave signals to the main one, end with it, and are missed when they are killed."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from daml.engines.jobs import keep_job

SECONDS_FOR_A_SIGNAL = 0.5
"""Time in which a signal to the whole group, which has ended a worker, reaches the main process too."""


@contextmanager
def open_pool(n_workers: int, job: Callable[[Any], Any]) -> Generator[ProcessPoolExecutor]:
    """Start processes for a job.

    Args:
        n_workers: How many.
        job: What they do, by `jobs.do`.

    Yields:
        What items are given to. A job that is running at the end is finished.

    Raises:
        BrokenProcessPool: A worker was killed.
    """
    _start_tracker()
    # Spawned, not forked: a GL context does not survive a fork.
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(
            max_workers=n_workers, mp_context=context, initializer=_prepare_worker, initargs=(job,)
        ) as executor:
            yield executor
    except BrokenProcessPool:
        time.sleep(SECONDS_FOR_A_SIGNAL)  # if somebody stops all processes, that is the reason, and is raised here
        raise


def _start_tracker() -> None:
    """Start the process that clears shared memory up after killed ones, so that a closed terminal does not end it."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        return
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what is ignored stays ignored in a new program
    try:
        resource_tracker.ensure_running()
    finally:
        signal.signal(signal.SIGHUP, handler)


def _prepare_worker(job: Callable[[Any], Any]) -> None:
    """Leave Ctrl-C and the end of the terminal, which reach every process, to the main one: a worker finishes its task.

    But end with the main one: who outlived it, killed, would write to the folder beside the next one.
    """
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    keep_job(job)
