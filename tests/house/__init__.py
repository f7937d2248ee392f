"""THE HOUSE RULES, proved on the tree itself: who imports what, what importing does, sizes, names, licences, locks.

Nothing of the product is imported here but its problem table. Tables of exceptions give their reasons and must be used.
"""
