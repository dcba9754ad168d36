"""Nobody may do more than the job needs."""

import json
from fnmatch import fnmatchcase

import pytest

from docqa.adapters.sagemaker_names import EndpointModel
from tests.infrastructure import stack
from tools.on_paper import PlainStack, Stack

ROLES = stack.of_type("AWS::IAM::Role")
STATEMENTS = [(name, statement) for name, role in ROLES.items() for statement in stack.statements(role)]

# Actions for which AWS knows no resource to name (Service Authorization Reference).
WITHOUT_RESOURCES = {
    "textract:StartDocumentTextDetection",
    "textract:GetDocumentTextDetection",
    "textract:StartDocumentAnalysis",
    "textract:GetDocumentAnalysis",
    "states:SendTaskSuccess",
    "bedrock:Rerank",
    # What Step Functions needs to write execution logs (its developer guide, "Logging").
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
# Policies of AWS's own: writing logs and traces, and network interfaces for functions that may be put into a VPC.
IN_VPC = "service-role/AWSLambdaVPCAccessExecutionRole"
MANAGED = {
    "service-role/AWSLambdaBasicExecutionRole",
    IN_VPC,
    "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
}


@pytest.mark.parametrize(("role", "statement"), STATEMENTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_statement_names_its_actions_and_its_resources(role: str, statement: dict[str, object]) -> None:
    """Promise 5: no `*` action; `*` resources only from a short named list."""
    actions = set(stack.listed(statement["Action"]))

    assert statement["Effect"] == "Allow"
    assert not [action for action in actions if "*" in action]
    if "*" in stack.listed(statement["Resource"]):
        assert actions <= WITHOUT_RESOURCES


def test_the_list_of_actions_without_resources_holds_nothing_that_is_not_used() -> None:
    """Promise 5: the list stays short."""
    used = {a for _, s in STATEMENTS if "*" in stack.listed(s["Resource"]) for a in stack.listed(s["Action"])}
    assert used == WITHOUT_RESOURCES


def test_every_function_has_a_role_of_its_own() -> None:
    """Promise 5: one role a function."""
    roles = {name: stack.target(function["Role"]) for name, function in stack.functions().items()}
    assert roles == {name: f"{name}Role" for name in stack.functions()}


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_role_has_no_managed_policy_but_for_logs_traces_and_networks(name: str) -> None:
    """Promise 5: what a function may do stands in the template."""
    assert _managed(ROLES[name]) <= MANAGED


def test_no_function_may_touch_network_interfaces_though_sam_attaches_the_policy() -> None:
    """Promise 5: what Lambda does for a function in a VPC its code may not, there or elsewhere."""
    # AWSLambdaVPCAccessExecutionRole, version 3, of the AWS managed policy reference, but for the logs.
    granted = {
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    }
    policy = stack.of_type("AWS::IAM::Policy")["NetworkInterfacesPolicy"]
    (denied,) = policy["PolicyDocument"]["Statement"]
    ((key, functions),) = denied["Condition"]["ArnLike"].items()

    assert {stack.target(role) for role in policy["Roles"]} == {n for n, r in ROLES.items() if IN_VPC in _managed(r)}
    assert (denied["Effect"], set(denied["Action"]), denied["Resource"]) == ("Deny", granted, "*")
    # Lambda's own calls for an interface come without it, a function's never do (its developer guide).
    assert key == "lambda:SourceFunctionArn"
    assert functions == {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"}


def test_no_other_policy_stands_beside_the_roles() -> None:
    """Promise 5: what a function may do stands with the function."""
    assert set(stack.of_type("AWS::IAM::Policy")) == {"NetworkInterfacesPolicy"}
    assert not stack.of_type("AWS::IAM::ManagedPolicy")


def _managed(role: stack.Resource) -> set[str]:
    """AWS's own policies that are attached to a role."""
    attached = [
        value["Fn::Sub"] if isinstance(value, dict) else value
        for value in stack.leaves(role.get("ManagedPolicyArns", []))
    ]
    return {arn.split(":policy/")[1] for arn in attached}


def test_only_the_functions_that_use_the_index_are_let_in() -> None:
    """Promise 5: the search domain names the roles of exactly the functions that have its endpoint."""
    domain = stack.of_type("AWS::OpenSearchService::Domain")["SearchDomain"]
    admitted = {
        stack.target(role)
        for s in domain["AccessPolicies"]["Statement"]
        for role in stack.listed(s["Principal"]["AWS"])
    }
    users = {
        f"{name}Role"
        for name, function in stack.functions().items()
        if "OPENSEARCH_ENDPOINT" in function["Environment"]["Variables"]
    }
    actions = {action for s in domain["AccessPolicies"]["Statement"] for action in stack.listed(s["Action"])}

    assert admitted == users
    assert not [action for action in actions if "*" in action]


def test_a_function_that_reaches_the_index_can_be_put_into_its_network() -> None:
    for function in stack.functions().values():
        uses_index = "OPENSEARCH_ENDPOINT" in function["Environment"]["Variables"]
        assert ("VpcConfig" in function) is uses_index


def test_models_are_called_by_name() -> None:
    """Promise 5: Bedrock only for the chosen models, SageMaker only for the chosen endpoints."""
    called = {
        json.dumps(resource["Fn::Sub"])
        for _, statement in STATEMENTS
        for resource in stack.listed(statement["Resource"])
        if set(stack.listed(statement["Action"])) & {"bedrock:InvokeModel", "sagemaker:InvokeEndpoint"}
    }
    arns = [json.loads(one) for one in called]
    endpoints = {json.dumps(one[1]["Endpoint"]) for one in arns if isinstance(one, list)}
    models = ("EmbeddingModel", "NextEmbeddingModel", "ChatModel")
    assert endpoints == {json.dumps({"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": one}]}]}) for one in models}
    assert all(one[0].endswith(":endpoint/${Endpoint}") for one in arns if isinstance(one, list))
    resources = [one for one in arns if isinstance(one, str)]
    assert resources
    assert all(
        arn.rsplit("/", 1)[1]
        in {
            "${EmbeddingModel}",
            "${EmbeddingFoundationModel}",
            "${NextEmbeddingModel}",
            "${NextEmbeddingFoundationModel}",
            "${ChatModel}",
            "${ChatFoundationModel}",
            "${RerankModel}",
        }
        for arn in resources
    )


