"""Signs that a page is dead, dying, or kept from us: a table, matched against what a look got.

Comparing with an earlier look is left to planning.verdict.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from wpstate.model.look import LookSeen

_LIMIT = 512 << 10
"""Characters of a page that are searched."""


@dataclass(frozen=True, slots=True)
class Sign:
    slug: str
    detail: str
    """The words that gave it away, as the site sent them; for `blocked`, what to allow."""
    blocked: bool = False


# Core's own words (class-wp-fatal-error-handler.php, functions.php dead_db and load.php
# wp_maintenance of WordPress 7.1.1) in the languages that its packages carry.
_FATAL = (
    "There has been a critical error on this website",
    "Il y a eu une erreur critique sur ce site",
    "Auf dieser Website ist ein kritischer Fehler aufgetreten",
    "Ha habido un error crítico en esta web",
    "Si è verificato un errore critico sul tuo sito",
    "Er heeft zich een kritieke fout voorgedaan op deze site",
    "Há um erro crítico no seu site",
    "W witrynie wystąpił błąd krytyczny",
    "Det har uppstått ett kritiskt fel på webbplatsen",
    "На сайте возникла критическая ошибка",
    "На сайті виникла критична помилка",
    "Súlyos hiba történt a webhely",
    "Sitenizde ciddi bir sorun çıktı",
    "このサイトで重大なエラーが発生しました",
    "此站点遇到了致命错误",
    "這個網站發生嚴重錯誤",
    "이 웹사이트에 치명적인 오류가 있습니다",
    "كان هناك خطأ فادح في هذا الموقع",
    "באתר זה אירעה שגיאה קריטית",
)
_DATABASE = (
    "Error establishing a database connection",
    "Erreur lors de la connexion à la base de données",
    "Fehler beim Aufbau einer Datenbankverbindung",
    "Error al establecer una conexión con la base de datos",
    "Error estableciendo una conexión con la base de datos",
    "Errore nello stabilire una connessione al database",
    "Fout bij het maken van de databaseconnectie",
    "Erro ao estabelecer uma conexão com o banco de dados",
    "Erro ao estabelecer uma ligação com a base de dados",
    "Błąd łączenia się z bazą danych",
    "Ett fel uppstod vid anslutning till databasen",
    "Ошибка установки соединения с базой данных",
    "データベース接続確立エラー",
    "建立数据库连接时出错",
)
_MAINTENANCE = (
    "Briefly unavailable for scheduled maintenance",
    "Indisponibilité temporaire pour cause de maintenance",
    "aufgrund planmäßiger Wartungsarbeiten vorübergehend nicht verfügbar",
    "No disponible temporalmente por mantenimiento programado",
    "Momentaneamente non disponibile per manutenzione",
    "Tijdelijk niet beschikbaar vanwege gepland onderhoud",
    "Momentaneamente indisponível para manutenção",
    "現在メンテナンス中のため、しばらくの間ご利用いただけません",
)


def _any_of(texts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(text) for text in texts), re.IGNORECASE)


# Only on a page that is short or core's own error page: an article may quote them.
_CORE_WORDS = (
    ("fatal_error_text", _any_of(_FATAL)),
    ("database_error", _any_of(_DATABASE)),
    ("maintenance", _any_of(_MAINTENANCE)),
)
_SHORT = 6_000

# Each with words of which one must stand on the page, in lower case: finding a word is a hundred
# times quicker than trying a pattern, and visitors wait meanwhile.
#
# PHP 5.6 to 8.4 print "<b>Fatal error</b>:  Uncaught …" with html_errors, without tags otherwise.
_TEXTS = (
    (
        "fatal_error_text",
        ("fatal error", "parse error"),
        re.compile(
            r"(?:<b>|^|\n|PHP )(?:Fatal error|Parse error)(?:</b>)?: +[^\n]{1,300}?"
            r"\.php(?:</b>)?(?: on line |:\d)"
        ),
    ),
    (
        "install_page",
        ("wordpress &rsaquo;",),
        re.compile(r"<title>WordPress &rsaquo; (?:Installation|Setup)", re.IGNORECASE),
    ),
    ("php_source", ("<?php",), re.compile(r"\A\s*<\?php\b")),
    (
        "foreign_page",
        (
            *("welcome to nginx!", "default page", "default web site page", "default plesk page"),
            *("index of /", "account suspended", "<h1>it works!", "cgi-sys/"),
            *("sedoparking.com", "parkingcrew.net", "this domain "),
        ),
        re.compile(
            r"<title>(?:Welcome to nginx!|Apache2? [\w ]*Default Page|Index of /|Account Suspended"
            r"|Domain Default page|Default (?:Web Site|PLESK) Page)"
            r"|<h1>It works!</h1>|cgi-sys/(?:defaultwebpage|suspendedpage)\.cgi"
            r"|sedoparking\.com|parkingcrew\.net|this domain (?:is parked|may be for sale)",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
)
_INSTALL_PATHS = ("/wp-admin/install.php", "/wp-admin/setup-config.php")
_LEVELS = ("Warning", "Notice", "Deprecated", "Strict Standards")
_WARNING = re.compile(
    rf"(?:<b>|^|\n)({'|'.join(_LEVELS)})(?:</b>)?: +"
    r"([^\n]{1,300}?) in (?:<b>)?(\S{1,300}?\.php)(?:</b>)?(?: on line |:)"
)

_ALLOW = "allow the address that wpstate looks from, or its User-Agent, which ends in `wpstate`"
_WALLS = (
    (
        "Cloudflare's challenge",
        re.compile(r"<title>Just a moment\.\.\.|/cdn-cgi/challenge-platform/"),
    ),
    (
        "Cloudflare",
        re.compile(r"<title>Attention Required! \| Cloudflare|Sorry, you have been blocked"),
    ),
    ("Sucuri", re.compile(r"Sucuri WebSite Firewall - Access Denied")),
    ("Wordfence", re.compile(r"Generated by Wordfence|Your access to this site has been limited")),
    ("Imunify360", re.compile(r"Imunify360|bot-protection", re.IGNORECASE)),
    ("SiteGround's captcha", re.compile(r"/\.well-known/(?:sg)?captcha/")),
    ("DDoS-Guard", re.compile(r"DDoS-Guard")),
    ("mod_security", re.compile(r"Mod_Security|<h1>Not Acceptable!?</h1>", re.IGNORECASE)),
    ("a captcha", re.compile(r"(?:g-recaptcha|h-captcha|cf-turnstile)\b")),
)
_WALL_STATUS = frozenset({202, 401, 403, 405, 406, 415, 418, 429, 503})


def signs(seen: LookSeen) -> tuple[Sign, ...]:
    """Everything that is wrong with this answer taken alone, gravest first; empty is well.

    A status is judged only where it says something by itself (5xx, a wall): 404 may be right.
    """
    if seen.error is not None:
        return (Sign(seen.error, f"after {seen.took_s:.1f} s"),)
    wall = _wall(seen)
    if wall is not None:
        return (wall,)
    page = seen.body[:_LIMIT]
    lower = page.lower()
    found = [
        Sign(slug, match[0])
        for slug, words, text in _TEXTS
        if any(word in lower for word in words) and (match := text.search(page))
    ]
    if len(page) <= _SHORT or 'id="error-page"' in page:
        found += [
            Sign(slug, match[0]) for slug, text in _CORE_WORDS if (match := text.search(page))
        ]
    if urlsplit(seen.final_url).path.endswith(_INSTALL_PATHS):
        found.append(Sign("install_page", seen.final_url))
    if seen.status == 200 and not page.strip():
        found.append(Sign("empty_body", "status 200 and not a character"))
    if seen.status is not None and seen.status >= 500:
        found.append(Sign("status", str(seen.status)))
    return tuple(found)


def warnings(seen: LookSeen) -> frozenset[str]:
    """PHP's printed warnings, notices and deprecations: `Warning: text in file.php`."""
    page = seen.body[:_LIMIT]
    if not any(f"{level}:" in page or f"{level}</b>:" in page for level in _LEVELS):
        return frozenset()
    return frozenset(
        f"{level}: {text} in {path.rpartition('/')[2]}"
        for level, text, path in _WARNING.findall(page)
    )


def _wall(seen: LookSeen) -> Sign | None:
    """A challenge, a firewall or a login that stands between us and the site."""
    headers = dict(seen.headers)
    if headers.get("cf-mitigated") == "challenge":
        return Sign("challenge", f"Cloudflare's challenge: {_ALLOW}", blocked=True)
    if seen.status == 401 and "www-authenticate" in headers:
        return Sign("login_wall", f"HTTP authentication: {_ALLOW}", blocked=True)
    if seen.status == 429:
        return Sign("challenge", f"too many requests: {_ALLOW}", blocked=True)
    if seen.status in _WALL_STATUS:
        for whose, text in _WALLS:
            if text.search(seen.body[:_LIMIT]):
                return Sign("challenge", f"{whose}: {_ALLOW}", blocked=True)
    asked, got = urlsplit(seen.request.url).path, urlsplit(seen.final_url).path
    if got.endswith("/wp-login.php") and not asked.endswith("/wp-login.php"):
        return Sign("login_wall", f"WordPress asks to log in at {got}", blocked=True)
    return None
