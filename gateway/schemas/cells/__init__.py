"""The children that read foreign workbooks, each in a process of its own with its limits (`gateway.schemas.workbooks`).

Bytes come in on standard input, one JSON document goes out. They import next to nothing of the house.
"""
