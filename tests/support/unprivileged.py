"""``python -m tests.support.unprivileged MODULE``: run a module as somebody to whom the modes of files apply.

They do not apply to root, as whom tests may run; util-linux's setpriv takes that right away.
"""

import os
import sys

DROPPED = "-dac_override,-dac_read_search"

if __name__ == "__main__":
    command = [sys.executable, "-m", *sys.argv[1:]]
    if os.geteuid() == 0:
        command = ["setpriv", f"--bounding-set={DROPPED}", f"--inh-caps={DROPPED}", *command]
    os.execvp(command[0], command)  # noqa: S606 - this process becomes the other
