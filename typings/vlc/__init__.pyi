import enum

class State(enum.IntEnum):
    NothingSpecial = 0
    Opening = 1
    Buffering = 2
    Playing = 3
    Paused = 4
    Stopped = 5
    Ended = 6
    Error = 7

class Media:
    def add_option(self, psz_options: str) -> None: ...

class MediaPlayer:
    def set_media(self, p_md: Media) -> None: ...
    def play(self) -> int: ...
    def get_state(self) -> State: ...

class Instance:
    def __init__(self, *args: str) -> None: ...
    def media_new_path(self, path: str) -> Media: ...
    def media_player_new(self) -> MediaPlayer: ...
