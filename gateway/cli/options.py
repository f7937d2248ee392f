"""Options that many verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path,
    typer.Option("--home", envvar="GATEWAY_HOME", help="Thư mục triển khai / deployment folder.", show_default=True),
]
Json = Annotated[bool, typer.Option("--json", help="Một tài liệu JSON trên stdout / one JSON document on stdout.")]
ExchangeId = Annotated[str, typer.Argument(metavar="ID", help="Mã giao dịch / exchange id.")]
Because = Annotated[str, typer.Option("--because", help="Lý do, được ghi vào nhật ký / the reason, recorded.")]
By = Annotated[str, typer.Option("--by", envvar="GATEWAY_OPERATOR", help="Người thao tác / who acts.")]
HERE = Path()
