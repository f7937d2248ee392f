"""EVERYTHING WITH A PUBLISHED SHAPE: national packets, edXML, declarations, HTTP bodies.

All materials and doors may come in. It touches no wire, disk or clock.
"""
