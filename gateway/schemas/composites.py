"""What was agreed about composite reports (báo cáo liên kết), as text; its outlines lie beside the declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.domain.agreement import CompositeTerms
from gateway.domain.errors import Rejected, problem
from gateway.domain.outline import Outline
from gateway.schemas.national import packet
from gateway.schemas.national.wire import wire

_MEBIBYTE = 1024 * 1024


def _fits_the_wire(size: int) -> int:
    most = wire().most_attached
    if size > most:
        raise ValueError(f"at most {most}, as the receiver takes them")
    return size


class CompositeText(BaseModel):
    """`outlines` are files of outline packets (đề cương, gói 3), by their place below ``partners/``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    legal_basis: str = Field(min_length=1)
    outlines: tuple[Annotated[str, Field(pattern=r"^([0-9A-Za-z_-]+/)?[0-9A-Za-z_-][0-9A-Za-z_.-]*\.xml$")], ...] = ()
    required: bool = False
    files: int = Field(default=10, ge=0, le=100)
    file_bytes: int = Field(default=20 * _MEBIBYTE, gt=0)
    together_bytes: Annotated[int, AfterValidator(_fits_the_wire)] = Field(default=48 * _MEBIBYTE, gt=0)
    policies: dict[Annotated[str, Field(pattern=r"^(narrative|form|annex)(\.[a-z0-9]{2,5})?$")], str] = {}
    instead: bool = False

    def terms(self, folder: Path) -> CompositeTerms:
        """Raises `Rejected` for a file that holds no outline, `OSError` for one that cannot be read."""
        return CompositeTerms(
            legal_basis=self.legal_basis,
            outlines=tuple(_outline((folder / name).read_bytes()) for name in self.outlines),
            required=self.required,
            files=self.files,
            file_bytes=self.file_bytes,
            together_bytes=self.together_bytes,
            policies=self.policies,
            instead=self.instead,
        )


def _outline(payload: bytes) -> Outline:
    content = packet.read(payload).content
    if not isinstance(content, Outline):
        raise Rejected(problem("C-005", path="/Packet/@packet", line="-", reason="another packet", expected="outline"))
    return content
