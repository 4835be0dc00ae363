"""The pages by address, the bar that leads to them, and the way from a row to another page."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext

import streamlit as st

from dashboards.frame import choose_language
from dashboards.widgets import rendered
from reports.wording import Words

# In the order of the bar; every one is served at its own address (dashboards/serve.py).
ADDRESSES = (
    "overview",
    "customers",
    "funnel",
    "orders",
    "managers",
    "marketing",
    "abc_xyz",
    "receivables",
    "calls",
    "reconciliation",
    "data",
)
_KNOWN = "pages_of_this_session"


def make_pages(shows: Mapping[str, Callable[[], None]], words: Words) -> dict[str, st.Page]:
    """Streamlit's pages by address, remembered for this session's rows to lead to."""
    pages = {name: st.Page(shows[name], title=words.text(f"nav.{name}"), url_path=name) for name in ADDRESSES}
    st.session_state[_KNOWN] = pages
    return pages


def bar(pages: Mapping[str, st.Page], words: Words, here: str, name: str = "") -> None:
    """Links to all pages and to the reader's account.

    On a phone the bar is pushed sideways with a finger, the page is not; the link of the open page (`here`) never leaves the screen.
    """
    kept = {"lang": st.query_params["lang"]} if "lang" in st.query_params else None
    with st.container(horizontal=True, key="bar", gap="small"):
        for address, page in pages.items():
            with st.container(key="here", width="content") if address == here else nullcontext():
                st.page_link(page, label=words.text(f"nav.{address}"), query_params=kept)
        choose_language(words)
        if name:
            st.html(rendered("account_link.html.j2", words=words, name=name))


def go(address: str, query: Mapping[str, str]) -> None:
    """Leads the reader to a page and what stands behind its question mark; does not return."""
    page = st.session_state.get(_KNOWN, {}).get(address)
    if page is not None:
        st.switch_page(page, query_params=dict(query))
    # a page that is driven alone, as in tests, stays where it is
    st.query_params.from_dict(dict(query))
    st.rerun()
