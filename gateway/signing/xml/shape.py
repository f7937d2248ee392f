"""The exact shape of a ``ds:Signature``, read before anything in it is believed.

Only the children XMLDSig 1.1 allows, in its order; leaves hold text and nothing else; no comment or
instruction stands inside. What is not on the lists is refused: XSLT, XPath (but for one fixed text that
means “enveloped”), HMAC, parameters of signature methods.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gateway.domain.verdict import Outcome, SubIndication
from gateway.signing.algorithms import DIGESTS, SCHEMES, Scheme
from gateway.signing.findings import Unsound, malformed
from gateway.signing.limits import Limits, within
from gateway.signing.xml.c14n import EXCLUSIVE, METHODS, C14n
from gateway.signing.xml.parse import DS, Element

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_NOT_SIGNATURES = "not(ancestor-or-self::ds:Signature)"
_EC = "{http://www.w3.org/2001/10/xml-exc-c14n#}"
_SPACE = " \t\r\n"
_PLAIN = {uri: C14n(uri) for uri in METHODS}
_VALUES = [DS + "SignedInfo", DS + "SignatureValue"]
_METHODS = [DS + "CanonicalizationMethod", DS + "SignatureMethod"]
_DIGEST = [DS + "DigestMethod", DS + "DigestValue"]
_ALONE = ["Algorithm"]
_KEPT = 16 * 1024  # characters: longer certificates are nobody's, and memory is not for those


@dataclass(frozen=True, slots=True)
class Reference:
    """`enveloped`: leave out this signature; `bare`: leave out every signature (the fixed XPath).

    `decoded`: the bytes that an Object holds in base 64.
    `method` is None where no transform names one: C14N 1.0 for elements, the bytes as they are for attachments.
    """

    uri: str
    type: str
    enveloped: bool
    bare: bool
    method: C14n | None
    digest: str
    value: bytes
    decoded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A signature's parts, decoded. `certificates` as given in KeyInfo, DER."""

    element: Element
    signed_info: Element
    method: C14n
    scheme: Scheme
    references: tuple[Reference, ...]
    value: bytes
    certificates: tuple[bytes, ...]
    objects: tuple[Element, ...]


def read_shape(signature: Element, limits: Limits) -> Shape:
    """Raises `Unsound`: FORMAT_FAILURE, or CRYPTO_CONSTRAINTS_FAILURE for an algorithm not known."""
    children = _children(signature, "Id")
    head = [child.tag for child in children[:3]]
    if head[:2] != _VALUES:
        raise malformed("SignedInfo and SignatureValue are not where they belong")
    has_key = head[2:] == [DS + "KeyInfo"]
    objects = children[3:] if has_key else children[2:]
    for child in objects:
        if child.tag != DS + "Object":
            raise malformed("something besides Object follows")
    method, scheme, references = _signed_info(children[0], limits)
    return Shape(
        element=signature,
        signed_info=children[0],
        method=method,
        scheme=scheme,
        references=references,
        value=base64_of(children[1], "Id"),
        certificates=_certificates(children[2], limits) if has_key else (),
        objects=tuple(objects),
    )


def _signed_info(element: Element, limits: Limits) -> tuple[C14n, Scheme, tuple[Reference, ...]]:
    children = _children(element, "Id")
    tags = [child.tag for child in children]
    if tags[:2] != _METHODS or len(tags) < 3:
        raise malformed("SignedInfo is not in order")
    if tags.count(DS + "Reference") != len(tags) - 2:
        raise malformed("SignedInfo holds something besides Reference")
    within("references", len(tags) - 2, limits.references)
    method = _c14n(children[0])
    return method, _scheme(children[1]), tuple(_reference(child, limits) for child in children[2:])


def _scheme(element: Element) -> Scheme:
    uri = algorithm_of(element)
    scheme = SCHEMES.get(uri)
    if scheme is None:
        raise malformed("HMAC") if "hmac" in uri.lower() else _unknown(uri)
    if not _alone(element) and _children(element, "Algorithm"):
        raise malformed("parameters in SignatureMethod")
    return scheme


def _c14n(element: Element) -> C14n:
    uri = algorithm_of(element)
    if uri not in METHODS:
        raise _unknown(uri)
    children = [] if _alone(element) else _children(element, "Algorithm")
    if not children:
        return _PLAIN[uri]
    if uri != EXCLUSIVE or len(children) > 1 or children[0].tag != _EC + "InclusiveNamespaces":
        raise malformed("parameters in a canonicalisation")
    _empty(children[0], "PrefixList")
    return C14n(uri, tuple(str(children[0].get("PrefixList", "")).split()))


def _reference(element: Element, limits: Limits) -> Reference:
    children = _children(element, "Id", "URI", "Type")
    tags = [child.tag for child in children]
    transforms = children.pop(0) if tags[:1] == [DS + "Transforms"] else None
    if tags[-2:] != _DIGEST or len(children) != 2:
        raise malformed("Reference is not in order")
    uri = element.get("URI")
    if uri is None:
        raise malformed("Reference without URI")
    decoded = _decodes(transforms)
    enveloped, bare, method = (False, False, None) if decoded else _transforms(transforms, limits)
    digest = algorithm_of(children[0])
    if not _alone(children[0]) and _children(children[0], "Algorithm"):
        raise malformed("parameters in DigestMethod")
    if digest not in DIGESTS:
        raise _unknown(digest)
    value = base64_of(children[1])
    kind = str(element.get("Type", ""))
    return Reference(str(uri), kind, enveloped, bare, method, DIGESTS[digest], value, decoded)


