"""What a technician carries to a speaker's machine: one file with all that the speaker needs to be let in and to start.

A tar file and no folder: the stick that it is carried on has a file system without modes, and a secret that was copied
from it as a plain file would be readable by all, and refused.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import shlex
import tarfile
import time
from pathlib import Path, PurePosixPath

from wire.address import BrokerAddress

PROGRAM = PurePosixPath("/opt/unmissable/.venv/bin/unmissable")
"""Where the program is on a speaker's machine, if the technician follows docs/another-machine.md."""
HOME = PurePosixPath("/var/lib/unmissable")
"""Where bundles are unpacked there, and where speakers keep programme and tracks."""
ACCOUNT = "unmissable"
"""The account there that speakers run under."""

_UNIT = """\
[Unit]
Description=Unmissable speaker {id} ({zone})
# It waits for no network: what is on its disk plays without one.
After=sound.target{after}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
WatchdogSec=60
Restart=always
RestartSec=2
# Its decoders end with it, and not before it knows why.
KillMode=mixed
ExecStart={command}
WorkingDirectory={home}
User={account}
SupplementaryGroups=audio
{keyboard}
StandardOutput=journal
StandardError=journal
# The threads that carry sound go before others.
LimitRTPRIO=10
LimitNICE=-10

# Not here, as sound would break: PrivateDevices (no /dev/snd), MemoryDenyWriteExecute (the sound library's callbacks),
# ProtectClock (it closes all devices but the clock's).
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={home}
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=
UMask=0077

[Install]
WantedBy=multi-user.target
"""

_TTY = "getty@tty1.service"
_KEYBOARD = """\
# The keyboard of the machine is the speaker's: space, S or 0 silences the school.
StandardInput=tty
TTYPath=/dev/tty1
TTYReset=yes
TTYVHangup=yes"""
_NO_KEYBOARD = "StandardInput=null"

_README = """\
The speaker {id} of zone {zone}. This folder holds its secret: keep it from others, and delete it from the stick.

To try it, in the folder in which {folder} lies:

  {command}

Take care: space, S or 0 in that window silences the whole school. Staff lift it: unmissable silence off

For good, from every start of the machine (the program in {program_home}, see docs/another-machine.md there):

  sudo useradd --system --home-dir {home} --groups audio {account}
  sudo mkdir -p {home}
  sudo cp -r {folder} {home}/
  sudo chown -R {account}: {home}
  sudo cp {folder}/{unit} /etc/systemd/system/
{login}  sudo systemctl enable --now {unit}

How it is:  systemctl status {unit}     and its log:  journalctl -u {unit}
"""


@dataclasses.dataclass(frozen=True)
class Bundle:
    """A speaker of another machine, as it is told at its start."""

    id: str
    zone: str
    site: str
    broker: BrokerAddress
    password: str = dataclasses.field(repr=False)
    authority: bytes
    output: str = "default"
    delay_ms: float = 0.0

    @property
    def folder(self) -> PurePosixPath:
        """The one folder that the file unpacks to."""
        return PurePosixPath(f"speaker-{self.id}")

    @property
    def unit_name(self) -> str:
        """The name of its systemd unit."""
        return f"unmissable-speaker-{self.id}.service"

    def command(self, folder: PurePosixPath | None = None) -> tuple[str, ...]:
        """What runs the speaker: where the file was unpacked, or from a folder that is named."""
        folder = folder or self.folder
        more = ["--output", self.output] if self.output != "default" else []
        if self.delay_ms:
            more += ["--delay-ms", f"{self.delay_ms:g}"]
        return (
            *("unmissable", "speaker", "--id", self.id, "--zone", self.zone, "--site", self.site),
            *("--state", str(folder / "state"), "--broker", str(self.broker)),
            *("--credentials", str(folder / "credentials.json"), *more),
        )

    def unit(self) -> str:
        """The systemd unit that keeps it running."""
        _, *arguments = self.command(HOME / self.folder)
        command = " ".join(map(_unit_word, (str(PROGRAM), *arguments)))
        return _UNIT.format(
            id=self.id,
            zone=self.zone,
            command=command,
            home=HOME,
            account=ACCOUNT,
            after=f" {_TTY}\nConflicts={_TTY}" if self._has_keyboard else "",
            keyboard=_KEYBOARD if self._has_keyboard else _NO_KEYBOARD,
        )

    @property
    def _has_keyboard(self) -> bool:
        """Whether the machine's own keyboard is the speaker's: one speaker's only, and not that of a stream."""
        return "://" not in self.output

    def write(self, path: Path) -> None:
        """Write the file, for its owner alone; one that is there already is replaced."""
        readme = _README.format(
            id=self.id,
            zone=self.zone,
            folder=self.folder,
            command=shlex.join(self.command()),
            program_home=PROGRAM.parents[2],
            home=HOME,
            account=ACCOUNT,
            unit=self.unit_name,
            login=f"  sudo systemctl disable --now {_TTY.removesuffix('.service')}\n" if self._has_keyboard else "",
        )
        credentials = {"user": self.id, "password": self.password, "ca": "ca.pem"}
        beside = path.with_name(path.name + ".new")
        beside.unlink(missing_ok=True)
        with (
            open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,  # noqa: PTH123 - the mode from the first byte on
            tarfile.open(fileobj=file, mode="w") as tar,
        ):
            tar.addfile(_member(str(self.folder), 0o700, tarfile.DIRTYPE))
            for name, content, mode in (
                ("credentials.json", (json.dumps(credentials) + "\n").encode(), 0o600),
                ("ca.pem", self.authority, 0o644),
                (self.unit_name, self.unit().encode(), 0o644),
                ("README.txt", readme.encode(), 0o644),
            ):
                member = _member(str(self.folder / name), mode)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        beside.replace(path)


def _member(name: str, mode: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mode, member.type, member.mtime = mode, kind, int(time.time())
    return member


def _unit_word(word: str) -> str:
    """One argument as systemd reads it in ExecStart (systemd.service(5), "Command lines")."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if text != word or any(sign in word for sign in " \t;'") or not word else word
