"""Runs in an environment of its own with python-xmlsec: signs what it is given.

python oracle.py sign KEY < layouts (JSON lines: document, id, method) > signed documents (JSON lines)
"""

from __future__ import annotations

import json
import sys

import xmlsec
from lxml import etree

METHODS = {
    "inclusive": xmlsec.constants.TransformInclC14N,
    "inclusive11": xmlsec.constants.TransformInclC14N11,
    "exclusive": xmlsec.constants.TransformExclC14N,
}


def signed(layout: dict[str, str], key: xmlsec.Key) -> str:
    """One signature with one reference to the element `id`, both canonicalised by `method`."""
    root = etree.fromstring(layout["document"].encode())
    method = METHODS[layout["method"]]
    template = xmlsec.template.create(root, method, xmlsec.constants.TransformRsaSha256, ns=layout["prefix"] or None)
    root.append(template)
    reference = xmlsec.template.add_reference(template, xmlsec.constants.TransformSha256, uri="#" + layout["id"])
    if root.get("Id") == layout["id"]:  # the signature stands inside what it signs
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    if layout["method"] != "inclusive" or layout["explicit"]:
        xmlsec.template.add_transform(reference, method)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = key
    context.sign(template)
    return etree.tostring(root.getroottree(), encoding="unicode")


def main() -> None:
    key = xmlsec.Key.from_file(sys.argv[2], xmlsec.constants.KeyDataFormatPem)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(signed(json.loads(line), key)) + "\n")


if __name__ == "__main__":
    main()
