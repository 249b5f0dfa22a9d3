"""Where the broker is and who we are there: the two things that a program is told before it can talk."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from wire.errors import LinkError


@dataclasses.dataclass(frozen=True)
class BrokerAddress:
    """A broker's host and port, and whether it is reached by TLS."""

    host: str
    port: int
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> BrokerAddress:
        """Read `mqtt[s]://HOST[:PORT]`; raises LinkError with what would be right."""
        wrong = LinkError(f"broker {text!r}: should be mqtt://HOST:PORT or mqtts://HOST:PORT")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise wrong from None
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path.strip("/") or parts.username:
            raise wrong
        tls = parts.scheme == "mqtts"
        return cls(parts.hostname, port or (8883 if tls else 1883), tls)

    @property
    def on_this_machine(self) -> bool:
        """Whether what is sent there never leaves this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


@dataclasses.dataclass(frozen=True)
class Credentials:
    """A user of the broker and its secret; `ca` is the file of the authority that signed the broker's certificate.

    In the file, a `ca` that is no absolute path starts at the file's own folder, so that both can be moved together.
    """

    user: str
    password: str = dataclasses.field(repr=False)
    ca: Path | None = None

    @classmethod
    def load(cls, path: Path) -> Credentials:
        """Read a credentials file, `{"user", "password", "ca"}`; raises LinkError with what is wrong with it."""
        try:
            if path.stat().st_mode & 0o077:
                raise LinkError(f"{path}: others can read this secret; set its mode: chmod 600 {path}")
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as wrong:
            raise LinkError(f"{path}: cannot read the credentials: {wrong.strerror}") from None
        except ValueError as wrong:
            raise LinkError(f"{path}: not JSON ({wrong}); should be {{'user', 'password', 'ca'}}") from None
        user = data.get("user") if isinstance(data, dict) else None
        password = data.get("password") if isinstance(data, dict) else None
        if not isinstance(user, str) or not isinstance(password, str):
            raise LinkError(f"{path}: should hold 'user' and 'password'")
        ca = data.get("ca")
        return cls(user, password, path.absolute().parent / ca if isinstance(ca, str) else None)

    def save(self, path: Path) -> None:
        """Write the file so that only its owner can read it, and so that it is never there in part."""
        path.parent.mkdir(parents=True, exist_ok=True)
        body = {"user": self.user, "password": self.password, "ca": str(self.ca) if self.ca else None}
        beside = path.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.chmod(0o600)
        with beside.open("w", encoding="utf-8") as file:
            file.write(json.dumps(body) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
