"""``python -m gateway.sandbox FOLDER [--port N]``: the other side as a program, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from gateway.sandbox.serving import served


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m gateway.sandbox")
    parser.add_argument("folder", type=Path, help="arrivals, catalogues, keys and credentials are kept here")
    parser.add_argument("--port", type=int, default=0, help="national; axis and control on the next two; 0: any")
    told = parser.parse_args()
    asyncio.run(_serve(told.folder, told.port))


async def _serve(folder: Path, port: int) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with served(folder, port) as addresses:
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()
