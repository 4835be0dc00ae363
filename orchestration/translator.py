"""Every convention of asset keys, groups and kinds, in one place: keys are two-part and equal dbt's `source(name, table)`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from dagster import AssetKey

from ingestion.spec import Source, Stream
from orchestration.dbt_process import DagsterDbtTranslator


def stream_key(source: Source, stream: Stream) -> AssetKey:
    """Key of a raw table: [system, stream]."""
    return AssetKey([source.system, stream.name])


PUBLICATION_KEY = AssetKey(["published", "marts"])

# Of the 5 MB that dbt says of the project: what no asset, check or selection of Dagster reads. Three processes of `skvoz serve` hold the
# rest for weeks, each its own copy, and take another 20 MiB together for these.
_UNREAD = ("macros", "docs", "disabled")
_UNREAD_OF_NODES = ("raw_code", "columns", "unrendered_config", "patch_path", "contract", "docs", "doc_blocks", "refs", "build_path")


def read_manifest(path: Path) -> dict[str, Any]:
    """manifest.json as Dagster is given it: without SQL, columns and macros, which the models' files and `dbt docs` show."""
    manifest: dict[str, Any] = orjson.loads(path.read_bytes())
    for part in _UNREAD:
        manifest[part] = {}
    for node in (*manifest["nodes"].values(), *manifest["sources"].values(), *manifest["unit_tests"].values()):
        for name in _UNREAD_OF_NODES:
            node.pop(name, None)
    return manifest


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: [layer, model], grouped by layer."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Sources as [system, stream]; models, seeds and snapshots as [schema, name]."""
        if dbt_resource_props["resource_type"] == "source":
            return AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """What the model's file says of it, without its SQL."""
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate, marts, seeds."""
        return str(dbt_resource_props["schema"])
