"""How much a page says, listed once: for the command and its help, for exercise files and their schema.

Which section belongs to which level is said in `explain/shared/sections`.
"""

from typing import TYPE_CHECKING, Literal

LEVELS = BRIEF, STANDARD, FULL = ("brief", "standard", "full")
if TYPE_CHECKING:
    Level = str
else:
    Level = Literal[LEVELS]  # the names as a type, from which the schema is made
