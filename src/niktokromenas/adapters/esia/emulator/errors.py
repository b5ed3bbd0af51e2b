"""ESIA's errors, with the codes and words of its own (reference: esia.md, section 10)."""

_ERRORS = {
    "007003": ("invalid_request", "a parameter is missing, wrong or doubled"),
    "007004": ("access_denied", "the owner of the resource refused"),
    "007005": ("unauthorized_client", "the client may not use this method"),
    "007006": ("invalid_scope", "the scope is wrong"),
    "007009": ("unsupported_grant_type", "the method is not supported"),
    "007011": ("invalid_grant", "the code is invalid, expired, used or for another client"),
    "007012": ("unsupported_response_type", "the code type is not supported"),
    "007014": ("invalid_request", "a mandatory parameter is missing"),
    "007015": ("invalid_request", "bad request time"),
    "007019": ("invalid_scope", "noGrants"),
    "007023": ("invalid_request", "redirect_uri is not registered"),
    "007039": ("invalid_grant", "no code_challenge was sent"),
    "007040": ("invalid_grant", "code_verifier does not match"),
    "007053": ("invalid_client", "clientSecretWrong"),
    "007194": ("access_denied", "the user is not an employee of the organisation"),
}


class EsiaError(Exception):
    """One of ESIA's errors by its six digits. `is_for_client`: the client's address is known to be good."""

    def __init__(self, code: str, *, is_for_client: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.error, text = _ERRORS[code]
        self.description = f"ESIA-{code}: {text}"
        self.is_for_client = is_for_client