@pytest.mark.parametrize("parameter", ["EmbeddingModel", "NextEmbeddingModel", "ChatModel"])
@pytest.mark.parametrize(
    ("model", "sent", "others"),
    [
        ("models", None, []),
        ("models/chat.tar.gz", "chat.tar.gz", ["other.tar.gz", "chat.tar.gz.old", "folder/chat.tar.gz", ""]),
        ("models/tenants/chat.tar.gz", "tenants/chat.tar.gz", ["chat.tar.gz", "other/chat.tar.gz", "tenant"]),
    ],
)
def test_of_the_models_behind_an_endpoint_only_the_chosen_one_is_called(
    parameter: str, model: str, sent: str | None, others: list[str]
) -> None:
    """Promise 5: by the condition that SageMaker has for multi-model endpoints ("Multi-Model Endpoint Security")."""
    written_out = PlainStack({"Parameters": {parameter: {"Type": "String"}}}, {parameter: model})
    conditions = [
        statement["Condition"]
        for _, statement in STATEMENTS
        if stack.listed(statement["Action"]) == ["sagemaker:InvokeEndpoint"]
        and parameter in stack.targets(statement["Resource"])
    ]

    assert conditions
    for condition in conditions:
        ((operator, tests),) = condition.items()
        assert (operator, list(tests)) == ("StringLikeIfExists", ["sagemaker:TargetModel"])
        patterns = [written_out.worked_out(one) for one in tests["sagemaker:TargetModel"]]
        assert EndpointModel.of(model).members.get("TargetModel") == sent
        assert sent is None or any(fnmatchcase(sent, pattern) for pattern in patterns)
        assert not [one for one in others if any(fnmatchcase(one, pattern) for pattern in patterns)]


@pytest.mark.parametrize(
    ("provider", "model", "refused"),
    [
        ("sagemaker", "cohere.rerank-v3-5:0", True),
        ("sagemaker", "amazon.rerank-v1:0", True),
        ("sagemaker", "reranker", False),
        ("bedrock", "cohere.rerank-v3-5:0", False),
        ("none", "cohere.rerank-v3-5:0", False),
    ],
)
def test_an_endpoint_that_reranks_must_be_named(provider: str, model: str, refused: bool) -> None:
    """Promise 5: what each question would be refused for is refused at the deployment."""
    rule = stack.template()["Rules"]["RerankModelIsAnEndpoint"]
    names = {"RerankProvider", "RerankModel"}
    told = {name: one for name, one in stack.template()["Parameters"].items() if name in names}
    given = {"RerankProvider": provider, "RerankModel": model}
    refusals = Stack({"Parameters": told, "Rules": {"R": rule}}, given).refusals()
    assert bool(refusals) is refused


def test_a_role_is_given_away_only_to_the_service_that_it_is_for() -> None:
    """Promise 5: iam:PassRole is for one role and one service each."""
    passing = [s for _, s in STATEMENTS if "iam:PassRole" in stack.listed(s["Action"])]
    given = {stack.target(s["Resource"]): s["Condition"]["StringEquals"]["iam:PassedToService"] for s in passing}
    assert given == {"TextractRole": "textract.amazonaws.com", "BatchInferenceRole": "bedrock.amazonaws.com"}


def test_only_who_has_recorded_a_question_may_hand_it_over() -> None:
    """Promise 5: a message in the hand-over queue is believed, because nobody else may send there."""
    senders = {
        role
        for role, statement in STATEMENTS
        if "sqs:SendMessage" in stack.listed(statement["Action"])
        and "HandoverQueue" in stack.targets(statement["Resource"])
    }
    assert senders == {"AskQuestionFunctionRole", "AnswerQueuedQuestionFunctionRole"}


def test_only_what_pays_writes_the_ledger() -> None:
    """Promises 5, 55: nobody can spend another's budget by a mistake, and who reads it changes nothing."""
    allowed: dict[str, set[str]] = {}
    for role, statement in STATEMENTS:
        if "SpendingTable" in stack.targets(statement["Resource"]):
            allowed.setdefault(role.removesuffix("FunctionRole"), set()).update(stack.listed(statement["Action"]))
    pays = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    reads = {"dynamodb:Query"}

    assert allowed == {
        **dict.fromkeys(("AdvanceInference", "CollectPages", "EmbedChunks", "ReconcileDocument"), pays),
        **dict.fromkeys(("AnswerBatch", "AskQuestion", "AnswerQueuedQuestion", "ResearchQuestion"), pays | reads),
        **dict.fromkeys(("ArrangeBatch", "DispatchDocuments", "ShowDocument", "ShowSpending"), reads),
    }
