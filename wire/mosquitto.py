"""A private Mosquitto as a child process: its configuration, users, access list, start and end.

It listens in plain on loopback, and by TLS to the network only where it is given a listener for that; it lets nobody in
without a password, and keeps its retained messages on disk. Secrets are made here, one for each enrolled user, in files
that only the owner can read.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from wire.access import access_list
from wire.address import BrokerAddress, Credentials
from wire.enrolment import Enrolment
from wire.errors import BrokerError

_START_S = 10.0
_SAVE_EVERY_S = 10
_SBIN = "/usr/sbin:/usr/local/sbin:/sbin"


def find_program(name: str) -> str | None:
    """The path of one of Mosquitto's programs; Debian keeps the broker where an ordinary user's PATH does not look."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), _SBIN]))


def free_port() -> int:
    """A TCP port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on a port of this machine, of loopback if no other address of it is named."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _ending_with_parent() -> list[str]:
    """What starts a program so that the kernel ends it when the thread that started it is gone, be it by kill -9."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


@dataclasses.dataclass(frozen=True)
class NetworkListener:
    """Where the broker listens to the network, by TLS: on all addresses of the machine, or on `host` alone."""

    port: int
    certificate: Path
    key: Path
    host: str | None = None


class PrivateBroker:
    """One school's broker on this machine; `folder` holds all that it writes, `secrets_folder` the users' secrets.

    `listener` is in force from the next start.
    """

    def __init__(
        self,
        folder: Path,
        enrolment: Enrolment,
        *,
        secrets_folder: Path,
        port: int | None = None,
        listener: NetworkListener | None = None,
    ) -> None:
        self.folder = folder
        self.secrets_folder = secrets_folder
        self.listener = listener
        self._enrolment = enrolment
        self._wanted_port = port
        self.address: BrokerAddress | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    def credentials_file(self, user: str) -> Path:
        """Where a user's secret is."""
        return self.secrets_folder / f"{user}.json"

    def credentials(self, user: str) -> Credentials:
        """A user's secret, made now if there is none; raises BrokerError for one who is not enrolled."""
        if self._enrolment.get(user) is None:
            raise BrokerError(f"{user}: not enrolled at this broker")
        path = self.credentials_file(user)
        if not path.exists():
            Credentials(user, secrets.token_urlsafe(24)).save(path)
        return Credentials.load(path)

    def start(self) -> BrokerAddress:
        """Write the configuration and start; returns when it listens.

        Started again it listens where it did before. Raises BrokerError with Mosquitto's own words, or when another
        process runs a broker from this folder.
        """
        program, hasher = find_program("mosquitto"), find_program("mosquitto_passwd")
        if program is None or hasher is None:
            raise BrokerError("mosquitto is not installed; install it with: sudo apt-get install mosquitto")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_folder()
        self._end_left_over()
        port = self._port()
        self._write_users(hasher)
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(self._configuration(port), encoding="utf-8")
        log = self.folder / "mosquitto.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [*_ending_with_parent(), program, "-c", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )  # its own session, so that ctrl-C in a terminal reaches the programs first and the broker last
        (self.folder / "pid").write_text(str(self.process.pid), encoding="ascii")
        self._wait_until_it_listens(port, log)
        self.address = BrokerAddress("127.0.0.1", port)
        (self.folder / "port").write_text(str(port), encoding="ascii")
        return self.address

    def take_over(self, enrolment: Enrolment) -> None:
        """Let these users in from now on, without an end of those who may stay; raises BrokerError.

        Mosquitto closes the connection of a user who is gone or whose secret was replaced when it reads the files again
        (seen with 2.0.11), and sends no will for it.
        """
        self._enrolment = enrolment
        hasher = find_program("mosquitto_passwd")
        if hasher is None:
            raise BrokerError("mosquitto_passwd is not installed; install it with: sudo apt-get install mosquitto")
        self._write_users(hasher)
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it and wait; retained messages are saved by its own shutdown."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
            (self.folder / "pid").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self.process is not None and self.process.poll() is None

    def _take_folder(self) -> None:
        """Hold the folder's lock, which the kernel lets go of when this process ends in whatever way."""
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise BrokerError(f"{self.folder}: this school runs already, in another process; end that first") from None
        self._lock = lock

    def _port(self) -> int:
        """The port given, that of the last start, or a free one; raises BrokerError when a given one is taken."""
        wanted = self._wanted_port if self.address is None else self.address.port
        if wanted is not None:
            if not is_free(wanted):
                raise BrokerError(f"port {wanted} of this machine is taken by another program")
            return wanted
        with contextlib.suppress(OSError, ValueError, OverflowError):  # the same as last time, if it is free
            port = int((self.folder / "port").read_text(encoding="ascii"))
            if port > 0 and is_free(port):
                return port
        return free_port()

    def _write_users(self, hasher: str) -> None:
        # Both are written beside and renamed: a broker that reads them in this moment must not find half of its users.
        passwords = self.folder / "passwords.new"
        plain = [(one.user, self.credentials(one.user).password) for one in self._enrolment.users]
        passwords.unlink(missing_ok=True)
        passwords.touch(mode=0o600)
        passwords.write_text("".join(f"{user}:{password}\n" for user, password in plain), encoding="utf-8")
        done = subprocess.run([hasher, "-U", str(passwords)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            passwords.unlink()
            raise BrokerError(f"mosquitto_passwd failed: {done.stderr.strip()}")
        passwords.chmod(0o600)
        rules = self.folder / "access.new"
        rules.unlink(missing_ok=True)
        rules.touch(mode=0o600)
        rules.write_text(access_list(self._enrolment), encoding="utf-8")
        rules.replace(self.folder / "access")
        passwords.replace(self.folder / "passwords")

    def _configuration(self, port: int) -> str:
        lines = [
            "per_listener_settings false",
            f"listener {port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {self.folder / 'passwords'}",
            f"acl_file {self.folder / 'access'}",
            "set_tcp_nodelay true",
            "persistence true",
            f"persistence_location {self.folder}/",
            f"autosave_interval {_SAVE_EVERY_S}",
            "message_size_limit 1048576",
            "max_queued_messages 10000",
            "log_type error",
            "log_type warning",
            "log_type notice",
            *self._network_lines(),
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it drops to an account that cannot write its folder, silently
        return "\n".join(lines) + "\n"

    def _network_lines(self) -> list[str]:
        listener = self.listener
        if listener is None:
            return []
        return [
            f"listener {listener.port}{f' {listener.host}' if listener.host else ''}",
            f"certfile {listener.certificate}",
            f"keyfile {listener.key}",
            "tls_version tlsv1.2",  # that, or newer
        ]

    def _wait_until_it_listens(self, port: int, log: Path) -> None:
        places = [("127.0.0.1", port)]
        if self.listener is not None:
            places.append((self.listener.host or "127.0.0.1", self.listener.port))
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
                words = re.sub(r"^[0-9]+: ", "", last)  # its own time stamp, in seconds that nobody reads
                raise BrokerError(f"mosquitto ended at once: {words or 'no message'} (see {log})")
            with contextlib.suppress(OSError):
                for place in places:
                    socket.create_connection(place, timeout=0.2).close()
                return
            time.sleep(0.02)
        self.stop()
        ports = " and ".join(str(port) for _, port in places)
        raise BrokerError(f"mosquitto does not listen on port {ports} after {_START_S:g} s (see {log})")

    def _end_left_over(self) -> None:
        """End a broker of this folder that a killed parent left behind."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.folder / "pid").read_text(encoding="ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if str(self.folder / "mosquitto.conf").encode() not in command:
                return
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 5.0
            while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
