"""Spark beside fti: tells what it reads of our table, then writes to it, and makes tables of its own.

Arguments: our table, a folder for other tables, a folder for the jars of Delta Lake.
With --fetch for our table it fetches the jars and no more.
"""
import json
import sys

from pyspark.sql import SparkSession

path, folder, jars = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars.packages", "io.delta:delta-spark_2.13:4.0.0")
    .config("spark.jars.ivy", jars)
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.databricks.delta.snapshotPartitions", "1")
    .config("spark.sql.warehouse.dir", f"{folder}/warehouse")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
if path == "--fetch":
    spark.stop()
    sys.exit()
ours = f"delta.`{path}`"


def told(version):
    frame = spark.read.format("delta").option("versionAsOf", version).load(path).orderBy("_sequence")
    text = frame.selectExpr(*[f"CAST(`{name}` AS STRING) AS `{name}`" for name in frame.columns])
    return [row.asDict() for row in text.collect()]


def their_row(delay):
    return f"""SELECT 'LGA' AS origin, 9007199254740993L AS number, TIMESTAMP '2013-01-07 00:00:00Z' AS at, {delay}D AS delay,
      0.5F AS ratio, 7 AS count, true AS flag, DATE '1970-01-01' AS day, 'it''s "theirs"' AS note, CAST(NULL AS TIMESTAMP) AS seen,
      TIMESTAMP '2013-01-07 00:00:00Z' AS _available_at, TIMESTAMP '2013-01-07 00:00:00Z' AS _committed_at, 5L AS _sequence"""


versions = [told(version) for version in range(5)]

spark.sql(f"INSERT INTO {ours} {their_row(1.5)}")
spark.sql(
    f"MERGE INTO {ours} t USING ({their_row(2.5)}) s ON t.origin = s.origin AND t.at = s.at "
    "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
)
spark.sql(f"OPTIMIZE {ours}")
spark.sql(f"ALTER TABLE {ours} SET TBLPROPERTIES ('delta.checkpointInterval' = '1')")
spark.sql(f"ALTER TABLE {ours} ADD COLUMNS (extra STRING)")

spark.sql(
    f"""CREATE TABLE delta.`{folder}/partitioned` USING delta PARTITIONED BY (day, origin) AS
    SELECT * FROM (VALUES ('a b=%/ü', DATE '2013-01-01', 1D), (NULL, DATE '2013-01-02', 2D), ('JFK', NULL, 3D)) AS v(origin, day, delay)
    JOIN LATERAL (SELECT TIMESTAMP '2013-01-01 00:00:00.000001Z' + make_interval(0, 0, 0, CAST(delay AS INT) - 1) AS at,
      TIMESTAMP '2013-01-01 00:00:00Z' AS _available_at, TIMESTAMP '2013-01-01 00:00:00Z' AS _committed_at,
      CAST(delay AS BIGINT) AS _sequence)"""
)
spark.sql(
    f"CREATE TABLE delta.`{folder}/deleted` USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') "
    "AS SELECT id FROM range(0, 1000, 1, 1)"
)
spark.sql(f"DELETE FROM delta.`{folder}/deleted` WHERE id = 7")
spark.sql(
    f"CREATE TABLE delta.`{folder}/mapped` USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name') "
    "AS SELECT id FROM range(3)"
)
spark.sql(f"CREATE TABLE delta.`{folder}/zoneless` USING delta AS SELECT TIMESTAMP_NTZ '2013-01-01 00:00:00' AS at")
spark.stop()
print(json.dumps(versions))
