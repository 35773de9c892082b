"""What a wheel has that a checkout makes when it is first wanted: our templates and tables as Python."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KeepTemplates(BuildHookInterface):  # type: ignore[type-arg]
    """Writes `templates/compiled` before the folder is taken into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from symdiff.rendering.formats.templates import keep_all

        keep_all()
