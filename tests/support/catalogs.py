"""Catalogs of texts for tests: what the code holds today, and a language in which each text stands between marks."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.settings import PROJECT_ROOT
from webapp.translation import LOCALES, TRANSLATIONS

#: What stands around each text of the marked language.
OPEN, CLOSE = "⟦", "⟧"


@lru_cache
def texts_of_the_code() -> Catalog:
    """Every text that ``make translations`` would find in the code now."""
    with TemporaryDirectory() as folder:
        found = Path(folder) / "messages.pot"
        options = ["--mapping-file", str(TRANSLATIONS / "babel.cfg"), "--keywords", "phrase plural_phrase:1,2"]
        places = [str(PROJECT_ROOT / "webapp"), str(PROJECT_ROOT / "templates")]
        command = ["pybabel", "--quiet", "extract", *options, "--output-file", str(found), *places]
        CommandLineInterface().run(command)
        with found.open("rb") as file:
            return read_po(file)


def translations_to(language: str) -> Catalog:
    """The catalog of a language, as it is kept."""
    file = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def write_marked(folder: Path, language: str) -> None:
    """Write a compiled catalog in which each text is itself, between marks, in place of ``language``."""
    marked = Catalog(locale=LOCALES[language])
    for message in texts_of_the_code():
        if isinstance(message.id, tuple):
            marked.add(message.id, tuple(OPEN + text + CLOSE for text in message.id))
        elif message.id:
            marked.add(message.id, OPEN + message.id + CLOSE)
    target = folder / LOCALES[language] / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, marked)
