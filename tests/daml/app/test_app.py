import socket
import subprocess
import sys
from typing import Any

import pytest

from daml.app import app as module


def test_without_gradio_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[app\]'"):
        module.app()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", ""])
def test_others_need_a_token(host: str):
    pytest.importorskip("gradio")
    with pytest.raises(ValueError, match="--token"):
        module.app(host=host)


@pytest.mark.parametrize("rollouts", [0, -1, 101])
def test_the_robot_tries_a_number_of_layouts(rollouts: int):
    pytest.importorskip("gradio")
    with pytest.raises(ValueError, match="--rollouts"):
        module.app(rollouts=rollouts)


@pytest.mark.parametrize("port", [-1, 65_536, 10**30])
def test_a_port_that_is_none_is_refused(port: int):
    pytest.importorskip("gradio")
    with pytest.raises(ValueError, match=f"--port {port}: expected 0 to 65535"):
        module.app(port=port)


@pytest.mark.parametrize("host", ["999.1.1.1", "a\0b", "é" * 80, "no such host"])
def test_a_host_that_is_none_is_refused(host: str):
    pytest.importorskip("gradio")
    with pytest.raises(ValueError, match=r"--host .*: expected a name or an address of this machine"):
        module.app(host=host, token="x")


def test_a_port_that_is_taken_is_said():
    pytest.importorskip("gradio")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="another program answers there"):
            module.app(port=taken.getsockname()[1])


def test_the_page_is_served_with_a_token_made_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    served: dict[str, Any] = {}
    pytest.importorskip("gradio")
    server = pytest.importorskip("daml.page.server")
    monkeypatch.setattr("daml.page.jobs.JobQueue.warm_up", lambda _: None)
    monkeypatch.setattr(server, "create_app", lambda **settings: served.update(settings))
    monkeypatch.setattr(server, "serve", lambda _, listener: served.update(port=listener.getsockname()[1]))
    module.app(host="0.0.0.0", port=0, token="new")
    out = " ".join(capsys.readouterr().out.split())
    assert served["is_local"] is False
    assert len(served["token"]) > 16
    assert f"?token={served['token']}" in out
    assert "warning: everybody who reaches" in out
    assert served["port"] > 0
    assert not served["visits"].root.exists()


def test_neither_the_help_nor_another_command_loads_gradio():
    lines = [
        *("import sys", "from daml import cli", "try: cli.main(['app', '--help'])", "except SystemExit: pass"),
        "sys.exit('gradio' in sys.modules)",
    ]
    run = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, check=False)
    assert run.returncode == 0
    assert b"--token" in run.stdout
