"""The parts of the screens. They draw and report touches; they read nothing and know no network."""
