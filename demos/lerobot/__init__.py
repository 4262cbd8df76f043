"""Exchange with LeRobot's dataset format v3.0."""
