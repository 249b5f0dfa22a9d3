"""What a kiosk keeps on its disk of the things it has heard, to show them when the network is gone."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from wire.values import WireModel

M = TypeVar("M", bound=WireModel)
_log = logging.getLogger(__name__)


class KeptFile(Generic[M]):
    """One model in one file, written beside and renamed; an unreadable file counts as none."""

    def __init__(self, path: Path, kind: type[M]) -> None:
        self._path = path
        self._kind = kind

    def load(self) -> M | None:
        """What was kept last, or None."""
        try:
            return self._kind.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as wrong:
            _log.warning("%s: not used: %s", self._path, type(wrong).__name__)
            return None

    def save(self, model: M) -> None:
        """Keep a model; a disk that refuses is logged, the kiosk goes on."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.touch(mode=0o600)
            beside.write_text(model.model_dump_json(), encoding="utf-8")
            beside.replace(self._path)
        except OSError as wrong:
            _log.warning("%s: not kept: %s", self._path, wrong.strerror)
