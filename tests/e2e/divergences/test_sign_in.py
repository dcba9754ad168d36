"""Where the emulator's Cognito and its authorizer differ from AWS. Each test says what the emulator does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.divergences.conftest import Emulator

pytestmark = pytest.mark.e2e

PASSWORD = "Correct-Horse-1-Battery"
POLICY = {"MinimumLength": 14, "RequireUppercase": True, "RequireLowercase": True, "RequireNumbers": True}


@dataclass(frozen=True)
class Pool:
    """A user pool as the template makes it: an immutable tenant that the client may not write, users by invitation."""

    cognito: Any
    id: str
    arn: str
    client_id: str

    def invite(self, name: str) -> dict[str, str]:
        """A new user's tokens."""
        self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=name,
            MessageAction="SUPPRESS",
            TemporaryPassword=PASSWORD,
            UserAttributes=[{"Name": "custom:tenant", "Value": "acme"}],
        )
        self.cognito.admin_set_user_password(UserPoolId=self.id, Username=name, Password=PASSWORD, Permanent=True)
        signed_in = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        tokens: dict[str, str] = signed_in["AuthenticationResult"]
        return tokens

    def tenant(self, name: str) -> str:
        """The user's tenant as the pool has it."""
        attributes = self.cognito.admin_get_user(UserPoolId=self.id, Username=name)["UserAttributes"]
        return str({one["Name"]: one["Value"] for one in attributes}["custom:tenant"])


@pytest.fixture(scope="module")
def pool(emulator: Emulator) -> Pool:
    cognito = emulator.client("cognito-idp")
    made = cognito.create_user_pool(
        PoolName="people",
        Policies={"PasswordPolicy": POLICY},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        Schema=[{"Name": "tenant", "AttributeDataType": "String", "Mutable": False}],
    )["UserPool"]
    client = cognito.create_user_pool_client(
        UserPoolId=made["Id"],
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        ReadAttributes=["email", "custom:tenant"],
        WriteAttributes=["email"],
    )["UserPoolClient"]
    return Pool(cognito, made["Id"], made["Arn"], client["ClientId"])


def test_an_immutable_attribute_can_be_changed(pool: Pool) -> None:
    pool.invite("ann")
    changed = [{"Name": "custom:tenant", "Value": "other"}]
    pool.cognito.admin_update_user_attributes(UserPoolId=pool.id, Username="ann", UserAttributes=changed)
    assert pool.tenant("ann") == "other"


def test_users_write_attributes_that_their_client_may_not(pool: Pool) -> None:
    tokens = pool.invite("ben")
    changed = [{"Name": "custom:tenant", "Value": "other"}]
    pool.cognito.update_user_attributes(AccessToken=tokens["AccessToken"], UserAttributes=changed)
    assert pool.tenant("ben") == "other"


def test_people_sign_up_where_only_administrators_create_users(pool: Pool) -> None:
    assert pool.cognito.sign_up(ClientId=pool.client_id, Username="eve", Password=PASSWORD)["UserSub"]


def test_a_made_up_temporary_password_does_not_meet_the_pools_policy(pool: Pool) -> None:
    with pytest.raises(ClientError, match="InvalidPasswordException"):
        pool.cognito.admin_create_user(UserPoolId=pool.id, Username="tom", MessageAction="SUPPRESS")


@pytest.fixture(scope="module")
def api(emulator: Emulator, pool: Pool) -> Callable[[str], tuple[int, str]]:
    """Call a route that wants somebody signed in, with this token; status and body of what comes back."""
    authorizer = {"type": "cognito_user_pools", "providerARNs": [pool.arn]}
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    }
    get = {
        "security": [{"SignedIn": []}],
        "responses": {"200": {"description": "fine"}},
        "x-amazon-apigateway-integration": integration,
    }
    unauthorized = {"statusCode": 401, "responseTemplates": {"application/json": '{"title": "Not signed in"}'}}
    body = {
        "openapi": "3.0.1",
        "info": {"title": "guarded", "version": "1"},
        "x-amazon-apigateway-gateway-responses": {"UNAUTHORIZED": unauthorized},
        "components": {
            "securitySchemes": {
                "SignedIn": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": authorizer,
                }
            }
        },
        "paths": {"/guarded": {"get": get}},
    }
    stage = {"RestApiId": {"Ref": "Api"}, "StageName": "v1"}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}},
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": stage},
    }
    formation = emulator.client("cloudformation")
    formation.create_stack(StackName="guarded", TemplateBody=json.dumps({"Resources": resources}))
    formation.get_waiter("stack_create_complete").wait(StackName="guarded", WaiterConfig={"Delay": 1})
    made = formation.describe_stack_resource(StackName="guarded", LogicalResourceId="Api")
    address = f"{emulator.url}/_aws/execute-api/{made['StackResourceDetail']['PhysicalResourceId']}/v1/guarded"

    def call(token: str) -> tuple[int, str]:
        request = urllib.request.Request(address, headers={"Authorization": token})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    return call


def test_an_access_token_passes_the_authorizer(pool: Pool, api: Callable[[str], tuple[int, str]]) -> None:
    tokens = pool.invite("dora")
    assert api(tokens["IdToken"])[0] == 200
    assert api(tokens["AccessToken"])[0] == 200


def test_gateway_responses_of_a_template_s_body_are_ignored(api: Callable[[str], tuple[int, str]]) -> None:
    status, body = api("no token")
    assert status == 401
    assert "Not signed in" not in body
