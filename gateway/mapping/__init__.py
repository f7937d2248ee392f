"""THE HEART: mapping packs compiled to a columnar plan, and the account of every value.

Comes in through `ports.Translator`. It touches no other material: packs come as folders given by name.
"""
