"""What the renderer spends per image: little for a policy, more for people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RenderQuality:
    """What the renderer spends per image; overrides the model's own `visual/quality`, so that the look has one home."""

    samples: int
    """Multisampling of edges; 0 draws each pixel once."""
    shadow_map: int
    """Side of the shadow map in texels; 0 draws no shadows."""
    slices: int
    """Longitudes of a sphere or cylinder."""
    stacks: int
    """Latitudes of a sphere or cylinder."""
    effects: bool
    """Shadows, reflections, sky and haze."""
    oversampling: int
    """Pixels drawn per returned pixel along each side, then averaged: as a camera's sensor does."""


POLICY_QUALITY = RenderQuality(samples=0, shadow_map=0, slices=10, stacks=6, effects=False, oversampling=2)
"""At 64 px nobody sees the facets, and shadows and multisampling would cost 5 to 14 times the time.

Time goes into vertices, not pixels: drawing 128 px and averaging costs the same as drawing 64 px.
"""

PERSON_QUALITY = RenderQuality(samples=4, shadow_map=2048, slices=24, stacks=12, effects=True, oversampling=1)
"""For videos and screenshots at 480 px and more: about 20 images a second in software; finer solids halve that."""
