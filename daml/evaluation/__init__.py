"""From a policy to a success rate: episodes, controls and statistics."""
