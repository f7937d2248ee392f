"""Lookups of a mapping pack as SDMX representation maps: written as SDMX-JSON 2.0, read from JSON and SDMX-ML.

Validity travels in both directions. Expressions, units and checks do not: SDMX has no place for them.
"""
