"""A partner of the other side, written by hand: its packets, its REST calls and its signed axis calls.

Bodies are written in canonical form as text, so that their digest owes nothing to any library.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterable
from hashlib import sha256

import httpx

from gateway.sandbox import Client

NS = "urn:report-gateway:national:1"
Line = tuple[str, str, str, str]  # indicator, organisation, unit, value
PERIOD = '<Period code="2025M06" end="2025-06-14" regime="ND09" start="2025-05-15"></Period>'
KNOWN = [("T601", "ty_dong"), ("T602", "ty_dong"), ("T301", "ho")]
LINES: list[Line] = [("T601", "38", "ty_dong", "1050.0005"), ("T602", "38", "ty_dong", "7")]


def packet(
    message_id: str,
    lines: Iterable[Line] = LINES,
    *,
    revision: int = 1,
    backfill: str = "",
    receiver: str = "G22",
    period: str = PERIOD,
    beside: bytes = b"",
) -> bytes:
    values = "".join(f'<Value indicator="{i}" organisation="{o}" unit="{u}">{text}</Value>' for i, o, u, text in lines)
    inside = (
        "<ReportData><Regime>KTXH-THANG</Regime><Form>01/KTXH</Form>"
        f"{period}<Reporter>H56</Reporter><Revision>{revision}</Revision>{backfill}"
        f"{_named(beside)}"
        f'<Values count="{values.count("</Value>")}">{values}</Values></ReportData>'
    )
    return _around("report-data", message_id, inside, receiver)


def words(
    files: Iterable[tuple[str, bytes]] = (),
    *,
    reporter: str = "H56",
    revision: int = 1,
    period: str = PERIOD,
    listed: str = "",
) -> bytes:
    """The packet of the words that name every file; `listed` stands in place of what they are."""
    told = "".join(
        f'<Attachment digest="{sha256(content).hexdigest()}" mediaType="application/pdf" name="{name}" role="annex"'
        f' size="{len(content)}"></Attachment>'
        for name, content in files
    )
    inside = (
        f'<Narrative outlineVersion="1"><Regime>KTXH-THANG</Regime><Form>DC-01</Form>{period}<Reporter>{reporter}</Reporter>'
        f"<Revision>{revision}</Revision><Sections></Sections><Attachments>{listed or told}</Attachments></Narrative>"
    )
    return _around("narrative", "gt-1.N", inside)


def _named(beside: bytes) -> str:
    return f'<Narrative digest="{sha256(beside).hexdigest()}" size="{len(beside)}"></Narrative>' if beside else ""


def _around(kind: str, message_id: str, inside: str, receiver: str = "G22") -> bytes:
    digest = sha256(f'<Body xmlns="{NS}" Id="body">{inside}</Body>'.encode()).hexdigest()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Packet xmlns="{NS}" packet="{kind}" version="1.0"><Header>'
        f"<MessageId>{message_id}</MessageId><Created>2026-11-24T14:00:00+07:00</Created>"
        "<Sender><Code>H56</Code><OldCode>000.00.00.H56</OldCode></Sender>"
        f"<Receiver><Code>{receiver}</Code><OldCode>000.00.00.{receiver}</OldCode></Receiver>"
        f'<BodyDigest algorithm="SHA-256">{digest}</BodyDigest></Header>'
        f'<Body Id="body">{inside}</Body></Packet>'
    ).encode()


class Partner:
    """Logged in; sends and asks."""

    def __init__(self, other_side: Client, **headers: str) -> None:
        self.credentials = other_side.credentials
        self.http = httpx.Client(base_url=other_side.national_url, timeout=60, trust_env=False, headers=headers)
        self.login()

    def login(self) -> None:
        given = self.credentials
        answer = self.http.post(
            "/v1/auth/login?allow_anonymous=true",
            json={"username": given.national_username, "password": given.national_password},
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['data']['token']}"
        self.http.headers["X-SystemId"] = given.national_system_id
        self.http.headers["X-SecretKey"] = given.national_system_secret

    def send(self, payload: bytes, *, timeout: float = 10) -> httpx.Response:
        files = {"packetFile": ("x.xml", payload, "application/xml")}
        return self.http.post("/v1/packets", files=files, data={"messageType": "report-data"}, timeout=timeout)

    def send_whole(self, payload: bytes, narrative: bytes, files: Iterable[bytes]) -> httpx.Response:
        """A composite: the figures' packet, the words', and every file after its SHA-256."""
        parts = [
            ("packetFile", ("x.xml", payload, "application/xml")),
            *([("narrativeFile", (sha256(narrative).hexdigest(), narrative, "application/xml"))] if narrative else []),
            *(("attachmentFile", (sha256(one).hexdigest(), one, "application/pdf")) for one in files),
        ]
        return self.http.post("/v1/packets", files=parts, data={"messageType": "report-data"})

    def sent(self, payload: bytes) -> str:
        reference: str = self.send(payload).json()["data"]["docId"]
        return reference

    def find(self, message_id: str) -> httpx.Response:
        return self.http.get("/v1/packets", params={"messageId": message_id})

    def status(self, reference: str) -> httpx.Response:
        """Polls until the packet is judged."""
        return until(lambda: self.http.get(f"/v1/packets/{reference}/status"), lambda r: r.status_code != 202)

    def statement(self, reference: str) -> list[dict[str, str]]:
        values: list[dict[str, str]] = self.http.get(f"/v1/packets/{reference}/statement").json()["values"]
        return values


def until(
    ask: Callable[[], httpx.Response], good: Callable[[httpx.Response], bool], seconds: float = 10
) -> httpx.Response:
    last, waiting = time.monotonic() + seconds, threading.Event()
    while not good(answer := ask()):
        assert time.monotonic() < last, answer.text
        waiting.wait(0.02)
    return answer


def axis_headers(other_side: Client, body: bytes, keys: dict[str, str]) -> dict[str, str]:
    """The SDK's headers, as documented on the wire."""
    media_type = "application/octet-stream" if body else "application/x-www-form-urlencoded"
    named = {
        "systemid": other_side.credentials.axis_system_id,
        "timestamp": "20112026T090000+0123",
        **keys,
        "Content-Type": media_type,
    }
    text = json.dumps(named, separators=(",", ":"))
    mac = hmac.new(other_side.credentials.axis_secret.encode(), text.encode(), sha256).hexdigest()
    return {
        **{f"XroadVnpt-{name}": value for name, value in named.items()},
        "XroadVnpt-sign-header-key": ";".join(named),
        "XroadVnpt-sign-header": text,
        "XroadVnpt-hash-header": mac,
        "Content-Type": media_type,
    }


