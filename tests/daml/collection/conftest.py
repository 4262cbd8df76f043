"""Workers that are no processes, for laws that are not about processes."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self

import pytest
import torch

from daml.collection import task_pool


class Here:
    """Stands for a pool of processes: does each job at once, in this process."""

    def __init__(self, **_settings: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def shutdown(self, **_settings: object) -> None:
        """Have nothing to wait for."""

    def submit(self, job: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do a job, and keep what it returns or raises."""
        future = Future[Any]()
        try:
            future.set_result(job(*arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is to get it
            future.set_exception(error)
        return future


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch):
    """Do jobs in this process: a new one imports torch and the simulator for seconds before it begins."""
    monkeypatch.setattr(task_pool, "ProcessPoolExecutor", Here)
    n_threads = torch.get_num_threads()
    yield
    torch.set_num_threads(n_threads)  # workers compute on one
