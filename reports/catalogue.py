"""The reports of catalog/, found: a module that cannot be imported or holds no REPORT is an error that names it."""

import difflib
import importlib
import pkgutil

from reports import catalog
from reports.errors import CatalogError
from reports.spec import Report


def all_reports(package: str = catalog.__name__) -> dict[str, Report]:
    """Every report by name.

    Args:
        package: where to look; tests look elsewhere.

    Raises:
        CatalogError: naming the module that is broken.
    """
    found: dict[str, Report] = {}
    parent = importlib.import_module(package)
    for module in sorted(pkgutil.iter_modules(parent.__path__), key=lambda item: item.name):
        name = f"{package}.{module.name}"
        try:
            report = getattr(importlib.import_module(name), "REPORT", None)
        except Exception as error:
            msg = f"The report module {name} cannot be imported: {error}. Mend it or take it out of the folder."
            raise CatalogError(msg) from error
        if not isinstance(report, Report):
            msg = f"The report module {name} has no REPORT of type reports.spec.Report; add one."
            raise CatalogError(msg)
        if report.name != module.name:
            msg = f"The report module {name} declares the name {report.name!r}; a report is called like its module."
            raise CatalogError(msg)
        found[report.name] = report
    return found


def find_report(name: str) -> Report:
    """One report by name.

    Raises:
        CatalogError: listing those that exist.
    """
    reports = all_reports()
    if name not in reports:
        near = difflib.get_close_matches(name, reports, n=1)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        msg = f"There is no report {name!r}; {hint}: {', '.join(sorted(reports))}."
        raise CatalogError(msg)
    return reports[name]
