"""Settings: from a file and, stronger, from the environment; secrets are masked, unsafe choices refused."""

from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from niktokromenas.adapters.cli.main import main
from niktokromenas.adapters.settings import (
    EsiaSettings,
    FilesSettings,
    HttpSettings,
    MailSettings,
    Settings,
    SettingsRefused,
    load_settings,
)


def shown(environment: dict[str, str], *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "settings"], env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_environment_is_stronger_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        '[niktokromenas]\nregion = "volgograd"\n[niktokromenas.http]\nport = 9000\nhost = "127.0.0.2"\n'
    )
    monkeypatch.setenv("NIKTOKROMENAS_HTTP_PORT", "9001")
    settings = load_settings(file)
    assert (settings.http.port, settings.http.host) == (9001, "127.0.0.2")
    assert settings.base_url == "http://localhost:9001"


def test_what_is_in_force_is_printed_and_no_secret_with_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        '[niktokromenas.mail]\nhost = "mail.example"\npassword = "hush-hush"\n'
        '[niktokromenas.files]\nbucket = "nk-files"\nsecret_key = "hidden-too"\n'
    )
    told = shown(
        {"NIKTOKROMENAS_DATABASE_URL": "postgresql://nk:hunter2@db.example:5432/nk"}, "--settings", str(file)
    )
    assert "mail.example" in told
    assert "db.example:5432/nk" in told
    assert "nk-files" in told
    assert "hush-hush" not in told
    assert "hidden-too" not in told
    assert "hunter2" not in told


HERE = Settings(esia=EsiaSettings(mode="emulator"))


@pytest.mark.parametrize(
    "changes",
    [
        {"http": HttpSettings(host="0.0.0.0")},
        {"http": HttpSettings(base_url="https://platform.example")},
        {"http": HttpSettings(base_url="http://platform.example")},
        {"esia": EsiaSettings(mode="esia")},
        {
            "http": HttpSettings(base_url="http://platform.example"),
            "esia": EsiaSettings(mode="esia", trusted_certificates=[Path("esia.pem")]),
        },
    ],
    ids=[
        "imitation-for-all",
        "imitation-in-public",
        "imitation-unencrypted",
        "no-certificates",
        "unencrypted",
    ],
)
def test_unsafe_choices_are_refused_before_anything_is_opened(changes: dict[str, object]) -> None:
    HERE.check()
    with pytest.raises(SettingsRefused):
        evolve(HERE, **changes).check()


S3 = FilesSettings(
    mode="s3", bucket="files", endpoint="https://s3.example", access_key="nk", secret_key="hush-hush"
)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"bucket": ""}, "bucket"),
        ({"access_key": "", "secret_key": ""}, "access_key, secret_key"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": "http://s3.example"}, "https"),
        ({"endpoint": "ftp://localhost"}, "https"),
    ],
)
def test_a_bucket_is_fully_named_and_encrypted_on_its_way(changes: dict[str, str], named: str) -> None:
    for whole in (S3, evolve(S3, endpoint="http://127.0.0.1:9000")):
        evolve(HERE, files=whole).check()
    with pytest.raises(SettingsRefused, match=named):
        evolve(HERE, files=evolve(S3, **changes)).check()


def test_a_real_installation_passes() -> None:
    Settings(
        http=HttpSettings(host="0.0.0.0", base_url="https://platform.example"),
        esia=EsiaSettings(trusted_certificates=[Path("esia.pem")]),
    ).check()


def test_serve_says_why_it_does_not_start(tmp_path: Path) -> None:
    environment = {"NIKTOKROMENAS_DATA": str(tmp_path), "NIKTOKROMENAS_ESIA_MODE": "emulator"}
    environment["NIKTOKROMENAS_HTTP_BASE_URL"] = "http://platform.example"
    result = CliRunner().invoke(main, ["serve"], env=environment)
    assert result.exit_code == 1
    assert "base_url" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("hour", [-1, 24])
def test_the_letter_of_the_day_has_an_hour_of_the_day(hour: int) -> None:
    emulated = EsiaSettings(mode="emulator")
    Settings(esia=emulated, mail=MailSettings(digest_hour=23)).check()
    with pytest.raises(SettingsRefused, match="digest_hour"):
        Settings(esia=emulated, mail=MailSettings(digest_hour=hour)).check()
