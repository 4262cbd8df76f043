"""Laws of the part of a video that commands look at."""

import json

import pytest

from daml.app.videos.excerpt import Excerpt


@pytest.mark.parametrize("excerpt", [Excerpt(), Excerpt(start=0.5), Excerpt(start=0.5, end=2.0, fit="pad")])
def test_what_is_looked_at_is_told_in_json(excerpt: Excerpt):
    assert Excerpt.from_provenance(json.loads(json.dumps(excerpt.provenance()))) == excerpt
    assert Excerpt.from_provenance({}) == Excerpt()
