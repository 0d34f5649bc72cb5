"""Every setting of the portal, declared once; a wrong or unknown one stops the start with a sentence.

Standard library alone: the supervisor reads it before anything else is there.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting that cannot be used; the text is one Chinese sentence."""


def _text(value: str) -> str:
    if any(ord(c) < 32 for c in value):
        raise ValueError("不能含有控制字符")
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise ValueError("应是 1 到 65535 之间的整数")
    return int(value)


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 256:
        raise ValueError("应是 1 到 256 之间的整数")
    return int(value)


def _choice(*names: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in names:
            raise ValueError("应是 " + "、".join(names) + " 之一")
        return value

    return parse


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        # Reading the port is what finds a wrong one.
        complete = parts.port != 0 and len(value) > len(parts.scheme) + 3
    except ValueError:
        return False
    return complete and parts.scheme in schemes and value.startswith(parts.scheme + "://")


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value and not (value.isprintable() and _is_address(value, schemes)):
            raise ValueError("应是以 " + "、".join(f"{s}://" for s in schemes) + " 开头的地址")
        return value

    return parse


def _database_url(value: str) -> str:
    _url("postgres", "postgresql")(value)
    parts = urlsplit(value)
    if value and not (parts.username and parts.hostname and parts.path.strip("/")):
        raise ValueError("应写全：postgres://角色:密码@主机:端口/数据库")
    return value


def _storage_url(value: str) -> str:
    _url("file", "s3")(value)
    parts = urlsplit(value)
    path = parts.path.strip("/")
    # file://data/files would name a computer called data.
    if parts.scheme == "file" and (parts.netloc or not path):
        raise ValueError("应写成 file:///目录，目录从根目录写起")
    if parts.scheme == "s3" and not (parts.username and parts.password and parts.hostname and path and "/" not in path):
        raise ValueError("应写全：s3://键:密@主机:端口/桶")
    return value


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_host(value: str) -> bool:
    """A host's name: labels of letters, digits and hyphens between dots."""
    label = r"[A-Za-z0-9]([A-Za-z0-9\-]*[A-Za-z0-9])?"
    return len(value) <= 253 and re.fullmatch(rf"{label}(\.{label})*", value) is not None


def is_loopback(host: str) -> bool:
    """Does HOST name this machine alone?"""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _switch(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("应是 0 或 1")
    return value == "1"


def _host(value: str) -> str:
    if not (_is_ip(value) or _is_host(value)):
        raise ValueError("应是 IP 地址或主机名")
    return value


def _folder(value: str) -> Path:
    if not value:
        raise ValueError("不能为空")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise ValueError("以 ~ 开头，但没有这个用户的主目录") from None
    return path if path.is_absolute() else ROOT / path


def _folder_or_default(value: str) -> Path | None:
    return _folder(value) if value else None


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(h.strip() for h in value.split(",") if h.strip())
    if not all(_is_host(h) or (h[0] + h[-1] == "[]" and ":" in h and _is_ip(h[1:-1])) for h in hosts):
        raise ValueError("应是以逗号分开的主机名，不带 https:// 和端口")
    return hosts


def _site_code(value: str) -> str:
    if value and not re.fullmatch(r"[0-9A-Za-z]{10}", value):
        raise ValueError("应是 10 位网站标识码")
    return value


@dataclass(frozen=True)
class Setting:
    """One environment variable.

    Args:
        name: the variable; a secret may also come from the file named by ``<name>_FILE``.
        default: text parsed like a given value.
        parse: turns the text into the value, or raises ValueError with the end of a sentence.
        help: one Chinese line for docs/operations.md.
        demo: the default of a demonstration instance, where it differs.
    """

    name: str
    default: str
    parse: Callable[[str], object]
    help: str
    secret: bool = False
    demo: str | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting("INSTANCE", "center", _choice("center", "demo"), "实例种类：center 正式，demo 演示；终身不变"),
    Setting("DATA_DIR", "var/demo", _folder, "数据目录（内嵌数据库、文件、日志、密钥），相对项目根目录或绝对路径"),
    Setting(
        "KEYS_DIR",
        "",
        _folder_or_default,
        "密钥目录（个人信息加密、存证签名、会话），不进数据库也不进备份；空为数据目录下 keys，多台主机共用一个",
    ),
    Setting("LOG_ORIGIN", "", _text, "存证日志的名称，写进每个检查点；第一条公告存证时定下，空为中心全称"),
    Setting("HOST", "127.0.0.1", _host, "监听地址"),
    Setting("PORT", "8000", _port, "监听端口"),
    Setting("DATABASE_URL", "", _database_url, "应用角色的数据库地址；空为内嵌 PostgreSQL", True),
    Setting("DATABASE_OWNER_URL", "", _database_url, "属主角色的数据库地址，只用于迁移", True),
    Setting("REDIS_URL", "", _url("redis", "rediss", "unix"), "Redis 地址；空为内嵌 Redis", True),
    Setting(
        "STORAGE_URL",
        "",
        _storage_url,
        "文件存储：file:///目录 或 s3://键:密@主机/桶；空为数据目录下 files",
        True,
    ),
    Setting("SECRET_KEY", "", _text, "会话签名密钥，至少 50 个字符；内嵌模式自动生成，放在密钥目录里", True),
    Setting("SITE_HOST", "", _hosts, "对外主机名，以逗号分开；空时只接受本机，HOST 为 0.0.0.0 时必须给出"),
    Setting("SITE_NAME", "公共资源交易中心", _text, "中心全称", demo="云泽县公共资源交易中心"),
    Setting("SITE_REGION", "", _text, "所在行政区，用作公告地区的默认值", demo="云泽县"),
    Setting("SITE_SPONSOR", "", _text, "页脚：主办单位", demo="云泽县公共资源交易中心"),
    Setting("SITE_ADDRESS", "", _text, "页脚：地址", demo="云泽县澄江路 66 号政务服务大厦 4 层"),
    Setting("SITE_PHONE", "", _text, "页脚：联系电话", demo="0000-5550100"),
    Setting("SITE_HOURS", "工作日 8:30—12:00，14:00—17:30", _text, "页脚：办公时间"),
    Setting("SITE_CODE", "", _site_code, "页脚：网站标识码（10 位）", demo="0000000000"),
    Setting("SITE_ICP", "", _text, "页脚：ICP 备案号", demo="云ICP备00000000号（演示）"),
    Setting("SITE_POLICE", "", _text, "页脚：公安备案号", demo="云公网安备00000000000000号（演示）"),
    Setting("SITE_PARENT_NAME", "", _text, "页眉：所属门户名称（作为县、市网站一部分时）", demo="云泽县人民政府"),
    Setting("SITE_PARENT_URL", "", _url("http", "https"), "页眉：所属门户地址"),
    Setting("SITE_BADGE_URL", "", _url("http", "https"), "页脚：党政机关、事业单位网站标识的链接"),
    Setting("SITE_ERROR_URL", "", _url("http", "https"), "页脚：我为政府网站找错的链接"),
    Setting("TLS_CERT", "", _text, "证书文件（含中间证书）；HOST 不是本机而又没有给出时，在数据目录下自建"),
    Setting("TLS_KEY", "", _text, "私钥文件，与 TLS_CERT 一起给出"),
    Setting("BEHIND_PROXY", "0", _switch, "1 表示只能经由自己的反向代理访问，相信它写的来源地址和协议"),
    Setting("WEB_WORKERS", "2", _count, "网页进程数"),
    Setting("WORKER_CONCURRENCY", "2", _count, "任务进程数"),
    Setting("LOG_LEVEL", "INFO", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "日志级别"),
)
BY_NAME = {s.name: s for s in SETTINGS}
# Two letters exchanged are near (REDIS_ULR, DATA_DRI); another program's MY_SECRET_KEY is not.
NEAR = 0.87
# A variable that begins like ours but is not ours is a typing error that would be noticed too late.
OUR_PREFIXES = ("SITE_", "DATABASE_", "STORAGE_", "WEB_WORKER", "WORKER_CONC")


def _known(name: str) -> bool:
    return name in BY_NAME or (name.endswith("_FILE") and name[:-5] in BY_NAME and BY_NAME[name[:-5]].secret)


def _check_unknown(environ: Mapping[str, str]) -> None:
    for name in environ:
        if _known(name):
            continue
        near = difflib.get_close_matches(name, BY_NAME, n=1, cutoff=NEAR) if "_" in name else []
        if near or name.startswith(OUR_PREFIXES) or name.removesuffix("_FILE") in BY_NAME:
            hint = near or difflib.get_close_matches(name, BY_NAME, n=1, cutoff=0.5)
            more = f"是否想写 {hint[0]}？" if hint else ""
            raise ConfigError(f"无法启动：不认识设置 {name}。{more}全部设置见 docs/operations.md。")


def _given(setting: Setting, environ: Mapping[str, str]) -> str | None:
    if setting.secret and environ.get(setting.name) and f"{setting.name}_FILE" in environ:
        raise ConfigError(f"无法启动：{setting.name} 和 {setting.name}_FILE 只能给出一个。")
    if setting.name in environ:
        return environ[setting.name]
    if setting.secret and f"{setting.name}_FILE" in environ:
        path = environ[f"{setting.name}_FILE"]
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"无法启动：读不出 {setting.name}_FILE 所指的文件 {path}（{error}）。") from error
    return None


