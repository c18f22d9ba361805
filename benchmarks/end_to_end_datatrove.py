"""datatrove over an archive: WARC reader, trafilatura, MinHash; one of the peers of benchmarks/end_to_end.py.

    python benchmarks/end_to_end_datatrove.py ARCHIVE.warc.gz OUT-FOLDER [WORKERS]

The four MinHash stages are those of its own example (examples/minhash_deduplication.py) with its default settings. One
archive is one task for its reader, so a second worker has something to do only after an archive was cut in two.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter


def main() -> None:
    """Run the five stages."""
    folder, out = sys.argv[1], Path(sys.argv[2])
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    config = MinhashConfig()
    text, work = str(out / "text"), str(out / "work")

    def run(stage: str, pipeline: list, tasks: int) -> None:
        LocalPipelineExecutor(
            pipeline=pipeline, tasks=tasks, workers=min(workers, tasks), logging_dir=str(out / "logs" / stage)
        ).run()

    files = len(list(Path(folder).glob("*.warc.gz")))
    extract = [WarcReader(folder, glob_pattern="*.warc.gz"), Trafilatura(timeout=20), JsonlWriter(text)]
    run("extract", extract, files)
    run("signature", [JsonlReader(text), MinhashDedupSignature(f"{work}/signatures", config=config)], files)
    buckets = MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)
    run("buckets", [buckets], config.num_buckets)
    run("cluster", [MinhashDedupCluster(f"{work}/buckets", f"{work}/removed", config=config)], 1)
    exclude = JsonlWriter(str(out / "copies"))
    keep = [JsonlReader(text), MinhashDedupFilter(f"{work}/removed", exclusion_writer=exclude)]
    run("filter", [*keep, ParquetWriter(str(out / "articles"))], files)


if __name__ == "__main__":
    main()
