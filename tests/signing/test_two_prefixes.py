"""One namespace with two prefixes: lxml settles for one of them when an element is put back, and a digest tells."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.signing.xml.c14n import EXCLUSIVE, INCLUSIVE, C14n, canonical, comes_back
from gateway.signing.xml.parse import reparse

SIGNATURE = (
    '<b:Signature xmlns:b="urn:s"><b:Object><b:Deep xmlns:c="urn:s"><c:x c:y="1"/></b:Deep></b:Object></b:Signature>'
)


@pytest.mark.parametrize("uri", [EXCLUSIVE, INCLUSIVE])
@pytest.mark.parametrize(
    ("document", "copied"),
    [
        (f'<?a b?><r xmlns:a="urn:s"><t/>{SIGNATURE}tail<u a:v=""/></r>', True),
        (f'<r xmlns="urn:s"><t/>{SIGNATURE}<u/></r>', True),
        (f"<r><t/>{SIGNATURE}<u/></r>", True),
        ('<r xmlns:a="urn:s" xmlns:b="urn:s"><t/><b:Signature><b:Object/></b:Signature><u/></r>', True),
        ('<r xmlns:a="urn:s"><t/><a:Signature xmlns:a="urn:other"><a:Object/></a:Signature></r>', False),
        ('<r xmlns:a="urn:s"><t/><a:Signature><a:Object xmlns:a="urn:s"/></a:Signature>tail</r>', False),
    ],
)
def test_what_is_left_out_for_a_moment_comes_back_as_it_was(document: str, copied: bool, uri: str) -> None:
    root = reparse(document.encode())
    signature = next(one for one in root if etree.QName(one).localname == "Signature")
    before, parts = canonical(root, C14n(uri)), [canonical(one, C14n(uri)) for one in signature.iter()]
    assert comes_back(signature) is not copied
    left = canonical(root, C14n(uri), whole=True, without=[signature], copied=copied)
    assert b"Signature" not in left
    assert canonical(root, C14n(uri)) == before
    assert [canonical(one, C14n(uri)) for one in signature.iter()] == parts
    again = reparse(document.encode())
    again.remove(next(one for one in again if etree.QName(one).localname == "Signature"))
    alone = canonical(again, C14n(uri), whole=True)
    assert left.replace(b"tail", b"") == alone
