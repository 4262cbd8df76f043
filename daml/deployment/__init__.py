"""From a human video to a running policy."""
