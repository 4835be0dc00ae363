"""The asset of the published file: made only when every model was built and every blocking test passed."""

from collections.abc import Iterator
from typing import Any

import dagster
from dagster import AssetKey, AssetsDefinition, AssetSpec, MaterializeResult

from ingestion.lock import data_lock
from ingestion.settings import Settings
from orchestration.publish import new_run_id, publish
from orchestration.runlog import RunLog
from orchestration.transform import mark_published
from orchestration.translator import PUBLICATION_KEY


def build_publication_asset(settings: Settings) -> AssetsDefinition:
    """`published/marts`: depends on the mart that is built last, so a failed or skipped build publishes nothing."""
    spec = AssetSpec(PUBLICATION_KEY, deps=[AssetKey(["marts", "publication"])], group_name="published", kinds={"duckdb"}, skippable=True)

    @dagster.multi_asset(name="publish", specs=[spec])
    def publish_marts(run_log: dagster.ResourceParam[RunLog]) -> Iterator[MaterializeResult[Any]]:
        if run_log.report.built is False:
            return
        with data_lock(settings.data_dir, "publication", wait_seconds=600.0):
            version = publish(settings, new_run_id())
            mark_published(settings)
        run_log.report.published = version.name
        run_log.say(f"published {version.path.name}")
        yield MaterializeResult(asset_key=PUBLICATION_KEY, metadata={"version": version.name, "bytes": version.path.stat().st_size})

    return publish_marts
