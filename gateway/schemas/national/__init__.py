"""The packets of QCVN 125:2021 in our canonical shape: XSD, JSON twin, models, wire profiles.

All materials may come in. The field tables are not public: every shape here is assumed, none is claimed conformant.
"""
