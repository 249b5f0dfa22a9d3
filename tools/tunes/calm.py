"""Tunes for lunch, wet play and going home: slow, warm, good to talk over."""

from .score import Bass, Beat, Comp, Lead, Passage, Place, Section, Tune

RAIN = Tune(
    slug="rain-on-the-window",
    folder="calm",
    title="Rain on the Window",
    artist="Indoor Play",
    genre="Ambient",
    mood="calm",
    tonic="G",  # G major's notes; the tune rests on E
    bpm=78,
    beats_per_bar=4,
    room_s=2.2,
    bed="rain",
    sections={
        "open": Section("Em7"),
        "first": Section(
            "Em7 | Cmaj7 | G | D",
            "B4:1 E5:1 G5:1.5 F#5:.5 | E5:2 _:.5 D5:.5 E5:1 | D5:1 B4:.5 D5:.5 G5:1.5 A5:.5 | F#5:3 _:1",
        ),
        "bridge": Section(
            "Am7 | D | Gmaj7 | Bm7",
            "C5:1 E5:1 A5:1.5 G5:.5 | F#5:1.5 E5:.5 D5:1 A4:1 | B4:1 D5:1 G5:1.5 F#5:.5 | F#5:1 D5:.5 B4:.5 A4:1 B4:1",
        ),
        "second": Section(
            "Em7 | Cmaj7 | G D | Em7",
            "B4:1 E5:1 G5:1.5 F#5:.5 | E5:2 _:.5 D5:.5 C5:1 | B4:1 D5:.5 G5:.5 F#5:1 D5:1 | E5:3 _:1",
        ),
        "close": Section("Em7", "B5:4"),
    },
    passages=(
        Passage("open", "drops pad", 0.8),
        Passage("first", "tune drops bass", 0.88),
        Passage("bridge", "tune drops pad bass"),
        Passage("second", "tune drops pad bass", 0.95, slow_to=0.94),
        Passage("close", "tune drops pad bass", 0.75, slow_to=0.9, ending=True),
    ),
    parts=(
        Lead("tune", "soft_piano", Place(0, -0.05, 0.45), legato=1.1),
        Comp("drops", "kalimba", "0.1.2.3. 4.3.2.1.", Place(-13, 0.4, 0.6), low=64, hold_beats=1.0),
        Comp("pad", "strings", "*.......", Place(-15, 0.0, 0.6, width=0.8), low=55),
        Bass("bass", "electric_piano", "R...5...", Place(-8, -0.1, 0.3), low=40, hold_beats=2.0),
    ),
)

MOON = Tune(
    slug="moon-over-the-playing-field",
    folder="calm",
    title="Moon over the Playing Field",
    artist="The Night Light Orchestra",
    genre="Lullaby",
    mood="sleepy",
    tonic="Ab",
    bpm=98,
    beats_per_bar=3,
    room_s=1.9,
    sections={
        "open": Section("Ab | Ab"),
        "first": Section(
            "Ab | Fm | Db | Eb",
            "Eb5:1 C5:1 Ab4:1 | F5:2 C5:1 | Db5:1 F5:1 Ab5:1 | G5:2 Eb5:1",
        ),
        "second": Section(
            "Ab | Fm | Eb | Ab",
            "Eb5:1 C5:1 Ab4:1 | F5:2 Ab5:1 | G5:1 Eb5:1 Bb4:1 | Ab4:3",
        ),
        "bridge": Section(
            "Db | Ab/C | Bbm | Eb",
            "F5:2 Ab5:1 | Eb5:2 C5:1 | Db5:1 F5:1 Db5:1 | Bb4:1 C5:1 Db5:1",
        ),
        "answer": Section(
            "Db | Ab/C | Bbm | Eb",
            "Ab5:2 F5:1 | Eb5:1 C5:1 Ab4:1 | Bb4:1 Db5:1 F5:1 | Eb5:3",
        ),
        "close": Section("Eb | Ab", "Bb4:1 Db5:1 G5:1 | Ab5:3"),
    },
    passages=(
        Passage("open", "harp", 0.8),
        Passage("first", "tune harp", 0.9),
        Passage("second", "tune harp bass", 0.94),
        Passage("bridge", "tune harp pad bass"),
        Passage("answer", "tune harp pad bass"),
        Passage("first", "tune harp pad bass", 0.94),
        Passage("second", "tune harp pad bass", 0.88, slow_to=0.92),
        Passage("close", "tune harp pad bass", 0.78, slow_to=0.72, ending=True),
    ),
    parts=(
        Lead("tune", "music_box", Place(0, 0.1, 0.4), octave=1),
        Comp("harp", "soft_piano", "0.1.2.", Place(-6, -0.25, 0.35), low=56, hold_beats=1.5),
        Comp("pad", "strings", "*..", Place(-15, 0.0, 0.55, width=0.8), low=56),
        Bass("bass", "electric_piano", "R..", Place(-8, 0.0, 0.25), low=41, hold_beats=2.5),
    ),
)

