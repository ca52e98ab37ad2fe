FROM python:3.11-slim

# DEBUG is said, because manage.py run by hand in a container would turn it on where nothing is said.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 DEBUG=0
# What a PDF is made with: Pango, and a font that has the Chinese characters.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# The image holds the static files; whatever a city keeps lives in the volume mounted at /data.
ENV VAR_DIR=/data STATIC_ROOT=/app/static-collected WEB_BIND=0.0.0.0:8000
RUN useradd --system --uid 1000 vanguard \
    && mkdir /data && chown vanguard /data \
    && SECRET_KEY=only-for-the-build ALLOWED_HOSTS=localhost VAR_DIR=/tmp/build \
       python manage.py collectstatic --noinput --verbosity 0
USER vanguard

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["bin/healthy"]
CMD ["bin/serve", "web"]
