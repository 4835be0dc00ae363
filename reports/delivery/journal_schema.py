"""The journal's tables, one script per schema version; a script that has been released is never edited."""

MIGRATIONS = (
    """
    create table deliveries (
        id integer primary key,
        report text not null, period text not null, channel text not null, recipient text not null,
        state text not null, reason text not null default '',
        attempts integer not null default 0, forced integer not null default 0,
        steps_begun integer not null default 0, steps_done integer not null default 0,
        owner text not null default '',
        created_at text not null, at text not null, next_try_at text,
        unique (report, period, channel, recipient)
    );
    create table events (
        delivery_id integer not null references deliveries (id) on delete cascade,
        at text not null, state text not null, reason text not null
    );
    create table refusals (channel text not null, recipient text not null, day text not null, primary key (channel, recipient, day));
    create table moves (channel text not null, recipient text not null, target text not null, primary key (channel, recipient));
    create table stops (
        report text not null, channel text not null, recipient text not null, at text not null, reason text not null,
        primary key (report, channel, recipient)
    );
    create index deliveries_by_time on deliveries (at)
    """,
)
