# One unprivileged process on a read-only root; /etc/advisord is the configuration, /var/lib/advisord all that is kept.
FROM python:3.11-slim-bookworm AS build
COPY . /source
WORKDIR /source
RUN python -m venv /uv && /uv/bin/pip install --no-cache-dir uv \
 && /uv/bin/uv export --quiet --frozen --no-dev --no-emit-project --format requirements-txt -o /requirements.txt \
 && /uv/bin/uv build --quiet --wheel --out-dir /wheel \
 && python -m venv /opt/advisord \
 && /opt/advisord/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt \
 && /opt/advisord/bin/pip install --no-cache-dir --no-deps /wheel/*.whl

FROM python:3.11-slim-bookworm
COPY --from=build /opt/advisord /opt/advisord
RUN useradd --system --uid 10001 --home-dir /var/lib/advisord --shell /usr/sbin/nologin advisord \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/advisord /var/cache/advisord
ENV PATH=/opt/advisord/bin:$PATH XDG_CACHE_HOME=/var/cache/advisord PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME ["/var/lib/advisord", "/var/cache/advisord"]
# The page listens on the container's own loopback, so this needs no login
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8470/healthz', timeout=8)"]
ENTRYPOINT ["advisord"]
CMD ["run", "--config", "/etc/advisord", "--log-format", "json"]
