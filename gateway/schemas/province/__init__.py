"""A province's regulation as data: ``province.toml``, read once into domain values, every fault named.

Every clause names its article, so that an officer can read the file aloud beside the regulation.
"""

from gateway.schemas.province.reading import FILE, against, of_home, province, shipped, together, window_of
from gateway.schemas.province.shape import Province

__all__ = ["FILE", "Province", "against", "of_home", "province", "shipped", "together", "window_of"]
