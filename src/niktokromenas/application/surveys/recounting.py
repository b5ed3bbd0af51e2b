"""What lets anyone recount a survey: its log as a file, its signed head, the place of a receipt (разд. 9)."""

import asyncio
import base64
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from typing import ClassVar

from attrs import field, frozen

from niktokromenas.domain.errors import Fault, NotFound
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.surveys import published
from niktokromenas.domain.surveys.log import SignedHead
from niktokromenas.domain.surveys.published import ROOM, Apart, Line, Opens, opens, text
from niktokromenas.domain.surveys.receipts import Proof, ReceiptOfAnotherSurvey, read_receipt
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.trees import BLOCK, BlockTree
from niktokromenas.ports.ballots import BallotRegister
from niktokromenas.ports.heads import HeadSigner
from niktokromenas.ports.results import ResultRegister
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound

CHUNK = 64 * 1024
LEAVES_AT_ONCE = 5_000
TREES = 32
"""Sealed logs whose blocks are remembered: at 1 M leaves each takes some 200 KiB."""


class LogNotSealed(NotFound):
    """There is no signed head yet, or there will be none: `members` say the stage and when it ends."""

    code: ClassVar[str] = "log-not-sealed"
    basis: ClassVar[str | None] = "Положение, разд. 9"


def raw_key(pem: bytes) -> bytes:
    """The 32 bytes of an Ed25519 key in PEM (RFC 8410: a fixed beginning, then the key)."""
    return base64.b64decode(b"".join(line for line in pem.splitlines() if line[:1] != b"-"))[-32:]


@frozen(kw_only=True)
class SealedSurvey:
    survey: Survey
    head: SignedHead
    public_key: bytes
    """PEM (SubjectPublicKeyInfo)."""


@frozen(kw_only=True)
class SurveyLog:
    """A file about to be written; nothing is read before `chunks` is."""

    name: str
    chunks: AsyncGenerator[bytes, None]


@frozen(kw_only=True)
class CheckedReceipt:
    """`proof` is `None` where the log has no such leaf."""

    sealed: SealedSurvey
    leaf: bytes
    proof: Proof | None


@frozen
class Recounting:
    journal: SurveyJournal
    register: BallotRegister
    results: ResultRegister
    signer: HeadSigner
    _trees: "OrderedDict[bytes, BlockTree]" = field(
        factory=OrderedDict[bytes, BlockTree], init=False, eq=False, repr=False
    )
    _growing: asyncio.Lock = field(factory=asyncio.Lock, init=False, eq=False, repr=False)

    async def head(self, actor: Actor, number: str) -> SealedSurvey:
        """For everybody. Raises `SurveyNotFound`, `LogNotSealed`."""
        actor.require(Permission.READ_PUBLIC)
        survey = await self.journal.one(number)
        if not survey.is_public:
            raise SurveyNotFound("Такого опроса нет")
        if survey.head is None:
            ends_at = survey.content.ends_at
            raise LogNotSealed(
                "Журнала нет: опрос отозвали до начала"
                if survey.stage is Stage.WITHDRAWN
                else "Журнал появится, когда опрос завершится и голоса будут подсчитаны",
                members={
                    "stage": survey.stage.value,
                    "ends_at": None if ends_at is None else ends_at.isoformat(),
                },
            )
        return SealedSurvey(survey=survey, head=survey.head, public_key=self.signer.public_key)

    async def log(self, actor: Actor, number: str) -> SurveyLog:
        """The form: docs/survey-log.md. Raises `SurveyNotFound`, `LogNotSealed`."""
        sealed = await self.head(actor, number)
        return SurveyLog(name=f"{number}.jsonl", chunks=self._chunks(sealed))

    async def check(self, actor: Actor, number: str, receipt: str) -> CheckedReceipt:
        """Where its leaf stands in the sealed log. Nothing of it is kept, nor who asks.

        Raises `SurveyNotFound`, `LogNotSealed`, `UnreadableReceipt`, `ReceiptOfAnotherSurvey`.
        """
        sealed = await self.head(actor, number)
        read = read_receipt(receipt)
        if read.survey_id != sealed.survey.id:
            detail = "Эта квитанция от другого опроса"
            raise ReceiptOfAnotherSurvey(detail, faults=(Fault("/receipt", "another-survey", detail),))
        return CheckedReceipt(sealed=sealed, leaf=read.leaf, proof=await self._proof(sealed, read.leaf))

    async def _proof(self, sealed: SealedSurvey, leaf: bytes) -> Proof | None:
        tree = await self._tree(sealed)
        first = tree.first_of_block(leaf)
        if first is None:
            return None
        block = await self.register.leaves(sealed.survey.id, first, BLOCK - 1)
        return tree.proof(leaf, (first, *block))

    async def _tree(self, sealed: SealedSurvey) -> BlockTree:
        """Of a sealed log, which never changes; one is read at a time."""
        key = sealed.survey.id.bytes + sealed.head.head.root
        async with self._growing:
            if (known := self._trees.get(key)) is not None:
                self._trees.move_to_end(key)
                return known
            tree, after = BlockTree(), b""
            while leaves := await self.register.leaves(sealed.survey.id, after, LEAVES_AT_ONCE):
                for leaf in leaves:
                    tree.add(leaf)
                after = leaves[-1]
            self._trees[key] = tree
            if len(self._trees) > TREES:
                self._trees.popitem(last=False)
            return tree

    async def _chunks(self, sealed: SealedSurvey) -> AsyncGenerator[bytes, None]:
        piece = bytearray()
        async for line in self._lines(sealed):
            piece += text(line)
            if len(piece) >= CHUNK:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)

    async def _lines(self, sealed: SealedSurvey) -> AsyncIterator[Line]:
        survey, questions = sealed.survey, sealed.survey.content.questions
        yield published.survey_line(survey)
        for question in questions:
            yield published.question_line(question)
        yield published.head_line(sealed.head, raw_key(sealed.public_key))
        if opens(survey) is not Opens.NOTHING:
            for line in published.tally_lines((await self.results.totals(survey.id)).tally):
                yield line
        apart = Apart(tuple(question.code for question in questions), room=ROOM)
        async for line in self._leaves(survey, apart):
            yield line
        async for line in self._answers(survey, apart):
            yield line
        yield published.end_line()

    async def _leaves(self, survey: Survey, apart: Apart) -> AsyncIterator[Line]:
        opened = opens(survey)
        async for vote in self.register.votes(survey.id):
            if opened is Opens.BALLOTS:
                yield published.opened_line(vote.leaf, vote.salt, vote.answers)
                continue
            if opened is Opens.ANSWERS:
                apart.add(vote.answers)
            yield published.leaf_line(vote.leaf)

    async def _answers(self, survey: Survey, apart: Apart) -> AsyncIterator[Line]:
        """Those that had no room in memory are counted in another pass over the ballots."""
        while True:
            for line in apart.lines():
                yield line
            if apart.next is None:
                return
            apart = Apart(apart.questions, after=apart.next, room=apart.room)
            async for vote in self.register.votes(survey.id):
                apart.add(vote.answers)
