"""Loudness and peaks by ITU-R BS.1770-4, and the levelling of a finished mix by them."""

import numpy as np

from .sound import RATE, Samples, fast_size, in_decibels

TARGET_LUFS = -18.0
CEILING_DBTP = -2.0
"""Half of the room below the -1 dBTP that the files promise: Vorbis moves peaks a little."""


def k_weighting(f: Samples) -> Samples:
    """The power response of BS.1770's two filters at the frequencies `f`."""
    z = np.exp(-2j * np.pi * f / RATE)
    power = np.ones_like(f)
    for corner_hz, q, shelf_db in ((1681.974, 0.70718, 3.99984), (38.1355, 0.50033, None)):
        k = np.tan(np.pi * corner_hz / RATE)
        a = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
        if shelf_db is None:
            b = (1.0, -2.0, 1.0)
            # BS.1770 gives the high-pass with an unscaled numerator.
            a = (1.0, a[1] / a[0], a[2] / a[0])
        else:
            high = in_decibels(shelf_db)
            band = high**0.4996667741545416
            b = (high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k)
        power = power * np.abs((b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)) ** 2
    return np.asarray(power)


def integrated_lufs(sound: Samples) -> float:
    """The gated loudness of a stereo sound."""
    size = fast_size(sound.shape[1] + RATE)
    weight = np.sqrt(k_weighting(np.asarray(np.fft.rfftfreq(size, 1 / RATE), dtype=np.float64)))
    weighted = np.fft.irfft(np.fft.rfft(sound, size) * weight, size)[:, : sound.shape[1]]
    total = np.concatenate([[0.0], np.cumsum(np.sum(weighted**2, axis=0))])
    block, hop = int(0.4 * RATE), int(0.1 * RATE)
    starts = np.arange(0, sound.shape[1] - block, hop)
    power = (total[starts + block] - total[starts]) / block
    power = power[power > 10 ** ((-70 + 0.691) / 10)]
    power = power[power > np.mean(power) / 10]
    return float(-0.691 + 10 * np.log10(np.mean(power)))


def true_peak(sound: Samples) -> Samples:
    """For each sample, the largest level near it, drawn four times as finely; both channels together."""
    length = sound.shape[1]
    size = 2 * fast_size(length // 2 + 64)
    spectrum = np.zeros((2, 2 * size + 1), dtype=np.complex128)
    spectrum[:, : size // 2 + 1] = np.fft.rfft(sound, size)
    fine = np.abs(np.fft.irfft(spectrum, 4 * size)) * 4
    return np.asarray(np.max(fine[:, : 4 * length].reshape(2, length, 4), axis=(0, 2)))


def limit(sound: Samples, ceiling_dbtp: float) -> Samples:
    """The sound turned down smoothly around its highest peaks, so that none passes the ceiling."""
    block = 64
    peaks = true_peak(sound)
    padded = np.pad(peaks, (0, -peaks.size % block)).reshape(-1, block).max(axis=1)
    needed = np.minimum(1.0, in_decibels(ceiling_dbtp) / np.maximum(padded, 1e-9))
    reach = 24  # blocks: about 35 ms each side, slower than any bass note's period
    spread = np.pad(needed, reach, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(spread, 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach - 1)
    smooth = np.convolve(np.pad(lowest, reach - 1, mode="edge"), window / window.sum(), mode="valid")
    places = (np.arange(smooth.size) + 0.5) * block
    return np.asarray(sound * np.interp(np.arange(sound.shape[1]), places, smooth))


def level(sound: Samples, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP) -> Samples:
    """The sound at the target loudness, its peaks under the ceiling."""
    for _ in range(3):  # limiting takes a little loudness away
        sound = sound * in_decibels(target_lufs - integrated_lufs(sound))
        # True peaks of music lie less than 3 dB above its samples: what is this low needs no finer look.
        if np.max(np.abs(sound)) < in_decibels(ceiling_dbtp - 3):
            break
        sound = limit(sound, ceiling_dbtp)
    return sound
