"""Hands in films: two pretrained networks, all hands of each picture, and their tracks over time."""
