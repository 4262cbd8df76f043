"""Laws of progress and its observers."""

from daml.progress import Progress, report, report_share, under_name


def test_every_observer_is_told():
    first: list[Progress] = []
    second: list[Progress] = []
    report([first.append, second.append], Progress("collecting", 1, 2))

    assert first == second == [Progress("collecting", 1, 2, {})]


def test_a_stage_can_go_under_another_name():
    seen: list[Progress] = []
    report(under_name("round 1", [seen.append]), Progress("meta-training", 1, 2, {"loss": 0.5}))

    assert seen == [Progress("round 1", 1, 2, {"loss": 0.5})]


def test_a_share_of_a_stage_is_told_in_percent():
    seen: list[Progress] = []
    for share in (0.0, 0.126, 1.0):
        report_share([seen.append], "finding hands", share)

    assert seen == [Progress("finding hands", done, 100) for done in (0, 13, 100)]
