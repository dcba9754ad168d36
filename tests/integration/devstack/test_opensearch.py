"""The real OpenSearch node: k-NN with a filter works, and its data outlive a restart."""

from __future__ import annotations

from opensearchpy import OpenSearch

from devstack import control
from devstack.settings import DevstackSettings

VECTOR = {
    "type": "knn_vector",
    "dimension": 3,
    "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
}
PROPERTIES = {"vector": VECTOR, "tenant": {"type": "keyword"}, "text": {"type": "text", "analyzer": "english"}}
DOCUMENTS = {
    "near": {"vector": [1.0, 0.1, 0.0], "tenant": "a", "text": "The pumps are guaranteed."},
    "nearest": {"vector": [1.0, 0.0, 0.0], "tenant": "b", "text": "Another tenant's pump."},
    "far": {"vector": [0.0, 1.0, 0.0], "tenant": "a", "text": "A recipe."},
}


def test_filtered_neighbours_words_and_a_restart(opensearch: DevstackSettings, client: OpenSearch) -> None:
    index = {"settings": {"index": {"knn": True, "number_of_replicas": 0}}, "mappings": {"properties": PROPERTIES}}
    client.indices.create(index="passages", body=index)
    for name, document in DOCUMENTS.items():
        client.index(index="passages", id=name, body=document, refresh=True)

    filtered = {"vector": [1.0, 0.0, 0.0], "k": 2, "filter": {"term": {"tenant": "a"}}}
    neighbours = client.search(index="passages", body={"query": {"knn": {"vector": filtered}}})["hits"]["hits"]
    words = client.search(index="passages", body={"query": {"match": {"text": "pump guarantee"}}})["hits"]["hits"]
    assert [hit["_id"] for hit in neighbours] == ["near", "far"]
    assert words[0]["_id"] == "near"

    control.down(opensearch)
    control.up(opensearch, only=("opensearch",))

    assert client.count(index="passages")["count"] == len(DOCUMENTS)
