"""Tunes for the gate in the morning: bright, unhurried, easy to walk to."""

from .score import Bass, Beat, Comp, Lead, Passage, Place, Section, Tune

PUDDLE = Tune(
    slug="good-morning-puddle",
    folder="morning",
    title="Good Morning, Puddle",
    artist="Tidal Band",
    genre="Folk",
    mood="cheerful",
    tonic="C",
    bpm=102,
    beats_per_bar=4,
    swing=0.57,
    sections={
        "open": Section("C | F G"),
        "first": Section(
            "C | Am | F | G",
            "G4:.5 C5:.5 E5:1 D5:.5 C5:.5 E5:1 | C5:.5 B4:.5 A4:1 E4:.5 A4:.5 C5:1"
            "| A4:.5 C5:.5 F5:1 E5:.5 D5:.5 C5:1 | D5:1.5 E5:.5 D5:1 B4:1",
        ),
        "second": Section(
            "C | Am | F G | C",
            "G4:.5 C5:.5 E5:1 D5:.5 C5:.5 E5:1 | C5:.5 B4:.5 A4:1 E5:.5 D5:.5 C5:1"
            "| A4:.5 C5:.5 F5:.5 E5:.5 D5:.5 B4:.5 G4:.5 B4:.5 | C5:3 _:1",
        ),
        "bridge": Section(
            "F | Em | Dm | G",
            "A5:1 G5:.5 F5:.5 C5:1 F5:1 | G5:1 F5:.5 E5:.5 B4:1 E5:1"
            "| F5:1 E5:.5 D5:.5 A4:1 D5:1 | G5:1 F5:.5 E5:.5 D5:1 _:1",
            "F4:2 A4:2 | E4:2 G4:2 | D4:2 F4:2 | G4:2 F4:2",
        ),
        "close": Section("F G | C", "A4:.5 C5:.5 F5:.5 C5:.5 D5:.5 B4:.5 C5:.5 D5:.5 | C5:4"),
    },
    passages=(
        Passage("open", "strum shaker", 0.8),
        Passage("first", "tune strum bass shaker", 0.88),
        Passage("second", "tune strum bass shaker block"),
        Passage("bridge", "tune counter strum bass shaker"),
        Passage("first", "tune sparkle strum bass shaker block"),
        Passage("second", "tune sparkle strum bass shaker block"),
        Passage("close", "tune sparkle strum bass shaker", 0.9, slow_to=0.84, ending=True),
    ),
    parts=(
        Lead("tune", "kalimba", Place(0, -0.1, 0.3)),
        Lead("sparkle", "glockenspiel", Place(-17, 0.35, 0.45), octave=1),
        Lead("counter", "flute", Place(-11, 0.3, 0.4)),
        Comp("strum", "ukulele", "..*. ..*. ..*. ..**", Place(-11, 0.3, 0.2), low=60, voices=4, strum_s=0.012),
        Bass("bass", "soft_bass", "R...5...", Place(-7, 0.0, 0.08), low=36, hold_beats=1.5),
        Beat("shaker", "shaker", "oxoxoxox", Place(-13, -0.4, 0.15)),
        Beat("block", "woodblock", "......x. ...x..x.", Place(-16, 0.5, 0.3)),
    ),
)

