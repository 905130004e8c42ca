"""``python -m bot.demo.leash …`` is ``convoke …`` that ends when the demo does.

A demo that is itself killed cannot stop the service it started. So the service holds the
other end of a pipe from the demo; when that closes, for whatever reason, it ends.
"""

import os
import runpy
import sys
import threading


def _end_with_the_demo() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_demo, daemon=True).start()
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
