"""Other people's judgement: canonical forms against python-xmlsec, paths against the cases of PKITS."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.signing.algorithms import signed_by
from gateway.signing.limits import Limits
from gateway.signing.pki.path_alone import judge_path
from gateway.signing.xml.c14n import canonical
from gateway.signing.xml.parse import parse
from gateway.signing.xml.references import Expected, check_references
from gateway.signing.xml.shape import read_shape

ROOT = Path(__file__).parents[2]
ORACLE = ROOT / ".venv-oracle" / "bin" / "python"
LAYOUTS, SEED = 3000, 20261125
LIMITS = Limits()

pytestmark = [pytest.mark.soak, pytest.mark.skipif(not ORACLE.exists(), reason="no .venv-oracle: make oracle")]

_SPACES = ("urn:a", "urn:b", "urn:c", "http://d.example/x")
_PREFIXES = ("", "a", "b", "ns1", "x-y")
_TEXTS = ("", "1.5", "số liệu tháng", "&lt;&amp;&gt;", "<![CDATA[ <x> ]]>", "&#13;\n\t ", "&quot;'", "&#x1EC7;")


class Layout:
    """A random document: namespaces declared, shadowed, undeclared; xml:* above; the signed element anywhere."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._left = chance.randint(3, 14)
        self._target = chance.randint(1, self._left)
        self._count = 0

    def document(self) -> str:
        inside = self._element({"": "", "xml": ""}, 0)
        before = self._chance.choice(("", "<!-- trước -->", "<?pi trước?>", "\n"))
        return f"<?xml version='1.0' encoding='UTF-8'?>{before}{inside}"

    def _element(self, scope: dict[str, str], depth: int) -> str:
        chance = self._chance
        scope, declared = dict(scope), []
        for prefix in chance.sample(_PREFIXES, chance.randint(0, 2)):
            space = chance.choice(_SPACES) if prefix or chance.random() < 0.8 else ""
            scope[prefix] = space
            declared.append(f'xmlns{":" if prefix else ""}{prefix}="{space}"')
        prefix = chance.choice([one for one in scope if one != "xml"])
        self._count += 1
        attributes = [*declared, *self._attributes(scope)]
        if self._count == self._target or (depth == 0 and self._target == 0):
            attributes.append('Id="signed"')
        chance.shuffle(attributes)
        name = (f"{prefix}:" if prefix else "") + chance.choice(("E", "F", "Giá"))
        content = "".join(self._content(scope, depth))
        return f"<{name} {' '.join(attributes)}>{content}</{name}>"

    def _attributes(self, scope: dict[str, str]) -> Iterator[str]:
        chance = self._chance
        for name in chance.sample(("p", "q", "r"), chance.randint(0, 2)):
            prefix = chance.choice([one for one in scope if one != "xml"])
            yield f'{prefix + ":" if prefix else ""}{name}="{chance.choice(("", "1", "ă&lt;&#10;&#9;", "a  b"))}"'
        for name in ("lang", "space"):
            if chance.random() < 0.2:
                yield f'xml:{name}="{"vi" if name == "lang" else "preserve"}"'

    def _content(self, scope: dict[str, str], depth: int) -> Iterator[str]:
        chance = self._chance
        yield chance.choice(_TEXTS)
        while self._count < self._left and (depth == 0 or chance.random() < 0.6) and depth < 6:
            yield self._element(scope, depth + 1)
            yield chance.choice(_TEXTS)


def _layouts() -> Iterator[dict[str, object]]:
    chance = random.Random(SEED)
    for number in range(LAYOUTS):
        yield {
            "document": Layout(chance).document(),
            "id": "signed",
            "method": ("inclusive", "exclusive", "inclusive11")[number % 3],
            "explicit": chance.random() < 0.5,
            "prefix": chance.choice(("", "ds")),
        }


def test_every_canonical_form_is_the_one_that_xmlsec_signs(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    layouts = list(_layouts())
    told = "".join(json.dumps(layout) + "\n" for layout in layouts)
    command = [str(ORACLE), str(Path(__file__).with_name("oracle.py")), "sign", str(tmp_path / "key.pem")]
    out = subprocess.run(command, input=told, capture_output=True, text=True, timeout=900, check=True).stdout
    wrong = []
    for layout, line in zip(layouts, out.splitlines(), strict=True):
        document = parse(json.loads(line).encode(), LIMITS)
        shape = read_shape(document.signatures()[0], LIMITS)
        data = canonical(shape.signed_info, shape.method)
        if not signed_by(key.public_key(), shape.scheme, shape.value, data):
            wrong.append((layout["method"], "SignedInfo", layout["document"]))
            continue
        try:
            check_references(shape, Expected(document, None, "/", {}), LIMITS)
        except Exception as error:
            wrong.append((layout["method"], repr(error), layout["document"]))
        if canonical(shape.signed_info, shape.method) != data:  # what was taken out for a moment is back as it was
            wrong.append((layout["method"], "not mended", layout["document"]))
    assert not wrong, f"{len(wrong)} of {len(layouts)}: {wrong[:3]}"


def _pkits() -> Path:
    [found] = (ROOT / ".venv-oracle").glob("lib/python*/site-packages/cryptography_vectors/x509/PKITS_data")
    return found


# The library cannot verify a list by a DSA key that inherits its parameters; it refuses, and nobody signs so.
_REFUSED_WRONGLY = {"ValidDSAParameterInheritanceTest5EE"}


def test_paths_are_judged_as_pkits_says() -> None:
    data = _pkits()
    pool, lists = ([file.read_bytes() for file in sorted((data / name).iterdir())] for name in ("certs", "crls"))
    anchor = (data / "certs" / "TrustAnchorRootCertificate.crt").read_bytes()
    wrong = set()
    for file in sorted((data / "certs").glob("*EE.crt")):
        if not file.stem.startswith(("Valid", "Invalid")):
            continue
        found = judge_path(file.read_bytes(), [anchor], pool, lists, datetime(2015, 1, 1, tzinfo=UTC))
        if (found.indication == "TOTAL-PASSED") is not file.stem.startswith("Valid"):
            wrong.add(file.stem)
    assert wrong == _REFUSED_WRONGLY
