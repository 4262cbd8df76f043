"""Engines: what runs lists of independent jobs, whose results do not depend on which engine or how many workers."""
