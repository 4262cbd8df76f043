"""Options that say who does the jobs of a command."""

from dataclasses import dataclass
from typing import Literal

from daml.engines.engine import Workers
from daml.engines.ray_engine import RayEngine


@dataclass(frozen=True)
class WorkerOptions:
    """Who does the jobs; what comes out does not depend on it."""

    workers: int | None = None
    """Jobs that run at a time; as many as there are cores when not given."""
    engine: Literal["local", "ray"] = "local"
    """local: processes of this machine; ray: a Ray cluster, which needs the extra `ray` and a folder that all its
    machines share."""
    address: str | None = None
    """Address of the Ray cluster, such as auto on one of its machines; a cluster of this machine alone when neither
    this nor `RAY_ADDRESS` is given."""

    def open(self) -> Workers:
        """Return who does the jobs.

        Raises:
            ValueError: There would be no worker, or an address is given that nobody needs.
            ImportError: Ray is not installed.
            OSError: There is no such cluster.
        """
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers: expected at least 1, got {self.workers}")
        if self.engine == "ray":
            return RayEngine(self.address, n_workers=self.workers)
        if self.address is not None:
            raise ValueError(f"--address {self.address} is that of a Ray cluster; give --engine ray with it")
        return self.workers
