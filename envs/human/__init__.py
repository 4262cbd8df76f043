"""The simulated human: a plain hand of primitives or a person with a body, and how they move in a task."""
