"""The errors of the devices, one tree.

DeviceError
├── DecodeError       a track that libvlc did not turn into sound, or not enough of it
├── DecoderUnable     no track can be decoded just now: libvlc is missing
│   └── DiskError     there is no room for what is to be written, or the disk takes nothing
├── OutputError       the sound device cannot be opened, or stopped
├── StreamError       a live stream that cannot be had, or is no music
└── TrackError        a track's file could not be fetched, or is not the file that was asked for
"""

from __future__ import annotations


class DeviceError(Exception):
    """The root of every error that devices raise."""


class DecodeError(DeviceError):
    """A track that libvlc did not turn into sound, or not enough of it."""


class DecoderUnable(DeviceError):
    """No track can be decoded just now, whichever it is."""


class DiskError(DecoderUnable):
    """There is no room on the disk for what is to be written, or the disk takes nothing."""


class OutputError(DeviceError):
    """The sound device cannot be opened, or stopped."""


class StreamError(DeviceError):
    """A live stream that cannot be had, or is no music."""


class TrackError(DeviceError):
    """A track's file could not be fetched, or is not the file that was asked for."""
