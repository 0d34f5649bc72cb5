# One image for web, worker, scheduler and migration; the settings come from the environment alone.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1

# Pango and HarfBuzz for PDF files, with fonts for Chinese.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin center \
    && install -d -o center -g center -m 0700 /data

WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN python -m pip install --no-cache-dir --requirement requirements.txt --constraint constraints.txt

COPY manage.py package-lock.json ./
COPY accounts accounts
COPY audit audit
COPY core core
COPY deploy deploy
COPY deposits deposits
COPY documents documents
COPY experts experts
COPY notices notices
COPY performance performance
COPY portal portal
COPY static static
COPY templates templates
COPY tenders tenders
COPY trading_center trading_center
COPY workflow workflow

USER center
VOLUME /data
EXPOSE 8000
