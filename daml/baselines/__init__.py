"""What the method is compared with: other ways to learn from the same demonstrations, and the scripted expert."""
