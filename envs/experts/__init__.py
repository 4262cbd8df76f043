"""Scripted demonstrators, one per task kind."""

from envs.experts.noise import NoiseInjection
from envs.experts.place import PlaceExpert

_EXPERTS = {"place": PlaceExpert}


def make_expert(kind: str) -> PlaceExpert:
    """Return a demonstrator of a task kind.

    Args:
        kind: One of `task.KINDS`.

    Raises:
        ValueError: There is none of that kind.
    """
    if kind not in _EXPERTS:
        raise ValueError(f"no expert for task kind {kind!r}; valid kinds: {', '.join(_EXPERTS)}")
    return _EXPERTS[kind]()


__all__ = ["NoiseInjection", "PlaceExpert", "make_expert"]
