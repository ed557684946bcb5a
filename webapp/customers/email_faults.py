"""What is wrong with an email address, as a phrase: email-validator says it in English alone.

Knows no rule: that package judges.
"""

import re

from webapp.phrases import Phrase, phrase

#: The sentences of the pinned email-validator. A place stands for what it fills in.
_SENTENCES = (
    phrase("An email address must have an @-sign."),
    phrase('The email address has the "full-width" at-sign (@) character instead of a regular at-sign.'),
    phrase('The email address has the "small commercial at" character instead of a regular at-sign.'),
    phrase("Extra character(s) found after close quote: %(characters)s"),
    phrase("There can't be anything after the email address."),
    phrase("There must be something before the @-sign."),
    phrase("There must be something after the @-sign."),
    phrase("The email address contains invalid characters before the @-sign: %(characters)s."),
    phrase("The email address contains invalid characters in quotes before the @-sign: %(characters)s."),
    phrase("The email address contains unsafe characters: %(characters)s."),
    phrase("An email address cannot start with a period."),
    phrase("An email address cannot have a period immediately before the @-sign."),
    phrase("An email address cannot have a period immediately after the @-sign."),
    phrase("An email address cannot end with a period."),
    phrase("An email address cannot have two periods in a row."),
    phrase("An email address cannot have a hyphen immediately after the @-sign."),
    phrase("An email address cannot end with a hyphen."),
    phrase("An email address cannot have a period and a hyphen next to each other."),
    phrase("The part after the @-sign contains invalid characters: %(characters)s."),
    phrase("The part after the @-sign is not valid. It should have a period."),
    phrase("The part after the @-sign is not valid. It is not within a valid top-level domain."),
    phrase("The part after the @-sign is a special-use or reserved name that cannot be used with email."),
    phrase("Quoting the part before the @-sign is not allowed here."),
    phrase("A bracketed IP address after the @-sign is not allowed here."),
    phrase("A display name and angle brackets around the email address are not permitted here."),
    phrase("The email address is too long (%(characters)s)."),
    phrase("The email address is too long before the @-sign (%(characters)s)."),
    phrase("The email address is too long after the @-sign (%(characters)s)."),
    phrase("After the @-sign, periods cannot be separated by so many characters (%(characters)s)."),
)
_PLACE = "%(characters)s"
_PATTERNS = [
    (re.compile(re.escape(sentence.template).replace(re.escape(_PLACE), "(.+)"), re.DOTALL), sentence.template)
    for sentence in _SENTENCES
]


def email_fault(sentence: str) -> str:
    """A sentence of email-validator as a phrase; as it is where it is one that hardly anybody meets."""
    for pattern, template in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return Phrase(template, characters=found[1]) if found.groups() else Phrase(template)
    return sentence
