"""Grants, authorities and the audit trail over the API (Положение, п. 4.3, 4.4, разд. 5)."""

from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api import power_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import UNDER_A_GRANT, USER, actor_of, request_key, roles_of
from niktokromenas.adapters.http.api.drafts import legal_act
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page as PageOf
from niktokromenas.adapters.http.paging import Paging, decode_cursor, encode_cursor
from niktokromenas.application.audit import ReadAudit
from niktokromenas.application.participants.authorities import (
    ReadAuthorities,
    RecordConnectionHandler,
    RegisterAuthority,
    RegisterAuthorityHandler,
)
from niktokromenas.application.participants.grants import (
    DecideGrantHandler,
    ProposeGrant,
    ProposeGrantHandler,
    ReadGrants,
)
from niktokromenas.domain.audit import AuditEntry
from niktokromenas.domain.ids import GrantId
from niktokromenas.domain.participants.authorities import Authority, AuthorityAtWork, Contact
from niktokromenas.domain.participants.grants import Grant, GrantTerms
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.values import LegalAct

_TAG = "Полномочия"


@frozen
class GrantFace:
    propose_grant: ProposeGrantHandler
    decide_grant: DecideGrantHandler
    read_grants: ReadGrants
    base_url: str

    async def propose(self, call: Call) -> Reply:
        body: wire.GrantIn = call.body
        terms = GrantTerms(
            role=Role(body.role),
            body=body.body,
            legal_act=legal_act(body.legal_act),
            valid_from=body.valid_from,
            valid_until=body.valid_until,
            is_approver=body.is_approver,
            work_email=body.work_email,
        )
        proposed = await self.propose_grant(
            ProposeGrant(
                actor=actor_of(call),
                terms=terms,
                oid=body.oid,
                request_key=request_key(call, "grants.propose"),
            )
        )
        secret = proposed.invitation
        link = f"{self.base_url}/auth/esia/login?invitation={secret}" if secret else None
        grant = proposed.grant
        headers = {"Location": f"/api/v1/grants/{grant.id}"}
        return Reply(body=_grant(grant, link), version=grant.version, headers=headers)

    async def of_body(self, call: Call) -> Reply:
        query: wire.GrantsQuery = call.query
        before = GrantId(decode_cursor(query.after, UUID)[0]) if query.after else None
        found = await self.read_grants.page(actor_of(call), query.body, before, query.limit + 1)
        shown, more = found[: query.limit], len(found) > query.limit
        following = encode_cursor(shown[-1].id) if more else None
        return Reply(body={"items": [_grant(grant) for grant in shown], "next": following})

    async def own(self, call: Call) -> Reply:
        found = await self.read_grants.own(actor_of(call))
        return Reply(body={"items": [_grant(grant) for grant in found]})

    async def one(self, call: Call) -> Reply:
        seen = await self.read_grants.one(actor_of(call), GrantId(call.path.id))
        body = _grant(seen.grant) | {"grantee": seen.grantee}
        return Reply(body=body, version=seen.grant.version)

    async def confirm(self, call: Call) -> Reply:
        grant = await self.decide_grant.confirm(
            actor_of(call), GrantId(call.path.id), expected_version=call.version
        )
        return Reply(body=_grant(grant), version=grant.version)

    async def turn_down(self, call: Call) -> Reply:
        grant = await self.decide_grant.turn_down(
            actor_of(call), GrantId(call.path.id), call.body.reason, expected_version=call.version
        )
        return Reply(body=_grant(grant), version=grant.version)

    async def end(self, call: Call) -> Reply:
        grant = await self.decide_grant.end(
            actor_of(call), GrantId(call.path.id), call.body.reason, expected_version=call.version
        )
        return Reply(body=_grant(grant), version=grant.version)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path="/api/v1/grants",
                name="proposeGrant",
                handler=self.propose,
                summary="Предложить полномочие",
                tag=_TAG,
                body=wire.GrantIn,
                reply=shapes.GrantOut,
                status=201,
                roles=roles_of(Permission.PROPOSE_GRANT),
                versioned=True,
                idempotent=True,
                problems=(*UNDER_A_GRANT, (403, "four-eyes"), (409, "authority-not-registered")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/grants",
                name="readGrants",
                handler=self.of_body,
                summary="Полномочия органа, новые сверху",
                tag=_TAG,
                query=wire.GrantsQuery,
                reply=PageOf[shapes.GrantOut],
                roles=roles_of(Permission.READ_GRANTS),
                problems=((403, "role-required"),),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/grants",
                name="readOwnGrants",
                handler=self.own,
                summary="Мои полномочия",
                tag="Кабинет",
                reply=shapes.GrantsOut,
                roles=USER,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/grants/{id}",
                name="readGrant",
                handler=self.one,
                summary="Одно полномочие",
                tag=_TAG,
                params=wire.IdPath,
                reply=shapes.GrantOut,
                roles=USER,
                versioned=True,
                problems=((404, "grant-not-found"),),
            ),
            *(self._decision(*row) for row in self._decisions()),
        ]

    def _decisions(self) -> list[tuple[str, str, object, object, str, Permission]]:
        reason = wire.ReasonIn
        return [
            ("confirm", "confirmGrant", self.confirm, None, "Подтвердить", Permission.CONFIRM_GRANT),
            ("turn-down", "turnDownGrant", self.turn_down, reason, "Отказать", Permission.CONFIRM_GRANT),
            ("end", "endGrant", self.end, reason, "Прекратить немедленно", Permission.END_GRANT),
        ]

    def _decision(
        self, act: str, name: str, handler: object, body: object, summary: str, permission: Permission
    ) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"/api/v1/grants/{{id}}/{act}",
            name=name,
            handler=handler,  # type: ignore[arg-type]
            summary=f"{summary}: полномочие",
            tag=_TAG,
            params=wire.IdPath,
            body=body,
            reply=shapes.GrantOut,
            roles=roles_of(permission),
            if_match=True,
            versioned=True,
            problems=(
                *UNDER_A_GRANT,
                (403, "four-eyes"),
                (403, "not-your-grant"),
                (404, "grant-not-found"),
                (409, "grant-closed"),
                *(((409, "another-body"), (409, "invitation-unclaimed")) if act == "confirm" else ()),
            ),
        )


