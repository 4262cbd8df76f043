"""Scenes as TOML files with their textures beside them: read, checked, written."""
