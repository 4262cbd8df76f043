import pytest

from daml.terminal.home_folder import expand_home


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("--output=~/x.json", "--output=/home/me/x.json"),
        ("--output=~", "--output=/home/me"),
        ("~/x", "/home/me/x"),
        ("~", "/home/me"),
        ("--output=a~b", "--output=a~b"),
        ("--output", "--output"),
        ("--output=", "--output="),
        ("x~/y", "x~/y"),
        ("~nobody-of-this-name/x", "~nobody-of-this-name/x"),
        ("a=~/x", "a=~/x"),
    ],
)
def test_a_home_folder_is_put_in_where_a_path_begins_with_it(word: str, expanded: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert expand_home([word]) == [expanded]
