"""Options shared by the file formats that hold objects of one 1C configuration."""

from __future__ import annotations

from pydantic import Field, field_validator

from ingestion.formats.onec_shape import streams
from ingestion.sources.onec_odata.options import Configuration
from ingestion.spec import SourceOptions

_PREFIXES = ("Catalog_", "Document_", "AccumulationRegister_", "InformationRegister_")


class OneCFileOptions(SourceOptions):
    """`[sources.<name>]` of types 1c_v8exch and 1c_kd2."""

    path: str = Field(description="a file, archive, folder or pattern such as exchange/*.xml")
    configuration: Configuration | None = Field(
        default=None, description="whose objects the files hold: unf, ut, ka, erp, bp, retail or crm; default what they tell themselves"
    )
    accounting_currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="ISO 4217 code of the currency this base keeps accounts in; default the company's"
    )
    entities: dict[str, str] = Field(default_factory=dict, description="stream = 1C object, where this base keeps it elsewhere")
    deal: str | None = Field(default=None, description="the attribute of orders that names the CRM deal")

    @field_validator("entities")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        known = {stream.name for stream in streams("")}
        unknown = sorted(value.keys() - known)
        if unknown:
            message = f"there is no stream {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
            raise ValueError(message)
        if any(not entity.startswith(_PREFIXES) for entity in value.values()):
            message = f"objects are written like Document_ЗаказКлиента: they begin with one of {', '.join(_PREFIXES)}"
            raise ValueError(message)
        return value
