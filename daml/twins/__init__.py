"""A film's scene, rebuilt in simulation: what lies on the table, where, how large, in which colours."""

from daml.twins.building import build_twin
from daml.twins.twin import Thing, Twin

__all__ = ["Thing", "Twin", "build_twin"]