def _legal_act(act: LegalAct) -> dict[str, object]:
    return {"title": act.title, "number": act.number, "date": act.date}


def _grant(grant: Grant, invitation: str | None = None) -> dict[str, object]:
    terms = grant.terms
    return {
        "id": grant.id,
        "version": grant.version,
        "role": grant.role.value,
        "body": grant.body,
        "stage": grant.stage.value,
        "legal_act": _legal_act(terms.legal_act),
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
        "is_approver": terms.is_approver,
        "grantee_oid": grant.subject.oid if grant.subject else None,
        "grantee": None,
        "is_invitation": grant.invitation_hash is not None,
        "proposed_by": grant.proposed.role.value,
        "proposed_at": grant.proposed.at,
        "confirmed_at": grant.confirmed.at if grant.confirmed else None,
        "ended_at": grant.ended.at if grant.ended else None,
        "end_reason": grant.end_reason,
        "invitation": invitation,
    }


@frozen
class AuthorityFace:
    register_authority: RegisterAuthorityHandler
    record_connection: RecordConnectionHandler
    read_authorities: ReadAuthorities
    region: Region

    async def register(self, call: Call) -> Reply:
        body: wire.AuthorityIn = call.body
        actor = actor_of(call)
        registered = await self.register_authority(
            RegisterAuthority(
                actor=actor,
                code=body.code,
                legal_act=legal_act(body.legal_act),
                head_email=body.head_email,
            )
        )
        return Reply(body=self._shown(*registered))

    async def record(self, call: Call) -> Reply:
        given: wire.ContactIn | None = call.body.contact
        contact = (
            Contact(person_or_office=given.person_or_office, email=given.email, phone=given.phone)
            if given
            else None
        )
        return Reply(body=self._shown(*await self.record_connection(actor_of(call), call.path.code, contact)))

    async def at_work(self, call: Call) -> Reply:
        found = await self.read_authorities.at_work(
            actor_of(call), only_unreachable=call.query.only_unreachable
        )
        return Reply(body={"items": [self._shown(*pair) for pair in found]})

    def _shown(self, authority: Authority, stands: AuthorityAtWork) -> dict[str, object]:
        return {
            "code": authority.code,
            "name": self.region.authorities[authority.code].name,
            "version": authority.version,
            "legal_act": _legal_act(authority.legal_act),
            "registered_at": authority.registered_at,
            "has_active_official": stands.has_active_official,
            "has_active_approver": stands.has_active_approver,
            "is_not_connected": stands.is_not_connected,
            "can_be_routed_to": stands.can_be_routed_to,
        }

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path="/api/v1/authorities",
                name="registerAuthority",
                handler=self.register,
                summary="Зарегистрировать орган власти или организацию",
                tag=_TAG,
                body=wire.AuthorityIn,
                reply=shapes.AuthorityOut,
                status=201,
                no_location=True,
                roles=roles_of(Permission.REGISTER_AUTHORITY),
                problems=(*UNDER_A_GRANT, (409, "authority-registered"), (409, STALE)),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/authorities",
                name="readAuthorities",
                handler=self.at_work,
                summary="Зарегистрированные органы; по просьбе — те, кому нельзя направить сообщение",
                tag=_TAG,
                query=wire.AuthoritiesQuery,
                reply=shapes.AuthoritiesOut,
                roles=roles_of(Permission.READ_AUTHORITIES_AT_WORK),
                problems=((403, "role-required"),),
            ),
            Endpoint(
                method="PUT",
                path="/api/v1/authorities/{code}/connection",
                name="recordConnection",
                handler=self.record,
                summary="Записать, что орган не подключён, и к кому обращаться; или что подключён",
                tag=_TAG,
                params=wire.CodePath,
                body=wire.ConnectionIn,
                reply=shapes.AuthorityOut,
                roles=roles_of(Permission.RECORD_NOT_CONNECTED),
                problems=(*UNDER_A_GRANT, (404, "authority-unknown"), (409, STALE)),
            ),
        ]


@frozen
class AuditFace:
    read_audit: ReadAudit

    async def entries(self, call: Call) -> Reply:
        query: Paging = call.query
        before = UUID(str(decode_cursor(query.after, UUID)[0])) if query.after else None
        found = await self.read_audit(actor_of(call), before, query.limit + 1)
        shown, more = found[: query.limit], len(found) > query.limit
        following = encode_cursor(shown[-1].id) if more else None
        return Reply(body={"items": [_entry(e) for e in shown], "next": following})

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/audit",
                name="readAudit",
                handler=self.entries,
                summary="Журнал решений и обращений к персональным данным, новые сверху",
                tag=_TAG,
                query=Paging,
                reply=PageOf[shapes.AuditEntryOut],
                roles=roles_of(Permission.READ_AUDIT),
                problems=((403, "role-required"),),
            )
        ]


def _entry(entry: AuditEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
        "participant": entry.participant_id,
        "session": entry.session_id,
        "grant": entry.grant_id,
        "facts": entry.facts,
    }
