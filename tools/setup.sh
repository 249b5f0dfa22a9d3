#!/usr/bin/env bash
# Sets up what the programs need: Debian's packages that are missing, the virtual environment .venv, the Python packages.
# Usage: tools/setup.sh demo|test|bench|speaker (a machine that is a speaker and nothing else).
# It asks for sudo only when not root, and only when a package is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-}
case "$what" in demo | test | bench | speaker) ;; *) echo "usage: tools/setup.sh demo|test|bench|speaker" >&2; exit 2 ;; esac

speaker=(python3-venv libvlc5 vlc-plugin-base libvlc-bin ffmpeg libportaudio2 libasound2-plugins)
packages=("${speaker[@]}" mosquitto fonts-noto-color-emoji)
[ "$what" = speaker ] && packages=("${speaker[@]}")
# Debian may start services of its servers: tests and bench start their own, on ports and sockets of their own.
[ "$what" = test ] && packages+=(pulseaudio pulseaudio-utils chromium tmux iproute2 icecast2 mpv)
[ "$what" = bench ] && packages+=(pulseaudio pulseaudio-utils snapserver snapclient mpd mpv)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This is not Debian: install by hand what these packages hold: ${packages[*]}" >&2
else
  missing=()
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    echo "Installing Debian's packages: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
      command -v sudo >/dev/null || { echo "As root, run: apt-get install ${missing[*]}" >&2; exit 1; }
      as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
fi

stamp=.venv/.ready-$what
if [ -e "$stamp" ] && [ ! pyproject.toml -nt "$stamp" ] && [ ! constraints.txt -nt "$stamp" ]; then
  exit 0
fi
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "Python 3.11 or newer is needed; name it with PYTHON=/path/to/python3.11" >&2; exit 1; }
echo "Setting up the Python packages in .venv"
[ -x .venv/bin/python ] || "$python" -m venv .venv
extra=
[ "$what" = test ] && extra='[test]'
[ "$what" = bench ] && extra='[test,bench]'
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".$extra"
touch "$stamp"