def axis(other_side: Client, name: str, body: bytes = b"", timeout: float = 10, **keys: str) -> httpx.Response:
    headers = axis_headers(other_side, body, keys)
    return httpx.post(f"{other_side.axis_url}/{name}", content=body, headers=headers, timeout=timeout, trust_env=False)


def document(number: str = "128", recipient: str = "G22") -> bytes:
    """A layered package with the least a bus asks for."""
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLEnvelope
 xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLHeader><edXML:MessageHeader>
<edXML:From><edXML:OrganId>H56</edXML:OrganId><edXML:OrganName>UBND tỉnh</edXML:OrganName></edXML:From>
<edXML:To><edXML:OrganId>{recipient}</edXML:OrganId><edXML:OrganName>VPCP</edXML:OrganName></edXML:To>
<edXML:DocumentId>H56,2026/11/20,{number}/BC-UBND</edXML:DocumentId>
<edXML:Code><edXML:CodeNumber>{number}</edXML:CodeNumber><edXML:CodeNotation>BC-UBND</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:PromulgationDate>2026/11/20</edXML:PromulgationDate></edXML:PromulgationInfo>
<edXML:Subject>Báo cáo tháng</edXML:Subject><edXML:Content></edXML:Content>
</edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>""".encode()


def send_document(other_side: Client, payload: bytes, to: str = "G22", sender: str = "H56") -> httpx.Response:
    keys = {"from": sender, "to": json.dumps([to]), "servicetype": "eDoc", "messagetype": "edoc"}
    return axis(other_side, "sendEdoc", payload + b"\r\n", **keys, **{"hash-file": sha256(payload).hexdigest()})
