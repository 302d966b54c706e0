"""What Jinja's parser complains of, in plain words."""

from __future__ import annotations

import re

__all__ = ["plain_syntax"]

#: Pattern of the complaint -> what is wrong, what to do; the first that fits counts.
_SYNTAX: tuple[tuple[str, str, str], ...] = (
    (r"expected token 'end of .*', got '='", "`=` does not compare", "write == to compare"),
    (
        r"expected token 'end of .*', got '(.*)'",
        "'{0}' does not fit here",
        "is there an operator or a quote missing before it?",
    ),
    (r"unexpected end of template, expected 'end of print", "`{{{{` is not closed", "close it with }}}}"),
    (r"unexpected end of template, expected 'end of st", "`{{%` is not closed", "close it with %}}"),
    (
        r"innermost block that needs to be closed is '(\w+)'",
        "`{{% {0} %}}` is not closed",
        "close it with {{% end{0} %}}",
    ),
    (r"unknown tag '(e\w+)'", "`{{% {0} %}}` closes nothing", "take it away, or open what it closes"),
    (r"unknown tag '(\w+)'", "there is no tag '{0}'", "there are: if, elif, else, for, set"),
    (
        r"unexpected char '(?:\\'|\"|')'|unexpected char \"'\"",
        "the quote is not closed",
        "close it with the same quote",
    ),
    (r"unexpected char '([‘’“”])'", "{0} is a typographic quote", "use the straight quotes ' or \" around words"),
    (r"unexpected char '(&|\|)'", "'{0}' is not an operator", "write `and` or `or`"),
    (r"unexpected char '!'", "'!' is not an operator", "write `not`, or != to compare"),
    (r"unexpected char '(.+)' at", "'{0}' has no meaning here", "put words of the text in quotes"),
    (r"unexpected end of template, expected '([)\]}}])'", "a bracket is not closed", "close it with {0}"),
    (r"unexpected '[)\]}}]', expected '([)\]}}])'", "a bracket is not closed", "close it with {0}"),
    (r"unexpected '([)\]}}])'", "'{0}' closes nothing", "tags end with }}}} or %}}"),
    (
        r"[Ee]xpected an expression|expected token 'name'|expected name or|unexpected 'end of",
        "something is missing here",
        "",
    ),
    (r"Missing end of comment", "`{{#` is not closed", "close it with #}}"),
    (r"Missing end of raw", "`{{% raw %}}` is not closed", "close it with {{% endraw %}}"),
)


def plain_syntax(message: str, help_text: str = "") -> tuple[str, str]:
    """Put a complaint of Jinja's parser in plain words: what is wrong, what to do."""
    for pattern, plain, advice in _SYNTAX:
        if match := re.search(pattern, message):
            return plain.format(*match.groups()), advice.format(*match.groups())
    return message, help_text
