"""The profiles by configuration, and which configuration a list of published names looks like."""

from __future__ import annotations

from collections.abc import Collection

from ingestion.sources.onec_odata.profiles.accounting import BP, BP_OF_ACCOUNTS
from ingestion.sources.onec_odata.profiles.retail import RETAIL
from ingestion.sources.onec_odata.profiles.spec import Profile
from ingestion.sources.onec_odata.profiles.trade import CRM, ERP, KA, UT
from ingestion.sources.onec_odata.profiles.unf import UNF

PROFILES: dict[str, Profile] = {profile.configuration: profile for profile in (UNF, UT, KA, ERP, BP, RETAIL, CRM)}

_FAMILIES = (UNF, UT, BP)


def profile_of(configuration: str, sales_from: str = "documents") -> Profile:
    """The profile of a configuration; `sales_from` = accounts: of БП with the entries of account 90 as its sales register."""
    return BP_OF_ACCOUNTS if sales_from == "accounts" else PROFILES[configuration]


def looks_like(published: Collection[str]) -> Profile | None:
    """The one family of configurations whose own names are published; None when that is unclear.

    УТ, КА and ERP cannot be told apart by names; they count as one family.
    """
    names = set(published)
    found = [profile for profile in _FAMILIES if sum(name in names for name in profile.signature) >= min(2, len(profile.signature))]
    return found[0] if len(found) == 1 else None
