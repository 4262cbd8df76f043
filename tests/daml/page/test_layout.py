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


def test_within_a_media_rule_nothing_is_outside_of_the_page():
    """Gradio sets each selector of such a rule below its container, where none of these is found."""
    for rule in re.findall(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", CSS):
        for selectors in re.findall(r"([^{}]+)\{", rule):
            assert not re.search(r"(^|[\s,])(:root|html|body|gradio-app|\.gradio-container)\b", selectors), selectors


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_words_and_controls_stand_out_from_what_they_are_on(side: int):
    """Contrast as WCAG 2.2 has it at level AA: 4.5 for words, 3 for the edges of controls."""
    pairs = dict(re.findall(r"--([\w-]+): light-dark\(([^)]*)\)", CSS))
    colours = {name: pair.split(", ")[side] for name, pair in pairs.items()}
    for words in ("ink", "soft", "accent", "alert"):
        for ground in ("card", "ground"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
    assert contrast(colours["accent-ink"], colours["accent"]) >= 4.5
    assert contrast(colours["edge"], colours["card"]) >= 3


def contrast(one: str, two: str) -> float:
    low, high = sorted(luminance(colour) for colour in (one, two))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour, by WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
