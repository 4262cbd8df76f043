"""Laws of the skin's colours."""

from dataclasses import replace

import numpy as np

from daml.envs.human.complexion import (
    GLOVED,
    HEIGHT,
    MARGIN,
    TONES,
    WIDTH,
    Complexion,
    draw_complexion,
    paint_arm,
    texcoords,
)

BARE = Complexion((0.5, 0.35, 0.25), (0.7, 0.5, 0.42), (0.1, 0.9, 0.1), None, seed=0)


def texel(image: np.ndarray, along: float, across: float) -> np.ndarray:
    """Return the mean colour about a place of the arm, in [0, 1]."""
    (u, v) = texcoords(np.array([[along, across]]))[0]
    column, row = int(u * (WIDTH - 1)), int(v * (HEIGHT - 1))
    return image[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].mean(axis=(0, 1)) / 255


def test_people_are_of_all_tones():
    drawn = [draw_complexion(np.random.default_rng(seed)) for seed in range(300)]
    nearest = {int(np.argmin(np.linalg.norm(np.subtract(TONES, one.tone), axis=1))) for one in drawn}
    assert nearest == set(range(len(TONES)))
    gloved = np.mean([one.glove is not None for one in drawn])
    assert abs(gloved - GLOVED) < 0.04


def test_palms_are_lighter_than_backs_and_nails_have_their_colour():
    image = paint_arm(BARE)
    assert image.shape == (HEIGHT, WIDTH, 3)
    back, palm, nail = (texel(image, *place) for place in ((0.58, 0.8), (0.58, 0.05), (0.97, 1.0)))
    np.testing.assert_allclose(back, BARE.tone, atol=0.08)
    assert (palm > back + 0.05).all()
    np.testing.assert_allclose(nail, BARE.nails, atol=0.08)


def test_varnish_does_not_come_through_to_the_palm_where_the_texture_begins_anew():
    image = paint_arm(BARE)
    edge = image[: int(MARGIN * HEIGHT)]
    assert (edge[:, int(0.97 * WIDTH), 1] < 0.8 * 255).all()


def test_between_fingers_it_is_darker():
    image = paint_arm(BARE)
    assert texel(image, 0.75, 0.42).mean() < 0.75 * texel(image, 0.75, 0.8).mean()
    assert texel(image, 0.3, 0.42).mean() > 0.9 * texel(image, 0.3, 0.8).mean()


def test_a_glove_covers_the_hand_and_not_the_forearm():
    gloved = paint_arm(replace(BARE, glove=(0.1, 0.2, 0.9)))
    np.testing.assert_allclose(texel(gloved, 0.3, 0.8), texel(paint_arm(BARE), 0.3, 0.8), atol=0.02)
    for across in (0.1, 0.8, 1.0):
        assert texel(gloved, 0.6, across)[2] > 2 * texel(gloved, 0.6, across)[0]


def test_the_same_seed_paints_the_same_skin():
    first, again = (draw_complexion(np.random.default_rng(5)) for _ in range(2))
    assert first == again
    np.testing.assert_array_equal(paint_arm(first), paint_arm(again))
