"""A child's first language as MIS exports write it, as the ISO 639-1 code that the screens use."""

from __future__ import annotations

_CODES = {
    "arabic": "ar", "bengali": "bn", "bulgarian": "bg", "chinese": "zh", "cantonese": "zh", "mandarin": "zh",
    "croatian": "hr", "czech": "cs", "dutch": "nl", "english": "en", "farsi": "fa", "persian": "fa", "french": "fr",
    "german": "de", "greek": "el", "gujarati": "gu", "hindi": "hi", "hungarian": "hu", "italian": "it",
    "japanese": "ja", "korean": "ko", "kurdish": "ku", "latvian": "lv", "lithuanian": "lt", "malayalam": "ml",
    "nepali": "ne", "panjabi": "pa", "punjabi": "pa", "pashto": "ps", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "slovak": "sk", "somali": "so", "spanish": "es", "sylheti": "bn",
    "tagalog": "tl", "tamil": "ta", "telugu": "te", "tigrinya": "ti", "turkish": "tr", "ukrainian": "uk",
    "urdu": "ur", "vietnamese": "vi", "welsh": "cy", "yoruba": "yo",
}  # fmt: skip


def language_code(cell: str) -> str:
    """The code of a language; one that is not known, not obtained or not given is English, which every screen has."""
    word = cell.strip().casefold()
    if len(word) == 2 and word.isascii() and word.isalpha():
        return word
    return next((code for name, code in _CODES.items() if word.startswith(name)), "en")
