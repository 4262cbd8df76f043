"""One-shot imitation of people: meta-train a policy, adapt it to one video, judge it in simulation.

Importing `daml` alone loads nothing heavy; import what you need from its modules.
"""

__version__ = "0.1.0"
