import pytest
import torch

from daml.maml import select

PARAMETERS = {name: torch.ones(()) for name in ("body.0.weight", "body.0.bias", "head.weight", "head.bias", "")}


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("head.*",), ["head.weight", "head.bias"]),
        (("!head.*",), ["body.0.weight", "body.0.bias", ""]),
        (("*.bias", "head.*", "!head.weight"), ["body.0.bias", "head.bias"]),
        ((), list(PARAMETERS)),
    ],
)
def test_patterns_pick_names_in_their_order(patterns: tuple[str, ...], names: list[str]):
    assert list(select(PARAMETERS, *patterns)) == names


def test_the_tensors_are_the_same():
    assert select(PARAMETERS, "head.*")["head.bias"] is PARAMETERS["head.bias"]


@pytest.mark.parametrize("pattern", ["tail.*", "!tail.*"])
def test_a_pattern_that_matches_nothing_is_refused(pattern: str):
    with pytest.raises(ValueError, match=r"tail.*matches no parameter; the parameters are \['', 'body.0.bias'"):
        select(PARAMETERS, pattern)
