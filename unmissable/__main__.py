"""`python -m unmissable`."""

from unmissable.command import main

main()
