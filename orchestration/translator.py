"""Every convention of asset keys, groups and kinds, in one place: keys are two-part and equal dbt's `source(name, table)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import AssetKey

from ingestion.spec import Source, Stream
from orchestration.dbt_process import DagsterDbtTranslator


def stream_key(source: Source, stream: Stream) -> AssetKey:
    """Key of a raw table: [system, stream]."""
    return AssetKey([source.system, stream.name])


PUBLICATION_KEY = AssetKey(["published", "marts"])


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: [layer, model], grouped by layer."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Sources as [system, stream]; models, seeds and snapshots as [schema, name]."""
        if dbt_resource_props["resource_type"] == "source":
            return AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate, marts, seeds."""
        return str(dbt_resource_props["schema"])