BIKE_SHED = Tune(
    slug="sunrise-over-the-bike-shed",
    folder="morning",
    title="Sunrise over the Bike Shed",
    artist="The Early Gate",
    genre="Acoustic",
    mood="hopeful",
    tonic="G",
    bpm=94,
    beats_per_bar=4,
    room_s=1.5,
    sections={
        "open": Section("G | C D"),
        "first": Section(
            "G | D/F# | Em | C D",
            "B4:1.5 D5:.5 G5:1 F#5:.5 E5:.5 | D5:1.5 A4:.5 D5:2| E5:1.5 F#5:.5 G5:1 E5:1 | E5:.5 D5:.5 C5:1 A4:2",
        ),
        "second": Section(
            "G | D/F# | Em C | D G",
            "B4:1.5 D5:.5 G5:1 F#5:.5 E5:.5 | D5:1.5 A4:.5 D5:1 F#5:1"
            "| G5:1 E5:.5 B4:.5 C5:1 E5:1 | D5:.5 C5:.5 A4:1 G4:2",
        ),
        "bridge": Section(
            "C | G | Am | D",
            "E5:1 G5:1 E5:.5 D5:.5 C5:1 | D5:1.5 E5:.5 D5:.5 B4:.5 G4:1"
            "| C5:1 E5:1 A5:1 G5:.5 E5:.5 | F#5:1.5 E5:.5 D5:2",
        ),
        "close": Section("C D | G", "E5:1 G5:1 F#5:.5 E5:.5 D5:.5 F#5:.5 | G5:4"),
    },
    passages=(
        Passage("open", "guitar", 0.85),
        Passage("first", "tune guitar bass", 0.88),
        Passage("second", "tune guitar bass pad shaker", 0.94),
        Passage("bridge", "tune guitar bass pad shaker"),
        Passage("second", "tune guitar bass pad shaker"),
        Passage("close", "tune guitar bass pad", 0.9, slow_to=0.8, ending=True),
    ),
    parts=(
        Lead("tune", "flute", Place(-1, 0.05, 0.4), legato=0.97),
        Comp("guitar", "guitar", "0.2.1.3. 2.1.3.2.", Place(-5, -0.25, 0.25), low=55, hold_beats=2.0),
        Comp("pad", "strings", "*.......", Place(-17, 0.0, 0.5, width=0.7), low=55),
        Bass("bass", "soft_bass", "R.....5.", Place(-6, 0.0, 0.1), low=36, hold_beats=2.0),
        Beat("shaker", "shaker", "..x...x.", Place(-14, 0.4, 0.2)),
    ),
)

MARMALADE = Tune(
    slug="marmalade-march",
    folder="morning",
    title="Marmalade March",
    artist="Toast Rack Philharmonic",
    genre="March",
    mood="jaunty",
    tonic="F",
    bpm=112,
    beats_per_bar=4,
    sections={
        "open": Section("F | C7"),
        "first": Section(
            "F | Bb F | C7 | F C",
            "C5:.5 F5:.5 F5:.5 G5:.5 A5:1 F5:1 | D5:.5 F5:.5 Bb5:.5 A5:.5 A5:1 F5:1"
            "| G5:.75 A5:.25 G5:.5 E5:.5 C5:1 E5:1 | A5:.5 G5:.5 F5:.5 A5:.5 G5:2",
        ),
        "second": Section(
            "F | Bb F | Gm C7 | F",
            "C5:.5 F5:.5 F5:.5 G5:.5 A5:1 F5:1 | D5:.5 F5:.5 Bb5:.5 A5:.5 A5:1 C6:1"
            "| Bb5:.5 A5:.5 G5:.5 D5:.5 E5:.5 F5:.5 G5:.5 E5:.5 | F5:1 C5:1 F5:1 _:1",
        ),
        "bridge": Section(
            "Dm | Am | Bb | C7",
            "D5:.75 E5:.25 F5:1 A5:1 D5:1 | C5:.75 D5:.25 E5:1 A5:1 C5:1"
            "| D5:.75 C5:.25 Bb4:1 F5:1 D5:1 | E5:.5 F5:.5 G5:.5 A5:.5 Bb5:1 C5:1",
        ),
        "close": Section("Bb C7 | F", "D5:.5 F5:.5 Bb5:1 G5:.5 A5:.5 Bb5:.5 E5:.5 | F5:4"),
    },
    passages=(
        Passage("open", "tuba snare drum", 0.8),
        Passage("first", "tune tuba piano snare drum", 0.9),
        Passage("second", "tune tuba piano snare drum"),
        Passage("bridge", "tune tuba piano pad snare", 0.85),
        Passage("first", "tune bells tuba piano snare drum"),
        Passage("second", "tune bells tuba piano snare drum"),
        Passage("close", "tune bells tuba piano snare drum", slow_to=0.88, ending=True),
    ),
    parts=(
        Lead("tune", "clarinet", Place(-2, -0.15, 0.28), legato=0.82),
        Lead("bells", "glockenspiel", Place(-16, 0.4, 0.4), octave=1),
        Comp("piano", "soft_piano", "..*...*.", Place(-9, 0.3, 0.2), low=57, hold_beats=0.4),
        Comp("pad", "strings", "*.......", Place(-17, 0.0, 0.45, width=0.7), low=57),
        Bass("tuba", "tuba", "R...5...", Place(-4, 0.1, 0.18), low=36, hold_beats=0.8),
        Beat("snare", "snare", "o..o x.oo o..o x.x.", Place(-17, -0.25, 0.25)),
        Beat("drum", "kick", "x...x...", Place(-10, 0.0, 0.1)),
    ),
)

