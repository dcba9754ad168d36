"""Jobs of prompts: what batches ask, and where the replies go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from docqa.domain.charges import chat_charge
from docqa.models.batch import Batch, BatchStatus
from docqa.models.inference import InferenceJob, JobGroup, Prompt, Record, RecordResult, Reply, Route
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.jobs import Workflow
from docqa.ports.objects import ObjectStore
from docqa.services.batches.files import prompts_key, read_values
from docqa.services.batches.replies import PROMPTS, KeptReply, PromptId, add_replies, replies_of
from docqa.services.metering import Meter, Unmetered


@dataclass(frozen=True, slots=True)
class ReplyContents:
    """Implements `JobContents` for prompts of batches. The id of a record is a `PromptId`.

    Attributes:
        metering: Takes down what the tokens cost.
    """

    registry: BatchRegistry
    work: ObjectStore
    workflow: Workflow
    clock: Clock
    metering: Meter = field(default_factory=Unmetered)

    def records(self, job: InferenceJob) -> Iterator[Record[Prompt]]:
        """The prompts of members that have no reply yet.

        One that has failed is not asked for now; should it be sent again, it decides anew.
        """
        for batch in self._running(job):
            for part in range(batch.parts):
                replied = replies_of(self.work, batch, part)
                for record in read_values(self.work, prompts_key(batch, part), PROMPTS):
                    asked = PromptId.of(record.id)
                    if (asked.number, asked.sample) not in replied:
                        yield record

    def deliver(self, job: InferenceJob, results: Iterable[RecordResult[Reply]]) -> Mapping[str, int]:
        """Keep the replies that say something, by part; the rest is asked for in real time.

        All are paid for: also those that say nothing, or came when their batch was done. One that has failed has them
        when it is sent again.
        """
        batches = {batch.batch_id: batch for batch in self._members(job) if batch.status is not BatchStatus.DONE}
        counts = {"delivered": 0, "refused": 0}
        discounted = job.group.route is Route.BATCH
        parts: dict[tuple[str, int], dict[tuple[int, int], KeptReply]] = {}
        tokens: dict[tuple[str, int], tuple[int, int]] = {}
        for result in results:
            asked, reply = PromptId.of(result.id), result.value
            place = asked.batch_id, asked.part
            if reply is not None:
                read, written = tokens.get(place, (0, 0))
                tokens[place] = read + reply.input_tokens, written + reply.output_tokens
            if asked.batch_id not in batches:
                continue
            if reply is None or not reply.text.strip():
                counts["refused"] += 1
                continue
            counts["delivered"] += 1
            kept = KeptReply(number=asked.number, sample=asked.sample, reply=reply, discounted=discounted)
            parts.setdefault(place, {})[asked.number, asked.sample] = kept
        for (batch_id, part), replies in parts.items():
            add_replies(self.work, batches[batch_id], part, replies)
        for (batch_id, part), counted in tokens.items():
            charge = chat_charge(job.group.subject, *counted, batch=discounted)
            self.metering.charge(job.group.tenant, charge, key=f"{job.job_id}:{batch_id}:{part}")
        return counts

    def wake(self, job: InferenceJob) -> None:
        """Let the executions go on; one that does not wait yet is told when it begins to."""
        for member in self._members(job):
            if not _awaits(member, job.group):
                continue
            batch = self.registry.replies_are_there(member.batch_id, self.clock.now())
            if batch is not None and batch.task_token:
                self.workflow.succeed(batch.task_token, {})

    def _running(self, job: InferenceJob) -> Iterator[Batch]:
        """Members whose prompts are asked; read again where one had failed, as it may be begun again just now."""
        for member in self._members(job):
            batch: Batch | None = member
            if member.status is BatchStatus.FAILED:
                self.registry.forget_route(member.batch_id)
                batch = self.registry.get(member.batch_id)
            if batch is not None and batch.status is BatchStatus.RUNNING:
                yield batch

    def _members(self, job: InferenceJob) -> Iterator[Batch]:
        for member in sorted(job.members):
            batch = self.registry.get(member)
            if batch is not None:
                yield batch


def _awaits(batch: Batch, group: JobGroup) -> bool:
    """Whether the batch's prompts went with this job: the one of an attempt before may have begun without them."""
    return batch.route == group.route and (group.alone == batch.own_job if group.alone else batch.may_share)
