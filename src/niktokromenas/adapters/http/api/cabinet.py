"""A person's own affairs over the API (Положение, п. 1.3, 3 (6))."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api import cabinet_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import USER, actor_of
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging, decode_cursor, encode_cursor
from niktokromenas.application.notices import Feed
from niktokromenas.application.participants.sessions import Cabinet
from niktokromenas.domain.errors import Fault, in_pointer, refuse
from niktokromenas.domain.ids import GrantId, SessionId
from niktokromenas.domain.notices import NOTICE_KINDS, Notice, NoticeKind, NoticeMode, NoticeSettings
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.participants.sessions import Session
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region

_TAG = "Кабинет"


@frozen
class CabinetFace:
    cabinet: Cabinet
    feed: Feed
    region: Region

    async def me(self, call: Call) -> Reply:
        actor = actor_of(call)
        participant, session = await self.cabinet.who(actor)
        return Reply(body=self._me(actor, participant, session, await self.feed.unread(actor)))

    def _me(self, actor: Actor, participant: Participant, session: Session, unread: int) -> dict[str, object]:
        version = self.region.documents[DocumentKind.CONSENT].version
        return {
            "id": participant.id,
            "name": participant.name,
            "organisation": actor.name if actor.organisation_id else None,
            "organisations": [
                {
                    "oid": role.subject.oid,
                    "kind": role.kind.value,
                    "short_name": role.short_name,
                    "full_name": role.full_name,
                }
                for role in session.organisations
            ],
            "roles": sorted(role.value for role in actor.roles()),
            "acting_grant": actor.acting_grant,
            "facts": [
                {"kind": f.kind.value, "value": f.value, "provenance": f.provenance.value, "at": f.at}
                for f in participant.facts
            ],
            "consent_given": participant.has_agreed(version),
            "consent_version": version,
            "consents": [
                {"version": c.version, "kind": c.kind.value, "at": c.at, "withdrawn_at": c.withdrawn_at}
                for c in participant.consents
            ],
            "unread": unread,
        }

    async def sessions(self, call: Call) -> Reply:
        actor = actor_of(call)
        found = await self.cabinet.sessions(actor)
        return Reply(body={"items": [_session(s, actor) for s in found]})

    async def end_session(self, call: Call) -> Reply:
        await self.cabinet.end_session(actor_of(call), SessionId(call.path.id))
        return Reply()

    async def choose_organisation(self, call: Call) -> Reply:
        await self.cabinet.choose_organisation(actor_of(call), call.body.oid)
        return Reply()

    async def choose_grant(self, call: Call) -> Reply:
        chosen = call.body.grant
        await self.cabinet.choose_grant(actor_of(call), GrantId(chosen) if chosen else None)
        return Reply()

    async def consent(self, call: Call) -> Reply:
        await self.cabinet.give_consent(actor_of(call), call.body.version)
        return Reply()

    async def withdraw_birth_consent(self, call: Call) -> Reply:
        await self.cabinet.withdraw_birth_consent(actor_of(call))
        return Reply()

    async def notices(self, call: Call) -> Reply:
        query: Paging = call.query
        before = None if query.after is None else decode_cursor(query.after, datetime, UUID)
        found = await self.feed.page(
            actor_of(call), (before[0], before[1]) if before else None, query.limit + 1
        )
        shown, more = found[: query.limit], len(found) > query.limit
        following = encode_cursor(shown[-1].at, shown[-1].id) if more else None
        return Reply(body={"items": [_notice(n) for n in shown], "next": following})

    async def mark_read(self, call: Call) -> Reply:
        return Reply(body={"count": await self.feed.mark_read(actor_of(call))})

    async def settings(self, call: Call) -> Reply:
        return Reply(body=_settings(await self.feed.settings(actor_of(call))))

    async def choose_settings(self, call: Call) -> Reply:
        unknown = sorted(set(call.body.modes) - {kind.value for kind in NoticeKind})
        detail = "Такого вида уведомлений нет"
        refuse([Fault(f"/modes/{in_pointer(kind)}", "unknown-kind", detail) for kind in unknown])
        chosen = {NoticeKind(kind): NoticeMode(mode) for kind, mode in call.body.modes.items()}
        settings = await self.feed.choose(actor_of(call), NoticeSettings(chosen))
        return Reply(body=_settings(settings))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/me",
                name="readMe",
                handler=self.me,
                summary="Кто вошёл и в каком качестве действует",
                tag=_TAG,
                reply=shapes.MeOut,
                roles=USER,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/sessions",
                name="readSessions",
                handler=self.sessions,
                summary="Мои сеансы",
                tag=_TAG,
                reply=shapes.SessionsOut,
                roles=USER,
            ),
            Endpoint(
                method="DELETE",
                path="/api/v1/me/sessions/{id}",
                name="endSession",
                handler=self.end_session,
                summary="Завершить сеанс",
                tag=_TAG,
                params=wire.IdPath,
                status=204,
                roles=USER,
                problems=((404, "session-not-found"), (409, STALE)),
            ),
            Endpoint(
                method="PUT",
                path="/api/v1/me/organisation",
                name="chooseOrganisation",
                handler=self.choose_organisation,
                summary="Действовать от имени организации или от своего",
                tag=_TAG,
                body=wire.OrganisationIn,
                status=204,
                roles=USER,
                problems=((403, "not-your-organisation"), (409, STALE)),
            ),
            Endpoint(
                method="PUT",
                path="/api/v1/me/grant",
                name="chooseGrant",
                handler=self.choose_grant,
                summary="Выбрать полномочие для этого сеанса",
                tag=_TAG,
                body=wire.ActingGrantIn,
                status=204,
                roles=USER,
                problems=((403, "role-required"), (409, STALE)),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/me/consents",
                name="giveConsent",
                handler=self.consent,
                summary="Дать согласие на обработку персональных данных",
                tag=_TAG,
                body=wire.ConsentIn,
                status=204,
                roles=USER,
                problems=((422, "wrong-consent"), (409, STALE)),
            ),
            Endpoint(
                method="DELETE",
                path="/api/v1/me/consents/birth-date",
                name="withdrawBirthConsent",
                handler=self.withdraw_birth_consent,
                summary="Отозвать согласие на обработку даты рождения: дата забывается сразу",
                tag=_TAG,
                status=204,
                roles=USER,
                problems=((409, STALE),),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/notices",
                name="readNotices",
                handler=self.notices,
                summary="Лента уведомлений, новые сверху",
                tag=_TAG,
                query=Paging,
                reply=Page[shapes.NoticeOut],
                roles=USER,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/me/notices/read",
                name="markNoticesRead",
                handler=self.mark_read,
                summary="Отметить всё прочитанным",
                tag=_TAG,
                reply=shapes.CountOut,
                roles=USER,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/notice-settings",
                name="readNoticeSettings",
                handler=self.settings,
                summary="О чём присылать письма",
                tag=_TAG,
                reply=shapes.NoticeSettingsOut,
                roles=USER,
            ),
            Endpoint(
                method="PUT",
                path="/api/v1/me/notice-settings",
                name="chooseNoticeSettings",
                handler=self.choose_settings,
                summary="Выбрать, о чём присылать письма",
                tag=_TAG,
                body=wire.NoticeSettingsIn,
                reply=shapes.NoticeSettingsOut,
                roles=USER,
            ),
        ]


def _session(session: Session, actor: Actor) -> dict[str, object]:
    return {
        "id": session.id,
        "kind": session.kind.value,
        "device": session.device,
        "client": session.client_id,
        "began_at": session.began_at,
        "expires_at": session.expires_at,
        "is_this": session.id == actor.session_id,
    }


def _notice(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "kind": notice.kind.value,
        "title": NOTICE_KINDS[notice.kind].title,
        "number": notice.facts.get("number"),
        "about": notice.facts.get("title") or notice.facts.get("group"),
        "words": notice.facts.get("words"),
        "at": notice.at,
        "is_read": notice.read_at is not None,
    }


def _settings(settings: NoticeSettings) -> dict[str, object]:
    return {
        "items": [
            {
                "kind": kind.value,
                "title": about.title,
                "mode": settings.mode_of(kind).value,
                "is_legal": about.is_legal,
            }
            for kind, about in NOTICE_KINDS.items()
        ]
    }
