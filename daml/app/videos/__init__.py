"""A video that commands are given: its excerpt, its reading, and the files beside it."""
