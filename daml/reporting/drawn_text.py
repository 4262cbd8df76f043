"""Names from files as a picture can show them: whatever they hold, nothing in them is markup or has no letter."""

LONGEST = 80
"""Characters of a name in a picture."""


def drawn_text(text: str) -> str:
    """Return a text that Matplotlib draws as it is.

    Args:
        text: Any text.

    Returns:
        At most `LONGEST` characters that can be printed, dollar signs kept from being taken for formulas.
    """
    plain = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    if len(plain) > LONGEST:
        plain = f"{plain[: LONGEST - 3]}..."
    if plain.startswith("_"):
        plain = f" {plain}"  # a legend leaves out names that begin so
    return plain.replace("$", r"\$")
