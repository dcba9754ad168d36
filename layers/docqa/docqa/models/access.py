"""Who is asking, and who may read."""

from __future__ import annotations

from dataclasses import dataclass, field

TENANT_READERS = "tenant"
_GROUP_PREFIX = "group:"


def group_reader(group: str) -> str:
    """The reader token of a group, as stored on documents and chunks."""
    return _GROUP_PREFIX + group


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller: a signed-in person or a registered channel.

    Attributes:
        tenant: The organisation whose documents may be seen; never empty.
        subject: Stable id of the person or channel within the tenant.
        groups: The groups that the identity provider or the channel's registration states.
        threshold: Confidence below which a registered channel's questions are not answered; None: the stack's own.
    """

    tenant: str
    subject: str
    groups: frozenset[str] = field(default_factory=frozenset)
    threshold: float | None = None

    def reader_tokens(self) -> frozenset[str]:
        """Tokens of which a document must carry at least one for this caller to read it."""
        return frozenset({TENANT_READERS, *(group_reader(group) for group in self.groups)})

    def may_read(self, tenant: str, readers: frozenset[str]) -> bool:
        """Whether a document of `tenant` with these reader tokens is open to the caller. No readers: closed."""
        return self.tenant == tenant and not self.reader_tokens().isdisjoint(readers)
