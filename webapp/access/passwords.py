"""What a new password must be: long, not the person's own name, not one that everybody tries first.

After NIST SP 800-63B: no rules about kinds of characters, no expiry. Knows no person's row.
"""

import re
import unicodedata
from pathlib import Path

from webapp.phrases import Phrase, phrase

SHORTEST = 12
LONGEST = 128
#: Letters alone, as they are left of "P@ssw0rd1234!" and its like. Guessers try these with digits and signs around.
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text("ascii").split())
#: Keys and characters in a row, in which twelve neighbours are no password.
RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
)
LOOKALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
#: What people put around a word to please a rule.
AROUND = "0123456789!?.*#$ -_"
REPEATED = re.compile(r"(.{1,4}?)\1+.{0,3}", re.DOTALL)


def normalise(password: str) -> str:
    """The form in which a password is hashed and compared: the same whichever keyboard composed its letters."""
    return unicodedata.normalize("NFKD", password)


def fault_of_new_password(password: str, email: str) -> Phrase | None:
    """What is wrong with a new password for the person of ``email``, or None when it may be used."""
    if not password:
        return phrase("Choose a password.")
    if len(password) < SHORTEST:
        return phrase("Use at least %(least)d characters. A few words in a row are easy to keep.", least=SHORTEST)
    if len(password) > LONGEST:
        return phrase("Use at most %(most)d characters.", most=LONGEST)
    if not password.isprintable():
        return phrase("Use no control characters.")
    folded = normalise(password).casefold()
    if _is_of_the_person(folded, email.casefold()):
        return phrase("Choose one that is not made of your email address.")
    if _is_common(folded):
        return phrase("That is one of the first that somebody would try. Choose another.")
    return None


def _is_of_the_person(folded: str, email: str) -> bool:
    local = email.partition("@")[0]
    bare = folded.strip(AROUND)
    return folded == email or email in folded or bare in {email, local, local * 2}


def _is_common(folded: str) -> bool:
    if REPEATED.fullmatch(folded) or any(folded in run or folded in run[::-1] for run in RUNS):
        return True
    readings = (folded, folded.strip(AROUND).translate(LOOKALIKES))
    return any("".join(filter(str.isalpha, reading)) in COMMON for reading in readings)
