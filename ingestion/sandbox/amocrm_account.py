"""The sandbox's amoCRM account itself: its settings, users and pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.sandbox.clock import ZONE_NAME
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.people import Manager
    from ingestion.sandbox.sales import Pipeline

ACCOUNT_ID = 31_200_415
SUBDOMAIN = "romashka"
OTHER_TASK = 310_001
"""The id of a task type that the account made for itself."""
HOME = f"https://{SUBDOMAIN}.amocrm.ru/api/v4"
RIGHTS = {"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"}


def link(path: str, key: int | str) -> JsonObject:
    """`_links` of a record."""
    return {"self": {"href": f"{HOME}/{path}/{key}"}}


def unknown_id(number: int) -> int | None:
    """How an id that is not there looks: mostly null, now and then 0 or a negative number."""
    return {0: 0, 1: -1}.get(number % 17)


class People:
    """Users of the account: whose number is which id."""

    def __init__(self, company: Company) -> None:
        self.managers = [one for one in company.managers if one.amo_id is not None]
        self.groups = sorted({one.department for one in self.managers})
        self._ids = {one.number: one.amo_id for one in self.managers}
        self.administrator = self.managers[0].amo_id or 0

    def user(self, number: int | None) -> int:
        """The id of a manager; of somebody without an account here, the administrator's; 0 (a robot) for number 0."""
        if number == 0:
            return 0
        return self._ids.get(number or -1) or self.administrator

    def group(self, manager: Manager) -> int:
        """The id of the manager's group; the first group has none of its own in amoCRM (0)."""
        position = self.groups.index(manager.department)
        return position and 410_000 + position


def account_of(company: Company, people: People) -> JsonObject:
    """The account object with everything that `with` may ask for."""
    opened = int(company.now.timestamp()) - 86_400 * 900
    return {
        "id": ACCOUNT_ID,
        "name": company.name,
        "subdomain": SUBDOMAIN,
        "created_at": opened,
        "created_by": people.administrator,
        "updated_at": opened,
        "updated_by": people.administrator,
        "current_user_id": people.administrator,
        "country": "RU",
        "customers_mode": "unavailable",
        "is_unsorted_on": True,
        "is_loss_reason_enabled": True,
        "is_helpbot_enabled": False,
        "is_technical_account": False,
        "contact_name_display_order": 1,
        "amojo_id": "f3c6340d-0000-4000-8000-2b3c5a3e1d2f",
        "version": 12,
        "currency": company.currency,
        "currency_symbol": "₽",
        "_links": {"self": {"href": f"{HOME}/account"}},
        "_embedded": {
            "users_groups": [
                {"id": position and 410_000 + position, "name": name, "uuid": None} for position, name in enumerate(people.groups)
            ],
            "task_types": [
                {"id": 1, "name": "Связаться", "color": None, "icon_id": None, "code": "FOLLOW_UP"},
                {"id": 2, "name": "Встреча", "color": None, "icon_id": None, "code": "MEETING"},
                {"id": OTHER_TASK, "name": "Документы", "color": "FF6D66", "icon_id": 3, "code": None},
            ],
            "datetime_settings": {
                "date_pattern": "d.m.Y H:i",
                "short_date_pattern": "d.m.Y",
                "short_time_pattern": "H:i",
                "date_format": "d.m.Y",
                "time_format": "H:i:s",
                "timezone": ZONE_NAME,
                "timezone_offset": "+03:00",
            },
        },
    }


def user(manager: Manager, people: People) -> JsonObject:
    """A user; whether the person still works here is `rights.is_active`."""
    return {
        "id": manager.amo_id,
        "name": manager.amo_name,
        "email": manager.amo_email,
        "lang": "ru",
        "rights": {
            "leads": RIGHTS,
            "contacts": RIGHTS,
            "companies": RIGHTS,
            "tasks": {"edit": "A", "delete": "A"},
            "mail_access": False,
            "catalog_access": True,
            "status_rights": [],
            "is_admin": manager.amo_id == people.administrator,
            "is_free": False,
            "is_active": manager.is_active,
            "group_id": people.group(manager) or None,
            "role_id": None,
        },
        "phone_number": manager.extension,
        "_links": link("users", manager.amo_id or 0),
    }


def pipeline(one: Pipeline) -> JsonObject:
    """A pipeline with its statuses; 142 and 143 are in each."""
    return {
        "id": one.id,
        "name": one.name,
        "sort": one.sort,
        "is_main": one.is_main,
        "is_unsorted_on": any(stage.kind == "unsorted" for stage in one.stages),
        "is_archive": False,
        "account_id": ACCOUNT_ID,
        "_links": link("leads/pipelines", one.id),
        "_embedded": {
            "statuses": [
                {
                    "id": int(stage.id),
                    "name": stage.name,
                    "sort": stage.sort,
                    "is_editable": stage.kind == "open",
                    "pipeline_id": one.id,
                    "color": stage.color,
                    "type": 1 if stage.kind == "unsorted" else 0,
                    "account_id": ACCOUNT_ID,
                    "_links": link(f"leads/pipelines/{one.id}/statuses", stage.id),
                }
                for stage in one.stages
            ]
        },
    }
