import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.demos.parsing import MOST_LEVELS, Count, JsonObject, Positive, Whole, parse, parse_json, read_json


@dataclasses.dataclass(frozen=True, kw_only=True)
class Described:
    size: tuple[Count, Count]
    rate: Positive = 1.0
    names: dict[str, Whole] = dataclasses.field(default_factory=dict[str, int])

    def __post_init__(self):
        if self.rate > 100:
            raise ValueError("rate: too fast")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_a_value_of_the_right_types_is_read(tmp_path: Path):
    (tmp_path / "a.json").write_text('{"size": [3, 4], "rate": 12, "names": {"x": 0}, "later": null}')
    assert read_json(tmp_path / "a.json", Described, cure="x") == Described(size=(3, 4), rate=12.0, names={"x": 0})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"size": [3, null]}', r"size\[1\]: expected int, got null"),
        ('{"size": [3, 0]}', r"size\[1\]: expected int >= 1"),
        ('{"size": [3, 1e3]}', r"size\[1\]: expected int, got float"),
        ('{"size": [3, true]}', r"size\[1\]: expected int, got bool"),
        ('{"size": [3, ' + "9" * 5000 + "]}", r"size\[1\]: integer value out of range"),
        ('{"size": [3, ' + "9" * 50 + "]}", r"size\[1\]: expected int <= 1000000000"),
        ('{"size": [3]}', r"size: expected array of length 2"),
        ('{"size": [3, 4], "rate": 1e400}', "rate: number out of range"),
        ('{"size": [3, 4], "rate": -1}', "rate: expected float > 0"),
        ('{"size": [3, 4], "rate": 101}', "rate: too fast"),
        ('{"size": [3, 4], "rate": NaN}', "JSON is malformed"),
        ('{"size": [3, 4], "rate": "1"}', "rate: expected float, got str"),
        ('{"size": [3, 4], "names": {"x": -1}}', r"names\[...\]: expected int >= 0"),
        ("{}", "missing required field size"),
        ("[]", "[Ee]xpected object, got array"),
        ("[" * 100_000, "[Ee]xpected object, got array"),
        ('{"later": ' + "[" * 100_000, "nested more than|truncated"),
        ("", "truncated"),
        ("\xff", "malformed"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_names_file_and_field(tmp_path: Path, content: str, message: str):
    path = tmp_path / "a.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=f"^{path}: .*{message}.*; write it again$") as refused:
        read_json(path, Described, cure="write it again")
    assert "\n" not in str(refused.value)


def test_a_deep_document_is_refused_where_anything_is_allowed(tmp_path: Path):
    (tmp_path / "a.json").write_text('{"x": ' + "[" * 100_000)
    with pytest.raises(ValueError, match=r"a.json: brackets nested more than 64 deep; x"):
        read_json(tmp_path / "a.json", JsonObject, cure="x")


def test_nesting_is_bounded_by_brackets_alone_not_by_those_in_texts():
    def parsed(levels: int, text: str) -> JsonObject:
        content = '{"x": ' + "[" * levels + f'"{text}"' + "]" * levels + "}"
        return parse_json(content.encode(), JsonObject, where="a.json, line 3", cure="x")

    assert parsed(MOST_LEVELS - 1, "[" * 500 + r"\"]]")
    with pytest.raises(ValueError, match=r"^a.json, line 3: brackets nested more than 64 deep; x$"):
        parsed(MOST_LEVELS, "")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400"])
def test_a_number_that_is_not_finite_is_none_of_json_wherever_it_stands(number: str):
    with pytest.raises(ValueError, match=r"^a.json: .*; x$"):
        parse_json(f'{{"a": [{number}]}}'.encode(), JsonObject, where="a.json", cure="x")


@pytest.mark.parametrize("text", [r"\ud800", "\xff", "\x00"])
def test_a_text_that_could_not_be_written_again_is_refused(text: str):
    with pytest.raises(ValueError, match=r"^a.json: .*; x$"):
        parse_json(f'{{"a": "{text}"}}'.encode("latin-1"), JsonObject, where="a.json", cure="x")


def test_a_file_too_large_is_not_parsed(tmp_path: Path):
    (tmp_path / "a.json").write_text("{}" + " " * 100)
    with pytest.raises(ValueError, match="more than 50 bytes"):
        read_json(tmp_path / "a.json", JsonObject, cure="x", largest=50)


def test_a_missing_file_is_a_missing_file(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "a.json", JsonObject, cure="x")


@given(JSON)
def test_any_value_is_parsed_or_refused_by_its_place(value: object):
    try:
        parsed = parse(value, Described, where="scene.toml: table")
    except ValueError as error:
        assert str(error).startswith("scene.toml: table: ")  # noqa: PT017 - it may as well be parsed
    else:
        assert isinstance(parsed, Described)
