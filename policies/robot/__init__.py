"""What the robot senses of itself, where the camera stands, and how the robot moves towards a goal."""
