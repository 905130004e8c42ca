"""Run commands from standard input, each in a fork: the imports are paid for once.

Each line is JSON: ``[arguments, settings]`` to read, ``[code, out, err]`` to write.
"""

import json
import os
import signal
import sys
import tempfile
import traceback

import bot.app  # noqa: F401 - for the forks
from bot.cli import main


def in_this_process(arguments: list[str], settings: dict[str, str]) -> int:
    """Be the command; return its exit code as Python itself would."""
    os.environ.update(settings)
    sys.argv = ["convoke", *arguments]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def in_a_fork(arguments: list[str], settings: dict[str, str]) -> tuple[int, str, str]:
    """Run one command and return what it ended with."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            signal.alarm(15)  # one that does not end by itself is killed, and its test fails
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            code = in_this_process(arguments, settings)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return os.waitstatus_to_exitcode(status), out.read(), err.read()


if __name__ == "__main__":
    for line in sys.stdin:
        arguments, settings = json.loads(line)
        sys.stdout.write(json.dumps(in_a_fork(arguments, settings)) + "\n")
        sys.stdout.flush()
