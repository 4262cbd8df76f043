"""Laws of scene files: what is written is read again, and what is broken is refused by name."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daml.envs.human_film import film_human
from daml.envs.objects.palette import COLOURS
from daml.envs.objects.task_objects import Objects, Target
from daml.envs.scene_files.scene_file import MOST_BYTES, read_scene, write_scene
from daml.envs.shot import Shot
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.description import Scene
from daml.envs.tasks.filmed import Filmed
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import KINDS, SPLITS, Task

EXAMPLE = Path(__file__).parents[3] / "scripts" / "assets" / "example_scene.toml"
PUSH = """
kind = "push"
[[items]]
family = "block"
colour = "red"
target = true
[[items]]
family = "disc"
colour = "blue"
[zone]
shape = "disc"
colour = "yellow"
"""


def scene(kind: str, index: int = 0) -> Scene:
    return Scene(kind, draw_objects(Task(kind, SPLITS[index % 3], index)))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_again(kind: str, tmp_path: Path):
    for index in range(60):
        objects = draw_objects(Task(kind, SPLITS[index % 3], index))
        chosen = Scene(kind, Objects(objects.items, objects.containers, objects.zone, index % objects.n_targets))
        write_scene(tmp_path / "scene.toml", chosen)
        assert read_scene(tmp_path / "scene.toml") == chosen
    assert [path.name for path in tmp_path.iterdir()] == ["scene.toml"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_film_shows_of_it_is_read_again(kind: str, tmp_path: Path):
    objects = draw_objects(Task(kind, "test", 0))
    film = Filmed(
        tuple((0.4 + 0.1 * slot, 0.1, 0.2) for slot in range(len(objects.items))),
        tuple((0.4 + 0.1 * slot, -0.1, 0.3) for slot in range(len(objects.containers))),
        None if objects.zone is None else (0.5, 0.0, 0.4),
        camera=(1.1, 0.0, 0.7),
        target=(0.5, 0.0, 0.0),
        field_of_view_deg=40.0,
        table=(0.2, 0.3, 0.4),
    )
    write_scene(tmp_path / "scene.toml", Scene(kind, objects, film))
    assert read_scene(tmp_path / "scene.toml") == Scene(kind, objects, film)


def test_a_film_needs_a_place_of_each_thing_and_a_camera(tmp_path: Path):
    with pytest.raises(ValueError, match=r"film\.camera: expected x, y and z in metres, got nothing"):
        read_scene(written(tmp_path / "scene.toml", PUSH + "[film]\n"))
    view = "[film]\ncamera = [1.1, 0, 0.7]\ntarget = [0.5, 0, 0]\n"
    with pytest.raises(ValueError, match=r"items\[0\].place: expected x and y"):
        read_scene(written(tmp_path / "scene.toml", PUSH + view))


def test_the_example_is_a_scene_with_what_it_says():
    objects = read_scene(EXAMPLE).objects
    assert [container.family for container in objects.containers] == ["bowl", "cup"]
    assert objects.containers[0].wall_colour == COLOURS["red"]
    assert objects.choice(objects.target) == Target(0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_patterns_and_second_colours_may_be_left_out(kind: str, tmp_path: Path):
    described = scene(kind, 2)
    write_scene(tmp_path / "full.toml", described)
    lines = (tmp_path / "full.toml").read_text(encoding="utf-8").splitlines()
    optional = ("size", "height", "flare", "radius", "pattern", "accent", "floor")
    kept = [line for line in lines if not line.startswith(optional)]
    assert len(kept) < len(lines)
    short = read_scene(written(tmp_path / "short.toml", "\n".join(kept)))
    assert [item.family for item in short.objects.items] == [item.family for item in described.objects.items]
    assert [thing.wall_colour for thing in short.objects.containers] == [
        thing.wall_colour for thing in described.objects.containers
    ]
    assert short.objects.target == described.objects.target
    assert {thing.pattern for thing in (*short.objects.items, *short.objects.containers)} == {"plain"}


def test_the_colours_of_a_file_are_those_of_the_pictures(tmp_path: Path):
    """Another colour of an object changes the picture towards it, and nowhere else than there."""
    images = {}
    for name, vivid in (("red", "#ff0000"), ("green", "#00ff00")):
        text = EXAMPLE.read_text(encoding="utf-8").replace('"red"', f'"{vivid}"')
        described = read_scene(written(tmp_path / "scene.toml", text))
        env = TabletopEnv("place", image_size=64)
        images[name] = env.reset(seed=0, options={"task": described})[0]["image"].astype(int)
        env.close()
    changed = np.abs(images["red"] - images["green"]).max(axis=2) > 60
    assert 20 < changed.sum() < 800
    assert (images["red"][changed][:, 0] > images["red"][changed][:, 1]).mean() > 0.95
    assert (images["green"][changed][:, 1] > images["green"][changed][:, 0]).mean() > 0.95


def test_a_human_is_filmed_in_a_scene_and_does_what_is_asked_for(tmp_path: Path):
    first, _ = film_human(Shot(read_scene(EXAMPLE), seed=1, image_size=32))
    text = EXAMPLE.read_text(encoding="utf-8").replace("target = true\n", "")
    other = read_scene(written(tmp_path / "other.toml", text + "target = true\n"))
    assert other.objects.choice(other.objects.target) == Target(0, 1)
    second, _ = film_human(Shot(other, seed=1, image_size=32))
    again, _ = film_human(Shot(read_scene(EXAMPLE), seed=1, image_size=32, target=other.objects.target))
    np.testing.assert_array_equal(second, again)
    assert first.shape != second.shape or (first != second).any()


def test_a_file_belongs_to_its_video_or_to_any(tmp_path: Path):
    path = tmp_path / "scene.toml"
    write_scene(path, scene("place"), video_sha256="ab")
    assert read_scene(path) == read_scene(path, video_sha256="ab") == scene("place")
    with pytest.raises(ValueError, match="video_sha256: expected the digest of the video beside it"):
        read_scene(path, video_sha256="cd")
    write_scene(path, scene("place"))
    assert read_scene(path, video_sha256="cd") == scene("place")


FOUR_TROUGHS = 'kind = "place"\n[[items]]\nfamily = "ball"\ncolour = "red"\n' + "".join(
    f'[[containers]]\nfamily = "trough"\ncolour = "{colour}"\nsize = [0.148, 0.2516]\n'
    for colour in ("red", "blue", "green", 'white"\ntarget = true\npattern = "plain')
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "kind: expected a text, got nothing; it must be given"),
        ("kind =", "Invalid value"),
        ('kind = "place"', "items: expected 1 for place, got 0"),
        ("kind = 3", "kind: expected a text in quotes, got 3"),
        ("x = 1", "x: unknown; expected one of kind, items"),
        (PUSH.replace("[zone]", "[[zone]]"), "zone: expected a table, got [{"),
        (PUSH.replace("target = true", ""), "items: expected target = true in exactly one of 2, got it in 0"),
        (PUSH.replace("[zone]", "target = true\n[zone]"), "exactly one of 2, got it in 2"),
        (PUSH.replace("target = true", "target = 1"), "items[0].target: expected true or false, got 1"),
        (PUSH.replace('"block"', '"ball"'), "items[0].family: expected one of bag"),
        (PUSH.replace('"block"', '"block"\nsize = [1, 1, 1]'), "items[0].size, length of a block: expected 0.05 to"),
        (PUSH.replace('"block"', '"block"\nsize = 3'), "items[0].size: expected length, width and height in metres"),
        (PUSH.replace('"red"', '"rot"'), "items[0].colour: expected a colour, one of red"),
        (PUSH.replace('"red"', "[2, 0, 0]"), "items[0].colour: expected red, green and blue from 0 to 1"),
        (PUSH.replace('"disc"', '"disc"\nweight = 2'), "items[1].weight: unknown"),
        (PUSH.replace('shape = "disc"', ""), "zone.shape: expected a text, got nothing"),
        (f"{PUSH}radius = nan", "zone.radius: expected 0.08 to 0.09 m, got nan"),
        (PUSH[: PUSH.index("[zone]")], "zone: expected a goal zone for push, got None"),
        ("x = " + "[" * 15_000, "nested too deeply"),
        (FOUR_TROUGHS, "the table has no room for 4 things this large; take fewer or smaller ones"),
        ("#" * (MOST_BYTES + 1), f"expected a scene of at most {MOST_BYTES} bytes"),
    ],
)
def test_a_broken_file_is_refused_in_one_line_with_its_name(text: str, message: str, tmp_path: Path):
    path = written(tmp_path / "mine.toml", text)
    with pytest.raises(ValueError, match=re.escape(message)) as refusal:
        read_scene(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert "\n" not in str(refusal.value)


def test_what_is_no_file_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="found a folder"):
        read_scene(tmp_path)
    with pytest.raises(ValueError, match="found nothing"):
        read_scene(tmp_path / "scene.toml")
    with pytest.raises(ValueError, match="found something else"):
        read_scene("/dev/zero")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"bytes\.toml: "):
        read_scene(tmp_path / "bytes.toml")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("scenes") / "scene.toml"
    texts = [PUSH]
    for kind in KINDS:
        write_scene(path, scene(kind))
        texts.append(path.read_text(encoding="utf-8"))
    return texts


VALUES = (
    "",
    "nan",
    "-inf",
    "1e400",
    "9" * 400,
    "true",
    '"x"',
    "[]",
    "[[]]",
    "{}",
    "1979-05-27",
    "'''\n'''",
    "[0, 0, 0]",
)


@settings(max_examples=60)
@given(data=st.data())
def test_a_broken_file_is_read_or_refused_by_name(data: st.DataObject, good: list[str], tmp_path_factory):
    lines = data.draw(st.sampled_from(good)).splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.sampled_from(lines))
    key = lines[place].partition("=")[0]
    value = data.draw(st.sampled_from(VALUES) | st.text(max_size=12))
    lines[place : place + 1] = data.draw(
        st.sampled_from([[], [lines[place]] * 2, [other], [f"{key}={value}"], [value]])
    )
    path = tmp_path_factory.getbasetemp() / "broken.toml"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    try:
        assert isinstance(read_scene(path), Scene)
    except ValueError as error:
        said = str(error)
    else:
        return
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
