import time

import pytest

from daml.page import visits as module
from daml.page.visits import Visit, Visits


@pytest.fixture
def visits():
    made = Visits()
    yield made
    made.close()


def test_each_visit_has_a_folder_that_its_secret_does_not_name(visits: Visits):
    one, two = visits.open(), visits.open()
    assert one.folder != two.folder
    assert one.folder.is_dir()
    assert one.secret not in str(one.folder)
    assert visits.find(one.secret) is one
    assert visits.find(two.folder.name) is None
    assert visits.find("") is None


def test_only_files_of_known_names_are_served(visits: Visits):
    visit = visits.open()
    for name in ("shown.mp4", "reading.pickle", "film.mp4.part", "Secret.mp4"):
        (visit.folder / name).write_bytes(b"x")
    (visit.folder / "linked.mp4").symlink_to("/etc/passwd")
    assert visit.served_file("shown.mp4") == visit.folder / "shown.mp4"
    for name in ("reading.pickle", "film.mp4.part", "Secret.mp4", "missing.mp4", "linked.mp4", "../shown.mp4"):
        assert visit.served_file(name) is None


def test_the_address_of_a_file_changes_with_it(visits: Visits):
    visit = visits.open()
    (visit.folder / "shown.mp4").write_bytes(b"x")
    address = visit.address("shown.mp4")
    assert address.startswith(f"visits/{visit.secret}/shown.mp4?v=")
    time.sleep(0.02)
    (visit.folder / "shown.mp4").write_bytes(b"y")
    assert visit.address("shown.mp4") != address


def test_what_is_not_used_is_deleted_and_what_is_used_stays():
    visits = Visits(kept_s=0.2)
    old, used = visits.open(), visits.open()
    (old.folder / "film.mp4").write_bytes(b"x")
    for _ in range(6):
        time.sleep(0.05)
        visits.find(used.secret)
    assert visits.sweep() == 1
    assert not old.folder.exists()
    assert visits.find(old.secret) is None
    assert visits.find(used.secret) is used
    visits.close()


def test_an_hour_is_kept():
    assert module.KEPT_S == 3600


def test_there_are_not_endlessly_many(visits: Visits, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_VISITS", 2)
    visits.open()
    visits.open()
    with pytest.raises(OSError, match="pages are open already"):
        visits.open()


def test_closing_deletes_everything():
    visits = Visits()
    visit: Visit = visits.open()
    (visit.folder / "film.mp4").write_bytes(b"x")
    visits.close()
    assert not visits.root.exists()
