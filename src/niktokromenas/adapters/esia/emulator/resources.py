"""People and organisations as ESIA's REST writes them (reference: esia.md, section 7)."""

from niktokromenas.adapters.esia.emulator.people import Address, Person, Role

Json = dict[str, object]


def person(someone: Person, scopes: frozenset[str]) -> Json:
    """`scopes` without their oid; a field whose scope was not granted is missing."""
    by_scope: dict[str, Json] = {
        "fullname": {
            "firstName": someone.first,
            "lastName": someone.last,
            "middleName": someone.middle,
        },
        "birthdate": {"birthDate": someone.birth_date},
        "gender": {"gender": someone.gender},
        "snils": {"snils": someone.snils},
        "id_doc": {"rIdDoc": 1},
    }
    shown: Json = {
        "stateFacts": ["EntityRoot"],
        "eTag": "0",
        "trusted": someone.trusted,
        "verifying": False,
        "status": someone.status,
        "citizenship": "RUS",
        "updatedOn": 1772694000,
        "containsUpCfmCode": False,
    }
    for scope, fields in by_scope.items():
        if scope in scopes:
            shown |= fields
    return {name: value for name, value in shown.items() if value is not None}


def contacts(someone: Person, scopes: frozenset[str]) -> list[Json]:
    found: list[Json] = []
    if someone.mobile and scopes & {"mobile", "contacts"}:
        found.append(_contact(1, "MBT", someone.mobile, someone.mobile_verified))
    if someone.email and scopes & {"email", "contacts"}:
        email = _contact(2, "EML", someone.email, someone.email_verified)
        if someone.email_unconfirmed:
            email |= {"vrfValStu": "VERIFYING", "verifyingValue": someone.email_unconfirmed}
        found.append(email)
    return found


def _contact(number: int, kind: str, value: str, is_verified: bool) -> Json:
    status = "VERIFIED" if is_verified else "NOT_VERIFIED"
    return {
        "stateFacts": ["Identifiable"],
        "id": number,
        "type": kind,
        "value": value,
        "vrfStu": status,
        "isCfmCodeExpired": False,
        "eTag": "0",
    }


def addresses(someone: Person) -> list[Json]:
    return [_address(number, address) for number, address in enumerate(someone.addresses, start=1)]


def _address(number: int, address: Address) -> Json:
    parts = (address.zip_code, address.region, address.area, address.city, address.settlement, address.street)
    shown: Json = {
        "stateFacts": ["Identifiable"],
        "id": number,
        "type": address.kind,
        "countryId": "RUS",
        "zipCode": address.zip_code,
        "region": address.region,
        "area": address.area,
        "city": address.city,
        "district": address.district,
        "settlement": address.settlement,
        "street": address.street,
        "house": address.house,
        "addressStr": ", ".join(part for part in parts if part),
        "fiasCode2": address.fias_code2,
        "eTag": "0",
    }
    return {name: value for name, value in shown.items() if value is not None}


def documents(someone: Person) -> list[Json]:
    """One invented passport; nobody else's series begins with zeros."""
    passport = {"type": "RF_PASSPORT", "series": "0000", "number": someone.oid[-6:].zfill(6)}
    verified = "VERIFIED" if someone.trusted else "NOT_VERIFIED"
    return [{"stateFacts": ["EntityRoot"], "id": 1, **passport, "vrfStu": verified, "eTag": "0"}]


def role(someone: Person, held: Role) -> Json:
    shown: Json = {
        "oid": int(held.oid),
        "prnOid": int(someone.oid),
        "fullName": held.full_name,
        "shortName": held.short_name,
        "ogrn": held.ogrn,
        "type": held.kind,
        "chief": held.chief,
        "admin": held.admin,
        "active": held.active,
        "isLiquidated": held.liquidated,
        "hasRightOfSubstitution": False,
        "hasApprovalTabAccess": False,
    }
    return {name: value for name, value in shown.items() if value is not None}


def organisation(held: Role, scopes: frozenset[str]) -> Json:
    """`scopes`: the names of those granted for this organisation."""
    by_scope = {
        "org_shortname": ("shortName", held.short_name),
        "org_fullname": ("fullName", held.full_name),
        "org_type": ("type", held.kind),
        "org_ogrn": ("ogrn", held.ogrn),
        "org_inn": ("inn", held.inn),
    }
    shown: Json = {"stateFacts": ["EntityRoot"], "oid": int(held.oid), "isLiquidated": held.liquidated}
    shown |= {name: value for scope, (name, value) in by_scope.items() if scope in scopes and value}
    return shown | {"eTag": "0"}
