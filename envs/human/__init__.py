"""The simulated human: its hand, and how it moves in a task."""
