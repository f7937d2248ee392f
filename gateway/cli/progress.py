"""A bar for what takes long, on stderr and only where a person looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from gateway.cli.speech import people

_WORDS: Mapping[str, str] = {
    "base": "Sao chép máy chủ",
    "checksums": "Kiểm tra từng tệp",
    "copy": "Chép bản sao lưu",
    "log": "Chạy lại nhật ký thay đổi",
    "exchanges": "Giao dịch",
    "benches": "Phép đo",
    "blobs": "Nội dung",
    "lines": "Dòng",
    "days": "Ngày đã khoá sổ",
    "catalogues": "Danh mục",
}


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """`tell(what, done, total)`; a total of 0 is unknown."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=people(), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(_WORDS[what], total=None)
            progress.update(tasks[what], completed=done, total=total or None)

        yield tell
