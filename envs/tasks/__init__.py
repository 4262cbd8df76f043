"""What is to be done, with which objects, in which layout, and how it is judged."""