def _parse(setting: Setting, environ: Mapping[str, str], demo: bool) -> object:
    default = setting.demo if demo and setting.demo is not None else setting.default
    value = _given(setting, environ)
    try:
        return setting.parse(default if value is None else value.strip())
    except ValueError as error:
        shown = "" if setting.secret else f"（现为“{value}”）"
        raise ConfigError(f"无法启动：设置 {setting.name} {error}{shown}。") from error


def _kind_of(environ: Mapping[str, str]) -> str:
    """What the instance in DATA_DIR was made as: demo or center for life."""
    folder = None
    try:
        folder = _folder(environ.get("DATA_DIR", BY_NAME["DATA_DIR"].default).strip())
        return (folder / "instance").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        # make run's own folder becomes a demonstration, whoever makes it first.
        return "demo" if folder == ROOT / "var/demo" else BY_NAME["INSTANCE"].default


def load(environ: Mapping[str, str]) -> SimpleNamespace:
    """Read all settings.

    Args:
        environ: normally ``os.environ``.

    Returns:
        A namespace with one attribute a setting, parsed; an empty text means not given.

    Raises:
        ConfigError: an unknown or wrong setting, or one that needs another.
    """
    _check_unknown(environ)
    environ = {"INSTANCE": _kind_of(environ), **environ}
    demo = environ["INSTANCE"].strip() == "demo"
    config = SimpleNamespace(**{s.name: _parse(s, environ, demo) for s in SETTINGS})
    if config.DATABASE_URL and not config.SECRET_KEY:
        raise ConfigError("无法启动：使用外部数据库时必须给出 SECRET_KEY（至少 50 个字符），各主机相同。")
    if config.DATABASE_OWNER_URL and not config.DATABASE_URL:
        raise ConfigError("无法启动：给出了 DATABASE_OWNER_URL，还应给出 DATABASE_URL。")
    if config.DATABASE_URL and urlsplit(config.DATABASE_URL).username == urlsplit(config.DATABASE_OWNER_URL).username:
        raise ConfigError("无法启动：DATABASE_URL 和 DATABASE_OWNER_URL 应是两个不同的角色，见 docs/operations.md。")
    if _is_ip(config.HOST) and ipaddress.ip_address(config.HOST).is_unspecified and not config.SITE_HOST:
        raise ConfigError(
            f"无法启动：HOST={config.HOST} 让别的机器也能访问，还应给出 SITE_HOST，即别人所用的主机名或 IP 地址，"
            "例如 SITE_HOST=192.168.1.10。"
        )
    if bool(config.TLS_CERT) != bool(config.TLS_KEY):
        raise ConfigError("无法启动：TLS_CERT 和 TLS_KEY 要一起给出。")
    if config.SECRET_KEY and len(config.SECRET_KEY) < 50:
        raise ConfigError("无法启动：SECRET_KEY 太短，至少 50 个字符。")
    return config
