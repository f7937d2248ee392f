"""Forms as people send them (biểu mẫu): workbooks read by the layouts that the sheet ``bieu_mau`` of a pack declares.

Mapping, and through the port `ports.Forms` the way, come in. A new layout is rows of that sheet, never code.
"""

from gateway.mapping.forms.workbook import PackForms

__all__ = ["PackForms"]
