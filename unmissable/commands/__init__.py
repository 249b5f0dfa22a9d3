"""The commands, a module for each kind; each imports what it needs only when it runs."""
