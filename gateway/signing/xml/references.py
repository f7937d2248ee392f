"""What a signature covers: each Reference resolved to the very node expected, digested and compared.

Bound by position (“see what is signed”): where the policy names what is signed, a Reference may point there,
to the whole document, or into its own Objects, and nowhere else. An Id never decides which node is read.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from gateway.domain.verdict import Outcome, SubIndication
from gateway.signing.algorithms import digest, digester
from gateway.signing.findings import Unsound, malformed
from gateway.signing.limits import Budget, Limits
from gateway.signing.policy import Position
from gateway.signing.xml.c14n import C14n, canonical, comes_back
from gateway.signing.xml.parse import DS, ID_NAMES, Document, Element, Ids, ids_within, path_of
from gateway.signing.xml.shape import Reference, Shape, decoded_of
from gateway.signing.xml.weight import DIGESTED, Sink

_PLAIN = C14n()


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Something digested: an element (the document around it if `whole`), or an attachment's bytes."""

    name: str
    element: Element | None = None
    whole: bool = False
    data: bytes = b""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Where a Reference may point. `content` None: anywhere in the document, by unique Id."""

    document: Document | None
    content: Element | None
    position: str
    attachments: Mapping[str, bytes]


def element_at(root: Element, position: Position) -> Element | None:
    """The one element at an absolute position; None where there is none, or more than one at any step."""
    if not position or root.tag != position[0]:
        return None
    found = root
    for step in position[1:]:
        same = found.findall(step)
        if len(same) != 1:
            return None
        found = same[0]
    return found


def check_references(shape: Shape, expected: Expected, limits: Limits) -> tuple[Target, ...]:
    """Every Reference's target, each digest right. Raises `Unsound`.

    To be called only after the signature over SignedInfo is proven: URIs and transforms are the signer's then.
    """
    own = ids_within(shape.objects)
    targets = tuple(_target(reference, own, expected) for reference in shape.references)
    for reference, target in zip(shape.references, targets, strict=True):
        if reference.decoded and target.element not in shape.objects:
            raise malformed("base 64 of something besides the signature's own Object")
    if expected.content is not None and not any(_covers(target, expected.content) for target in targets):
        uris = ", ".join(reference.uri for reference in shape.references)
        raise _elsewhere(expected, uris)
    document = expected.document
    if document is not None and len(document.signed) == 1 == len(shape.references) and not shape.objects:
        document.whole_again[shape.element] = True  # however it comes back, nothing inside is digested after this
    budget = Budget(DIGESTED, limits.digested * max(len(document.data) if document else 0, 65_536))
    for reference, target in zip(shape.references, targets, strict=True):
        _compare(reference, target, shape, expected, budget)
    for target in targets:
        if target.element is not None and (document is None or document.may_hide):
            _nothing_hidden(target.element, shape.element)
    return targets


def _covers(target: Target, content: Element) -> bool:
    return target.element is content or (target.whole and target.element is not None)


def _target(reference: Reference, own: Ids, expected: Expected) -> Target:
    uri = reference.uri
    if expected.document is not None and uri == "":
        if not (reference.enveloped or reference.bare):
            raise malformed("the whole document is signed without leaving the signature out")
        return Target("/", expected.document.root, whole=True)
    if uri.startswith("#"):
        return _by_id(uri, own, expected)
    name = uri.removeprefix("cid:")
    if name not in expected.attachments or name == "":
        raise Unsound(SubIndication.SIGNED_DATA_NOT_FOUND, "references.not_found", Outcome.UNDETERMINED, uri=uri)
    if reference.enveloped or reference.bare or reference.method is not None or reference.decoded:
        raise malformed("an attachment is signed byte for byte, without transforms")
    return Target(name, data=expected.attachments[name])


def _by_id(uri: str, own: Ids, expected: Expected) -> Target:
    wanted = uri[1:]
    if not wanted or "(" in wanted:
        raise malformed(f"reference {uri}")
    found = list(own.get(wanted, ()))
    if expected.content is not None and _bears(expected.content, wanted) and expected.content not in found:
        found.append(expected.content)
    if not found and expected.content is None and expected.document is not None:
        found = [node for node in [expected.document.all_ids().get(wanted)] if node is not None]
    if len(found) == 1:
        return Target(path_of(found[0]), found[0])
    if expected.content is not None:
        raise _elsewhere(expected, uri)
    raise Unsound(SubIndication.SIGNED_DATA_NOT_FOUND, "references.not_found", uri=uri)


def _bears(element: Element, wanted: str) -> bool:
    return any(element.get(name) == wanted for name in ID_NAMES)


def _elsewhere(expected: Expected, uri: str) -> Unsound:
    return Unsound(SubIndication.SIGNED_DATA_NOT_FOUND, "references.elsewhere", expected=expected.position, uri=uri)


def _compare(reference: Reference, target: Target, shape: Shape, expected: Expected, budget: Budget) -> None:
    if target.element is None:
        value = digest(reference.digest, target.data)
    else:
        left_out = tuple(_left_out(reference, target.element, shape))
        value = _digested(reference, target, left_out, expected, budget)
    if not hmac.compare_digest(value, reference.value):
        raise Unsound(SubIndication.HASH_FAILURE, "references.changed", path=target.name)


def _digested(
    reference: Reference, target: Target, without: tuple[Element, ...], expected: Expected, budget: Budget
) -> bytes:
    document = expected.document
    known = document.digests if document is not None else {}
    method = reference.method or _PLAIN
    key = (target.element, target.whole, method, without, reference.digest, reference.decoded)
    value = known.get(key)
    if value is None:
        value = known[key] = _made(reference, target, without, document, budget)
    return value


def _made(
    reference: Reference, target: Target, without: tuple[Element, ...], document: Document | None, budget: Budget
) -> bytes:
    assert target.element is not None
    method, copied = reference.method or _PLAIN, _copied(target, without, document)
    if document is not None and not document.writes_little and not reference.decoded:
        made = digester(reference.digest)
        sink = Sink(made.update, budget, document.work)
        canonical(target.element, method, whole=target.whole, without=without, copied=copied, sink=sink)
        value: bytes = made.digest()
        return value
    if reference.decoded:
        written = decoded_of(target.element)
    else:
        written = canonical(target.element, method, whole=target.whole, without=without, copied=copied)
    if document is not None:
        budget.spend(len(written))
        document.work.spend(len(written))
    return digest(reference.digest, written)


def octets(reference: Reference, target: Target, shape: Shape, document: Document, sink: Sink) -> None:
    """To `sink` the very bytes that `reference`, found right before, digests."""
    if target.element is None:
        sink.write(target.data)
        return
    if reference.decoded:
        sink.write(decoded_of(target.element))
        return
    left_out = tuple(_left_out(reference, target.element, shape))
    method, copied = reference.method or _PLAIN, _copied(target, left_out, document)
    canonical(target.element, method, whole=target.whole, without=left_out, copied=copied, sink=sink)


def _copied(target: Target, without: tuple[Element, ...], document: Document | None) -> bool:
    """Whether `without` can only be left out of a copy, which counts as much work as the document. Raises `Unsound`."""
    if document is None or not target.whole:
        return False
    known = document.whole_again
    for one in without:
        if one not in known:
            known[one] = comes_back(one)
    if all(map(known.__getitem__, without)):
        return False
    document.work.spend(len(document.data))
    return True


def _left_out(reference: Reference, element: Element, shape: Shape) -> Iterable[Element]:
    if reference.bare:
        inside = set(element.iter(DS + "Signature"))
        return [one for one in inside if not any(outer in inside for outer in one.iterancestors(DS + "Signature"))]
    return [shape.element] if reference.enveloped else []


def _nothing_hidden(element: Element, signature: Element) -> None:
    """A comment or instruction inside a value lets the reader see less than was signed (“1” of “100”)."""
    above = dict.fromkeys(node.getparent() for node in element.iter(etree.Comment, etree.ProcessingInstruction))
    for parent in above:
        if parent is None:
            continue
        leaf = not any(isinstance(child.tag, str) for child in parent)
        texts = [parent.text, *(child.tail for child in parent)]
        if leaf or any((text or "").strip() for text in texts):
            raise Unsound(SubIndication.FORMAT_FAILURE, "references.hidden", path=path_of(parent))
