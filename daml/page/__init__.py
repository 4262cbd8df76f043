"""The page in the browser: what a visitor films, what was understood of it, and what the robot makes of it."""
