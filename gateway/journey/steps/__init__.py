"""What a report goes through, one module per step; each yields facts.

Only the timetables beside it come in. It touches words and ports only.
"""
