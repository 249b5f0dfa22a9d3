"""The demo school's music: instruments, a score notation, the tunes and their rendering, all from first principles.

Nothing here is part of the installed programs; the rendered files are (`unmissable/demo_school/`).
"""
