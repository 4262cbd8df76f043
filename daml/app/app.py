"""`daml app`: the page in the browser."""

import secrets
import socket
from importlib.util import find_spec

from daml.terminal.console import say

MOST_ROLLOUTS = 100
"""Layouts that one visitor's robot tries at most: some two minutes."""

_LAST_PORT = 65_535
_BACKLOG = 2048
"""Connections that wait at a time until they are taken up: as many as uvicorn lets wait."""
_ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - these are recognised, not bound to
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def app(*, host: str = "127.0.0.1", port: int = 7860, token: str | None = None, rollouts: int = 10) -> None:
    """Open the page on which a person films a task, sees what was understood, and watches the robot do it.

    Args:
        host: Address to answer at. Any but this machine's own needs --token.
        port: Port to answer at; 0 takes a free one.
        token: Secret word that visitors have to know: it is part of the address that is printed. `new` makes one.
        rollouts: Layouts that the robot tries.
    """
    if find_spec("gradio") is None:
        raise ImportError("the page needs Gradio; run: pip install 'daml-imitation[app]'")
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(f"--port {port}: expected 0 to {_LAST_PORT}")
    if not 1 <= rollouts <= MOST_ROLLOUTS:
        raise ValueError(f"--rollouts {rollouts}: expected 1 to {MOST_ROLLOUTS}")
    is_local = host in _LOOPBACK
    if not is_local and not token:
        raise ValueError(
            f"--host {host} opens the page to others, who could have this machine compute: give them a secret word "
            "with --token WORD, or have one made with --token new"
        )
    chosen = secrets.token_urlsafe(16) if token == "new" else token  # noqa: S105 - not the secret, but the wish for one
    listener = _listen(host, port)
    bound = listener.getsockname()[1]
    if not is_local:
        say(f"warning: everybody who reaches {host}:{bound} and knows the token can use this machine")
    from daml.page.jobs import JobQueue  # noqa: PLC0415 - what the page needs is loaded for this command alone

    jobs = JobQueue("daml.page.work")
    jobs.warm_up()
    from daml.page.server import create_app, serve  # noqa: PLC0415 - likewise, while the jobs' part loads
    from daml.page.visits import Visits  # noqa: PLC0415 - likewise

    visits = Visits()
    try:
        program = create_app(visits=visits, jobs=jobs, is_local=is_local, token=chosen, rollouts=rollouts)
        shown = "127.0.0.1" if host in _ANYWHERE else host
        say(f"the page is at http://{shown}:{bound}/{f'?token={chosen}' if chosen else ''} (Ctrl-C ends it)")
        serve(program, listener)
    finally:
        listener.close()
        visits.close()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens: who asks before the page is ready waits for it.

    Raises:
        ValueError: There is no such host.
        OSError: Another program has the port.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (socket.gaierror, TypeError, UnicodeError) as error:
        listener.close()
        raise ValueError(f"--host {host!r:.80}: expected a name or an address of this machine") from error
    except OSError as error:
        listener.close()
        raise OSError(f"--port {port}: another program answers there ({error.strerror}); give another") from error
    return listener
