"""Tunes for break and the playground: quick, light, made for running about."""

from .score import Bass, Beat, Comp, Lead, Passage, Place, Section, Tune

KITE = Tune(
    slug="kite-samba",
    folder="lively",
    title="Kite Samba",
    artist="Os Pipas Invisíveis",
    genre="Samba",
    mood="sunny",
    tonic="D",
    bpm=106,
    beats_per_bar=4,
    transpose=2,
    sections={
        "open": Section("Dmaj7 | Em7 A7"),
        "first": Section(
            "Dmaj7 | Bm7 | Em7 | A7",
            "F#5:.75 E5:.75 D5:.5 A4:.75 D5:1.25 | F#5:.75 E5:.75 D5:.5 B4:2"
            "| G5:.75 F#5:.75 E5:.5 B4:.75 E5:1.25 | G5:.75 F#5:.75 E5:.5 C#5:1 A4:1",
        ),
        "second": Section(
            "Dmaj7 | Bm7 | Em7 A7 | D6",
            "F#5:.75 E5:.75 D5:.5 A4:.75 D5:1.25 | F#5:.75 E5:.75 D5:.5 B4:.75 F#5:1.25"
            "| G5:.5 F#5:.5 E5:.5 B4:.5 G5:.75 E5:.75 C#5:.5 | D5:3 _:1",
        ),
        "bridge": Section(
            "Gmaj7 | F#m7 | Em7 | A7",
            "B5:.75 A5:.75 G5:.5 D5:.75 G5:1.25 | A5:.75 F#5:.75 E5:.5 C#5:2"
            "| G5:.75 F#5:.75 E5:.5 B4:.75 G5:1.25 | A5:.75 G5:.75 E5:.5 C#5:1 E5:1",
            "D5:4 | C#5:4 | B4:4 | C#5:2 A4:2",
        ),
        "close": Section("Em7 A7 | D6", "G5:.5 F#5:.5 E5:.5 B4:.5 C#5:.75 E5:.75 C#5:.5 | D5:4"),
    },
    passages=(
        Passage("open", "surdo shaker bells guitar", 0.85),
        Passage("first", "tune guitar bass surdo shaker", 0.92),
        Passage("second", "tune guitar bass surdo shaker bells"),
        Passage("bridge", "tune counter guitar bass surdo shaker"),
        Passage("first", "tune high guitar bass surdo shaker bells jingle"),
        Passage("second", "tune high guitar bass surdo shaker bells jingle"),
        Passage("close", "tune high guitar bass surdo shaker", slow_to=0.92, ending=True),
    ),
    parts=(
        Lead("tune", "marimba", Place(1, -0.1, 0.25)),
        Lead("high", "flute", Place(-10, 0.35, 0.4)),
        Lead("counter", "strings", Place(-14, 0.0, 0.5, width=0.5)),
        Comp(
            "guitar",
            "guitar",
            "*..*..*. ..*.*.*.",
            Place(-10, 0.35, 0.2),
            low=54,
            voices=4,
            hold_beats=0.5,
            strum_s=0.006,
        ),
        Bass("bass", "soft_bass", "R..5R..5 R..5R..5", Place(-6, 0.0, 0.08), low=33, hold_beats=0.8),
        Beat("surdo", "surdo", "o...X... o...X..o", Place(-10, 0.0, 0.15)),
        Beat("shaker", "shaker", "xoox xoox xoox xoox", Place(-14, -0.45, 0.15)),
        Beat("bells", "agogo", "x..x..x. .x.x..x.", Place(-19, 0.5, 0.3)),
        Beat("jingle", "tambourine", "..o...x. ..o...x.", Place(-18, -0.3, 0.25)),
    ),
)

