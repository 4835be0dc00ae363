"""Who works in the sandbox's portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company


class Staff:
    """Users of the portal: whose number is which id."""

    def __init__(self, company: Company) -> None:
        self.managers = [one for one in company.managers if one.b24_id is not None]
        self._ids = {one.number: one.b24_id for one in self.managers}
        self.administrator = min((one.b24_id or 1 for one in self.managers), default=1)

    def user(self, number: int | None) -> int:
        """The id of a manager; of a robot or somebody without an account, the administrator's."""
        return self._ids.get(number or 0) or self.administrator
