"""Laws of the page in a real browser: from opening it to a success rate, by what a person does there.

They run where Chromium, Playwright and the extras `app` and `hands` are; elsewhere one line says so.
"""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from daml import envs
from daml.demos import read_video, write_video
from daml.demos.hands.models import are_models_installed
from daml.envs.human_film import FRAME_RATE_HZ, Performance
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.tasks.kinds import draw_objects

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

PATIENCE_MS = 120_000
"""The machine may have other things to do."""

CONTROLS = "button, a[href], select, input:not([type=file]), canvas, video[controls]"
"""What can be pressed, chosen, written into or moved."""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated person who pushes."""
    return film_steps(
        tmp_path_factory.mktemp("film") / "a film of mine.mp4", envs.Task("push", "test", 1), [None], seed=7
    )


def film_steps(path: Path, task: envs.Task, slots: list[int | None], *, seed: int) -> Path:
    """Film a simulated person who does one step after another: each begins with what the one before has left."""
    frames: list[np.ndarray] = []
    moved: dict[str, np.ndarray] = {}
    with OffscreenRenderer(480, 480) as renderer:
        for slot in slots:
            performance = Performance.draw(task, seed=seed, target=slot, bodies="test")
            renderer.load(performance.model)
            for item, pose in moved.items():
                performance.data.joint(item).qpos = pose
            camera = performance.camera.name
            frames += [
                renderer.render(performance.data, camera, quality=envs.PERSON_QUALITY) for _ in performance.play()
            ]
            item = f"item{performance.item}"
            moved[item] = performance.data.joint(item).qpos.copy()
    write_video(path, np.stack(frames), frame_rate_hz=FRAME_RATE_HZ)
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
    """Chromium, whose camera shows the film, with a black left edge, so that a mirror would be seen.

    It plays 30 pictures a second from when it is opened. The film begins after the countdown, a little slowed down.
    """
    frames = read_video(film).frames.copy()
    frames[:, :, :40] = 0
    camera = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with camera.open("wb") as file:
        for frame in [*[frames[0]] * 165, *np.repeat(frames, 3, axis=0), *[frames[-1]] * 150]:
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


def read(page: Any) -> str:
    """Have the film read, and return what was understood, in words."""
    page.click("[data-act=read]")
    page.wait_for_selector(".steps li")
    return "; ".join(page.locator(".steps span").all_inner_texts())


@contextmanager
def scene_redrawn(page: Any) -> Generator[None]:
    """Correct something, and wait until its scene is there."""
    before = page.get_attribute(".scene .twin", "src")
    yield
    page.wait_for_function(f"document.querySelector('.scene .twin').getAttribute('src') !== '{before}'")
    page.wait_for_selector(".status button", state="hidden")


def judge(page: Any) -> None:
    """Let the robot try: it is seen before and while it is counted, and then how often it succeeded."""
    page.evaluate("""() => {
        window.told = [];
        new MutationObserver(() => told.push(document.querySelector('.robot .rate').textContent))
            .observe(document.querySelector('.robot .rate'), { childList: true });
    }""")
    page.click("[data-act=judge]")
    page.wait_for_selector(".robot video", state="visible")
    page.wait_for_selector(".robot .downloads:not([hidden])")
    told = list(dict.fromkeys(page.evaluate("told")))
    assert told[0].startswith("Counting")
    assert re.match(r"\d of 2 succeeded: \d+ %", told[-1])


def test_a_film_that_is_sent_is_read_corrected_and_done_by_the_robot(open_page: Any, film: Path):
    page = open_page()
    page.set_input_files("[type=file]", film)
    page.wait_for_selector(".trim:not([hidden])")
    page.press("input.from", "ArrowRight")
    assert "pushed onto" in read(page)
    page.wait_for_selector(".scene tbody tr")

    with scene_redrawn(page):
        page.press(".handle.destination", "ArrowLeft")  # as with a mouse, but by keys
    assert "100% sure" in page.inner_text(".steps")
    assert page.evaluate("document.activeElement.matches('.handle.destination')")

    with scene_redrawn(page):
        page.fill("[aria-label='Width of destination 1 in centimetres']", "12")
        page.press("[aria-label='Width of destination 1 in centimetres']", "Enter")
    assert page.input_value("[aria-label='Width of destination 1 in centimetres']") == "12"

    judge(page)
    for part, name in (("scene", "file"), *(("robot", name) for name in ("clip", "policy", "scene", "result"))):
        answer = page.request.get(page.evaluate(f"document.querySelector('.{part} a.{name}').href"))
        assert answer.ok
        assert len(answer.body()) > 100
    look_about(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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


def test_a_hand_that_is_led_by_mouse_carries_and_the_robot_does_it_and_puts_it_down_too(open_page: Any):
    page = open_page(viewport={"width": 390, "height": 844})
    page.click("[data-act=table]")
    page.wait_for_function("document.querySelector('.table').naturalWidth > 0")
    lead(page, (0.53, 0.505), (0.318, 0.686))
    page.wait_for_selector(".trim:not([hidden])")
    assert page.is_hidden(".hand")
    read(page)
    box = page.locator(".frame").bounding_box()
    with scene_redrawn(page):  # the nearest goes where it is clicked
        page.locator(".frame").click(position={"x": 0.38 * box["width"], "y": 0.72 * box["height"]})
    assert "100% sure" in page.inner_text(".steps")
    for manner, words in (("pick-place", "carried"), ("place", "put down")):
        with scene_redrawn(page):
            page.select_option(".steps select", manner)
        assert f", {words}" in page.inner_text(".steps span")
        judge(page)


def lead(page: Any, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the table with the mouse, between two places of its picture."""
    page.locator(".table").scroll_into_view_if_needed()
    box = page.locator(".table").bounding_box()
    for number in range(21):
        share = np.array(begin) + (np.array(end) - begin) * number / 20
        page.mouse.move(box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"])
        if number == 0:
            page.mouse.down()
        page.wait_for_timeout(50)
    page.mouse.up()


def test_a_camera_films_what_is_before_it_not_its_mirror_image_and_the_robot_does_it(open_page: Any):
    page = open_page(permissions=["camera"])
    page.click("[data-act=camera]")
    page.click("[data-act=start]")
    assert page.inner_text(".countdown") in "321"
    page.wait_for_function("document.querySelector('.told').textContent.startsWith('filming')")
    page.wait_for_timeout(8500)
    page.click("[data-act=stop]")
    page.wait_for_selector(".trim:not([hidden])")
    halves = page.evaluate("""async () => {
        const video = document.querySelector('.film video'), canvas = document.createElement('canvas');
        if (video.readyState < 2) await new Promise((ready) => video.addEventListener('loadeddata', ready));
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        const context = canvas.getContext('2d');
        context.drawImage(video, 0, 0);
        const light = (x) => context.getImageData(x, canvas.height / 2, 1, 1).data.slice(0, 3).reduce((a, b) => a + b);
        return [light(canvas.width * 0.02), light(canvas.width * 0.98)];
    }""")
    assert halves[0] < halves[1] / 2
    assert "pushed" in read(page)
    judge(page)

    assert page.inner_text("[data-act=camera]") == "Film again"
    page.click("[data-act=camera]")
    page.wait_for_selector("[data-act=start]:focus")
    assert page.is_hidden(".trim")


def test_of_a_film_with_two_steps_the_robot_does_all_or_one(open_page: Any, tmp_path: Path):
    task = envs.Task("pick-place", "test", 4)
    page = open_page()
    page.set_input_files("[type=file]", film_steps(tmp_path / "two.mp4", task, [None, other_choice(task)], seed=632))
    page.wait_for_selector(".trim:not([hidden])")
    first, second = read(page).split("; ")
    assert "carried" in first
    assert "carried" in second
    with scene_redrawn(page):
        page.check(".all input")
    judge(page)
    assert "step 1 " in page.inner_text(".robot .soft")

    with scene_redrawn(page):
        page.check("[data-key=choose-1]")
    assert page.evaluate("document.activeElement.dataset.key") == "choose-1"
    with scene_redrawn(page):
        page.click("[aria-label='Leave out step 1']")
    assert page.locator(".steps span").all_inner_texts() == [second]
    assert page.is_hidden(".several")
    assert page.is_hidden(".all")


def other_choice(task: envs.Task) -> int:
    """Return the slot of another item to another destination than the task asks for."""
    objects = draw_objects(task)
    first = objects.choice(objects.target)
    choices = {slot: objects.choice(slot) for slot in range(objects.n_targets)}
    return next(s for s, one in choices.items() if one.item != first.item and one.container != first.container)


def test_keys_reach_every_control_by_a_name_in_the_dark_on_a_phone_and_stop_the_work(open_page: Any):
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    ink, card = (
        page.evaluate(f"getComputedStyle(document.querySelector('.html-container > .part')).{name}")
        for name in ("color", "backgroundColor")
    )
    assert light(card) < 0.25
    assert light(ink) > 0.75
    page.select_option(".bar select", "push")
    page.press("[data-act=example]", "Enter")
    page.wait_for_selector(".trim:not([hidden])")
    page.press("[data-act=read]", "Enter")
    page.wait_for_selector(".scene tbody tr")
    assert page.inner_text(".status .words").startswith("Understood: the ")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    for line in page.locator("body").aria_snapshot().splitlines():
        if re.match(r"\s*- '?(button|link|slider|combobox|textbox|spinbutton|radio|progressbar|img)\b", line):
            assert re.search(r"\w+ \"\w", line), f"without a name: {line}"
    page.evaluate("document.activeElement.blur(); window.reached = new Set()")
    n_controls = len(page.locator(f":is({CONTROLS}):visible:enabled").all())
    for _ in range(2 * n_controls):
        page.keyboard.press("Tab")
        focused, is_handle, outline = page.evaluate("""() => {
            const part = document.activeElement;
            reached.add(part);
            return [part.localName, part.type === 'range', getComputedStyle(part).outlineStyle];
        }""")
        assert outline != "none" or focused in ("body", "video") or is_handle  # shown by themselves
    controls = page.locator(f":is({CONTROLS}):visible:enabled")
    missed = "all => all.filter((one) => !reached.has(one)).map((one) => one.outerHTML)"
    assert controls.evaluate_all(missed) == []

    page.press("[data-act=judge]", "Enter")
    page.wait_for_selector(".status button:visible")  # what is hidden takes no focus, and so no key
    page.press(".status button", "Enter")
    page.wait_for_function("document.querySelector('.status .words').textContent === 'Stopped.'")
    assert page.evaluate("document.activeElement.dataset.act") == "judge"
    assert page.is_hidden(".robot")


def light(colour: str) -> float:
    """Return the mean of a colour's channels, of 1, as a browser writes it: `rgb(24, 34, 44)`."""
    return float(np.mean([int(channel) for channel in re.findall(r"\d+", colour)[:3]])) / 255


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


def test_a_film_in_which_nobody_does_anything_is_refused_with_what_to_film_instead(open_page: Any, tmp_path: Path):
    write_video(tmp_path / "still.mp4", np.full((40, 96, 128, 3), 120, np.uint8), frame_rate_hz=12)
    page = open_page()
    page.set_input_files("[type=file]", tmp_path / "still.mp4")
    page.wait_for_selector(".trim:not([hidden])")
    page.click("[data-act=read]")
    assert "hand" in page.wait_for_selector(".status .alarm:not(:empty)").inner_text()
    assert page.is_hidden(".reading")


def test_a_hand_is_led_by_keys_and_films_like_a_camera(open_page: Any):
    page = open_page()
    page.select_option(".bar select", "push")
    page.click("[data-act=table]")
    page.wait_for_selector(".hand:visible")
    for key in (*["ArrowUp"] * 5, "Space", *["ArrowRight"] * 6, "Space"):
        page.press(".hand", key)
    page.wait_for_selector(".trim:not([hidden])")
    assert page.is_hidden(".hand")