STONES = Tune(
    slug="skipping-stones",
    folder="lively",
    title="Skipping Stones",
    artist="The Flat Pebbles",
    genre="Pop",
    mood="playful",
    tonic="Bb",
    bpm=126,
    beats_per_bar=4,
    sections={
        "open": Section("Bb | Eb F"),
        "first": Section(
            "Bb | F/A | Gm | Eb F",
            "Bb4:.5 D5:.5 F5:.5 D5:.5 Bb5:1 F5:1 | A4:.5 C5:.5 F5:.5 C5:.5 A5:1 F5:1"
            "| G4:.5 Bb4:.5 D5:.5 Bb4:.5 G5:1 D5:1 | Eb5:.5 G5:.5 F5:.5 Eb5:.5 C5:1 F5:1",
        ),
        "second": Section(
            "Bb | F/A | Eb F | Bb",
            "Bb4:.5 D5:.5 F5:.5 D5:.5 Bb5:1 F5:1 | A4:.5 C5:.5 F5:.5 A5:.5 C6:1 A5:1"
            "| G5:.5 Eb5:.5 G5:.5 Bb5:.5 A5:.5 F5:.5 C5:.5 A4:.5 | Bb4:1 D5:.5 F5:.5 Bb5:1 _:1",
        ),
        "bridge": Section(
            "Eb | Bb/D | Cm7 | F",
            "G5:1.5 F5:.5 Eb5:1 Bb4:1 | F5:1.5 Eb5:.5 D5:1 Bb4:1"
            "| Eb5:1.5 D5:.5 C5:.5 D5:.5 Eb5:.5 G5:.5 | F5:1 C5:.5 F5:.5 A5:1 _:1",
        ),
        "close": Section("Eb F | Bb", "G5:.5 Bb5:.5 G5:.5 Eb5:.5 F5:.5 A5:.5 C6:.5 A5:.5 | Bb5:4"),
    },
    passages=(
        Passage("open", "piano kick hat", 0.85),
        Passage("first", "tune piano bass kick hat", 0.9),
        Passage("second", "tune piano bass kick hat hands"),
        Passage("bridge", "tune pad piano bass hat", 0.92),
        Passage("first", "tune sparkle piano bass kick hat hands"),
        Passage("second", "tune sparkle pad piano bass kick hat hands"),
        Passage("close", "tune sparkle pad piano bass kick hat", slow_to=0.86, ending=True),
    ),
    parts=(
        Lead("tune", "marimba", Place(1, -0.15, 0.25)),
        Lead("sparkle", "kalimba", Place(-9, 0.4, 0.35), octave=1),
        Comp("piano", "soft_piano", "*..*..*.", Place(-8, 0.25, 0.2), low=58, hold_beats=0.8),
        Comp("pad", "strings", "*.......", Place(-16, 0.0, 0.5, width=0.7), low=58),
        Bass("bass", "soft_bass", "R..RR.5.", Place(-6, 0.0, 0.08), low=36, hold_beats=0.9),
        Beat("kick", "kick", "X...X...", Place(-8, 0.0, 0.05)),
        Beat("hat", "hat", "oxoxoxox", Place(-15, 0.35, 0.1)),
        Beat("hands", "clap", "..x...x.", Place(-16, -0.1, 0.35)),
    ),
)

HOPSCOTCH = Tune(
    slug="hopscotch-reel",
    folder="lively",
    title="The Hopscotch Reel",
    artist="Chalk & Fiddlesticks",
    genre="Folk",
    mood="lively",
    tonic="D",
    bpm=120,
    beats_per_bar=4,
    swing=0.54,
    sections={
        "open": Section("D | G A"),
        "first": Section(
            "D | G D | D | Em A",
            "D5:.5 F#5:.5 A5:.5 F#5:.5 D5:.5 F#5:.5 A5:.5 B5:.5"
            "| G5:.5 B5:.5 A5:.5 G5:.5 F#5:.5 A5:.5 F#5:.5 D5:.5"
            "| D5:.5 F#5:.5 A5:.5 F#5:.5 A5:.5 B5:.5 A5:.5 F#5:.5"
            "| E5:.5 F#5:.5 G5:.5 B5:.5 A5:1 E5:1",
        ),
        "second": Section(
            "D | G D | G A | D",
            "D5:.5 F#5:.5 A5:.5 F#5:.5 D5:.5 F#5:.5 A5:.5 B5:.5"
            "| G5:.5 B5:.5 A5:.5 G5:.5 F#5:.5 A5:.5 D6:.5 A5:.5"
            "| B5:.5 G5:.5 D5:.5 G5:.5 A5:.5 G5:.5 E5:.5 C#5:.5"
            "| D5:1 F#5:.5 E5:.5 D5:1 _:1",
        ),
        "turn": Section(
            "Bm | A | G | A",
            "B5:1 F#5:.5 B5:.5 D6:.5 B5:.5 F#5:1 | A5:1 E5:.5 A5:.5 C#6:.5 A5:.5 E5:1"
            "| B5:.5 A5:.5 G5:.5 D5:.5 G5:.5 A5:.5 B5:1 | A5:.5 B5:.5 A5:.5 F#5:.5 E5:2",
        ),
        "close": Section("G A | D", "B5:.5 G5:.5 D5:.5 G5:.5 A5:.5 G5:.5 E5:.5 C#5:.5 | D5:4"),
    },
    passages=(
        Passage("open", "guitar foot", 0.85),
        Passage("first", "tune guitar foot", 0.88),
        Passage("second", "tune guitar bass foot"),
        Passage("turn", "tune reeds guitar bass foot jingle"),
        Passage("first", "reeds guitar bass foot", 0.95),
        Passage("second", "tune reeds guitar bass foot jingle"),
        Passage("close", "tune reeds guitar bass foot", slow_to=0.86, ending=True),
    ),
    parts=(
        Lead("tune", "whistle", Place(-3, 0.1, 0.35), legato=0.88),
        Lead("reeds", "concertina", Place(-6, -0.3, 0.3), octave=-1, legato=0.86),
        Comp("guitar", "guitar", "..*...*. ..*..**.", Place(-7, 0.3, 0.2), low=55, hold_beats=0.6, strum_s=0.01),
        Bass("bass", "soft_bass", "R.5.R.5.", Place(-6, 0.0, 0.08), low=36, hold_beats=0.8),
        Beat("foot", "stomp", "x.o.x.o.", Place(-12, 0.0, 0.2)),
        Beat("jingle", "tambourine", ".oxo.oxo", Place(-18, -0.4, 0.2)),
    ),
)

