"""From a film and its hands to what was done: steps, each with its item, its destination and its moments."""
