from typing import Any, TypeAlias

AttachmentMap: TypeAlias = dict[str, Any]
