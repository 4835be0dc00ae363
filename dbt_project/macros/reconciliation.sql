{#- What the checks of models/intermediate/reconciliation share: which there are, how grave a row is, what it says. -#}

{#- Names of the checks without "check_": those that skvoz finds as files (var reconciliation_checks) but those switched off. -#}
{% macro reconciliation_checks() -%}
    {{ return(var('reconciliation_checks') | reject('in', var('reconciliation_skip', [])) | list) }}
{%- endmacro %}

{#- high, medium or low by the amount at stake in the company currency; an unknown amount is medium. -#}
{% macro issue_severity(amount) -%}
    case
        when abs({{ amount }}) >= {{ var('reconciliation_high_amount') }} then 'high'
        when abs({{ amount }}) < {{ var('reconciliation_low_amount') }} then 'low'
        else 'medium'
    end
{%- endmacro %}

{#- Two sums differ by more than the greater of an absolute and a relative tolerance; the second sum is the measure. -#}
{% macro differs(left, right) -%}
    abs(({{ left }}) - ({{ right }})) > greatest({{ var('reconciliation_tolerance') }}, {{ var('reconciliation_tolerance_share') }} * abs({{ right }}))
{%- endmacro %}

{#- A key that a check does not have. -#}
{% macro no_key() -%}
    {{ cast_as('null', 'varchar') }}
{%- endmacro %}

{#- A sentence in the language of var details_language: {name} stands for an expression of `values`, an unknown value is a dash. -#}
{% macro sentence(texts, values) -%}
    {%- set language = var('details_language') -%}
    {%- if language not in texts -%}
        {{ exceptions.raise_compiler_error("details_language '" ~ language ~ "': the texts are there in " ~ (texts.keys() | join(', '))) }}
    {%- endif -%}
    {%- set told = namespace(text="'" ~ (texts[language] | replace("'", "''")) ~ "'") -%}
    {%- for name, expression in values.items() -%}
        {%- set told.text = told.text | replace('{' ~ name ~ '}', "' || coalesce(" ~ cast_as(expression, 'varchar') ~ ", '—') || '") -%}
    {%- endfor -%}
    {{ told.text }}
{%- endmacro %}

{#- What each check says, in every language; a company's own check may hold its texts itself and call sentence(). -#}
{% macro reconciliation_sentence(name, values) -%}
    {%- set sentences = {
        'won_deal_without_order': {
            'ru': 'Сделка «{deal}» выиграна {date} на {amount} {currency}, а заказа по ней в учёте нет.',
            'en': 'Deal “{deal}” was won on {date} for {amount} {currency}, but the books hold no order for it.',
        },
        'order_without_deal': {
            'ru': 'Заказ {number} от {date} на {amount} {currency} не связан ни с одной сделкой CRM.',
            'en': 'Order {number} of {date} for {amount} {currency} belongs to no deal of the CRM.',
        },
        'amount_differs': {
            'ru': 'В сделке «{deal}» {deal_amount} {currency}, в её заказах ({numbers}) {order_amount} {order_currency}.',
            'en': 'Deal “{deal}” says {deal_amount} {currency}, its orders ({numbers}) {order_amount} {order_currency}.',
        },
        'paid_not_shipped': {
            'ru': 'Заказ {number} от {date} оплачен на {paid} {currency}, а отгружено за вычетом возвратов {shipped}; последняя оплата {paid_date}.',
            'en': 'Order {number} of {date}: {paid} {currency} paid, {shipped} shipped net of returns; last payment on {paid_date}.',
        },
        'cancelled_order_paid': {
            'ru': 'Заказ {number} от {date} отменён, а оплата по нему {paid} {currency} не возвращена; последняя оплата {paid_date}.',
            'en': 'Order {number} of {date} is cancelled, but {paid} {currency} paid for it were not returned; last payment on {paid_date}.',
        },
        'shipped_not_paid': {
            'ru': 'По заказу {number} от {date} долг {amount} {currency}, срок оплаты {due} прошёл {days} дн. назад.',
            'en': 'Order {number} of {date} owes {amount} {currency}; it was due on {due}, {days} days ago.',
        },
        'paid_order_open_deal': {
            'ru': 'Заказ {number} оплачен полностью ({paid} {currency}), а сделка «{deal}» ещё стоит на этапе «{stage}».',
            'en': 'Order {number} is paid in full ({paid} {currency}), but deal “{deal}” still stands in “{stage}”.',
        },
        'payment_without_order': {
            'ru': 'В платеже от {date} на {amount} {currency} не указан заказ; плательщик: {customer}.',
            'en': 'Payment of {date} for {amount} {currency} names no order; payer: {customer}.',
        },
        'duplicate_customer': {
            'ru': 'В системе {source} похожи на одного клиента карточки «{name}» ({id}) и «{other_name}» ({other_id}): {evidence}.',
            'en': 'In {source} the cards “{name}” ({id}) and “{other_name}” ({other_id}) look like one customer: {evidence}.',
        },
        'evidence_tax_id': {'ru': 'ИНН {value}', 'en': 'tax id {value}'},
        'evidence_phone': {'ru': 'телефон {value}', 'en': 'phone {value}'},
        'evidence_email': {'ru': 'почта {value}', 'en': 'e-mail {value}'},
        'evidence_name': {'ru': 'одинаковое имя', 'en': 'the same name'},
        'missed_call_not_returned': {
            'ru': 'На звонок с {phone} {date} не ответили и не перезвонили за {hours} ч.; клиент: {customer}.',
            'en': 'A call from {phone} on {date} was missed and not returned within {hours} hours; customer: {customer}.',
        },
        'missing_exchange_rate': {
            'ru': 'Нет курса: {kind} {number} от {date} на {amount} {currency} не переведён в валюту компании и не попал в её суммы.',
            'en': 'No exchange rate: {kind} {number} of {date} for {amount} {currency} is not in the company’s figures.',
        },
        'unknown_manager': {
            'ru': 'Менеджер не указан или не найден среди пользователей: {kind} {number} от {date} на {amount}.',
            'en': 'No manager, or none that is among the users: {kind} {number} of {date} for {amount}.',
        },
        'control_revenue': {
            'ru': '{source}: выручка за {month} в витринах {ours}, в регистре продаж 1С {theirs}.',
            'en': '{source}: revenue of {month} is {ours} in the marts and {theirs} in the sales register of 1C.',
        },
        'control_documents': {
            'ru': '{source}: за {month} регистр продаж 1С даёт {ours}, а проведённые документы {theirs}.',
            'en': '{source}: for {month} the sales register of 1C says {ours}, the posted documents {theirs}.',
        },
        'control_balance': {
            'ru': '{source}: долг клиента «{customer}» за вычетом авансов {ours}, а по регистру расчётов 1С {theirs}.',
            'en': '{source}: customer “{customer}” owes {ours} net of advances, {theirs} by the settlements register of 1C.',
        },
        'deal_closed_before_created': {
            'ru': 'Сделка «{record}» закрыта {second} раньше, чем создана {first}.',
            'en': 'Deal “{record}” was closed on {second}, before it was created on {first}.',
        },
        'lead_closed_before_created': {
            'ru': 'Лид {record} закрыт {second} раньше, чем создан {first}.',
            'en': 'Lead {record} was closed on {second}, before it was created on {first}.',
        },
        'deal_in_unknown_stage': {
            'ru': 'Сделка «{record}» стоит на этапе {first}, которого нет ни в одной воронке.',
            'en': 'Deal “{record}” stands in stage {first}, which no pipeline has.',
        },
        'deal_amount_negative': {
            'ru': 'У сделки «{record}» отрицательная сумма {first}.',
            'en': 'Deal “{record}” has a negative amount of {first}.',
        },
        'lost_deal_shipped': {
            'ru': 'Сделка «{record}» проиграна, а по её заказу {second} отгружено {first}.',
            'en': 'Deal “{record}” is lost, but {first} were shipped for its order {second}.',
        },
        'order_overpaid': {
            'ru': 'По заказу {record} оплачено {second}, больше его суммы {first}.',
            'en': 'Order {record} is paid with {second}, more than its amount of {first}.',
        },
        'order_overshipped': {
            'ru': 'По заказу {record} отгружено {second}, больше его суммы {first}.',
            'en': 'Order {record} is shipped for {second}, more than its amount of {first}.',
        },
        'claim_resolved_before_registered': {
            'ru': 'Претензия {record} закрыта {second} раньше, чем зарегистрирована {first}.',
            'en': 'Claim {record} was resolved on {second}, before it was registered on {first}.',
        },
        'quantity_negative': {
            'ru': 'В документе {record} отрицательное количество {first}.',
            'en': 'Document {record} has a negative quantity of {first}.',
        },
        'plan_not_understood': {
            'ru': 'Строка плана {record} в {second} не понята: {first}.',
            'en': 'Plan row {record} of {second} is not understood: {first}.',
        },
        'plan_of_nobody': {
            'ru': 'План ({first}) задан на имя «{record}»: такого сотрудника нет или их несколько, поэтому план ни с чьими показателями не сравнивается.',
            'en': 'A plan ({first}) names “{record}”, which is nobody’s name or several have it, and is compared with nobody’s figures.',
        },
        'record_without_date': {
            'ru': 'У записи {record} ({first}) системы {second} нет даты, и в отчёты она не попала.',
            'en': 'Record {record} ({first}) of {second} has no date and is in no report.',
        },
        'unreadable_fields': {
            'ru': 'В записи {record} системы {second} не читаются значения полей: {first}.',
            'en': 'Record {record} of {second} has values that cannot be read: {first}.',
        },
        'sale_counted_twice': {
            'ru': 'Продажа {number} от {date} на {amount} {currency} из {source} похожа на {other_number} из {other_source}: тот же клиент, день и сумма, выручка посчитана дважды.',
            'en': 'Sale {number} of {date} for {amount} {currency} from {source} looks like {other_number} from {other_source}: the same customer, day and sum, counted twice.',
        },
        'payment_counted_twice': {
            'ru': 'Платёж {number} от {date} на {amount} {currency} из {source} похож на {other_number} из {other_source}: тот же клиент и сумма, деньги посчитаны дважды.',
            'en': 'Payment {number} of {date} for {amount} {currency} from {source} looks like {other_number} from {other_source}: the same customer and sum, counted twice.',
        },
        'kind_deal': {'ru': 'сделка', 'en': 'deal'},
        'kind_order': {'ru': 'заказ', 'en': 'order'},
        'kind_payment': {'ru': 'платёж', 'en': 'payment'},
        'kind_sale': {'ru': 'документ продажи', 'en': 'sale document'},
        'kind_cost': {'ru': 'расход на рекламу', 'en': 'advertising cost of'},
    } -%}
    {{ sentence(sentences[name], values) }}
{%- endmacro %}
