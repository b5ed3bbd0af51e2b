"""An identity provider without a network, for those who test against this library."""

from collections.abc import Mapping
from urllib.parse import urlencode

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.participants.identity import Identity
from niktokromenas.ports.identity import Attempt, IdentityRefused, IdentityUnavailable

Outcome = Identity | IdentityRefused | IdentityUnavailable


@frozen
class MemoryIdentityGateway:
    """`outcomes` says for each code who comes back, or which error is raised.

    A code may serve many sign-ins, but one attempt is answered once, as at a real provider.
    `authenticated_at` is the beginning of the attempt, whatever the stored identity says.
    """

    outcomes: Mapping[str, Outcome]
    login_page: str = "http://127.0.0.1/imitation/login"
    logout_page: str = "http://127.0.0.1/imitation/logout"
    _answered: set[str] = field(factory=set, init=False, repr=False)

    async def authorisation_url(self, attempt: Attempt) -> str:
        return f"{self.login_page}?{urlencode({'state': attempt.state})}"

    async def identify(self, code: str, attempt: Attempt) -> Identity:
        outcome = self.outcomes.get(code)
        if outcome is None or attempt.state in self._answered:
            raise IdentityRefused("Время входа истекло. Начните вход заново", members={"reason": "expired"})
        self._answered.add(attempt.state)
        if isinstance(outcome, Identity):
            return evolve(outcome, authenticated_at=attempt.began_at)
        raise outcome

    def refusal(self, error: str, description: str) -> DomainError:
        if error == "access_denied":
            return IdentityRefused("Вход через Госуслуги отменён", members={"reason": "cancelled"})
        return IdentityUnavailable("Вход через Госуслуги сейчас не работает. Попробуйте позже")

    def logout_url(self) -> str:
        return self.logout_page
