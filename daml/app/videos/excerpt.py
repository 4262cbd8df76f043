"""The part of a video that commands look at, and what is read of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daml import envs
from daml.app.videos.sidecars import is_simulated
from daml.demos import Fit, HumanDemo, Reading, read_film, read_video
from daml.demos.quality import LONGEST_S
from daml.progress import report_share
from daml.terminal.console import say
from daml.terminal.progress_bars import ProgressBars


@dataclass(frozen=True)
class Excerpt:
    """Which part of a video is looked at, and how."""

    start: float = 0.0
    """Second at which the demonstration begins."""
    end: float = math.inf
    """Second at which it ends."""
    fit: Fit = "crop"
    """How pictures are brought to another aspect ratio."""

    def of(self, video: Path) -> HumanDemo:
        """Decode that part of a video, at its own size.

        Raises:
            ValueError: It is no video, or has no such part.
            OSError: It cannot be opened.
        """
        # Priors learn from films of this rate; more frames would hold smaller movements.
        seen = read_video(video, start_s=self.start, end_s=self.end, max_rate_hz=envs.HUMAN_FRAME_RATE_HZ)
        if seen.duration > LONGEST_S:
            say(f"{video}: {seen.duration:.0f} s are long for one demonstration; cut it out with --start and --end")
        return seen

    def read(self, video: Path) -> Reading:
        """Read what that part of a video shows, behind a progress bar.

        Raises:
            FilmNotReadableError: It shows no step that can be told; the message says what to film differently.
            ImportError: The extra `hands` is not installed.
            FileNotFoundError: There is no such film, or the models are not installed.
            ValueError: It cannot be decoded.
        """
        with ProgressBars() as bars:
            return read_film(
                video,
                start_s=self.start,
                end_s=self.end,
                observers=[lambda sighting: report_share([bars], "finding hands", sighting.share)],
            )

    def read_if_possible(self, video: Path) -> Reading | None:
        """Read what that part of a video shows; where that cannot be told, say why in a line and return None.

        A simulated film needs no reading: priors know simulated hands.
        """
        if is_simulated(video):
            return None
        try:
            return self.read(video)
        except ValueError as error:
            say(f"{error}; adapting to the film as it is")
        except (ImportError, FileNotFoundError) as error:
            say(f"{video}: what it shows is not read ({error}); adapting to the film as it is")
        return None

    def provenance(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {"start_s": self.start, "end_s": None if math.isinf(self.end) else self.end, "fit": self.fit}

    @classmethod
    def from_provenance(cls, content: Mapping[str, Any]) -> "Excerpt":
        """Return what `provenance` has described; the whole video where it says nothing."""
        end = content.get("end_s")
        return cls(content.get("start_s") or 0.0, math.inf if end is None else end, content.get("fit") or "crop")
