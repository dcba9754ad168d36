"""What is stored stays, stays private, and is cleaned up."""

import pytest

from docqa.adapters.opensearch_setup import MAPPING_VERSION
from tests.infrastructure import stack

RESOURCES = stack.template()["Resources"]
BUCKETS = stack.of_type("AWS::S3::Bucket")
TABLES = stack.of_type("AWS::DynamoDB::Table")
STATEFUL = [*BUCKETS, *TABLES, "UserPool", "SearchDomain"]


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_is_private_encrypted_and_versioned(name: str) -> None:
    """Promise 7: no public access, encryption, versioning."""
    bucket = BUCKETS[name]
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert encryption["SSEAlgorithm"] in {"AES256", "aws:kms"}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_forgets_old_versions_and_unfinished_uploads(name: str) -> None:
    """Promise 7: lifecycle."""
    rules = BUCKETS[name]["LifecycleConfiguration"]["Rules"]

    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_speaks_tls_only(name: str) -> None:
    """Promise 7: TLS only, unless the emulator asks otherwise."""
    policies = {stack.target(p["Bucket"]): p for p in stack.of_type("AWS::S3::BucketPolicy").values()}
    statement = policies[name]["PolicyDocument"]["Statement"][0]

    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert stack.template()["Parameters"]["AllowPlainHttp"]["Default"] == "false"


def test_what_happens_to_documents_is_told() -> None:
    told = BUCKETS["DocumentsBucket"]["NotificationConfiguration"]["EventBridgeConfiguration"]
    assert told == {"EventBridgeEnabled": True}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_encrypted_recoverable_and_paid_by_use(name: str) -> None:
    """Promise 7: stateful resources are kept: encryption, point-in-time recovery, deletion protection by parameter."""
    table = TABLES[name]

    assert table["SSESpecification"]["SSEEnabled"] is True
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"]["Fn::If"][0] == "ProtectFromDeletion"


@pytest.mark.parametrize("name", STATEFUL)
def test_deleting_the_stack_deletes_no_data(name: str) -> None:
    """Promise 7: stateful resources are retained."""
    assert RESOURCES[name]["DeletionPolicy"] == "Retain"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_the_search_domain_is_encrypted_everywhere() -> None:
    """Promise 7: encryption at rest, between nodes, and towards callers."""
    domain = stack.of_type("AWS::OpenSearchService::Domain")["SearchDomain"]
    assert domain["EncryptionAtRestOptions"]["Enabled"] is True
    assert domain["NodeToNodeEncryptionOptions"]["Enabled"] is True
    assert domain["DomainEndpointOptions"]["EnforceHTTPS"] is True


def test_a_new_mapping_reaches_the_index_with_its_deployment() -> None:
    """Promise 28: the custom resource runs when the mapping's version rises."""
    assert RESOURCES["ChunkIndex"]["Properties"]["MappingVersion"] == MAPPING_VERSION
