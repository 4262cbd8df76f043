"""Laws of the report in words."""

import re
from pathlib import Path
from typing import Any

from daml.reporting.comparison import arrange, compare
from daml.reporting.recorded_results import Outcome, RecordedResult
from daml.reporting.report import clips_page, report_text

ROOT = Path("/runs")


def result(kind: str = "place", successes: str = "1100", **settings: Any) -> RecordedResult:
    outcomes = [
        Outcome(f"{kind}/test/{number}", number, "success" if digit == "1" else "wrong_object")
        for number, digit in enumerate(successes)
    ]
    settings = {"control": "none", "prior": "tabletop", "split": "test", "seed": 7, "n_tasks": 4} | settings
    return RecordedResult(
        ROOT / "final" / f"{kind}.json", {"kind": kind, **settings}, tuple(outcomes), 0.25, 0.5, {"daml": "0.1.0"}
    )


def text_of(*results: RecordedResult, **others: Any) -> str:
    rows = arrange(results)
    return report_text(rows, compare(rows), root=ROOT, **{"plots": {}, **others})


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_each_method_has_a_row_and_each_kind_a_column():
    text = text_of(result("push"), result("place"), result("push", "0000", control="no-demo"))
    assert line_of(text, "| shown") == "| shown | world | place | push |"
    method, control = line_of(text, "| one human video"), line_of(text, "| no video")
    assert method.count("**50.0 %**") == 2
    assert control.count("**0.0 %**") == 1
    assert "| 25.0 % | 25.0 % |" in line_of(text, "| a choice at random")


def test_every_table_is_whole():
    text = text_of(result("push"), result("place", prior="a|b_c"), result("push", "0000", control="no-demo"))
    widths: list[int] = []
    for line in text.splitlines():
        if line.startswith("|"):
            widths.append(len(re.findall(r"(?<!\\)\|", line)))
        elif widths:
            assert len(set(widths)) == 1
            widths = []


def test_a_cell_says_how_many_there_were_and_what_went_wrong():
    line = line_of(text_of(result(successes="11100000")), "| one human video")
    assert "**37.5 %** [13.7 to 69.4]<br>n = 8<br>wrong object 5, wrong container 0, not completed 0" in line


def test_of_a_video_of_another_choice_it_is_said_how_often_that_was_done():
    text = text_of(result(control="wrong-demo"), result())
    assert "what was shown done: 50.0 %" in line_of(text, "| video of another choice")
    assert "what was shown" not in line_of(text, "| one human video")


def test_tests_name_both_sides_and_their_counts():
    text = text_of(result(successes="1110"), result(successes="0000", control="no-demo"))
    assert "| place | one human video | no video | 4 | 4 | 3 | 0 | 0.25 | 0.25 |" in text


def test_tests_call_a_row_what_the_other_tables_call_it():
    learners = [result(prior="lstm", method="lstm"), result(prior="again")]
    text = text_of(result(successes="11001100"), *learners)
    assert "| place | one human video (again) | one human video (tabletop) | 4 | 4 |" in text
    assert "| place | lstm, one human video | one human video (tabletop) | 4 |" in text


def test_two_priors_are_told_apart_by_their_names():
    text = text_of(result(prior="runs/a/best"), result(successes="0000", prior="other"))
    assert "| place | one human video (a) | one human video (other) | 4 |" in text


def test_seeds_files_and_versions_are_named():
    text = text_of(result())
    assert "| one human video | as in training | tabletop | test | 4 from |  | 7 | final/place.json |" in text
    assert "- daml 0.1.0" in text


def test_that_rollouts_of_one_task_are_not_independent_is_said_where_there_are_several():
    several = result()
    tasks = ("place/test/0", "place/test/0", "place/test/1", "place/test/1")
    outcomes = tuple(outcome._replace(task=task) for outcome, task in zip(several.outcomes, tasks, strict=True))
    repeated = RecordedResult(several.path, several.settings, outcomes, 0.25, None, {})
    assert "not independent" in text_of(repeated)
    assert "**50.0 %** [15.0 to 85.0] [9.5 to 90.5]<br>n = 4 of 2 tasks" in text_of(repeated)
    of_one = RecordedResult(
        several.path, several.settings, tuple(o._replace(task="x") for o in outcomes), 0.25, None, {}
    )
    assert "not independent" not in text_of(several) + text_of(of_one)


def test_plots_and_clips_are_linked_and_without_results_there_is_no_table():
    text = text_of(plots={"Learning curves": "learning.png"}, clips="clips.html")
    assert "![Learning curves](learning.png)" in text
    assert "[clips.html](clips.html)" in text
    assert "|" not in text


def test_the_page_of_clips_plays_each_from_where_it_lies():
    clips = [ROOT / "a.gif", ROOT / "b<i>.videos" / "push 1.mp4"]
    page = clips_page(clips, root=ROOT, page=ROOT / "report" / "clips.html")
    assert '<img src="../a.gif"' in page
    assert '<video src="../b%3Ci%3E.videos/push%201.mp4"' in page
    assert "<figcaption>b&lt;i&gt;.videos/push 1.mp4</figcaption>" in page
