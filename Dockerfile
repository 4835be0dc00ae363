# skvoz with its own Python, and Chromium for the pictures in reports. The root file system may be read-only: everything written goes to
# /company/data (a volume) and /tmp.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-liberation \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 skvoz \
    && useradd --system --uid 10001 --gid skvoz --no-create-home --home-dir /tmp skvoz \
    && install --directory --owner skvoz --group skvoz --mode 0700 /company /company/data

WORKDIR /opt/skvoz
COPY requirements.lock pyproject.toml README.md LICENSE skvoz.example.toml ./
COPY ingestion ingestion
COPY dbt_project dbt_project
COPY orchestration orchestration
COPY reports reports
COPY dashboards dashboards
# more of pyproject.toml's extras: docker build --build-arg EXTRAS=clickhouse,s3,scale
ARG EXTRAS=oidc
RUN pip install --no-cache-dir --constraint requirements.lock --editable ".[${EXTRAS}]" \
    && python -m compileall -q ingestion orchestration reports dashboards

ENV BROWSER_PATH=/usr/bin/chromium \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER skvoz
WORKDIR /company
VOLUME /company/data
EXPOSE 8501 8502

HEALTHCHECK --interval=30s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8502/health', timeout=4)"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["skvoz"]
CMD ["serve", "--host", "0.0.0.0", "--no-ui", "--log-format", "json"]
