"""Blocks of participants and their objections over the API (Положение, п. 5.4, 5.5)."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api import block_shapes, cabinet_shapes, wire
from niktokromenas.adapters.http.api.common import UNDER_A_GRANT, USER, actor_of, roles_of
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Handler, Reply
from niktokromenas.adapters.http.paging import Page, Paging, decode_cursor, encode_cursor
from niktokromenas.application.participants.blocks import (
    BlockAuthor,
    BlockAuthorHandler,
    DecideBlockHandler,
    EndSessionsHandler,
    ReadBlocks,
)
from niktokromenas.domain.ids import BlockId, ParticipantId
from niktokromenas.domain.participants.blocks import Block
from niktokromenas.domain.participants.roles import Permission

_TAG = "Блокировки"
_OF_A_BLOCK = ((404, "block-not-found"), (409, "illegal-block-move"))


def _before(query: Paging) -> BlockId | None:
    return BlockId(decode_cursor(query.after, UUID)[0]) if query.after else None


def _page(found: Sequence[Block], query: Paging) -> Reply:
    shown, more = found[: query.limit], len(found) > query.limit
    following = encode_cursor(shown[-1].id) if more else None
    return Reply(body={"items": [_block(each) for each in shown], "next": following})


def _block(block: Block) -> dict[str, object]:
    """Nobody's identity: neither the author's nor that of those who decided."""
    return {
        "id": block.id,
        "version": block.version,
        "stage": block.stage.value,
        "grounds": block.grounds,
        "reason": block.set.words,
        "set_at": block.set.at,
        "until": block.until,
        "objection": block.objection.words if block.objection else None,
        "objected_at": block.objection.at if block.objection else None,
        "decision": block.decision.words if block.decision else None,
        "decided_at": block.decision.at if block.decision else None,
        "lifted_because": block.lifted.words if block.lifted else None,
        "lifted_at": block.lifted.at if block.lifted else None,
    }


def _told(block: Block, status: int | None = None) -> Reply:
    return Reply(body=_block(block), version=block.version, status=status)


@frozen
class BlockFace:
    block_author: BlockAuthorHandler
    decide_block: DecideBlockHandler
    read_blocks: ReadBlocks
    end_sessions: EndSessionsHandler

    async def block(self, call: Call) -> Reply:
        body: wire.BlockIn = call.body
        made = await self.block_author(
            BlockAuthor(
                actor=actor_of(call),
                number=call.path.number,
                grounds=body.grounds,
                until=body.until,
                words=body.words,
            )
        )
        return _told(made)

    async def live(self, call: Call) -> Reply:
        query: Paging = call.query
        found = await self.read_blocks.live(actor_of(call), _before(query), query.limit + 1)
        return _page(found, query)

    async def objections(self, call: Call) -> Reply:
        query: Paging = call.query
        found = await self.read_blocks.objections(actor_of(call), _before(query), query.limit + 1)
        return _page(found, query)

    async def own(self, call: Call) -> Reply:
        query: Paging = call.query
        found = await self.read_blocks.own(actor_of(call), _before(query), query.limit + 1)
        return _page(found, query)

    async def lift(self, call: Call) -> Reply:
        return _told(
            await self.decide_block.lift(
                actor_of(call), BlockId(call.path.id), call.body.words, expected_version=call.version
            )
        )

    async def raise_objection(self, call: Call) -> Reply:
        return _told(
            await self.decide_block.object(
                actor_of(call), BlockId(call.path.id), call.body.words, expected_version=call.version
            )
        )

    async def decide(self, call: Call) -> Reply:
        return _told(
            await self.decide_block.decide(
                actor_of(call),
                BlockId(call.path.id),
                call.body.words,
                is_granted=call.body.grants,
                expected_version=call.version,
            )
        )

    async def end_all(self, call: Call) -> Reply:
        ended = await self.end_sessions(actor_of(call), ParticipantId(call.path.id))
        return Reply(body={"count": ended})

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path="/api/v1/messages/{number}/block-author",
                name="blockAuthor",
                handler=self.block,
                summary="Временно закрыть автору отправку сообщений: от часа до 30 суток",
                tag=_TAG,
                params=wire.MessagePath,
                body=wire.BlockIn,
                reply=block_shapes.BlockOut,
                roles=roles_of(Permission.BLOCK_AUTHOR),
                versioned=True,
                problems=(
                    *UNDER_A_GRANT,
                    (403, "not-to-block"),
                    (404, "message-not-found"),
                    (409, "already-blocked"),
                ),
            ),
            self._list("", "readBlocks", self.live, "Действующие блокировки", Permission.READ_BLOCKS),
            self._list(
                "/objections",
                "readObjections",
                self.objections,
                "Возражения, которые ждут решения",
                Permission.DECIDE_OBJECTION,
            ),
            self._act("lift", "liftBlock", self.lift, "Снять досрочно", Permission.LIFT_BLOCK),
            self._act(
                "decide", "decideObjection", self.decide, "Решить по возражению", Permission.DECIDE_OBJECTION
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/blocks",
                name="readOwnBlocks",
                handler=self.own,
                summary="Мои блокировки, новые сверху",
                tag=_TAG,
                query=Paging,
                reply=Page[block_shapes.BlockOut],
                roles=USER,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/me/blocks/{id}/object",
                name="objectToBlock",
                handler=self.raise_objection,
                summary="Возразить против блокировки, один раз",
                tag=_TAG,
                params=wire.IdPath,
                body=wire.WordsOfBlockIn,
                reply=block_shapes.BlockOut,
                roles=USER,
                if_match=True,
                versioned=True,
                problems=(*_OF_A_BLOCK, (409, STALE)),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/participants/{id}/end-sessions",
                name="endSessions",
                handler=self.end_all,
                summary="Завершить все сеансы участника немедленно",
                tag=_TAG,
                params=wire.IdPath,
                reply=cabinet_shapes.CountOut,
                roles=roles_of(Permission.END_SESSIONS),
                problems=(*UNDER_A_GRANT, (409, STALE)),
            ),
        ]

    def _list(self, path: str, name: str, handler: Handler, summary: str, permission: Permission) -> Endpoint:
        return Endpoint(
            method="GET",
            path=f"/api/v1/blocks{path}",
            name=name,
            handler=handler,
            summary=summary,
            tag=_TAG,
            query=Paging,
            reply=Page[block_shapes.BlockOut],
            roles=roles_of(permission),
        )

    def _act(self, act: str, name: str, handler: Handler, summary: str, permission: Permission) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"/api/v1/blocks/{{id}}/{act}",
            name=name,
            handler=handler,
            summary=summary,
            tag=_TAG,
            params=wire.IdPath,
            body=wire.ObjectionDecisionIn if act == "decide" else wire.WordsOfBlockIn,
            reply=block_shapes.BlockOut,
            roles=roles_of(permission),
            if_match=True,
            versioned=True,
            problems=(*UNDER_A_GRANT, *_OF_A_BLOCK, (403, "another-decides"), (409, STALE)),
        )
