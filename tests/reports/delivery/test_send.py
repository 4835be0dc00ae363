"""The engine: right message, right reader, once; failures told; the same bytes again; channels that stop."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from reports.access import Scope
from reports.catalogue import find_report
from reports.delivery import compose as compose_module
from reports.delivery.channel import Steps
from reports.delivery.compose import Order
from reports.delivery.errors import RecipientError
from reports.delivery.failure_notice import failure_notice
from reports.delivery.message import Message
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient, resolve
from reports.delivery.send import Outcome, retry_waiting, send_report
from reports.delivery.smtp import SmtpChannel
from reports.formatting import Formatter
from reports.journal import Delivery, Key
from reports.periods import parse_period
from reports.render.pictures import Pictures
from reports.wording import load_words
from tests.reports.delivery.bot_api_server import BotApiServer, refusal
from tests.reports.delivery.conftest import Clock
from tests.reports.delivery.mail_server import MailServer, plain_text
from tests.reports.published_fixture import MANAGERS

DAY = parse_period("2026-03-30")
ORDER = Order("director_daily", DAY)
DIRECTOR = Recipient("email", "director@example.ru")
CHAT = Recipient("telegram", "77")


def only(outcomes: list[Outcome]) -> Delivery:
    assert len(outcomes) == 1
    assert outcomes[0].delivery is not None, outcomes[0].note
    return outcomes[0].delivery


def admin_files(office: Office, company: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((company.parent / "admin").glob("*.txt")))


def test_a_mail_arrives_once_whatever_is_asked_again(office: Office, mail: MailServer) -> None:
    assert only(send_report(office, ORDER, [DIRECTOR])).state == "sent"
    again = send_report(office, ORDER, [DIRECTOR])
    assert (again[0].delivery, again[0].note) == (None, "sent before")
    letter = mail.mails("director@example.ru")
    assert len(letter) == 1
    assert letter[0]["Auto-Submitted"] == "auto-generated"
    assert letter[0]["To"] == "director@example.ru"
    assert [part.get_filename() for part in letter[0].iter_attachments()] == ["director_daily-2026-03-30-ru.xlsx"]


def test_force_sends_again_and_says_so(office: Office, mail: MailServer) -> None:
    send_report(office, ORDER, [DIRECTOR])
    found = only(send_report(office, ORDER, [DIRECTOR], force=True))
    assert (found.state, found.forced, len(mail.mails("director@example.ru"))) == ("sent", 1, 2)


def test_a_report_in_telegram_is_a_summary_within_the_limits_and_its_workbook(office: Office, bot_api: BotApiServer) -> None:
    assert only(send_report(office, ORDER, [CHAT])).state == "sent"
    methods = bot_api.methods("77")
    assert methods[-1] == "sendDocument"
    assert set(methods[:-1]) == {"sendMessage"}
    text = "\n".join(bot_api.texts("77"))
    assert "<b>" in text
    assert max(len(line) for table in text.split("<pre>")[1:] for line in table.split("</pre>")[0].split("\n")) <= 40


def test_a_refused_report_is_tried_again_from_the_same_bytes(office: Office, mail: MailServer, clock: Clock) -> None:
    mail.data_answers = ["451 later"]
    found = only(send_report(office, ORDER, [DIRECTOR]))
    assert (found.state, found.next_try_at is not None) == ("failed", True)
    kept = office.outbox.load(found.number)
    assert kept is not None
    assert retry_waiting(office) == []
    clock.move(minutes=1)
    assert only(retry_waiting(office)).state == "sent"
    assert mail.envelopes == [("director@example.ru", kept.mail)]
    assert office.outbox.load(found.number) is None


def test_an_address_that_does_not_exist_is_given_up_and_the_administrator_is_told(office: Office, mail: MailServer, company: Path) -> None:
    mail.refused["director@example.ru"] = "550 no such user"
    found = only(send_report(office, ORDER, [DIRECTOR]))
    assert (found.state, found.next_try_at) == ("failed", None)
    told = admin_files(office, company)
    assert "550 no such user" in told
    assert "Больше попыток не будет. Когда причина устранена: skvoz report send director_daily --period 2026-03-30" in told


def test_an_unknown_fate_is_not_replayed_but_told(office: Office, mail: MailServer, clock: Clock, company: Path) -> None:
    mail.data_answers = ["drop"]
    assert only(send_report(office, ORDER, [DIRECTOR])).state == "unknown"
    clock.move(days=1)
    assert retry_waiting(office) == []
    assert send_report(office, ORDER, [DIRECTOR])[0].delivery is None
    assert len(mail.envelopes) == 1
    told = admin_files(office, company)
    assert told.startswith("skvoz: Отчёт руководителю за день (понедельник, 30 марта 2026), email:director@example.ru: неизвестно")
    assert "skvoz report send director_daily --period 2026-03-30 --to email:director@example.ru --force" in told, "what to do now"


def test_one_readers_failure_is_not_anothers(office: Office, mail: MailServer) -> None:
    mail.refused["director@example.ru"] = "550 no such user"
    outcomes = send_report(office, ORDER, [DIRECTOR, Recipient("email", "owner@example.ru")])
    assert [outcome.delivery.state for outcome in outcomes if outcome.delivery] == ["failed", "sent"]


def test_a_wire_that_breaks_unforeseen_keeps_nobody_else_waiting(
    office: Office, mail: MailServer, company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = office.channel("email")
    broken = Recipient("email", "broken@example.ru")

    def deliver(message: Message, address: str, steps: Steps) -> None:
        if address == broken.address:
            msg = "nobody thought of this"
            raise ValueError(msg)
        SmtpChannel.deliver(wire, message, address, steps)  # type: ignore[arg-type]

    monkeypatch.setattr(wire, "deliver", deliver)
    outcomes = send_report(office, ORDER, [broken, DIRECTOR])
    assert [outcome.delivery.state for outcome in outcomes if outcome.delivery] == ["failed", "sent"]
    assert "nobody thought of this" in admin_files(office, company)


@pytest.mark.parametrize(
    "text", ["email:Anna <m1@example.ru>", "email:x@", "email:a b@example.ru", "webhook:http://[::1", "webhook:https://"]
)
def test_what_is_no_address_is_no_recipient(office: Office, text: str) -> None:
    with pytest.raises(RecipientError):
        resolve([text], office.people)


def test_a_mailbox_in_other_letters_is_refused_and_not_tried_again(office: Office) -> None:
    found = only(send_report(office, ORDER, [Recipient("email", "иван@example.ru")]))
    assert (found.state, found.next_try_at) == ("failed", None)


def test_who_unsubscribes_while_a_mail_waits_for_another_try_does_not_get_it(office: Office, mail: MailServer, clock: Clock) -> None:
    mail.data_answers = ["451 later", "451 later"]
    other = Order("operations_daily", DAY)
    send_report(office, ORDER, [DIRECTOR])
    send_report(office, other, [DIRECTOR])
    for order in (ORDER, other):
        office.standing.stop(order.report, "email", DIRECTOR.address, "the reader has unsubscribed")
    clock.move(minutes=1)
    assert only(send_report(office, other, [DIRECTOR])).state == "skipped"
    assert only(retry_waiting(office)).state == "skipped"
    assert (mail.envelopes, office.journal.waiting()) == ([], [])


def test_what_went_out_before_the_reader_stopped_it_is_not_told_as_sent_now(office: Office, mail: MailServer) -> None:
    send_report(office, ORDER, [DIRECTOR])
    office.standing.stop(ORDER.report, "email", DIRECTOR.address, "the reader has unsubscribed")
    [outcome] = send_report(office, ORDER, [DIRECTOR])
    assert (outcome.delivery, outcome.note, len(mail.envelopes)) == (None, "the reader has unsubscribed", 1)


def test_a_report_that_cannot_be_made_gives_one_sentence_to_the_reader_and_the_trace_to_the_administrator(
    office: Office, mail: MailServer, company: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        msg = "a template with an error"
        raise RuntimeError(msg)

    monkeypatch.setattr(compose_module, "render_report", broken)
    found = only(send_report(office, ORDER, [DIRECTOR]))
    assert found.state == "failed"
    clock.move(minutes=2)
    send_report(office, ORDER, [DIRECTOR])
    letters = mail.mails("director@example.ru")
    assert len(letters) == 1, "the sentence came twice"
    body = letters[0].get_body()
    assert body is not None
    assert "template" not in body.get_content()
    assert "(понедельник, 30 марта 2026)" in body.get_content()
    assert "RuntimeError: a template with an error" in admin_files(office, company)
    monkeypatch.undo()
    clock.move(hours=1)
    assert only(send_report(office, ORDER, [DIRECTOR])).state == "sent"


def test_three_refusals_on_different_days_stop_a_chat_and_one_acceptance_forgives(
    office: Office, bot_api: BotApiServer, clock: Clock, company: Path
) -> None:
    def send(day: int) -> Outcome:
        return send_report(office, Order("director_daily", parse_period(f"2026-03-{day}")), [CHAT])[0]

    bot_api.blocked.add("77")
    send(10)
    send(11)  # the same day
    clock.move(days=1)
    send(12)
    bot_api.blocked.clear()
    clock.move(days=1)
    assert only([send(13)]).state == "sent"
    bot_api.blocked.add("77")
    for day in (14, 15, 16):
        clock.move(days=1)
        assert only([send(day)]).state == "failed"
    calls = len(bot_api.calls)
    clock.move(days=1)
    found = send(17).delivery
    assert found is not None
    assert (found.state, found.reason) == ("skipped", "refused on 3 different days")
    assert len(bot_api.calls) == calls
    assert "three different days" in admin_files(office, company)


def test_a_wrong_token_stops_telegram_for_everybody_and_is_told_once(
    open_office: Callable[[], Office], bot_api: BotApiServer, company: Path
) -> None:
    text = company.read_text(encoding="utf-8")
    company.write_text(text.replace('token = "12345678', 'token = "87654321'), encoding="utf-8")
    office = open_office()
    chats = [Recipient("telegram", str(number)) for number in range(5)]
    outcomes = send_report(office, ORDER, chats)
    assert {outcome.delivery.state for outcome in outcomes if outcome.delivery} == {"failed"}
    assert len(bot_api.calls) == 1
    later = open_office()
    send_report(later, Order("director_daily", parse_period("2026-03-29")), chats)
    assert len(bot_api.calls) == 1, "the refused token was tried again"
    assert len(list((company.parent / "admin").glob("*.txt"))) == 1
    company.write_text(text, encoding="utf-8")
    assert only(send_report(open_office(), ORDER, [Recipient("telegram", "9")])).state == "sent"


def test_a_moved_chat_is_reached_at_its_new_place_from_then_on(office: Office, bot_api: BotApiServer) -> None:
    bot_api.moved["77"] = -100500
    send_report(office, ORDER, [CHAT])
    asked = len(bot_api.calls)
    send_report(office, Order("director_daily", parse_period("2026-03-29")), [CHAT])
    assert {params["chat_id"] for _, params in bot_api.calls[asked:]} == {"-100500"}


def test_a_persons_group_that_moved_keeps_its_reader_and_gets_nothing_twice(office: Office, bot_api: BotApiServer) -> None:
    office.people.add("anna", "manager", Scope("manager", MANAGERS[0][0]))
    office.people.link(office.people.make_code("anna"), -77)
    bot_api.moved["-77"] = -100500
    order = Order("manager_personal", DAY)
    assert only(send_report(office, order, resolve(["telegram:anna"], office.people))).state == "sent"
    assert send_report(office, order, resolve(["telegram:anna"], office.people))[0].note == "sent before"
    scopes = [one.scope.kind for one in resolve(["telegram:-77", "telegram:-100500", "telegram:anna"], office.people)]
    assert scopes == ["manager"], "three names of one chat"
    found = office.people.by_chat(-100500)
    assert found is not None
    assert found.name == "anna"


def test_a_folder_gets_the_files_and_an_empty_report_is_not_sent(
    office: Office, company: Path, empty_published: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Recipient("file", "out/")
    assert only(send_report(office, ORDER, [folder])).state == "sent"
    assert {path.suffix for path in (company.parent / "out").iterdir()} == {".txt", ".html", ".xlsx"}
    monkeypatch.setattr(office, "_published", empty_published)
    found = only(send_report(office, Order("director_daily", parse_period("2026-03-29")), [folder]))
    assert (found.state, found.reason) == ("skipped", "empty")
    asked = send_report(office, Order("director_daily", parse_period("2026-03-28")), [folder], send_empty=True)
    assert only(asked).state == "sent"


def test_a_person_reads_under_their_own_rights_and_others_on_the_administrators_word(
    office: Office, mail: MailServer, bot_api: BotApiServer
) -> None:
    key, name, _ = MANAGERS[0]
    office.people.add("anna", "manager", Scope("manager", key), "m1@example.ru")
    code = office.people.make_code("anna")
    office.people.link(code, 501)
    recipients = resolve(["email:M1@example.ru", "telegram:anna", "email:someone@example.ru"], office.people)
    assert [str(recipient) for recipient in recipients] == ["email:m1@example.ru", "telegram:501", "email:someone@example.ru"]
    assert [recipient.scope.kind for recipient in recipients] == ["manager", "manager", "all"]
    outcomes = send_report(office, Order("manager_personal", DAY), recipients)
    assert [outcome.delivery.state for outcome in outcomes if outcome.delivery] == ["sent", "sent", "skipped"]
    others = [other for _, other, _ in MANAGERS if other != name]
    letter = mail.mails("m1@example.ru")[0]
    body = letter.get_body(("html",))
    assert body is not None
    texts = [body.get_content(), *bot_api.texts("501"), *workbook_texts(letter)]
    assert not [other for other in others for text in texts if other in text]
    refused = send_report(office, ORDER, recipients[:1])
    assert "has the role manager, and the report is for director" in only(refused).reason


def workbook_texts(letter: EmailMessage) -> list[str]:
    books = [zipfile.ZipFile(io.BytesIO(part.get_content())) for part in letter.iter_attachments()]
    return [book.read(name).decode() for book in books for name in book.namelist() if name.endswith(".xml")]


@pytest.mark.parametrize(("limit", "left"), [(5_000, "zip"), (100, "")])
def test_an_attachment_over_the_limit_is_zipped_else_left_out_and_the_letter_says_so(
    office: Office, mail: MailServer, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch, limit: int, left: str
) -> None:
    import reports.delivery.compose as module

    # a workbook is a zip already: text that packs well stands in for one that is too large
    monkeypatch.setattr(module, "MEGABYTE", limit // 10)
    monkeypatch.setattr(module, "render_workbook", lambda *_: b"a" * 50_000)
    monkeypatch.setattr("reports.render.report.render_workbook", lambda *_: b"a" * 50_000)
    send_report(office, ORDER, [DIRECTOR, CHAT])
    letter = mail.mails("director@example.ru")[0]
    names = [part.get_filename() for part in letter.iter_attachments()]
    assert names == (["director_daily-2026-03-30-ru.xlsx.zip"] if left else [])
    if left:
        packed = next(iter(letter.iter_attachments())).get_content()
        assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["director_daily-2026-03-30-ru.xlsx"]
    sentence = "упакован в zip" if left else "не вложен"
    for kind in ("html", "plain"):
        body = letter.get_body((kind,))
        assert body is not None
        assert sentence in body.get_content()
    assert sentence in bot_api.texts("77")[0]
    assert ("sendDocument" in bot_api.methods("77")) == bool(left)


@pytest.mark.parametrize("recipient", [DIRECTOR, CHAT])
def test_a_pdf_goes_along_on_request_and_its_absence_is_told(
    office: Office, mail: MailServer, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch, recipient: Recipient
) -> None:
    order = Order("director_daily", ORDER.period, pdf=True)
    send_report(office, order, [recipient])
    told = plain_text(mail.mails("director@example.ru")[0]) if recipient is DIRECTOR else bot_api.texts("77")[0]
    assert "PDF не сделан: на сервере нет браузера." in told
    monkeypatch.setattr(Pictures, "print_page", lambda _self, _html: b"%PDF-1.4 printed")
    send_report(office, order, [recipient], force=True)
    if recipient is CHAT:
        assert bot_api.methods("77").count("sendDocument") == 3
        return
    letter = mail.mails("director@example.ru")[1]
    assert {part.get_content_type(): part.get_content() for part in letter.iter_attachments()}["application/pdf"] == b"%PDF-1.4 printed"
    assert "PDF не сделан" not in plain_text(letter)


def test_a_chat_gets_no_file_that_a_bot_may_not_send(office: Office, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_module, "LARGEST_IN_TELEGRAM", 100)
    assert only(send_report(office, ORDER, [CHAT])).state == "sent"
    assert "sendDocument" not in bot_api.methods("77")
    assert "не вложен" in bot_api.texts("77")[0]


def test_the_limit_is_of_all_attachments_together(office: Office, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.delivery.compose.MEGABYTE", 6_000)
    monkeypatch.setattr("reports.render.report.render_workbook", lambda *_: bytes(range(256)) * 200)
    noise = hashlib.shake_256(b"pdf").digest(30_000)
    monkeypatch.setattr(Pictures, "print_page", lambda _self, _html: noise)
    send_report(office, Order("director_daily", ORDER.period, pdf=True), [DIRECTOR])
    letter = mail.mails("director@example.ru")[0]
    assert [part.get_filename() for part in letter.iter_attachments()] == ["director_daily-2026-03-30-ru.xlsx"]
    assert "Файл director_daily-2026-03-30-ru.pdf (0,0 МБ) не вложен" in plain_text(letter)


def test_a_stale_report_is_marked_in_its_subject_and_at_its_top(office: Office, mail: MailServer) -> None:
    send_report(office, Order("director_daily", parse_period("2026-04-01"), stale=True), [DIRECTOR])
    letter = mail.mails("director@example.ru")[0]
    assert str(letter["Subject"]).startswith("[данные устарели]")
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("! Данные не обновились вовремя")
    assert office.journal.find(Key("director_daily", "2026-04-01", "email", "director@example.ru")) is not None


def test_a_webhook_gets_one_document_with_a_key_against_repetition(office: Office, bot_api: BotApiServer, clock: Clock) -> None:
    import http.server
    import threading

    got: list[tuple[str, dict[str, object]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Idempotency-Key"], json.loads(body)))
            self.send_response(204 if len(got) > 1 else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        hook = Recipient("webhook", f"http://127.0.0.1:{server.server_port}/secret-path")
        first = only(send_report(office, ORDER, [hook]))
        assert (first.state, first.next_try_at is not None) == ("failed", True)
        assert "secret-path" not in first.reason
        clock.move(minutes=1)
        assert only(retry_waiting(office)).state == "sent"
        assert [outcome.delivery for outcome in send_report(office, ORDER, [hook])] == [None]
        assert only(send_report(office, ORDER, [hook], force=True)).state == "sent"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert got[0] == got[1]
    assert got[0][1]["report"] == "director_daily"
    again = got[2]
    assert again[1] == got[0][1]
    assert again[0] != got[0][0], "who forces it means another document"


def test_a_waiting_chat_keeps_what_it_got_and_gets_the_rest_later(office: Office, bot_api: BotApiServer, clock: Clock) -> None:
    bot_api.faults["sendDocument"] = [refusal(429, "Too Many Requests", retry_after=600)]
    assert only(send_report(office, ORDER, [CHAT])).state == "failed"
    texts = bot_api.texts("77")
    clock.move(minutes=10)
    assert only(retry_waiting(office)).state == "sent"
    assert bot_api.texts("77") == texts
    assert bot_api.methods("77").count("sendDocument") == 1


def test_every_report_of_the_catalogue_names_who_may_have_it() -> None:
    assert find_report("manager_personal").roles == {"manager"}


def test_a_wire_and_a_setting_that_fail_are_told_with_what_to_do(office: Office) -> None:
    words, form = load_words("ru"), Formatter("ru", "RUB", office.settings.company.zone)
    for key, subject in (
        (Key("channel", "2026-03-31", "telegram", "*"), "skvoz: через telegram ничего не отправляется"),
        (Key("configuration", "2026-03-31", "skvoz.toml", "alerts"), "skvoz: skvoz.toml, alerts: не выполняется"),
    ):
        delivery = Delivery(0, key, "failed", "the token is wrong.", 1, 0, office.now(), office.now())
        told, lines = failure_notice(key, delivery, "", words, form)
        assert told == subject
        assert lines[0] == "the token is wrong."
        if key.report == "channel":
            assert lines[-1].endswith("skvoz check"), "that is what lets the wire go again"
