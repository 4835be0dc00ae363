"""Who reads the page that is being drawn: the person of the session, asked anew at every drawing."""

from dataclasses import dataclass

import streamlit as st

from dashboards.forms import session_cookie
from dashboards.state import sessions, settings
from reports.access import ALL, Scope, scope_of
from reports.spec import Role

_SESSION_OF = "reader"


@dataclass(frozen=True)
class Reader:
    """Somebody who reads pages.

    Attributes:
        name: as on the command line; empty while pages are served without login.
        role: what they do.
        scope: whose rows they may see, and whether phones and addresses among them.
        locale: their language, empty for the company's.
    """

    name: str
    role: Role
    scope: Scope
    locale: str

    @property
    def sees_machinery(self) -> bool:
        """Whether runs, recipients of deliveries and versions are theirs to see: who sees the company, and minds its figures."""
        return self.scope.kind == "all" and self.role in ("director", "analyst")


# A loopback address without login: whoever sits at this machine can read the files themselves.
NOBODY = Reader("", "director", ALL, "")


def reader() -> Reader | None:
    """The reader of this session; None if the session has ended since the page was opened."""
    if settings().dashboard.auth == "none":
        return NOBODY
    cookies = st.context.cookies
    cookie = next((cookies[name] for name in (session_cookie(secure=True), session_cookie(secure=False)) if name in cookies), "")
    person = sessions().find(cookie) if cookie else None
    if person is None:
        return None
    if st.session_state.get(_SESSION_OF, person.name) != person.name:
        # the same browser under another name: what the one before has chosen is not for them
        st.session_state.clear()
    st.session_state[_SESSION_OF] = person.name
    return Reader(person.name, person.role, scope_of(person.role, person.scope), person.locale)
