"""All tunes of the demo school, by slug."""

from .calm import CALM
from .lively import LIVELY
from .morning import MORNING
from .score import Tune

TUNES: dict[str, Tune] = {tune.slug: tune for tune in (*MORNING, *LIVELY, *CALM)}
