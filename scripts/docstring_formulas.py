r"""Turn the formulas of docstrings into MathML: browsers draw it without a script or a font from the network.

mkdocs loads this extension of griffe while it reads the docstrings for the API reference (see `mkdocs.yml`). It knows
two notations, those of Sphinx: a paragraph `.. math:: \phi = \theta`, and `\alpha` in text as :math:`\alpha`.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import re
from typing import Any

import griffe
from latex2mathml.converter import convert

_DISPLAYED = re.compile(r"^(?P<indent> *)\.\. math::(?P<latex>.*(?:\n(?P=indent) +\S.*)*)", re.MULTILINE)
_INLINE = re.compile(r":math:`(?P<latex>[^`]*)`")


def draw_formulas(docstring: str) -> str:
    """Replace the formulas of a docstring by MathML, each on one line."""
    displayed = _DISPLAYED.sub(lambda found: found["indent"] + _mathml(found["latex"], "block"), docstring)
    return _INLINE.sub(lambda found: _mathml(found["latex"], "inline"), displayed)


def _mathml(latex: str, display: str) -> str:
    return convert(" ".join(latex.split()), display=display).replace("\n", " ")


class DocstringFormulas(griffe.Extension):
    """Replaces the formulas of every docstring that is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:  # noqa: ANN401 - griffe's own
        """Replace those of one object."""
        if obj.docstring is not None:
            obj.docstring.value = draw_formulas(obj.docstring.value)
