"""Visitors' files: a folder for each visit, found by a secret alone, deleted an hour after it was last used."""

import re
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

KEPT_S = 3600.0
"""Time after its last use for which a visit's files are kept, in seconds."""

MOST_VISITS = 2000
"""Visits at a time: each is a page that was opened, and costs a few hundred bytes until it holds a film."""

_SECRET_BYTES = 24
_SERVED = re.compile(r"[a-z][a-z0-9-]{0,40}\.(mp4|png|jpg|json|toml|zip|glb)")
"""Names of files that are served: all of them are this package's own, none a visitor's."""


@dataclass
class Visit:
    """One opened page.

    Args:
        secret: What its address holds: who knows it may see its files.
        folder: Where its files are.
    """

    secret: str
    folder: Path
    last_used: float = field(default_factory=time.monotonic)

    def served_file(self, name: str) -> Path | None:
        """Return a file that may be sent to the visitor; None where there is none of that name."""
        if _SERVED.fullmatch(name) is None:
            return None
        path = self.folder / name
        return path if path.is_file() and not path.is_symlink() else None

    def address(self, name: str) -> str:
        """Return the address of a file, relative to the page; it changes when the file does, so that none is stale."""
        changed = (self.folder / name).stat().st_mtime_ns
        return f"visits/{self.secret}/{name}?v={changed}"


class Visits:
    """All visits, and the folder that theirs are in.

    Args:
        kept_s: Time after its last use for which a visit's files are kept, in seconds.
    """

    def __init__(self, *, kept_s: float = KEPT_S) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="daml-page-"))
        """Holds the visits' folders; nobody else may read it."""
        self._kept_s = kept_s
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def open(self) -> Visit:
        """Begin a visit.

        Raises:
            OSError: There are too many, or the folder cannot be made.
        """
        self.sweep()
        with self._lock:
            if len(self._visits) >= MOST_VISITS:
                raise OSError(f"{MOST_VISITS} pages are open already; close one, or come back in an hour")
            secret = secrets.token_urlsafe(_SECRET_BYTES)
            visit = Visit(secret, self.root / secrets.token_hex(_SECRET_BYTES))
            visit.folder.mkdir(mode=0o700)
            self._visits[secret] = visit
            return visit

    def find(self, secret: str) -> Visit | None:
        """Return the visit that has a secret, and count it as used; None where it is over, or never was."""
        with self._lock:
            visit = self._visits.get(secret)
            if visit is not None:
                visit.last_used = time.monotonic()
            return visit

    def sweep(self) -> int:
        """Delete the visits that were not used for too long; return how many."""
        oldest = time.monotonic() - self._kept_s
        with self._lock:
            over = [visit for visit in self._visits.values() if visit.last_used < oldest]
            for visit in over:
                del self._visits[visit.secret]
        for visit in over:
            shutil.rmtree(visit.folder, ignore_errors=True)
        return len(over)

    def close(self) -> None:
        """Delete everything."""
        with self._lock:
            self._visits.clear()
        shutil.rmtree(self.root, ignore_errors=True)
