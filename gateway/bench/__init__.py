"""Benchmarks: each prints its figures and the ratio to a baseline of the same run.

Only `cli` comes in. Nothing here is imported by the product.
"""
