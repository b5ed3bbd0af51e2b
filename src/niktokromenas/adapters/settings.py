"""What an installation chooses, from a file and the environment (`NIKTOKROMENAS_…`); secrets are masked."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import typed_settings as ts
from attrs import field, frozen

APP = "niktokromenas"


class SettingsRefused(ValueError):
    """Settings that cannot be used together; the text is for the operator."""


def masked_password(url: str) -> str:
    """The address of a database as it may be shown: its password is not part of it."""
    parts = urlsplit(url)
    if parts.password is None:
        return repr(url)
    host = parts.netloc.rpartition("@")[2]
    return repr(urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}")))


def is_loopback(host: str | None) -> bool:
    """Whether a name or an address can only be this machine."""
    if host in (None, ""):
        return False
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return host == "localhost"


@frozen(kw_only=True)
class DatabaseSettings:
    url: str = ts.option(
        default="",
        repr=masked_password,
        help="sqlite:///файл или postgresql://…; пусто — файл SQLite в папке данных",
    )
    pool_size: int = ts.option(default=10, help="соединений с PostgreSQL на процесс")


@frozen(kw_only=True)
class HttpSettings:
    host: str = ts.option(default="127.0.0.1", help="на каком адресе слушать")
    port: int = ts.option(default=8080, help="на каком порту слушать")
    base_url: str = ts.option(default="", help="адрес, который видят люди; пусто — http://localhost:порт")
    allowed_origins: list[str] = ts.option(factory=list, help="кому можно звать API из браузера (CORS)")
    trusted_proxies: list[str] = ts.option(factory=list, help="сети балансировщиков")


@frozen(kw_only=True)
class EsiaSettings:
    mode: Literal["emulator", "esia"] = ts.option(
        default="esia", help="настоящая ЕСИА или её имитация: для показа и проверок, только на этой машине"
    )
    emulator_port: int = ts.option(default=8081, help="порт имитации, только на этой машине")
    base_url: str = "https://esia.gosuslugi.ru"
    issuer: str = "http://esia.gosuslugi.ru/"
    client_id: str = ts.option(default="VLGPLATFORM", help="мнемоника системы")
    signing: Literal["rsa", "gost"] = ts.option(default="gost", help="чем подписывать запросы")
    token_algorithm: Literal["RS256", "GOST3410_2012_256"] = "GOST3410_2012_256"
    key_file: Path = Path("esia-client.pem")
    certificate_hash: str = ""
    trusted_certificates: list[Path] = ts.option(factory=list, help="сертификаты ЕСИА, старый и новый")
    login_age: int = ts.option(
        default=0, help="на сколько секунд вход в ЕСИА может быть старше нашего запроса"
    )
    use_pkce: bool = ts.option(
        default=True, help="PKCE, если он включён для системы на технологическом портале"
    )


@frozen(kw_only=True)
class MailSettings:
    mode: Literal["folder", "smtp"] = ts.option(default="folder", help="файлы .eml или сервер SMTP")
    host: str = "localhost"
    port: int = 587
    encryption: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = ts.secret(default="")
    digest_hour: int = ts.option(
        default=8, help="в котором часу по местному времени уходят новости за день (0-23)"
    )
    address: str = ts.option(default="noreply@platform.example", help="от чьего имени письма")


@frozen(kw_only=True)
class LimitSettings:
    """How often one may write; each process counts for itself (п. 5.5, ADR 0019)."""

    per_address: int = ts.option(default=600, help="изменений в минуту с одного адреса")
    per_person: int = ts.option(default=60, help="изменений в минуту от одного человека")
    submissions: int = ts.option(default=20, help="сообщений в час от одного человека")
    uploads: int = ts.option(default=60, help="вложений в час от одного человека")


@frozen(kw_only=True)
class FilesSettings:
    mode: Literal["folder", "s3"] = ts.option(default="folder", help="папка files в папке данных или S3")
    bucket: str = ts.option(default="", help="имя бакета; он должен уже быть")
    endpoint: str = ts.option(default="", help="адрес сервера S3, https://…")
    region: str = ts.option(default="us-east-1", help="регион, как его называет сервер")
    access_key: str = ts.option(default="", help="имя ключа доступа")
    secret_key: str = ts.secret(default="")

    def check(self) -> None:
        """Raises `SettingsRefused`: all of S3's parts are named, and its files do not travel in the clear."""
        if self.mode == "folder":
            return
        named = ("bucket", "endpoint", "access_key", "secret_key")
        if missing := [name for name in named if not getattr(self, name)]:
            raise SettingsRefused(f"files.mode = s3: назовите также {', '.join(missing)}")
        address = urlsplit(self.endpoint)
        if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.hostname)):
            raise SettingsRefused(f"files.endpoint: без https только на этой машине ({self.endpoint})")


@frozen(kw_only=True)
class AppSettings:
    """An app that may sign people in, by exact redirect addresses (п. 7.3)."""

    client_id: str
    name: str
    redirect_uris: list[str]
    channel: Literal["mobile", "api"] = "mobile"


@frozen(kw_only=True)
class Settings:
    data: Path = ts.option(default=Path("var"), help="папка данных: база, файлы, ключи, письма")
    region: str = ts.option(default="volgograd", help="имя пакета региона или путь к нему")
    is_worker_inside: bool = ts.option(default=True, help="рассылка и сроки в том же процессе")
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    esia: EsiaSettings = EsiaSettings()
    mail: MailSettings = MailSettings()
    limits: LimitSettings = LimitSettings()
    files: FilesSettings = FilesSettings()
    apps: list[AppSettings] = field(factory=list)

    def check(self) -> None:
        """Raises `SettingsRefused`: plain HTTP, and an imitation of ESIA, are for this machine alone."""
        self.files.check()
        if not 0 <= self.mail.digest_hour <= 23:
            raise SettingsRefused("mail.digest_hour: час от 0 до 23")
        address = urlsplit(self.base_url)
        if address.scheme != "https" and not is_loopback(address.hostname):
            raise SettingsRefused(
                f"http.base_url: без https платформа работает только на этой машине ({self.base_url})"
            )
        is_here = is_loopback(address.hostname) and is_loopback(self.http.host)
        if self.esia.mode == "emulator" and not is_here:
            raise SettingsRefused(
                "esia.mode = emulator: имитация ЕСИА пускает кого угодно, она только для этой машины"
            )
        if self.esia.mode == "esia" and not self.esia.trusted_certificates:
            raise SettingsRefused(
                "esia.trusted_certificates: назовите сертификаты ЕСИА (или esia.mode = emulator)"
            )

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data / 'niktokromenas.db'}"

    @property
    def base_url(self) -> str:
        return self.http.base_url or f"http://localhost:{self.http.port}"


def load_settings(file: Path | None = None) -> Settings:
    """From the file, if there is one, and over it from the environment."""
    files = [file] if file is not None else []
    return ts.load(Settings, appname=APP, config_files=files, env_prefix="NIKTOKROMENAS_")
