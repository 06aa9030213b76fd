"""The lake read by Spark, with what it publishes for Python and Delta.

On demand: PORTAL_TEST_SPARK_PYTHON names a Python that has PySpark,
PORTAL_TEST_SPARK_JARS a folder with Delta's jars of the same release (delta-spark,
delta-storage, antlr4-runtime). Java is needed as well.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from portal import env
from tests.imaging.lake.lakes import TABLES, catch_up, held, move, put, rows

SCRIPT = """
import json, sys
from pyspark.sql import SparkSession

jars, lake = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", jars)
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.databricks.delta.snapshotPartitions", "1")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config(
        "spark.sql.catalog.spark_catalog",
        "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    )
    .getOrCreate()
)
counts = {}
for table in ("studies", "series", "instances", "changes"):
    frame = spark.read.format("delta").load(f"{lake}/{table}")
    found = frame.groupBy("partition").count().collect()
    counts[table] = {row["partition"]: row["count"] for row in found}
print(json.dumps(counts))
"""


@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_spark_counts_what_the_portal_holds(lake: Path) -> None:
    python = env.text("PORTAL_TEST_SPARK_PYTHON")
    jars = env.text("PORTAL_TEST_SPARK_JARS")
    if not python or not jars:
        pytest.skip("NOT PROVEN HERE: Spark reads the lake (no PySpark, or no jars)")
    for number in range(3):
        put("1", "10", f"10.{number}")
        put("2", "20", f"20.{number}", "site-1")
    move("1", "default", "site-2")
    catch_up(limit=4)
    files = ",".join(str(path) for path in sorted(Path(jars).glob("*.jar")))
    spark = subprocess.run(
        [python, "-c", SCRIPT, files, str(lake)],
        env={**os.environ, "PYSPARK_PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert spark.returncode == 0, spark.stderr[-4000:]
    counts = json.loads(spark.stdout.splitlines()[-1])
    for table, number in zip(TABLES, held(), strict=False):
        assert sum(counts[table].values()) == number
    assert counts["instances"] == {"site-1": 3, "site-2": 3}
    assert sum(counts["changes"].values()) == len(rows("changes"))
