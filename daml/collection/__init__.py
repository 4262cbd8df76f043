"""Folders that are filled on all cores: demonstrations, corrections, pictures, tracks."""
