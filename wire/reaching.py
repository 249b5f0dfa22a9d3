"""Reaching a broker: by TLS as it should be, and in one line for people when it is not to be reached.

Keeping the connection is the link's.
"""

from __future__ import annotations

import socket
import ssl

from wire.address import BrokerAddress, Credentials
from wire.errors import LinkError

_PROBE_S = 0.5


def tls_context(credentials: Credentials) -> ssl.SSLContext:
    """TLS of 1.2 at the least, with the broker's name checked; raises LinkError when the authority's file is no good.

    The broker is trusted by the authority of the credentials alone, or, where they name none, by those of this machine.
    """
    ca = credentials.ca
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except OSError as wrong:  # ssl.SSLError is one
        why = "holds no certificate" if isinstance(wrong, ssl.SSLError) else f"cannot be read: {wrong.strerror}"
        raise LinkError(f"{ca}: the certificate of the school's authority {why}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def why_not(broker: BrokerAddress, wrong: OSError) -> str:
    """Why a broker was not reached, for the error of the attempt."""
    if isinstance(wrong, ssl.SSLCertVerificationError):
        return f"{broker}: its certificate is not accepted: {wrong.verify_message.rstrip('.')}"
    if isinstance(wrong, ssl.SSLError):
        return f"{broker}: what listens there speaks no TLS that is accepted: {getattr(wrong, 'reason', wrong)}"
    return f"{broker}: cannot be reached: {wrong.strerror or 'no answer'}"


def listens(broker: BrokerAddress) -> bool:
    """Whether something listens where the broker should."""
    try:
        with socket.create_connection((broker.host, broker.port), timeout=_PROBE_S):
            return True
    except OSError:
        return False
