"""Every named point of a write path at which a process can be made to die, in one table."""

from enum import StrEnum

from attrs import frozen


class Part(StrEnum):
    SERVE = "serve"
    WORKER = "worker"


class Where(StrEnum):
    """`commit-begins` and `commit-ended` are in the thread of the group commit, on SQLite alone."""

    BEFORE = "before"
    AFTER = "after"
    LEAVING = "leaving"
    LEFT = "left"
    COMMIT_BEGINS = "commit-begins"
    COMMIT_ENDED = "commit-ended"


@frozen
class Point:
    """`on` is `verb table` for a statement or the unit it is in, or a step of files or mail."""

    name: str
    part: Part
    where: Where
    on: str

    @property
    def is_of_group_commit(self) -> bool:
        return self.where in (Where.COMMIT_BEGINS, Where.COMMIT_ENDED)

    @property
    def is_of_uploads(self) -> bool:
        return "upload" in self.on or self.on.startswith("file ")


_S, _W = Part.SERVE, Part.WORKER
POINTS = (
    Point("numbers-reserved", _S, Where.LEFT, "insert message_numbers"),
    Point("message-before", _S, Where.BEFORE, "insert messages"),
    Point("message-without-history", _S, Where.AFTER, "insert messages"),
    Point("history-without-event", _S, Where.AFTER, "insert message_history"),
    Point("event-without-audit", _S, Where.AFTER, "insert outbox"),
    Point("audit-without-key", _S, Where.AFTER, "insert audit"),
    Point("key-before-commit", _S, Where.AFTER, "insert idempotency"),
    Point("submit-uncommitted", _S, Where.LEAVING, "insert idempotency"),
    Point("submit-committed-unanswered", _S, Where.LEFT, "insert idempotency"),
    Point("commit-begins-in-thread", _S, Where.COMMIT_BEGINS, "insert idempotency"),
    Point("commit-ended-in-thread", _S, Where.COMMIT_ENDED, "insert idempotency"),
    Point("act-before", _S, Where.BEFORE, "update messages"),
    Point("act-without-history", _S, Where.AFTER, "update messages"),
    Point("assignment-without-history", _S, Where.AFTER, "insert assignments"),
    Point("act-committed-unanswered", _S, Where.LEFT, "insert assignments"),
    Point("upload-taken", _S, Where.BEFORE, "insert messages of uploads"),
    Point("file-before", _S, Where.BEFORE, "file 1"),
    Point("file-without-thumbnail", _S, Where.AFTER, "file 1"),
    Point("files-without-row", _S, Where.AFTER, "file 2"),
    Point("upload-uncommitted", _S, Where.AFTER, "insert uploads"),
    Point("upload-committed-unanswered", _S, Where.LEFT, "insert uploads"),
    Point("events-taken", _W, Where.AFTER, "delete outbox"),
    Point("notice-without-letter", _W, Where.AFTER, "insert notices"),
    Point("letter-uncommitted", _W, Where.AFTER, "insert letters"),
    Point("claim-uncommitted", _W, Where.AFTER, "update letters"),
    Point("claimed-before-data", _W, Where.BEFORE, "letter"),
    Point("sent-unrecorded", _W, Where.AFTER, "letter"),
    Point("seal-before", _W, Where.BEFORE, "insert audit_seals"),
    Point("seal-without-marks", _W, Where.AFTER, "insert audit_seals"),
    Point("seal-uncommitted", _W, Where.LEAVING, "insert audit_seals"),
    Point("sealed", _W, Where.LEFT, "insert audit_seals"),
)
BY_NAME = {point.name: point for point in POINTS}
