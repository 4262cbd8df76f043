import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gradio")

from daml.page.jobs import JobQueue
from daml.page.layout import CSS, THEME, lay_out
from daml.page.visits import Visits

STATIC = Path(lay_out.__code__.co_filename).parent / "static"


@pytest.fixture(scope="module")
def config():
    async def made() -> dict[str, Any]:  # outside of a loop Gradio makes loops that it never closes
        return lay_out(Visits(), JobQueue("daml.page.work")).get_config_file()

    return asyncio.run(made())


def test_nothing_of_it_names_another_machine():
    files = [*STATIC.iterdir(), STATIC.parent / "vendored" / "three.js"]
    own = "".join(path.read_text(encoding="utf-8") for path in files)
    assert re.findall(r"https?://(?!www\.w3\.org/(?:2000/svg|1999/xhtml))[^\s\"']+", own) == []
    assert "url(" not in CSS
    assert "@import" not in THEME._get_theme_css()
    assert THEME._stylesheets == []


def test_each_part_has_its_program_and_each_program_its_part(config: dict[str, Any]):
    programs = [component["props"].get("js_on_load") or "" for component in config["components"]]
    for script in STATIC.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert any(text in program for program in programs), script.name


def test_all_that_parts_trigger_is_listened_to(config: dict[str, Any]):
    triggered = {event for path in STATIC.glob("*.js") for event in re.findall(r'trigger\("(\w+)"', path.read_text())}
    listened = {event for dependency in config["dependencies"] for _, event in dependency["targets"]}
    assert triggered <= listened


def test_what_can_be_pressed_has_a_name():
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        for tag in re.findall(r"<(?:select|input|progress|video)\b[^>]*>", text):
            assert "aria-label=" in tag, f"{path.name}: {tag}"
