"""Values of a TOML file by key and type: what is not as it should be is told with its key."""

from collections.abc import Sequence
from typing import cast

from daml.envs.objects.palette import COLOURS, Rgb


class Table:
    """A TOML table whose values are asked for by key and type.

    Args:
        name: Its key in the file, for errors; empty for the whole file.
        content: What was read there.
        keys: Keys that it may have.

    Raises:
        ValueError: It is no table, or has another key. So in each method: a value that is not as it should be is told
            with its key, what was expected and what came.
    """

    def __init__(self, name: str, content: object, *, keys: Sequence[str]) -> None:
        if not isinstance(content, dict):
            raise ValueError(f"{name}: expected a table, got {_short(content)}")  # noqa: TRY004 - a file's content
        self._name = name
        self._content = cast("dict[str, object]", content)
        for key in self._content:
            if key not in keys:
                raise ValueError(f"{self.key(key)}: unknown; expected one of {', '.join(keys)}")

    def key(self, key: str) -> str:
        """Return a key as errors name it, after the table's own."""
        key = key if key.isidentifier() else repr(key[:40])
        return f"{self._name}.{key}" if self._name else key

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, or the default where there is none."""
        value = self._content.get(key, default)
        if value is None:
            raise ValueError(f"{self.key(key)}: expected a text, got nothing; it must be given")
        if not isinstance(value, str):
            raise ValueError(f"{self.key(key)}: expected a text in quotes, got {_short(value)}")  # noqa: TRY004
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; false where nothing is said."""
        value = self._content.get(key, False)
        if not isinstance(value, bool):
            raise ValueError(f"{self.key(key)}: expected true or false, got {_short(value)}")  # noqa: TRY004
        return value

    def number(self, key: str, default: float) -> float:
        """Return a number, or the default where there is none."""
        value = self._content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self.key(key)}: expected a number, got {_short(value)}")  # noqa: TRY004
        return _as_float(value)

    def numbers(self, key: str, what: str, *, count: int) -> tuple[float, ...] | None:
        """Return a list of numbers, None where there is none."""
        value = self._content.get(key)
        if value is None:
            return None
        values = _entries(value)
        numbers = [_as_float(part) for part in values if isinstance(part, int | float) and not isinstance(part, bool)]
        if not len(numbers) == len(values) == count:
            raise ValueError(f"{self.key(key)}: expected {what}, got {_short(value)}")
        return tuple(numbers)

    def colour(self, key: str, default: Rgb | None = None) -> Rgb:
        """Return a colour given by name, as "#rrggbb" or as three numbers, or the default where there is none."""
        value = self._content.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in COLOURS:
            return COLOURS[value]
        if isinstance(value, str) and len(value) == 7 and value[0] == "#" and value[1:].isalnum() and value.isascii():
            try:
                red, green, blue = bytes.fromhex(value[1:])
            except ValueError:
                pass
            else:
                return (red / 255, green / 255, blue / 255)
        if isinstance(value, list):
            channels = self.numbers(key, "three numbers from 0 to 1", count=3) or ()
            return cast("Rgb", channels)
        expected = f'one of {", ".join(COLOURS)}, "#rrggbb" or three numbers'
        raise ValueError(f"{self.key(key)}: expected a colour, {expected}; got {_short(value)}")

    def table(self, key: str, keys: Sequence[str]) -> "Table | None":
        """Return a table with these keys, None where there is none."""
        return Table(self.key(key), self._content[key], keys=keys) if key in self._content else None

    def tables(self, key: str, keys: Sequence[str]) -> list["Table"]:
        """Return the tables of a list, each with these keys; none where there is no list."""
        value = self._content.get(key, [])
        entries = _entries(value)
        if not isinstance(value, list):
            raise ValueError(f"{key}: expected tables [[{key}]], got {_short(value)}")  # noqa: TRY004
        return [Table(f"{key}[{number}]", entry, keys=keys) for number, entry in enumerate(entries)]


def _entries(value: object) -> list[object]:
    """Return what is in a list; nothing where it is none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def _as_float(value: float) -> float:
    """Return a TOML number as a float; an integer may be larger than any."""
    return float(max(min(value, 10**9), -(10**9))) if isinstance(value, int) else value


def _short(value: object) -> str:
    """Return a value as one short text; a long one is cut."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
