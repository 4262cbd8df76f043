"""From demonstrations to a prior."""