LIBRARY = Tune(
    slug="library-corner",
    folder="calm",
    title="Library Corner",
    artist="Beanbag Collective",
    genre="Lo-fi",
    mood="cosy",
    tonic="C",
    bpm=80,
    beats_per_bar=4,
    swing=0.58,
    swing_beats=0.5,
    transpose=1,
    room_s=1.3,
    sections={
        "open": Section("Dm9 | G7"),
        "first": Section(
            "Dm9 | G7 | Cmaj9 | Am7",
            "A4:.75 C5:.25 D5:1 F5:.75 E5:.25 D5:1 | B4:1.5 D5:.5 G4:1 _:1"
            "| E5:.75 D5:.25 B4:1 G4:.75 B4:.25 E5:1 | C5:1.5 A4:.5 E4:1 _:1",
        ),
        "bridge": Section(
            "Fmaj7 | Em7 | Dm9 | G7",
            "C5:.5 E5:.5 A5:1.5 G5:.5 E5:1 | B4:.5 D5:.5 G5:1.5 E5:.5 D5:1"
            "| A4:.5 C5:.5 F5:1.5 E5:.5 C5:1 | D5:.5 F5:.5 D5:.5 B4:.5 G4:1 _:1",
        ),
        "second": Section(
            "Dm9 | G7 | Cmaj9 | Cmaj9",
            "A4:.75 C5:.25 D5:1 F5:.75 E5:.25 A5:1 | G5:1 F5:.5 D5:.5 B4:1 _:1"
            "| E5:.75 G5:.25 D5:.5 B4:.5 G4:1.5 B4:.5 | E5:3 _:1",
        ),
        "close": Section("Dm9 G7 | Cmaj9", "A4:.5 C5:.5 F5:1 D5:.5 B4:.5 G4:1 | E5:4"),
    },
    passages=(
        Passage("open", "keys bass hat", 0.95),
        Passage("first", "tune keys bass kick snare hat", 0.92),
        Passage("bridge", "tune high keys bass kick snare hat"),
        Passage("second", "tune high pad keys bass kick snare hat"),
        Passage("close", "tune keys pad bass hat", 0.85, slow_to=0.86, ending=True),
    ),
    parts=(
        Lead("tune", "vibraphone", Place(-1, 0.15, 0.35)),
        Lead("high", "flute", Place(-14, -0.35, 0.5)),
        Comp(
            "keys",
            "electric_piano",
            "*.....*. ...*....",
            Place(-8, -0.2, 0.3),
            low=53,
            voices=4,
            hold_beats=1.8,
            strum_s=0.018,
        ),
        Comp("pad", "strings", "*.......", Place(-18, 0.0, 0.6, width=0.8), low=53),
        Bass("bass", "soft_bass", "R.....R. ..5...a.", Place(-4, 0.0, 0.05), low=33, hold_beats=1.2),
        Beat("kick", "kick", "X......x ..x.....", Place(-7, 0.0, 0.05)),
        Beat("snare", "snare", "....o... ....o...", Place(-12, 0.05, 0.25)),
        Beat("hat", "hat", "x.o.x.o. x.o.x.oo", Place(-17, 0.3, 0.1)),
    ),
)

PAPER_BOAT = Tune(
    slug="paper-boat-waltz",
    folder="calm",
    title="Paper Boat Waltz",
    artist="Puddle Ensemble",
    genre="Waltz",
    mood="gentle",
    tonic="A",
    bpm=132,
    beats_per_bar=3,
    room_s=1.7,
    sections={
        "open": Section("A | E7"),
        "first": Section(
            "A | F#m | D | E | A | F#m | Bm | E7",
            "C#5:2 E5:1 | A5:2 G#5:1 | F#5:1 E5:1 D5:1 | E5:2 B4:1"
            "| C#5:2 E5:1 | A5:1 C#6:1 A5:1 | F#5:1 D5:1 F#5:1 | E5:1 F#5:1 G#5:1",
        ),
        "second": Section(
            "A | F#m | D | E | A | F#m | Bm Bm E7 | A",
            "C#5:2 E5:1 | A5:2 G#5:1 | F#5:1 E5:1 D5:1 | E5:2 B4:1| C#5:2 E5:1 | A5:2 C#6:1 | B5:1 F#5:1 G#5:1 | A5:3",
        ),
        "bridge": Section(
            "D | A/C# | Bm | E7 | D | A/C# | Bm7 | E7",
            "F#5:1 A5:1 D6:1 | C#6:2 A5:1 | B5:1 F#5:1 D5:1 | E5:3"
            "| F#5:1 A5:1 D6:1 | E6:2 C#6:1 | D6:1 B5:1 F#5:1 | G#5:2 E5:1",
            "D5:3 | C#5:3 | B4:3 | B4:2 G#4:1 | A4:3 | C#5:3 | D5:2 B4:1 | B4:3",
        ),
        "close": Section("Bm E7 E7 | A | A", "F#5:1 B5:1 G#5:1 | A5:1 E5:1 C#5:1 | A4:3"),
    },
    passages=(
        Passage("open", "left", 0.8),
        Passage("first", "tune left", 0.88),
        Passage("second", "tune left bass pad", 0.95),
        Passage("bridge", "tune counter left bass pad ting"),
        Passage("second", "tune counter left bass pad", 0.95),
        Passage("close", "tune left bass pad", 0.85, slow_to=0.72, ending=True),
    ),
    parts=(
        Lead("tune", "soft_piano", Place(0, 0.1, 0.35), legato=1.05),
        Lead("counter", "flute", Place(-12, -0.3, 0.5)),
        Comp("left", "soft_piano", ".**", Place(-9, -0.2, 0.3), low=57, hold_beats=0.9),
        Comp("pad", "strings", "*..", Place(-15, 0.0, 0.5, width=0.8), low=57),
        Bass("bass", "soft_bass", "R..", Place(-5, 0.0, 0.15), low=33, hold_beats=2.2),
        Beat("ting", "triangle", "o..", Place(-20, 0.5, 0.5)),
    ),
)

CALM = (RAIN, MOON, LIBRARY, PAPER_BOAT)
