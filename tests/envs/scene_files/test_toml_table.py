"""Laws of reading values by key and type."""

from typing import Any

import pytest

from daml.envs.objects.palette import COLOURS
from daml.envs.scene_files.toml_table import Table


def table(**content: Any) -> Table:
    return Table("items[1]", content, keys=tuple(content))


def test_values_are_returned_as_what_was_asked_for():
    content: dict[str, Any] = {"t": "x", "f": True, "n": 3, "l": [1, 2.5], "i": {"a": "b"}, "s": [{"a": "b"}] * 2}
    values = table(**content)
    assert (values.text("t"), values.flag("f"), values.number("n", 0.0)) == ("x", True, 3.0)
    assert values.numbers("l", "two", count=2) == (1.0, 2.5)
    inner = values.table("i", ["a"])
    assert inner is not None
    assert [each.text("a") for each in (inner, *values.tables("s", ["a"]))] == ["b"] * 3


def test_what_is_not_there_is_the_default():
    values = table()
    assert (values.text("t", "x"), values.flag("f"), values.number("n", 2.0)) == ("x", False, 2.0)
    assert (values.numbers("l", "two", count=2), values.table("i", ["a"]), values.tables("s", ["a"])) == (
        None,
        None,
        [],
    )
    assert values.colour("c", (0.1, 0.2, 0.3)) == (0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("colour", "channels"),
    [
        *COLOURS.items(),
        ("#ff0000", (1.0, 0.0, 0.0)),
        ("#33CCff", (0.2, 0.8, 1.0)),
        ([0.25, 1, 0], (0.25, 1.0, 0.0)),
    ],
)
def test_a_colour_is_a_name_or_a_number_or_three(colour: object, channels: tuple[float, ...]):
    assert table(colour=colour).colour("colour") == channels


@pytest.mark.parametrize("colour", ["rot", "#12345", "#1234567", "#12 456", "#gg0000", "", 7, True, [1, 0], ["a"] * 3])
def test_what_is_no_colour_is_refused_with_its_key(colour: object):
    with pytest.raises(ValueError, match=r"^items\[1\]\.colour: expected "):
        table(colour=colour).colour("colour")
    with pytest.raises(ValueError, match=r"colour: expected a colour, one of red, .*got None"):
        table().colour("colour")


@pytest.mark.parametrize(
    ("method", "arguments", "value"),
    [
        *[("text", (), value) for value in (None, 1, True, [])],
        *[("flag", (), value) for value in (0, "true", [])],
        *[("number", (0.0,), value) for value in (True, "1", [1])],
        *[("table", (("a",),), value) for value in (1, "x", [], True)],
    ],
)
def test_a_value_of_another_type_is_refused_with_its_key(method: str, arguments: tuple[Any, ...], value: object):
    with pytest.raises(ValueError, match=r"^items\[1\]\.key: expected .*, got "):
        getattr(table(key=value), method)("key", *arguments)


@pytest.mark.parametrize("value", [1, "xy", [], [1], [1, 2, 3], [1, True], [1, "2"], [[1, 2]]])
def test_another_number_of_numbers_is_refused(value: object):
    with pytest.raises(ValueError, match=r"^items\[1\]\.key: expected two numbers, got "):
        table(key=value).numbers("key", "two numbers", count=2)


def test_a_list_holds_tables_and_a_table_known_keys():
    with pytest.raises(ValueError, match=r"key: expected tables \[\[key\]\], got 5"):
        table(key=5).tables("key", ["a"])
    with pytest.raises(ValueError, match=r"key\[1\]: expected a table, got 5"):
        table(key=[{}, 5]).tables("key", ["a"])
    with pytest.raises(ValueError, match=r"key\[0\]\.b: unknown; expected one of a, c"):
        table(key=[{"b": 1}]).tables("key", ["a", "c"])


def test_a_long_value_or_key_is_cut_and_a_huge_number_stays_a_number():
    with pytest.raises(ValueError, match="expected") as refusal:
        table(key="x" * 1000).number("key", 0.0)
    assert len(str(refusal.value)) < 200
    with pytest.raises(ValueError, match="unknown") as refusal:
        Table("", {"a b\n" * 1000: 1}, keys=["a"])
    assert len(str(refusal.value)) < 200
    assert "\n" not in str(refusal.value)
    assert table(key=10**400).number("key", 0.0) >= 1e9
