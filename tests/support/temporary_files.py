"""Where tests keep their databases: in memory where there is room for them, else on the disk, which takes longer.

No test cuts the power, so nothing needs the disk itself. PostgreSQL makes three hundred files for each database of a
test's own; on a disk that took half of the time of the tests that have one.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its user's own in it
#: What all workers together may need, with a margin. Containers often have 64 MB of it.
ROOM_BYTES = 4 * 2**30


def keep_temporary_files_in_memory() -> None:
    """For this process and those that it starts. A ``TMPDIR`` that somebody chose stays."""
    if "TMPDIR" not in os.environ and _is_roomy(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _is_roomy(folder: Path) -> bool:
    """Whether files fit in it, and programs among them can be run."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free >= ROOM_BYTES
