"""What the settings and the region make of the parts."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

from niktokromenas.adapters.files.store import open_folder
from niktokromenas.adapters.http import pace
from niktokromenas.adapters.http.addresses import Network
from niktokromenas.adapters.http.auth import AppClient
from niktokromenas.adapters.regions.pack import bundled_region
from niktokromenas.adapters.reports.csv import CsvReports
from niktokromenas.adapters.reports.json import JsonReports
from niktokromenas.adapters.reports.xlsx import XlsxReports
from niktokromenas.adapters.settings import AppSettings, Settings
from niktokromenas.adapters.smtp.config import Encryption, Sender, SmtpConfig
from niktokromenas.adapters.smtp.eml import EmlFolderSender
from niktokromenas.adapters.smtp.templates import Letterhead
from niktokromenas.application.exporting import Format
from niktokromenas.application.surveys.exporting import ResultFormat
from niktokromenas.application.surveys.together import UNITS_AT_ONCE
from niktokromenas.domain.participants.actors import Channel
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.files import FileStore
from niktokromenas.ports.mail import MailFolder, MailSender
from niktokromenas.ports.reports import ReportWriter


def region_folder(name: str) -> Path:
    """A bundled pack's name, or a path to one."""
    return Path(name) if "/" in name else bundled_region(name)


def trusted_proxies(settings: Settings) -> tuple[Network, ...]:
    return tuple(ip_network(network) for network in settings.http.trusted_proxies)


def budgets(settings: Settings) -> pace.Budgets:
    most = settings.limits
    return pace.budgets(
        address=most.per_address,
        person=most.per_person,
        submissions=most.submissions,
        uploads=most.uploads,
    )


def clients(apps: list[AppSettings]) -> tuple[AppClient, ...]:
    return tuple(
        AppClient(
            client_id=app.client_id,
            name=app.name,
            redirect_uris=tuple(app.redirect_uris),
            channel=Channel(app.channel),
        )
        for app in apps
    )


def letterhead(region: Region, settings: Settings) -> Letterhead:
    return Letterhead(
        platform_name=region.platform_name,
        base_url=settings.base_url,
        not_an_appeal=region.texts["not_an_appeal"],
        mail_domain=settings.mail.address.rpartition("@")[2],
    )


def mail_sender(settings: Settings, region: Region, clock: Clock) -> MailSender:
    mail = settings.mail
    sender = Sender(address=mail.address, name=region.platform_name)
    if mail.mode == "folder":
        return EmlFolderSender(settings.data / "mail", sender, clock)
    from niktokromenas.adapters.smtp.sender import SmtpSender  # a library of its own, only for this

    return SmtpSender(
        SmtpConfig(
            host=mail.host,
            port=mail.port,
            sender=sender,
            encryption=Encryption(mail.encryption),
            username=mail.username or None,
            password=mail.password or None,
        ),
        clock,
    )


def files(settings: Settings) -> FileStore:
    """Raises `SettingsRefused`."""
    files = settings.files
    files.check()
    if files.mode == "folder":
        return open_folder(settings.data / "files")
    from niktokromenas.adapters.files.bucket import BucketConfig, open_bucket

    return open_bucket(
        BucketConfig(
            bucket=files.bucket,
            endpoint=files.endpoint,
            region=files.region,
            access_key=files.access_key,
            secret_key=files.secret_key,
            is_plain=files.endpoint.startswith("http://"),
        )
    )


def units_at_once(database_url: str) -> int:
    """SQLite's never run at once: those who wait share one."""
    return 1 if database_url.startswith("sqlite") else UNITS_AT_ONCE


def writers(zone: ZoneInfo) -> Mapping[Format, ReportWriter]:
    return {Format.CSV: CsvReports(zone), Format.XLSX: XlsxReports(zone)}


def result_writers(zone: ZoneInfo) -> Mapping[ResultFormat, ReportWriter]:
    return {
        ResultFormat.CSV: CsvReports(zone),
        ResultFormat.XLSX: XlsxReports(zone, sheet="Итоги"),
        ResultFormat.JSON: JsonReports(),
    }


def mail_folder(sender: MailSender) -> MailFolder | None:
    return sender if isinstance(sender, EmlFolderSender) else None
