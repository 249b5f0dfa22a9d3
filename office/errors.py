"""The errors of the office, one tree.

OfficeError
├── DatabaseError   the database cannot be opened, or is newer than this program
├── RollError       a roll file that cannot be imported at all; a bad row alone is reported, not raised
├── StaffError      a member of staff that cannot be added (a bad name, role or PIN), or the tokens' key cannot be used
└── LedgerError     an entry that the ledger does not allow
    └── Overdrawn   more points than the balance holds

What a screen asked for and may not have is `wire.errors.Refused`.
"""

from __future__ import annotations


class OfficeError(Exception):
    """The root of every error that office raises."""


class DatabaseError(OfficeError):
    """The database cannot be used; the message says which, and what would help."""


class RollError(OfficeError):
    """A roll file that cannot be imported; nothing of it was applied."""


class StaffError(OfficeError):
    """A member of staff that cannot be added, or a key for tokens that cannot be used."""


class LedgerError(OfficeError):
    """An entry that the ledger does not allow."""


class Overdrawn(LedgerError):
    """More points than the balance holds; nothing was entered."""
