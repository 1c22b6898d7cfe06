"""What maintainers run, behind the targets of `make`."""

import sys

# jsonschema can check addresses, for which it compiles grammars for seconds whenever it is imported; the format of
# notebooks has none to check. Without this module it leaves that check out.
sys.modules.setdefault("rfc3987_syntax", None)
