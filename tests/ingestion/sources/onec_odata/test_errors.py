import httpx
import pytest

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.sources.onec_odata.errors import (
    GoneError,
    HeavyAnswerError,
    NoRightsError,
    NotPublishedError,
    QueryRefusedError,
    explainer,
    read_complaint,
)

BOM = "\ufeff"


def odata_error(code: str, text: str) -> str:
    return f'{BOM}{{"odata.error":{{"code":"{code}","message":{{"lang":"ru","value":"{text}"}}}}}}'


def explained(status: int, body: str, *, divisible: bool = False) -> SourceError | None:
    explain = explainer("books", "Иванов", "Document_ЗаказКлиента", divisible=divisible)
    return explain(httpx.Response(status, content=body.encode()))


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (odata_error("8", "Тип сущности не найден"), "8", "Тип сущности не найден"),
        ('<?xml version="1.0"?><m:error xmlns:m="x"><m:code>-1</m:code><m:message>Сбой  записи</m:message></m:error>', "-1", "Сбой записи"),
        ('{"exception":{"descr":"Сбой","inner":{"descr":"нет связи","inner":{"descr":"порт","inner":null}}}}', "", "Сбой нет связи порт"),
        ("<html><body>Internal error by reason: <br>The device is full</body></html>", "", "The device is full"),
    ],
)
def test_four_shapes_of_errors_are_read(body: str, code: str, text: str) -> None:
    complaint = read_complaint(body.encode())
    assert complaint is not None
    assert (complaint.code, complaint.text) == (code, text)


def test_data_is_no_error() -> None:
    assert explained(200, BOM + '{"odata.metadata":"m","value":[{"Description":"exception"}]}') is None
    assert explained(200, "19") is None


@pytest.mark.parametrize("status", [401, 200])
def test_a_wrong_password_is_one_sentence_that_names_the_user(status: int) -> None:
    body = "<html><body>Идентификация пользователя не выполнена</body></html>"
    error = explained(status, body)
    assert isinstance(error, PermanentError)
    assert '"Иванов"' in str(error)
    assert "password" in str(error)


def test_a_page_in_the_code_page_of_windows_is_read_too() -> None:
    body = "<html><body>Идентификация пользователя не выполнена</body></html>".encode("cp1251")
    error = explainer("books", "Иванов", "Document_ЗаказКлиента")(httpx.Response(200, content=body))
    assert isinstance(error, PermanentError)


def test_missing_rights_are_no_wrong_password() -> None:
    error = explained(401, odata_error("20", "Недостаточно прав"))
    assert isinstance(error, PermanentError)
    assert "allowed_only" in str(error)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "8", NotPublishedError),
        (404, "9", GoneError),
        (400, "14", QueryRefusedError),
        (500, "10", QueryRefusedError),
        (501, "21", QueryRefusedError),
    ],
)
def test_internal_codes_decide_what_another_try_is_worth(status: int, code: str, kind: type[SourceError]) -> None:
    assert type(explained(status, odata_error(code, "…"))) is kind


@pytest.mark.parametrize(
    "body",
    [
        odata_error("12", "Неизвестная ошибка"),
        odata_error("-1", "Операция не разрешена в предложении ГДЕ"),
        '{"exception":{"descr":"Нельзя сравнивать поля неограниченной длины и поля несовместимых типов"}}',
        "<html><body>Internal error by reason: <br>Ошибка при разборе опции запроса</body></html>",
    ],
)
@pytest.mark.parametrize("divisible", [True, False])
@pytest.mark.parametrize("status", [500, 200])
def test_a_query_that_500_refuses_is_neither_repeated_nor_cut(body: str, divisible: bool, status: int) -> None:
    """500 is often a permanent error of the query: a code tells so, or the platform's words where it gives -1 or none."""
    assert isinstance(explained(status, body, divisible=divisible), QueryRefusedError)


@pytest.mark.parametrize(
    "body", [odata_error("-1", "Конфликт блокировок при выполнении транзакции"), odata_error("12", "База заблокирована")]
)
def test_what_may_pass_is_tried_again(body: str) -> None:
    assert isinstance(explained(500, body), TransientError)


def test_a_query_too_long_for_the_web_server_is_no_missing_object() -> None:
    """IIS answers 404.15; «not published» would leave the stream out and say so once."""
    body = "<html><head><title>404.15</title></head><body><h2>HTTP Error 404.15 - Not Found</h2>the query string is too long</body></html>"
    assert isinstance(explained(404, body), QueryRefusedError)


def test_a_method_that_is_not_there_is_not_asked_for_again() -> None:
    assert isinstance(explained(501, "Not Implemented"), QueryRefusedError)


def test_rows_beyond_the_rights_are_no_wrong_password_even_without_a_code() -> None:
    assert isinstance(explained(401, '{"exception":{"descr":"Недостаточно прав доступа"}}'), NoRightsError)


def test_a_page_that_fills_the_servers_folder_is_cut_and_a_single_entry_is_tried_again() -> None:
    body = odata_error("-1", "The device is full")
    assert isinstance(explained(500, body, divisible=True), HeavyAnswerError)
    assert isinstance(explained(500, body), TransientError)


def test_overload_in_front_of_1c_is_left_to_the_retries() -> None:
    assert explained(503, "<html>busy</html>", divisible=True) is None or isinstance(explained(503, "<html>busy</html>"), TransientError)
    assert not isinstance(explained(502, "", divisible=True), HeavyAnswerError)


def test_no_licence_is_worth_another_try_even_for_a_page() -> None:
    error = explained(500, "<html><body>Не найдена лицензия</body></html>", divisible=True)
    assert isinstance(error, TransientError)
    assert "лицензия" in str(error)


def test_a_web_page_with_status_200_is_transient() -> None:
    assert isinstance(explained(200, "<!DOCTYPE html><html><body>Please wait</body></html>"), TransientError)