def _decodes(element: Element | None) -> bool:
    """Whether base 64 is the one transform there."""
    if element is None or len(element) != 1 or element[0].get("Algorithm") != BASE64:
        return False
    [step] = _children(element)
    if step.tag != DS + "Transform":
        raise malformed("Transforms holds something besides Transform")
    _empty(step, "Algorithm")
    return True


def _transforms(element: Element | None, limits: Limits) -> tuple[bool, bool, C14n | None]:
    if element is None:
        return False, False, None
    steps = _children(element)
    within("transforms", len(steps), limits.transforms)
    if not steps or [step.tag for step in steps].count(DS + "Transform") != len(steps):
        raise malformed("Transforms holds something besides Transform")
    enveloped = bare = False
    method: C14n | None = None
    for step in steps:
        uri = algorithm_of(step)
        if method is not None or (uri == ENVELOPED and enveloped):
            raise malformed("transforms after canonicalisation, or one of them twice")
        if uri == ENVELOPED:
            if not _alone(step):
                _empty(step, "Algorithm")
            enveloped = True
        elif uri == XPATH:
            bare = _fixed_xpath(step)
        elif uri in METHODS:
            method = _c14n(step)
        else:
            raise malformed(f"transform {uri}")
    return enveloped, bare, method


def _fixed_xpath(step: Element) -> bool:
    children = _children(step, "Algorithm")
    fixed = len(children) == 1 and children[0].tag == DS + "XPath"
    if fixed and children[0].nsmap.get("ds") == DS[1:-1] and _leaf(children[0]).strip(_SPACE) == _NOT_SIGNATURES:
        return True
    raise malformed("transform XPath")


def _certificates(key_info: Element, limits: Limits) -> tuple[bytes, ...]:
    """Only X509Certificate counts; KeyValue, KeyName and RetrievalMethod are neither believed nor followed."""
    found: list[bytes] = []
    for child in _children(key_info, "Id"):
        if child.tag == DS + "X509Data":
            found += [_certificate(leaf) for leaf in _children(child) if leaf.tag == DS + "X509Certificate"]
    within("certificates", len(found), limits.certificates)
    return tuple(found)


def _certificate(leaf: Element) -> bytes:
    text = _leaf(leaf)
    return _known(text) if len(text) <= _KEPT else base64_of(leaf)


@lru_cache(maxsize=256)
def _known(certificate: str) -> bytes:
    """A sender's is the same in every message."""
    return _bytes(certificate, "X509Certificate")


def algorithm_of(element: Element) -> str:
    """The Algorithm attribute. Raises `Unsound` where there is none."""
    uri = element.get("Algorithm")
    if not uri:
        raise malformed("an algorithm is not named")
    return str(uri)


def _alone(element: Element) -> bool:
    """Whether an Algorithm is all there is, which is how most of them stand and is seen at a glance."""
    return element.keys() == _ALONE and not len(element) and not element.text


def _children(element: Element, *attributes: str) -> list[Element]:
    """The child elements, where nothing but white space stands between them."""
    _known_attributes(element, attributes)
    whole: Any = element  # the stubs know no slices, which are half as dear as a list of it
    children: list[Element] = whole[:]
    text = element.text
    sound = not text or not text.strip(_SPACE)
    for child in children:
        text = child.tail
        if (text and text.strip(_SPACE)) or not isinstance(child.tag, str):
            sound = False
    if not sound:
        raise malformed(f"text, comment or instruction inside {_local(element)}")
    return children


def _known_attributes(element: Element, attributes: tuple[str, ...]) -> None:
    for name in map(str, element.keys()):  # iterating an element gives its children
        if name not in attributes:
            raise malformed(f"attribute {name} on {_local(element)}")


def _empty(element: Element, *attributes: str) -> None:
    if _children(element, *attributes):
        raise malformed(f"{_local(element)} is not empty")


def _leaf(element: Element, *attributes: str) -> str:
    _known_attributes(element, attributes)
    if len(element):
        raise malformed(f"{_local(element)} is not pure text")
    return element.text or ""


def base64_of(element: Element, *attributes: str) -> bytes:
    """A leaf's bytes, in the one form base64 has. Raises `Unsound`."""
    return _bytes(_leaf(element, *attributes), _local(element))


def _bytes(text: str, what: str) -> bytes:
    text = "".join(text.split())
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # binascii's is one too
        raise malformed(f"{what} is not base64") from error
    if not data or (
        text[-1] == "=" and binascii.b2a_base64(data[-(len(data) % 3) :], newline=False) != text[-4:].encode()
    ):
        raise malformed(f"{what} is not canonical base64")
    return data


def decoded_of(element: Element) -> bytes:
    """What an Object holds in base 64, which may be broken into lines. Raises `Unsound`."""
    if len(element):
        raise malformed(f"{_local(element)} is not pure text")
    try:
        return binascii.a2b_base64("".join((element.text or "").split()), strict_mode=True)
    except ValueError as error:
        raise malformed(f"{_local(element)} is not base64") from error


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _unknown(uri: str) -> Unsound:
    return Unsound(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "algorithm.unknown", Outcome.UNDETERMINED, name=uri)
