"""The ledger of a stack and its tenants' budgets, for its operator."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cli.channels import TENANT
from cli.errors import SignInError, UnavailableError, UsageError
from cli.stack import Stack
from docqa.adapters.dynamodb_ledger import DynamoDBSpendingLedger
from docqa.errors import InvalidRequestError, RetryableError
from docqa.models.spending import BudgetOverride, SpendingReport
from docqa.services.spending import SpendingReports

BUDGET_PARAMETER = "TenantDailyBudgetUsd"
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
# What may stand in an amount's place.
DEFAULT, NO_LIMIT = "default", "none"


def reports(stack: Stack, tenant: str | None, days: int) -> list[SpendingReport]:
    """One tenant's report, or everybody's.

    Raises:
        UsageError: that is no number of days.
    """
    with _aws(stack):
        ledger = _ledger(stack)
        made = SpendingReports(ledger, _default_budget(stack), _Now())
        try:
            return [made.report(one, days) for one in ([tenant] if tenant else ledger.tenants())]
        except InvalidRequestError as error:
            raise UsageError(f"--{error}.") from error


def set_budget(stack: Stack, tenant: str, amount: str) -> SpendingReport:
    """Give a tenant a daily budget of its own: USD, `none` for no limit, or `default` for the stack's again.

    Raises:
        UsageError: the tenant or the amount will not do.
    """
    if not TENANT.fullmatch(tenant):
        raise UsageError(f"{tenant!r} is no name of a tenant: up to 128 characters, none of them / or #.")
    override = _override(amount)
    with _aws(stack):
        _ledger(stack).set_budget(tenant, override)
    return reports(stack, tenant, 1)[0]


def _override(amount: str) -> BudgetOverride | None:
    if amount == DEFAULT:
        return None
    if amount == NO_LIMIT:
        return BudgetOverride(None)
    if not _AMOUNT.fullmatch(amount):
        raise UsageError(f"{amount!r} is no amount in USD: write 12.50, {NO_LIMIT} for no limit, or {DEFAULT}.")
    return BudgetOverride(float(amount))


def _ledger(stack: Stack) -> DynamoDBSpendingLedger:
    return DynamoDBSpendingLedger(stack.client("dynamodb"), stack.output("SpendingTableName"))


def _default_budget(stack: Stack) -> float | None:
    described = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]
    values = {one["ParameterKey"]: one.get("ParameterValue", "") for one in described.get("Parameters", [])}
    return float(values[BUDGET_PARAMETER]) if values.get(BUDGET_PARAMETER) else None


class _Now:
    """The machine's time, as `ports.Clock`."""

    def now(self) -> float:
        return time.time()


@contextmanager
def _aws(stack: Stack) -> Iterator[None]:
    from botocore import exceptions

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.TokenRetrievalError) as error:
        raise SignInError("AWS credentials are needed: an operator's, not those of `docqa login`.") from error
    except exceptions.ClientError as error:
        raise SignInError(f"AWS does not let you see what {stack.name} has spent: {error}") from error
    except (exceptions.BotoCoreError, RetryableError) as error:
        raise UnavailableError(f"The ledger of {stack.name} cannot be reached: {error}") from error