HOMEWORK = Tune(
    slug="haul-away-the-homework",
    folder="morning",
    title="Haul Away the Homework",
    artist="Tidal Band",
    genre="Sea Shanty",
    mood="hearty",
    tonic="C",  # the white notes; the tune rests on D
    bpm=288,  # quavers: six to a bar, two steps
    beats_per_bar=6,
    bed="sea",
    sections={
        "open": Section("Dm | C"),
        "first": Section(
            "Dm | C | Dm | Am",
            "A4:1 D5:1 D5:1 E5:2 F5:1 | E5:2 C5:1 G4:3 | A4:1 D5:1 D5:1 F5:2 G5:1 | A5:3 E5:3",
        ),
        "second": Section(
            "Dm | C | Dm Am | Dm",
            "A5:2 G5:1 F5:2 D5:1 | E5:2 C5:1 G4:3 | A4:1 D5:1 F5:1 E5:2 C5:1 | D5:5 _:1",
        ),
        "chorus": Section(
            "F | C | Dm | Am | F | C | Am | Dm",
            "F5:3 A5:3 | G5:2 E5:1 C5:3 | D5:2 E5:1 F5:2 D5:1 | E5:2 C5:1 A4:3"
            "| F5:2 F5:1 A5:2 A5:1 | G5:2 A5:1 G5:2 E5:1 | C5:1 D5:1 E5:1 C5:2 A4:1 | D5:5 _:1",
            "A4:3 C5:3 | E5:2 C5:1 G4:3 | F4:3 A4:3 | C5:2 A4:1 E4:3| A4:3 C5:3 | E5:3 G4:3 | A4:3 E4:3 | F4:5 _:1",
        ),
        "close": Section("Am | Dm", "C5:1 D5:1 E5:1 C5:2 A4:1 | D5:6"),
    },
    passages=(
        Passage("open", "strum boots", 0.85),
        Passage("first", "tune strum bass boots", 0.9),
        Passage("second", "tune strum bass boots hands"),
        Passage("chorus", "tune high counter strum bass boots hands"),
        Passage("first", "high strum bass boots", 0.9),
        Passage("second", "tune high strum bass boots hands"),
        Passage("chorus", "tune high counter strum bass boots hands jingle"),
        Passage("close", "tune high strum bass boots", slow_to=0.8, ending=True),
    ),
    parts=(
        Lead("tune", "concertina", Place(-1, -0.2, 0.3), legato=0.9),
        Lead("high", "whistle", Place(-11, 0.35, 0.4)),
        Lead("counter", "concertina", Place(-8, 0.25, 0.3)),
        Comp("strum", "guitar", "*.**.*", Place(-10, 0.3, 0.22), low=53, voices=3, hold_beats=1.4, strum_s=0.014),
        Bass("bass", "soft_bass", "R..5..", Place(-6, 0.0, 0.1), low=36, hold_beats=2.5),
        Beat("boots", "stomp", "X..x..", Place(-10, 0.0, 0.2)),
        Beat("hands", "clap", "...x..", Place(-17, 0.2, 0.35)),
        Beat("jingle", "tambourine", "o.oxoo", Place(-17, -0.4, 0.25)),
    ),
)

MORNING = (PUDDLE, BIKE_SHED, MARMALADE, HOMEWORK)
