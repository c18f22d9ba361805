"""What a programmer writes in an afternoon: an archive to a Parquet file of articles, each once.

    python benchmarks/end_to_end_script.py ARCHIVE.warc.gz OUT.parquet

fastwarc reads, trafilatura extracts text and metadata, datasketch finds near copies (words in fives, threshold .5: what
benchmarks/duplicates.py found best for such sets), pandas writes. One of the peers of benchmarks/end_to_end.py.
"""

import sys

import pandas as pd
import trafilatura
from datasketch import MinHash, MinHashLSH
from fastwarc.warc import ArchiveIterator, WarcRecordType

rows, index = [], MinHashLSH(threshold=0.5, num_perm=128)
with open(sys.argv[1], "rb") as stream:  # noqa: PTH123
    for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
        url, html = record.headers["WARC-Target-URI"], record.reader.read()
        page = trafilatura.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
        if page is None or not page.text or len(words := page.text.lower().split()) < 30:
            continue
        sketch = MinHash(num_perm=128)
        sketch.update_batch({" ".join(words[n : n + 5]).encode() for n in range(max(1, len(words) - 4))})
        near = index.query(sketch)
        if not near:
            index.insert(url, sketch)
        row = {"url": url, "title": page.title, "author": page.author, "date": page.date, "text": page.text}
        rows.append({**row, "copy_of": min(near) if near else None})
frame = pd.DataFrame(rows)
frame[frame.copy_of.isna()].drop(columns="copy_of").to_parquet(sys.argv[2])
frame[frame.copy_of.notna()][["url", "copy_of"]].to_parquet(sys.argv[2].replace(".parquet", "-copies.parquet"))