BISCUIT = Tune(
    slug="biscuit-tin-swing",
    folder="lively",
    title="Biscuit Tin Swing",
    artist="Custard Quartet",
    genre="Jazz",
    mood="easy-going",
    tonic="Eb",
    bpm=132,
    beats_per_bar=4,
    swing=0.64,
    sections={
        "open": Section("Ebmaj7 Cm7 | Fm7 Bb7"),
        "first": Section(
            "Ebmaj7 Cm7 | Fm7 Bb7 | Ebmaj7 Eb7 | Abmaj7 Bb7",
            "G5:1 Bb5:.5 G5:.5 _:.5 Eb5:.5 C5:1 | Eb5:.5 F5:.5 Ab5:1 F5:.5 D5:.5 Bb4:1"
            "| G5:1 Bb5:.5 D6:.5 Db6:.5 Bb5:.5 G5:1 | C6:.5 Ab5:.5 Eb5:.5 C5:.5 D5:1 F5:1",
        ),
        "second": Section(
            "Ebmaj7 Cm7 | Fm7 Bb7 | Fm7 Bb7 | Eb6",
            "G5:1 Bb5:.5 G5:.5 _:.5 Eb5:.5 C5:1 | Eb5:.5 F5:.5 Ab5:1 Bb5:.5 Ab5:.5 F5:1"
            "| Eb5:.5 C5:.5 Ab4:.5 C5:.5 D5:.5 F5:.5 Ab5:.5 D5:.5 | Eb5:2.5 _:1.5",
        ),
        "bridge": Section(
            "Abmaj7 | Gm7 C7 | Fm7 | Bb7",
            "C6:1.5 Bb5:.5 Ab5:.5 G5:.5 Eb5:1 | D5:.5 F5:.5 Bb5:1 E5:.5 G5:.5 Bb5:1"
            "| Ab5:1.5 G5:.5 F5:.5 Eb5:.5 C5:1 | D5:.5 F5:.5 Ab5:.5 C6:.5 Bb5:1 _:1",
        ),
        "close": Section("Fm7 Bb7 | Eb6", "Eb5:.5 C5:.5 Ab4:.5 C5:.5 D5:.5 F5:.5 Ab5:.5 D5:.5 | Eb5:4"),
    },
    passages=(
        Passage("open", "bass piano ride brush", 0.95),
        Passage("first", "tune bass piano ride", 0.9),
        Passage("second", "tune bass piano ride brush"),
        Passage("bridge", "tune bass piano ride brush"),
        Passage("first", "reed bass piano ride brush", 0.95),
        Passage("second", "tune reed bass piano ride brush"),
        Passage("close", "tune reed bass piano ride brush", slow_to=0.85, ending=True),
    ),
    parts=(
        Lead("tune", "vibraphone", Place(0, -0.15, 0.3)),
        Lead("reed", "clarinet", Place(-9, 0.3, 0.3), octave=-1, legato=0.9),
        Comp("piano", "soft_piano", "...*..*. .*....*.", Place(-9, 0.35, 0.2), low=54, voices=4, hold_beats=0.5),
        Bass("bass", "soft_bass", "R3Ra", Place(-4, 0.0, 0.08), low=33),
        Beat("ride", "ride", "x.xox.xo", Place(-14, 0.4, 0.15)),
        Beat("brush", "brush", "..x...x.", Place(-15, -0.3, 0.2)),
    ),
)

LIVELY = (KITE, STONES, HOPSCOTCH, BISCUIT)
