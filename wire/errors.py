"""The errors of the wire, one tree.

WireError
├── PayloadError      a payload that is too large, malformed or of another schema
├── LinkError         the link cannot be used
│   └── NotConnected  nothing was sent, because there is no broker just now
├── NoAnswer          a request was not answered before it expired
├── Refused           a service answered no; `reason` is a short code for a program, `message` is for people
├── BrokerError       the private Mosquitto could not be set up or started
└── AuthorityError    the school's certificate authority cannot be used
"""

from __future__ import annotations


class WireError(Exception):
    """The root of every error that wire raises."""


class PayloadError(WireError):
    """A payload that the contract does not allow."""


class LinkError(WireError):
    """The link cannot be used."""


class NotConnected(LinkError):
    """Nothing was sent: there is no broker just now."""


class NoAnswer(WireError):
    """A request was not answered before it expired."""


class Refused(WireError):
    """A service answered no."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.message = message or reason


class BrokerError(WireError):
    """The private Mosquitto could not be set up or started."""


class AuthorityError(WireError):
    """The school's certificate authority cannot be used."""
