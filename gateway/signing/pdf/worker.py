"""The reading process: one file after another from standard input, one answer each, until the other end hangs up."""

from __future__ import annotations

import json
import logging
import math
import resource
import sys
import time
from typing import IO

from gateway.domain.record import plain, restore
from gateway.signing.pdf.embedded import files_of
from gateway.signing.pdf.pipe import FILES, READY, SECONDS, put, taken
from gateway.signing.pdf.reading import read
from gateway.signing.pdf.told import Reading, Rules

MEMORY = 500 * 1024 * 1024  # address space, the interpreter and its libraries included


def main() -> None:
    logging.disable(logging.CRITICAL)  # pyHanko warns of what is told here anyway
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
    answered.write(READY)
    answered.flush()
    while (rules := taken(asked)) is not None and (data := taken(asked)) is not None:
        spent = math.ceil(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
        if rules == FILES:
            _put_files(answered, data)
        else:
            put(answered, json.dumps(plain(_answer(data, rules))).encode())


def _put_files(answered: IO[bytes], data: bytes) -> None:
    """How many, then name and content of each."""
    try:
        found = files_of(data)
    except MemoryError:
        found = []
    put(answered, str(len(found)).encode())
    for name, content in found:
        put(answered, name.encode("utf-8", "replace"))
        put(answered, content)


def _answer(data: bytes, rules: bytes) -> Reading:
    try:
        return read(data, restore(Rules, json.loads(rules)))
    except MemoryError:
        return Reading(fault=f"more than {MEMORY} bytes of memory")


if __name__ == "__main__":
    main()
