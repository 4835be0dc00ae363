"""Router and frame of the pages; run by the server of dashboards/serve.py."""

import streamlit as st

from dashboards.app_pages import abc_xyz, calls, customers, data, funnel, managers, marketing, orders, overview, receivables, reconciliation
from dashboards.frame import locale
from dashboards.navigation import bar, make_pages
from dashboards.reader import reader
from dashboards.state import settings
from dashboards.wall import is_asked
from dashboards.widgets import markup, stylesheet
from reports.wording import load_words

SHOWS = {
    module.__name__.rpartition(".")[2]: module.show
    for module in (overview, customers, funnel, orders, managers, marketing, abc_xyz, receivables, calls, reconciliation, data)
}


def main() -> None:
    """Chooses the page by its address, for a reader who is logged in.

    `/` leads to /overview, whose own address Streamlit would ignore if it were the default.
    """
    company = settings().company.name
    present = reader()
    words = load_words(locale(present.locale if present else ""))
    if present is None:
        st.set_page_config(page_title=company, layout="wide", initial_sidebar_state="collapsed")
        stylesheet()
        markup("ended.html.j2", words=words)
        return
    pages = make_pages(SHOWS, words)

    def home() -> None:
        st.switch_page(pages["overview"])

    chosen = st.navigation([st.Page(home, title=company, default=True, visibility="hidden"), *pages.values()], position="hidden")
    st.set_page_config(page_title=f"{chosen.title} · {company}", layout="wide", initial_sidebar_state="collapsed")
    stylesheet()
    if not is_asked():
        bar(pages, words, chosen.url_path, present.name)
    chosen.run()


main()
