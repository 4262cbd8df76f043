"""What a human video does to a policy's parameters, by each method."""
