"""trading_center.config: whatever the environment holds, the start has sound values or stops with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_center.config import BY_NAME, ROOT, SETTINGS, ConfigError, load

KEY = "k" * 50
APP = "postgres://app:secret@db.example:5432/center"
OWNER = "postgres://owner:secret@db.example:5432/center"
SERVER = {"DATABASE_URL": APP, "DATABASE_OWNER_URL": OWNER, "SECRET_KEY": KEY}


def refusal(environ: dict[str, str]) -> str:
    """The sentence with which the start stops."""
    with pytest.raises(ConfigError) as caught:
        load(environ)
    return str(caught.value)


@pytest.fixture
def empty(tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(tmp_path)}


def test_nothing_given_is_a_real_center_on_this_machine_only(empty: dict[str, str]) -> None:
    config = load(empty)
    assert (config.INSTANCE, config.HOST, config.PORT) == ("center", "127.0.0.1", 8000)
    assert (config.DATABASE_URL, config.REDIS_URL, config.STORAGE_URL, config.SITE_HOST) == ("", "", "", ())


def test_namespace_has_every_declared_setting_and_no_other(empty: dict[str, str]) -> None:
    assert set(vars(load(empty))) == {s.name for s in SETTINGS}


def test_names_are_declared_once() -> None:
    assert len(BY_NAME) == len(SETTINGS)


@pytest.mark.parametrize("name", [s.name for s in SETTINGS if s.default])
def test_default_is_a_value_its_own_parser_accepts(name: str) -> None:
    setting = BY_NAME[name]
    setting.parse(setting.default)
    if setting.demo is not None:
        setting.parse(setting.demo)


def test_demo_instance_has_the_fictional_centers_name(empty: dict[str, str]) -> None:
    assert load({**empty, "INSTANCE": "demo"}).SITE_NAME == "云泽县公共资源交易中心"
    assert load({**empty, "INSTANCE": "center"}).SITE_NAME == "公共资源交易中心"


def test_given_value_wins_over_the_demonstrations(empty: dict[str, str]) -> None:
    assert load({**empty, "INSTANCE": "demo", "SITE_NAME": "甲县中心"}).SITE_NAME == "甲县中心"


def test_kind_is_read_from_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("demo\n", encoding="ascii")
    assert load({"DATA_DIR": str(tmp_path)}).INSTANCE == "demo"


def test_spoilt_kind_in_the_data_folder_stops(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("dmeo", encoding="ascii")
    assert refusal({"DATA_DIR": str(tmp_path)}) == "无法启动：设置 INSTANCE 应是 center、demo 之一（现为“dmeo”）。"


def test_relative_data_folder_counts_from_the_project(tmp_path: Path) -> None:
    assert load({"DATA_DIR": "var/elsewhere"}).DATA_DIR == ROOT / "var" / "elsewhere"
    assert tmp_path == load({"DATA_DIR": str(tmp_path)}).DATA_DIR


def test_spaces_around_a_value_do_not_count(empty: dict[str, str]) -> None:
    assert load({**empty, "PORT": " 8001\n"}).PORT == 8001


def test_hosts_are_separated_by_commas(empty: dict[str, str]) -> None:
    assert load({**empty, "SITE_HOST": "a.example, b.example,"}).SITE_HOST == ("a.example", "b.example")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "8 0", "", "1e3", "٣", "8000.0"])
def test_wrong_port_stops(empty: dict[str, str], port: str) -> None:
    assert refusal({**empty, "PORT": port}) == f"无法启动：设置 PORT 应是 1 到 65535 之间的整数（现为“{port}”）。"


@pytest.mark.parametrize("name", ["WEB_WORKERS", "WORKER_CONCURRENCY"])
@pytest.mark.parametrize("count", ["0", "257", "two", ""])
def test_wrong_count_stops(empty: dict[str, str], name: str, count: str) -> None:
    assert refusal({**empty, name: count}) == f"无法启动：设置 {name} 应是 1 到 256 之间的整数（现为“{count}”）。"


@pytest.mark.parametrize("host", ["", "a b", "-a", "a_b", "http://a", "127.0.0.1:80", "[::1]", "a" * 254])
def test_wrong_host_stops(empty: dict[str, str], host: str) -> None:
    assert refusal({**empty, "HOST": host}) == f"无法启动：设置 HOST 应是 IP 地址或主机名（现为“{host}”）。"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::", "localhost", "center.example"])
def test_sound_host_is_kept(empty: dict[str, str], host: str) -> None:
    assert host == load({**empty, "HOST": host, "SITE_HOST": "center.example"}).HOST


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0::0"])
def test_all_addresses_without_the_name_outsiders_use_stop(empty: dict[str, str], host: str) -> None:
    assert refusal({**empty, "HOST": host}) == (
        f"无法启动：HOST={host} 让别的机器也能访问，还应给出 SITE_HOST，即别人所用的主机名或 IP 地址，"
        "例如 SITE_HOST=192.168.1.10。"
    )


def test_one_address_is_the_name_outsiders_use(empty: dict[str, str]) -> None:
    assert load({**empty, "HOST": "192.168.1.10"}).HOST == "192.168.1.10"


@pytest.mark.parametrize(
    "hosts",
    [
        *("*", "a b", "a.example;b.example", "https://a.example", "a.example/", "a_b.example"),
        *(
            "center.example:8443",
            ".example.cn",
            "example.cn.",
            "a..example",
            "*.example.cn",
            "::1",
            "[a]",
            "a.example,:",
        ),
    ],
)
def test_wrong_site_host_stops(empty: dict[str, str], hosts: str) -> None:
    assert (
        refusal({**empty, "SITE_HOST": hosts})
        == f"无法启动：设置 SITE_HOST 应是以逗号分开的主机名，不带 https:// 和端口（现为“{hosts}”）。"
    )


@pytest.mark.parametrize("host", ["a", "ggzy.example.cn", "192.168.1.10", "[fd00::1]", "xn--fiq228c.example"])
def test_sound_site_host_is_kept(empty: dict[str, str], host: str) -> None:
    assert (host,) == load({**empty, "SITE_HOST": host}).SITE_HOST


@pytest.mark.parametrize("url", ["file:///srv/files", "s3://k:s@store.example:9000/bucket?tls=0", ""])
def test_sound_storage_is_kept(empty: dict[str, str], url: str) -> None:
    assert url == load({**empty, "STORAGE_URL": url}).STORAGE_URL


def test_wrong_choices_stop_with_the_choices(empty: dict[str, str]) -> None:
    assert refusal({**empty, "INSTANCE": "test"}) == "无法启动：设置 INSTANCE 应是 center、demo 之一（现为“test”）。"
    assert (
        refusal({**empty, "LOG_LEVEL": "info"})
        == "无法启动：设置 LOG_LEVEL 应是 DEBUG、INFO、WARNING、ERROR 之一（现为“info”）。"
    )


@pytest.mark.parametrize("code", ["123456789", "12345678901", "12345-7890", "一二三四五六七八九十"])
def test_wrong_site_code_stops(empty: dict[str, str], code: str) -> None:
    assert refusal({**empty, "SITE_CODE": code}) == f"无法启动：设置 SITE_CODE 应是 10 位网站标识码（现为“{code}”）。"


def test_empty_data_folder_stops() -> None:
    assert refusal({"DATA_DIR": " "}) == "无法启动：设置 DATA_DIR 不能为空（现为“ ”）。"


def test_control_characters_stop(empty: dict[str, str]) -> None:
    assert refusal({**empty, "SITE_NAME": "甲\x1b[2J乙"}).startswith("无法启动：设置 SITE_NAME 不能含有控制字符")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.example", "http://", "www.a.example", "http:a", "http://[bad", "http://a:b"]
)
def test_wrong_link_stops(empty: dict[str, str], url: str) -> None:
    assert (
        refusal({**empty, "SITE_PARENT_URL": url})
        == f"无法启动：设置 SITE_PARENT_URL 应是以 http://、https:// 开头的地址（现为“{url}”）。"
    )


@pytest.mark.parametrize(
    ("name", "url", "sentence"),
    [
        ("DATABASE_URL", "mysql://a:b@c/d", "应是以 postgres://、postgresql:// 开头的地址"),
        ("DATABASE_URL", "postgres://a:b@c:port/d", "应是以 postgres://、postgresql:// 开头的地址"),
        ("DATABASE_URL", "postgres://a:b@c:99999/d", "应是以 postgres://、postgresql:// 开头的地址"),
        ("DATABASE_URL", "postgres://c/d", "应写全：postgres://角色:密码@主机:端口/数据库"),
        ("DATABASE_URL", "postgres://a:b@c", "应写全：postgres://角色:密码@主机:端口/数据库"),
        ("DATABASE_URL", "postgres://a:b@/d", "应写全：postgres://角色:密码@主机:端口/数据库"),
        ("DATABASE_OWNER_URL", "postgres://a:b@c", "应写全：postgres://角色:密码@主机:端口/数据库"),
        ("REDIS_URL", "http://a", "应是以 redis://、rediss://、unix:// 开头的地址"),
        ("STORAGE_URL", "/srv/files", "应是以 file://、s3:// 开头的地址"),
        ("STORAGE_URL", "s3://", "应是以 file://、s3:// 开头的地址"),
        ("STORAGE_URL", "file://data/files", "应写成 file:///目录，目录从根目录写起"),
        ("STORAGE_URL", "file:///", "应写成 file:///目录，目录从根目录写起"),
        ("STORAGE_URL", "s3://k:s@host", "应写全：s3://键:密@主机:端口/桶"),
        ("STORAGE_URL", "s3://k:s@host/", "应写全：s3://键:密@主机:端口/桶"),
        ("STORAGE_URL", "s3://k:s@host/bucket/folder", "应写全：s3://键:密@主机:端口/桶"),
        ("STORAGE_URL", "s3://host/bucket", "应写全：s3://键:密@主机:端口/桶"),
        ("STORAGE_URL", "s3://k:s@/bucket", "应写全：s3://键:密@主机:端口/桶"),
    ],
)
def test_wrong_address_of_a_part_stops_without_telling_its_password(
    empty: dict[str, str], name: str, url: str, sentence: str
) -> None:
    assert refusal({**empty, **SERVER, name: url}) == f"无法启动：设置 {name} {sentence}。"


def test_external_database_needs_a_key_of_the_callers(empty: dict[str, str]) -> None:
    assert refusal({**empty, "DATABASE_URL": APP}) == (
        "无法启动：使用外部数据库时必须给出 SECRET_KEY（至少 50 个字符），各主机相同。"
    )


def test_short_key_stops_and_is_not_shown(empty: dict[str, str]) -> None:
    assert refusal({**empty, "SECRET_KEY": "k" * 49}) == "无法启动：SECRET_KEY 太短，至少 50 个字符。"
    assert load({**empty, "SECRET_KEY": KEY}).SECRET_KEY == KEY


def test_owner_without_application_stops(empty: dict[str, str]) -> None:
    assert refusal({**empty, "DATABASE_OWNER_URL": OWNER}) == (
        "无法启动：给出了 DATABASE_OWNER_URL，还应给出 DATABASE_URL。"
    )


def test_one_role_for_both_stops(empty: dict[str, str]) -> None:
    assert refusal({**empty, **SERVER, "DATABASE_OWNER_URL": APP}) == (
        "无法启动：DATABASE_URL 和 DATABASE_OWNER_URL 应是两个不同的角色，见 docs/operations.md。"
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATABASE_URI", "DATABASE_URL"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("REDIS_ULR", "REDIS_URL"),
        ("DATA_DRI", "DATA_DIR"),
        ("SECRET_KEYS", "SECRET_KEY"),
        ("SITE_NAMES", "SITE_NAME"),
        ("WEB_WORKER", "WEB_WORKERS"),
        ("STORAGE_URL_FILES", "STORAGE_URL"),
        ("LOG_LEVLE", "LOG_LEVEL"),
        ("PORT_FILE", "PORT"),
    ],
)
def test_unknown_name_stops_and_the_meant_one_is_named(empty: dict[str, str], name: str, meant: str) -> None:
    assert refusal({**empty, name: "x"}) == (
        f"无法启动：不认识设置 {name}。是否想写 {meant}？全部设置见 docs/operations.md。"
    )


@pytest.mark.parametrize(
    "name", ["HOME", "HOSTNAME", "MY_SECRET_KEY", "XDG_DATA_DIRS", "TERM", "PORTS", "REPORT", "CI"]
)
def test_other_programs_variables_are_none_of_ours(empty: dict[str, str], name: str) -> None:
    assert vars(load({**empty, name: "x"})) == vars(load(empty))


def test_secret_comes_from_a_file(empty: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n", encoding="utf-8")
    assert load({**empty, "SECRET_KEY_FILE": str(tmp_path / "key")}).SECRET_KEY == KEY


def test_secret_file_that_is_not_there_stops(empty: dict[str, str], tmp_path: Path) -> None:
    sentence = refusal({**empty, "SECRET_KEY_FILE": str(tmp_path / "none")})
    assert sentence.startswith(f"无法启动：读不出 SECRET_KEY_FILE 所指的文件 {tmp_path / 'none'}（")


def test_secret_file_that_is_not_text_stops(empty: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert refusal({**empty, "SECRET_KEY_FILE": str(tmp_path / "key")}).startswith("无法启动：读不出 SECRET_KEY_FILE")


def test_secret_given_twice_stops(empty: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    assert refusal({**empty, "SECRET_KEY": KEY, "SECRET_KEY_FILE": str(tmp_path / "key")}) == (
        "无法启动：SECRET_KEY 和 SECRET_KEY_FILE 只能给出一个。"
    )


@given(
    name=st.sampled_from([s.name for s in SETTINGS]), value=st.text(st.characters(exclude_characters="\0"), max_size=80)
)
def test_any_text_gives_a_value_or_one_sentence(name: str, value: str) -> None:
    try:
        config = load({"DATA_DIR": "/nonexistent", **SERVER, name: value})
    except ConfigError as error:
        assert str(error).startswith("无法启动：")
        assert str(error).endswith("。")
    else:
        assert set(vars(config)) == set(BY_NAME)


@given(
    name=st.sampled_from([s.name for s in SETTINGS if s.secret]), value=st.text("abc#/@:?[]%", min_size=8, max_size=80)
)
def test_a_secret_is_never_shown(name: str, value: str) -> None:
    try:
        load({"DATA_DIR": "/nonexistent", **SERVER, name: value})
    except ConfigError as error:
        assert value not in str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTICE_EMAIL_URL", "http://mail.example"),
        ("NOTICE_EMAIL_URL", "smtp://"),
        ("NOTICE_EMAIL_URL", "smtps://mail.example?starttls=1"),
        ("NOTICE_EMAIL_URL", "smtp://mail.example/path"),
        ("NOTICE_EMAIL_FROM", "nobody"),
        ("NOTICE_CHECKPOINT_TO", "a@b.example"),
        ("NOTICE_CHECKPOINT_TO", "a@b.example, a@b.example"),
        ("NOTICE_CHECKPOINT_TO", "a@b.example,nobody"),
    ],
)
def test_wrong_settings_of_notices_stop_the_start(empty: dict[str, str], name: str, value: str) -> None:
    assert refusal({**empty, name: value}).startswith(f"无法启动：设置 {name} ")


def test_mail_server_needs_a_sender(empty: dict[str, str]) -> None:
    assert "NOTICE_EMAIL_FROM" in refusal({**empty, "NOTICE_EMAIL_URL": "smtp://mail.example"})
    given = {"NOTICE_EMAIL_URL": "smtp://u:p@mail.example:587?starttls=1", "NOTICE_EMAIL_FROM": "center@yunze.example"}
    assert given["NOTICE_EMAIL_URL"] == load({**empty, **given}).NOTICE_EMAIL_URL


def test_checkpoints_go_to_two_places_at_least(empty: dict[str, str]) -> None:
    assert load(empty).NOTICE_CHECKPOINT_TO == ()
    found = load({**empty, "NOTICE_CHECKPOINT_TO": "a@b.example, c@d.example"}).NOTICE_CHECKPOINT_TO
    assert found == ("a@b.example", "c@d.example")
