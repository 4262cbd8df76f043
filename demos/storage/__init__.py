"""Datasets of demonstrations on disk: their layout, reading, writing, checking and importing."""
