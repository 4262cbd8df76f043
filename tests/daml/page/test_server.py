import asyncio
import re
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("gradio")

from starlette.testclient import TestClient

from daml.page.jobs import JobQueue
from daml.page.server import create_app
from daml.page.visits import Visits


@pytest.fixture
def visits():
    made = Visits()
    yield made
    made.close()


@pytest.fixture
def client(visits: Visits):
    async def made() -> Any:  # outside of a loop Gradio makes loops that it never closes
        return create_app(visits=visits, jobs=JobQueue("daml.page.work"))

    app = asyncio.run(made())
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        yield client


def test_the_page_names_no_other_machine_to_load_from(client: TestClient):
    page = client.get("/")
    assert page.status_code == 200
    assert re.findall(r'<(?:script|link)[^>]*(?:src|href)="(?:https?:)?//[^"]*', page.text) == []


def test_what_only_jobs_need_is_not_loaded_before_the_first_page():
    heavy = "{'daml.demos', 'torch', 'mujoco', 'scipy'}"
    check = f"import sys, daml.page.server; sys.exit(', '.join({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert run.stderr.strip() == ""


def test_a_visitors_film_goes_to_their_folder_alone(client: TestClient, visits: Visits):
    one, two = visits.open(), visits.open()
    sent = client.post(f"/visits/{one.secret}/film?suffix=mp4", content=b"film of one")
    assert sent.json() == {"wrong": ""}
    assert [path.name for path in one.folder.iterdir()] == ["film.mp4"]
    assert list(two.folder.iterdir()) == []
    (one.folder / "shown.mp4").write_bytes(b"shown to one")
    assert client.get(f"/visits/{one.secret}/shown.mp4").content == b"shown to one"
    assert client.get(f"/visits/{two.secret}/shown.mp4").status_code == 404
    assert client.get(f"/visits/{one.folder.name}/shown.mp4").status_code == 404
    assert client.get(f"/visits/{one.secret}/film.mp4").status_code in (200, 404)


def test_what_draws_scenes_comes_from_here_with_its_licence(client: TestClient):
    answer = client.get("/three.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "three.module.js" in answer.text[-400:]
    assert "SPDX-License-Identifier: MIT" in answer.text[-400:]


def test_who_has_no_visit_sends_nothing(client: TestClient):
    assert client.post("/visits/unknown/film?suffix=mp4", content=b"x").status_code == 404


def test_what_is_wrong_with_a_film_is_said(client: TestClient, visits: Visits):
    answer = client.post(f"/visits/{visits.open().secret}/film?suffix=exe", content=b"x")
    assert "expected a video" in answer.json()["wrong"]


@pytest.mark.parametrize("name", ["reading.pickle", "film.part", "..%2f..%2fetc%2fpasswd", "%2e%2e"])
def test_no_other_file_is_given(client: TestClient, visits: Visits, name: str):
    visit = visits.open()
    (visit.folder / "reading.pickle").write_bytes(b"x")
    assert client.get(f"/visits/{visit.secret}/{name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file=http://127.0.0.1:1/x",
        "/gradio_api/proxy=http://127.0.0.1:1/x",
        "/static/../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/custom_component/x/client/component/../../../etc/passwd",
        "/visits/..%2f..%2fetc/passwd",
    ],
)
def test_no_path_leads_out(client: TestClient, path: str):
    assert client.get(path).status_code in (403, 404)


def test_a_long_name_is_no_way_past_the_size_of_an_upload(client: TestClient):
    files = {"files": ("x" * 50_000 + ".mp4", b"y" * 10_000, "video/mp4")}
    assert client.post("/gradio_api/upload", files=files).status_code == 404


def test_no_fault_shows_its_traceback(client: TestClient):
    session = {"fn_index": 9999, "session_hash": "x", "data": [], "event_data": {}, "trigger_id": 1}
    for path, body in (
        ("/gradio_api/queue/join", session),
        ("/gradio_api/reset", {}),
        ("/gradio_api/cancel", {"x": 1}),
    ):
        answer = client.post(path, json=body)
        assert "Traceback" not in answer.text
        assert ".py" not in answer.text
