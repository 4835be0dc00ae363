"""How 1C says no: four shapes of errors, told apart only by looking (guide 17.4; codes of the platform)."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import orjson

BOM = b"\xef\xbb\xbf"
JSON = "application/json;charset=utf-8"
HTML = "text/html;charset=utf-8"

WRONG_URL, NO_ENTITY, NO_INSTANCE, NO_PROPERTY, NO_METHOD, BAD_OPTION, HTTP_METHOD, NO_RIGHTS = 6, 8, 9, 10, 11, 14, 19, 20
GUID_ORDER = "Нельзя сравнивать поля неограниченной длины и поля несовместимых типов"
NOT_ALLOWED = 'Операция не разрешена в предложении "ГДЕ"'
DISK_FULL = "Ошибка при выполнении операции с файлом временного хранилища: The device is full"


class OneCError(Exception):
    """The platform refuses a request.

    shape: odata (JSON with the dotted key, or XML without $format=json) | exception (the application server's own JSON) | html.
    """

    def __init__(self, status: int, code: int, text: str, shape: str = "odata") -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.shape = shape


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, media type and body of an answer."""

    status: int
    media: str
    body: bytes


def refusal(error: OneCError, as_json: bool, with_bom: bool) -> Reply:
    """The error in the shape the platform would give it."""
    if error.shape == "html":
        return Reply(error.status, HTML, page("Ошибка", f"по причине: <br>{error.text}"))
    if error.shape == "exception":
        body = orjson.dumps({"exception": {"descr": error.text, "inner": {"descr": "Ошибка выполнения запроса"}}})
        return Reply(error.status, JSON, (BOM if with_bom else b"") + body)
    if as_json:
        body = orjson.dumps({"odata.error": {"code": str(error.code), "message": {"lang": "ru", "value": error.text}}})
        return Reply(error.status, JSON, (BOM if with_bom else b"") + body)
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
        f'<m:code>{error.code}</m:code><m:message xml:lang="ru">{escape(error.text)}</m:message></m:error>'
    )
    return Reply(error.status, "application/xml;charset=utf-8", xml.encode())


def page(title: str, text: str) -> bytes:
    """A page of the web server or the platform."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>".encode()


UNAUTHORIZED = Reply(401, HTML, page("401 Unauthorized", "Неправильное имя или пароль"))
QUERY_TOO_LONG = Reply(
    404,
    HTML,
    page(
        "HTTP Error 404.15 - Not Found", "The request filtering module is configured to deny a request where the query string is too long."
    ),
)
NO_LICENCE = Reply(200, HTML, page("1С:Предприятие", "Не обнаружено свободной лицензии! по причине: <br>Не найдена лицензия"))
BLOCKED = Reply(200, HTML, page("1С:Предприятие", "Начало сеанса с информационной базой запрещено. Обновление конфигурации"))
NOT_PUBLISHED = Reply(404, HTML, page("404 Not Found", "Запрашиваемый ресурс не найден"))
