"""From pixels to feature points: the trunk, its feature maps, and where in them things are."""
