"""Metadata of a release by Croissant 1.1 (MLCommons), with the Responsible AI vocabulary 1.0."""

from __future__ import annotations

import json

import pyarrow as pa

from cleaning import __version__
from cleaning.schema.arrow import TABLES, columns
from flows.releases.documents import Edition, ReleasedFile, day_text, list_text, range_text

CROISSANT = "http://mlcommons.org/croissant/1.1"
RAI = "http://mlcommons.org/croissant/RAI/1.0"
# The context of the Croissant 1.1 specification.
_CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(edition: Edition) -> str:
    """croissant.json: metadata by Croissant 1.1, with the Responsible AI vocabulary 1.0."""
    counts = f"{edition.articles} news articles of {len(edition.sources)} sources"
    made_with = f"Body found by {list_text(edition.extractors)}; rules {list_text(edition.rules)}"
    missing = f"Days without articles: {len(edition.missing_days)}; rejected pages: {edition.rejected.total()}"
    licenses = sorted(license for license in edition.licenses if license)
    content: dict[str, object] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [CROISSANT, RAI],
        "name": edition.name,
        "description": f"{counts}, {range_text(edition)}, level {edition.level}.",
        "version": "1.0.0",
        "datePublished": edition.made_at.date().isoformat(),
        "license": licenses or ["unknown"],
        "url": f"https://example.org/{edition.name}",
        "citeAs": f"{edition.name}, made by newsmill {__version__} on {edition.made_at.date()}",
        "creator": {"@type": "sc:Organization", "name": "The operator of this newsmill"},
        "isLiveDataset": False,
        "rai:dataCollection": "Pages named by feeds, sitemaps and section pages, fetched within robots.txt.",
        "rai:dataCollectionType": ["Web Scraping"],
        "rai:dataCollectionTimeFrame": [day_text(edition.start) or "", day_text(edition.end) or ""],
        "rai:dataCollectionMissingData": missing,
        "rai:dataPreprocessingProtocol": [made_with],
        "rai:dataBiases": ["Sources were chosen by the operator; see DATASHEET.md for articles by source."],
        "rai:personalSensitiveInformation": ["Articles name people; bylines name their authors."],
        "rai:dataLimitations": ["Texts may be cut (is_truncated); dates may be uncertain (date_confidence)."],
        "rai:dataUseCases": ["Research on news; see the column rights before training."],
        "rai:dataReleaseMaintenancePlan": "An edition does not change; corrections are new editions.",
        "distribution": [_file_object(file) for file in edition.files],
        "recordSet": [_record_set(file) for file in edition.files],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _file_object(file: ReleasedFile) -> dict[str, object]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "description": file.doc,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _record_set(file: ReleasedFile) -> dict[str, object]:
    known = columns(TABLES[file.table].row) if file.table in TABLES else {}
    fields = []
    for one in file.columns:
        content: dict[str, object] = {
            "@type": "cr:Field",
            "@id": f"{file.table}/{one.name}",
            "name": one.name,
            "description": known[one.name].doc if one.name in known else one.name,
            "dataType": _data_type(one.type),
            "source": {"fileObject": {"@id": file.path}, "extract": {"column": one.name}},
        }
        if pa.types.is_list(one.type):
            content |= {"isArray": True, "arrayShape": "-1"}
        fields.append(content)
    return {"@type": "cr:RecordSet", "@id": file.table, "name": file.table, "description": file.doc, "field": fields}


def _data_type(type: pa.DataType) -> str:
    if pa.types.is_list(type):
        return _data_type(type.value_type)
    for check, name in (
        (pa.types.is_boolean, "sc:Boolean"),
        (pa.types.is_integer, "sc:Integer"),
        (pa.types.is_floating, "sc:Float"),
        (pa.types.is_timestamp, "sc:DateTime"),
        (pa.types.is_date, "sc:Date"),
    ):
        if check(type):
            return name
    return "sc:Text"
