"""Laws of the page in a real browser: from opening it to a success rate, by what a person does there.

They run where Chromium, Playwright and the extras `app` and `hands` are; elsewhere one line says so.
"""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from daml import envs
from daml.demos import read_video, write_video
from daml.demos.hands.models import are_models_installed

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
sync_api = pytest.importorskip("playwright.sync_api", reason="the page is not tried in a browser: no Playwright")
pytest.importorskip("gradio", reason="the page is not tried in a browser: no Gradio (extra `app`)")
pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="the page is not tried in a browser: no Chromium (apt install chromium)"
    ),
    pytest.mark.skipif(not are_models_installed(), reason="the page is not tried in a browser: no hand models"),
]

PATIENCE_MS = 300_000
"""The machine may have other things to do."""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated person who pushes."""
    path = tmp_path_factory.mktemp("film") / "a film of mine.mp4"
    shot = envs.Shot(envs.Task("push", "test", 1), 7, 480, quality=envs.PERSON_QUALITY, bodies="test")
    frames, frame_rate_hz = envs.film_human(shot)
    write_video(path, frames, frame_rate_hz=frame_rate_hz)
    return path


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    """The page, served by the command itself."""
    command = [sys.executable, "-m", "daml", "app", "--port", "0", "--rollouts", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        found = re.search(r"http://\S+", page.stdout.readline())
        drain = threading.Thread(target=page.stdout.read, daemon=True)
        drain.start()
        assert found is not None
        yield found[0]
        page.terminate()
        drain.join()


@pytest.fixture(scope="module")
def browser(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Any]:
    """Chromium, whose camera shows the film: still before it begins, and half black, so that a mirror would be seen."""
    frames = read_video(film).frames.copy()
    frames[:, :, :120] = 0
    stills = [frames[0]] * 60
    camera = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with camera.open("wb") as file:
        for frame in [*stills, *frames, *([frames[-1]] * 24)]:
            file.write(cv2.imencode(".jpg", np.ascontiguousarray(frame[..., ::-1]))[1].tobytes())
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    arguments.append(f"--use-file-for-fake-video-capture={camera}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any, address: str) -> Generator[Any]:
    """Open the page; at the end nothing may have been complained of, or asked of another machine."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_one(**settings: Any) -> Any:
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: is_own(request.url) or complaints.append(request.url))
        page.goto(address)
        page.wait_for_selector("[data-act=camera]:enabled")
        return page

    def is_own(url: str) -> bool:
        return url.startswith((address, "blob:", "data:"))

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_film_that_is_sent_is_read_corrected_and_done_by_the_robot(open_page: Any, film: Path):
    page = open_page()
    page.set_input_files("[type=file]", film)
    page.wait_for_selector(".trim:not([hidden])")
    page.press("input.from", "ArrowRight")
    page.click("[data-act=read]")
    page.wait_for_selector(".steps li")
    assert "pushed onto" in page.inner_text(".steps")
    page.wait_for_selector(".scene tbody tr")

    before = page.get_attribute(".scene .twin", "src")
    page.press(".handle.destination", "ArrowLeft")  # as with a mouse, but by keys
    page.wait_for_function(f"document.querySelector('.scene .twin').getAttribute('src') !== '{before}'")
    assert "100% sure" in page.inner_text(".steps")

    page.click("[data-act=judge]")
    page.wait_for_selector(".robot .downloads:not([hidden])")
    assert re.match(r"\d of 2 succeeded: \d+ %", page.inner_text(".robot .rate"))
    for name in ("clip", "policy", "scene", "result"):
        answer = page.request.get(page.evaluate(f"document.querySelector('.robot a.{name}').href"))
        assert answer.ok
        assert len(answer.body()) > 100
    look_about(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_example_of_carrying_is_made_one_of_putting_down_and_done_by_the_robot(open_page: Any):
    page = open_page(viewport={"width": 390, "height": 844})
    page.click("[data-act=example]")
    page.wait_for_selector(".trim:not([hidden])")
    page.click("[data-act=read]")
    page.wait_for_selector(".steps li")
    assert "carried onto" in page.inner_text(".steps")
    assert page.is_hidden(".several")
    page.select_option(".steps select", "place")
    page.wait_for_function("document.querySelector('.steps').innerText.includes('put down on')")
    page.click("[data-act=judge]")
    page.wait_for_selector(".robot .downloads:not([hidden])")
    assert re.match(r"\d of 2 succeeded: \d+ %", page.inner_text(".robot .rate"))


def look_about(page: Any) -> None:
    """Turn, zoom and play a rollout by keys alone: each changes what is seen."""
    page.emulate_media(reduced_motion="reduce")  # it would play by itself
    page.click(".look [data-act=open]")
    page.wait_for_function("document.querySelector('.look canvas').matches(':focus')")
    canvas = page.locator(".look canvas")
    assert canvas.get_attribute("aria-label") == "The robot after adapting, as a scene to turn"
    seen = set()
    for key in ("Tab", "ArrowLeft", "ArrowUp", "+"):
        drawn = canvas.get_attribute("data-drawn")
        canvas.press(key)
        if key != "Tab":
            page.wait_for_function(f"document.querySelector('.look canvas').dataset.drawn !== '{drawn}'")
        seen.add(canvas.screenshot())
    assert len(seen) == 4
    canvas.press("Space")
    page.wait_for_function("Number(document.querySelector('.look .moment').value) > 0.5")


def test_a_camera_films_what_is_before_it_not_its_mirror_image(open_page: Any):
    page = open_page(viewport={"width": 390, "height": 844}, permissions=["camera"])
    page.click("[data-act=camera]")
    page.click("[data-act=start]")
    assert page.inner_text(".countdown") in "321"
    page.wait_for_function("document.querySelector('.told').textContent.startsWith('filming')")
    page.wait_for_timeout(2500)
    page.click("[data-act=stop]")
    page.wait_for_selector(".trim:not([hidden])")
    halves = page.evaluate("""async () => {
        const video = document.querySelector('.film video'), canvas = document.createElement('canvas');
        if (video.readyState < 2) await new Promise((ready) => video.addEventListener('loadeddata', ready));
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        const context = canvas.getContext('2d');
        context.drawImage(video, 0, 0);
        const light = (x) => context.getImageData(x, canvas.height / 2, 1, 1).data.slice(0, 3).reduce((a, b) => a + b);
        return [light(canvas.width * 0.1), light(canvas.width * 0.9)];
    }""")
    assert halves[0] < halves[1] / 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.inner_text("[data-act=camera]") == "Film again"


def test_a_bad_file_is_refused_in_words_and_nobody_sees_anothers_film(open_page: Any, film: Path, tmp_path: Path):
    bad = tmp_path / ("x" * 200 + ".mp4")
    bad.write_bytes(b"this is no film" * 100)
    one, two = open_page(), open_page()
    one.set_input_files("[type=file]", bad)
    alert = one.wait_for_selector(".status .alarm:not(:empty)")
    assert "Traceback" not in alert.inner_text()
    assert "/tmp" not in alert.inner_text()
    two.set_input_files("[type=file]", film)
    two.wait_for_selector(".trim:not([hidden])")
    seen = two.evaluate("document.querySelector('.film video').src")
    assert not one.is_visible(".trim")
    own = one.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name).join(' ')")
    assert seen.split("/")[-2] not in own
    wrong = tmp_path / "notes.txt"
    wrong.write_text("no film")
    one.set_input_files("[type=file]", wrong)
    one.wait_for_function("document.querySelector('.told').textContent.includes('expected a video')")


def test_a_hand_is_led_by_keys_and_films_like_a_camera(open_page: Any):
    page = open_page()
    page.select_option(".bar select", "push")
    page.click("[data-act=table]")
    page.wait_for_selector(".hand:visible")
    for key in (*["ArrowUp"] * 5, "Space", *["ArrowRight"] * 6, "Space"):
        page.press(".hand", key)
    page.wait_for_selector(".trim:not([hidden])")
    assert page.is_hidden(".hand")
