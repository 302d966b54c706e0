"""The words that days are named with, in English and Spanish, in small letters without accents."""

from __future__ import annotations

__all__ = [
    "AFTER",
    "FEASTS",
    "IN_FRONT",
    "MONTHS",
    "NEXT",
    "NUMBERS",
    "SEASONS",
    "SMALL",
    "THROUGH",
    "TITLES",
    "UNITS",
    "WEEKDAYS",
]

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "", "a an one un una uno 1", "two couple dos par 2", "three few tres unos unas pocos pocas 3",
            "four cuatro 4", "five cinco 5", "six seis 6", "seven siete 7", "eight ocho 8", "nine nueve 9",
            "ten diez 10", "eleven once 11", "twelve doce 12",
        )
    )
    for word in words.split()
}  # fmt: skip
UNITS = {
    "day": "day", "days": "day", "dia": "day", "dias": "day",
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "semana": "week", "semanas": "week",
    "month": "month", "months": "month", "mes": "month", "meses": "month",
    "year": "year", "years": "year", "yr": "year", "ano": "year", "anos": "year",
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "", "january jan enero", "february feb febrero", "march marzo", "april apr abril", "may mayo",
            "june jun junio", "july jul julio", "august aug agosto", "september sept sep septiembre setiembre",
            "october oct octubre", "november nov noviembre", "december dec diciembre",
        )
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon lunes", "tuesday tue tues martes", "wednesday wed miercoles", "thursday thu thur thurs jueves",
            "friday fri viernes", "saturday sat sabado", "sunday sun domingo",
        )
    )
    for name in names.split()
}  # fmt: skip
SEASONS = {
    "spring": 3, "springtime": 3, "primavera": 3, "summer": 6, "summertime": 6, "verano": 6, "fall": 9, "autumn": 9,
    "otono": 9, "winter": 12, "invierno": 12,
}  # fmt: skip
#: Days with names, and the day on which they are over.
FEASTS = {
    "holidays": (1, 2), "holiday": (1, 2), "fiestas": (1, 2), "festivos": (1, 2), "christmas": (12, 26),
    "xmas": (12, 26), "navidad": (12, 26), "navidades": (1, 2), "reyes": (1, 7),
}  # fmt: skip
AFTER = frozenset({"after", "despues", "pasando", "pasen", "pase", "pasado", "terminen", "past"})
THROUGH = frozenset({"through", "thru", "inclusive"})
NEXT = frozenset({"next", "proximo", "proxima", "siguiente", "following", "otro", "otra"})
SMALL = frozenset({"the", "el", "la", "los", "las", "of", "de", "del", "on", "st", "nd", "rd", "th", "day", "dia"})
TITLES = frozenset({"may", "march", "sat", "sun", "mon", "fall"})  #: common words too: they need something in front
IN_FRONT = frozenset(
    {
        "in", "until", "till", "til", "after", "by", "en", "hasta", "before", "early", "mid", "late", "next", "on",
        "around", "about", "of", "de", "despues", "the", "this", "return", "returning", "back", "from", "through",
        "thru", "for", "come", "is", "el", "para", "sometime", "end", "beginning", "first", "maybe", "probably",
    }
)  # fmt: skip
