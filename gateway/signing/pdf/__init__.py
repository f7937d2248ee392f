"""Signatures in PDF (PAdES, EN 319 142). pyHanko reads the file, in a process that alone can die of it.

What it reads (ranges, changes, long-term material) comes back as values; value, digest and trust are judged by ours.
"""
