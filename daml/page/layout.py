"""What is on the page, and in which order; what happens there is in `actions`."""

from importlib import resources

import gradio as gr
from gradio.themes import Base

from daml.page.actions import Actions, Parts
from daml.page.film_reception import LONGEST_RECORDING_S, MOST_BYTES
from daml.page.jobs import JobQueue
from daml.page.visits import Visits

_STATIC = resources.files("daml.page") / "static"

THEME = Base(
    primary_hue="teal",
    neutral_hue="slate",
    # Others would be fetched from the network.
    font=("system-ui", "sans-serif"),
    font_mono=("ui-monospace", "monospace"),
)

CSS = (_STATIC / "page.css").read_text(encoding="utf-8")

_TITLE = """<h1>Show it once</h1>
<p>Film one small task on a table. See what was understood, correct it, and watch how often a robot does it.
Nothing leaves this machine.</p>"""


def _script(name: str) -> str:
    """Return the program of a part of the page, with what it needs to know of the limits."""
    text = (_STATIC / name).read_text(encoding="utf-8")
    return f"const MOST_BYTES = {MOST_BYTES}, LONGEST_RECORDING_S = {LONGEST_RECORDING_S};\n{text}"


def _part(name: str, *, of_card: bool = True) -> gr.HTML:
    """Make a part of the page that draws itself: its template stays empty, and its program watches its value."""
    classes = ["part", name] if of_card else [name]
    return gr.HTML(
        {}, html_template="", js_on_load=_script(f"{name}.js"), elem_classes=classes, apply_default_css=False
    )


def lay_out(visits: Visits, jobs: JobQueue, *, rollouts: int = 10) -> gr.Blocks:
    """Lay the page out.

    Args:
        visits: Where visitors' files are.
        jobs: Who computes.
        rollouts: Layouts that the robot tries.
    """
    with gr.Blocks(title="daml: show it once", analytics_enabled=False) as blocks:
        secret = gr.State("")
        gr.HTML(_TITLE, elem_classes=["head"], apply_default_css=False)
        film, reading, scene, robot, look = (_part(name) for name in ("film", "reading", "scene", "robot", "look"))
        status = _part("status", of_card=False)
        parts = Parts(film=film, reading=reading, scene=scene, robot=robot, look=look, status=status)
        actions = Actions(visits, jobs, parts, rollouts=rollouts)
        blocks.load(actions.arrive, outputs=[secret, film], show_progress="hidden")
        for part, event, action in (
            (film, "filmed", actions.take_in),
            (film, "example", actions.film_example),
            (film, "table", actions.show_table),
            (film, "lead", actions.film_led),
            (film, "read", actions.read),
            (reading, "correct", actions.correct),
            (scene, "edit", actions.edit),
            (scene, "judge", actions.judge),
        ):
            listen = getattr(part, event)
            listen(action, inputs=[secret], outputs=list(parts), show_progress="hidden")
        status.stop(actions.stop, inputs=[secret], show_progress="hidden")
        blocks.unload(actions.leave)
    return blocks
