"""Makes the tools, which are not installed, importable as `tools` from the checkout."""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.append(str(CHECKOUT))
